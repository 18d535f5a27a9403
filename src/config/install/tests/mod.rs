#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it is skipped"
)]

mod packages;
mod registries;
mod server;

use super::*;
use crate::diagnostics::Sources;
use std::process::Command;
use std::sync::Mutex;

/// Sources are relative to the working directory in the manifest, so that tests use absolute folders.
struct Place(tempfile::TempDir, Network);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Place(tempfile::tempdir().unwrap(), Network::default());
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn options(&self) -> LoadOptions {
        LoadOptions::disk(Sources::new(), self.0.path().join("root/.terraform"))
    }

    fn install(&self, upgrade: bool) -> (Vec<String>, Diagnostics) {
        let lines = Mutex::new(Vec::new());
        let options = InstallOptions { load: self.options(), upgrade, network: self.1.clone() };
        let d = install(&self.0.path().join("root"), &options, &|line| lines.lock().unwrap().push(line.to_owned()));
        (lines.into_inner().unwrap(), d)
    }

    fn summaries(&self) -> Vec<String> {
        self.install(false).1.iter().map(|d| d.summary.clone()).collect()
    }

    /// `main.tf` with module calls: names and sources.
    fn calls(&self, calls: &[(&str, &str)]) {
        let text: String = calls.iter().map(|(n, s)| format!("module \"{n}\" {{\n  source = \"{s}\"\n}}\n")).collect();
        self.write("root/main.tf", &text);
    }

    /// The names of a called module's outputs.
    fn outputs(&self, name: &str) -> Vec<String> {
        let (config, d) = crate::config::load(&self.0.path().join("root"), &self.options());
        assert!(!d.has_errors(), "{d:?}");
        config.unwrap().root.children[name].outputs.keys().map(ToString::to_string).collect()
    }

    fn installed(&self, key: &str) -> bool {
        self.0.path().join("root/.terraform/modules").join(key).exists()
    }

    /// What an installation left beside the modules.
    fn leftovers(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path().join("root/.terraform/modules")).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|n| n.starts_with('.')).collect()
    }

    fn git(&self, repository: &str, args: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(args)
            .current_dir(self.0.path().join(repository))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A repository with one commit tagged v1.
    fn repository(&self, name: &str) {
        self.git(name, &["init", "-q", "-b", "main"]);
        self.git(name, &["add", "-A"]);
        self.git(name, &["commit", "-q", "-m", "one"]);
        self.git(name, &["tag", "v1"]);
    }

    fn url(&self, name: &str) -> String {
        format!("git::file://{}/{name}", self.0.path().display())
    }
}

#[test]
fn local_modules_are_listed() {
    let place = Place::new(&[
        ("root/main.tf", "module \"a\" {\n  source = \"./m\"\n}\n"),
        ("root/m/main.tf", "module \"b\" {\n  source = \"../n\"\n}\n"),
        ("root/n/main.tf", ""),
    ]);
    let (lines, d) = place.install(false);
    assert!(d.is_empty(), "{d:?}");
    assert_eq!(lines.len(), 2);
    let manifest = manifest(&place.options()).unwrap();
    let keys: Vec<&str> = manifest.keys().map(String::as_str).collect();
    assert_eq!(keys, ["", "a", "a.b"]);
    assert_eq!(manifest["a.b"].source, "../n");
    assert!(manifest["a.b"].dir.ends_with("root/n"));
}

#[test]
fn without_modules_nothing_is_written() {
    let place = Place::new(&[("root/main.tf", "locals {}\n")]);
    assert!(place.install(false).1.is_empty());
    assert!(!place.0.path().join("root/.terraform").exists());
}

#[test]
fn git_modules_are_fetched_at_their_ref_and_kept() {
    let place = Place::new(&[("repo/sub/main.tf", "output \"v\" {\n  value = 1\n}\n"), ("repo/x/main.tf", "")]);
    place.repository("repo");
    let url = place.url("repo");
    let text = format!(
        "module \"a\" {{\n  source = \"{url}//sub?ref=v1\"\n}}\nmodule \"b\" {{\n  source = \"{url}//x?ref=v1\"\n}}\nmodule \"c\" {{\n  source = \
         \"{url}//sub?depth=1&ref=main\"\n}}\n"
    );
    place.write("root/main.tf", &text);
    let (lines, d) = place.install(false);
    assert!(d.is_empty(), "{d:?}");
    // a and b share a package.
    assert_eq!(lines.iter().filter(|l| l.starts_with("Downloading")).count(), 2, "{lines:?}");
    let (config, d) = crate::config::load(&place.0.path().join("root"), &place.options());
    assert!(d.is_empty(), "{d:?}");
    assert!(config.unwrap().root.children["a"].outputs.contains_key("v"));
    let (lines, _) = place.install(false);
    assert!(!lines.iter().any(|l| l.starts_with("Downloading")));
    place.write("repo/sub/main.tf", "output \"w\" {\n  value = 1\n}\n");
    place.git("repo", &["commit", "-q", "-a", "-m", "two"]);
    let (lines, _) = place.install(true);
    assert!(lines.iter().any(|l| l.starts_with("Downloading")));
    let (config, _) = crate::config::load(&place.0.path().join("root"), &place.options());
    let root = config.unwrap().root;
    assert!(root.children["a"].outputs.contains_key("v"));
    assert!(root.children["c"].outputs.contains_key("w"));
}

#[test]
fn a_changed_source_asks_for_init() {
    let place = Place::new(&[("repo/main.tf", "")]);
    place.repository("repo");
    place.write("root/main.tf", &format!("module \"a\" {{\n  source = \"{}\"\n}}\n", place.url("repo")));
    place.install(false);
    place.write("root/main.tf", &format!("module \"a\" {{\n  source = \"{}?ref=v1\"\n}}\n", place.url("repo")));
    let (_, d) = crate::config::load(&place.0.path().join("root"), &place.options());
    assert_eq!(d.iter().next().unwrap().summary, "Module source has changed");
    assert!(place.install(false).1.is_empty());
}

#[test]
fn what_cannot_be_installed_is_told() {
    for (source, expected) in [
        ("gcs::https://www.googleapis.com/storage/v1/b/x.zip", "Failed to download module"),
        ("ftp://example.com/x.zip", "Failed to download module"),
        ("/nonexistent/folder", "Failed to download module"),
        ("/nonexistent/x.zip", "Failed to download module"),
        ("s3::https://s3.amazonaws.com/b/x.zip", "Failed to download module"),
        ("modules/x", "Invalid module source address"),
        ("./missing", "Unreadable module directory"),
        ("git::file:///nonexistent/repo", "Failed to download module"),
        ("git::https://example.com/x.git?ref=-x", "Failed to download module"),
        ("git::https://example.com/x.git?depth=0", "Failed to download module"),
        ("git::file:///nonexistent/repo?rev=1", "Failed to download module"),
    ] {
        let place = Place::new(&[("root/main.tf", &format!("module \"a\" {{\n  source = \"{source}\"\n}}\n"))]);
        assert_eq!(place.summaries(), [expected], "{source}");
    }
}

#[test]
fn a_fetched_module_that_needs_what_is_outside_of_its_package_is_told() {
    let place = Place::new(&[("repo/main.tf", "module \"x\" {\n  source = \"../missing\"\n}\n")]);
    place.repository("repo");
    place.calls(&[("a", &place.url("repo"))]);
    assert_eq!(place.summaries(), ["Local module path escapes module package"]);
}

#[test]
fn a_folder_elsewhere_is_linked() {
    let place = Place::new(&[
        ("shared/x/main.tf", "output \"v\" {\n  value = 1\n}\nmodule \"y\" {\n  source = \"../y\"\n}\n"),
        ("shared/y/main.tf", ""),
    ]);
    let shared = place.0.path().join("shared").display().to_string();
    place.calls(&[("a", &format!("{shared}//x")), ("b", &format!("{shared}//x"))]);
    assert_eq!(place.summaries(), Vec::<String>::new());
    assert_eq!(place.outputs("a"), ["v"]);
    assert!(place.0.path().join("root/.terraform/modules/b").is_symlink());
    assert_eq!(place.install(true).1.len(), 0);
    assert!(place.0.path().join("shared/x/main.tf").exists(), "what is elsewhere stays");
}

#[test]
fn modules_behind_links_find_their_neighbours() {
    let place = Place::new(&[
        ("root/main.tf", "module \"a\" {\n  source = \"./m\"\n}\n"),
        ("shared/a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\n"),
        ("shared/b/main.tf", ""),
    ]);
    std::os::unix::fs::symlink("../shared/a", place.0.path().join("root/m")).unwrap();
    let (config, d) = crate::config::load(&place.0.path().join("root"), &place.options());
    assert!(d.is_empty(), "{d:?}");
    assert_eq!(place.summaries(), Vec::<String>::new());
    // The same from what a saved plan carries.
    let options = place.options();
    let snapshot = config.unwrap().snapshot(&options);
    let options = LoadOptions { snapshot: Some(std::sync::Arc::new(snapshot)), ..options };
    // Nothing is loaded here: sources are those of the first loading.
    assert!(options.snapshot.is_some());
}

#[test]
fn a_dead_run_leaves_nothing_that_counts() {
    let place = Place::new(&[("repo/main.tf", ""), ("root/.terraform/modules/.staging-dead/0/main.tf", "x")]);
    place.repository("repo");
    place.calls(&[("a", &place.url("repo"))]);
    assert_eq!(place.summaries(), Vec::<String>::new());
    assert_eq!(place.leftovers(), Vec::<String>::new());
}

#[test]
fn interrupted_installations_stop_and_tidy_up() {
    let mut place = Place::new(&[("repo/main.tf", "")]);
    place.repository("repo");
    place.calls(&[("a", &place.url("repo"))]);
    place.1.cancelled = Some(std::sync::Arc::new(|| true));
    assert_eq!(place.summaries(), ["Module installation was interrupted"]);
    assert!(!place.installed("a") && place.leftovers().is_empty());
}

#[test]
fn a_failed_upgrade_keeps_the_list() {
    let place = Place::new(&[("repo/main.tf", "output \"v\" {\n  value = 1\n}\n")]);
    place.repository("repo");
    place.calls(&[("a", &place.url("repo"))]);
    assert_eq!(place.summaries(), Vec::<String>::new());
    std::fs::rename(place.0.path().join("repo"), place.0.path().join("gone")).unwrap();
    assert_eq!(place.install(true).1.len(), 1);
    assert_eq!(place.outputs("a"), ["v"]);
}

#[test]
fn repositories_are_cloned_over_http_and_from_a_daemon() {
    let place = Place::new(&[("repo/main.tf", "output \"v\" {\n  value = 1\n}\n")]);
    place.repository("repo");
    place.git("repo", &["branch", "feature/x"]);
    place.git("", &["clone", "-q", "--bare", "repo", "bare.git"]);
    place.git("bare.git", &["update-server-info"]);
    let server = server::Server::files(place.0.path().to_path_buf());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut daemon = Command::new("git")
        .args(["daemon", "--export-all", "--reuseaddr", "--listen=127.0.0.1", &format!("--port={port}")])
        .arg(format!("--base-path={}", place.0.path().display()))
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let up = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    place.calls(&[
        ("a", &format!("git::{}?ref=feature/x", server.url("/bare.git"))),
        ("b", &format!("git::git://127.0.0.1:{port}/bare.git?ref=v1")),
    ]);
    let summaries = place.summaries();
    let _ = daemon.kill();
    let _ = daemon.wait();
    if up {
        assert_eq!(summaries, Vec::<String>::new());
        assert_eq!((place.outputs("a"), place.outputs("b")), (vec!["v".to_owned()], vec!["v".to_owned()]));
    }
}

#[test]
fn submodules_come_along() {
    let place = Place::new(&[("inner/main.tf", ""), ("repo/main.tf", "")]);
    place.repository("inner");
    place.repository("repo");
    let inner = place.0.path().join("inner").display().to_string();
    place.git("repo", &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &inner, "sub"]);
    place.git("repo", &["commit", "-q", "-m", "two"]);
    place.calls(&[("a", &format!("{}//sub", place.url("repo")))]);
    // git itself forbids local submodules unless it is told otherwise.
    let allowed = Command::new("git").args(["config", "--global", "protocol.file.allow"]).output().unwrap();
    let expected: &[&str] = if allowed.stdout.starts_with(b"always") { &[] } else { &["Failed to download module"] };
    assert_eq!(place.summaries(), expected);
}

#[test]
fn a_new_configuration_begins_from_a_module() {
    let place = Place::new(&[
        ("repo/main.tf", "output \"v\" {\n  value = 1\n}\n"),
        ("repo/up/main.tf", "module \"x\" {\n  source = \"../y\"\n}\n"),
        ("repo/.hidden", ""),
        ("root/.gitignore", ""),
    ]);
    place.repository("repo");
    let root = place.0.path().join("root");
    let options = InstallOptions { load: place.options(), upgrade: false, network: Network::default() };
    let begin = |source: &str| begin_from(source, &root, &options, &|_| {});
    assert!(begin(&format!("{}//missing", place.url("repo"))).is_err());
    let problems = begin(&format!("{}//up", place.url("repo"))).unwrap_err();
    assert_eq!(problems.iter().next().unwrap().summary, "Root module references parent directory");
    assert!(!root.join("main.tf").exists());
    begin(&place.url("repo")).unwrap();
    assert!(root.join("main.tf").exists() && root.join("up/main.tf").exists() && !root.join(".hidden").exists());
    assert_eq!(
        begin(&place.url("repo")).unwrap_err().iter().next().unwrap().summary,
        "Can't populate non-empty directory"
    );
    assert_eq!(place.leftovers(), Vec::<String>::new());
}

#[test]
fn modules_that_call_each_other_are_an_error() {
    let place = Place::new(&[
        ("root/main.tf", "module \"a\" {\n  source = \"./m\"\n}\n"),
        ("root/m/main.tf", "module \"b\" {\n  source = \"../m\"\n}\n"),
    ]);
    assert_eq!(place.summaries(), ["Module call loop"]);
}

/// Either program finds the folder initialised by the other.
#[test]
fn terraform_takes_over_what_is_installed() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("skipped: terraform is not on the PATH");
        return;
    }
    let place = Place::new(&[("repo/sub/main.tf", "output \"v\" {\n  value = 1\n}\n"), ("root/l/main.tf", "")]);
    place.repository("repo");
    let text = format!(
        "module \"a\" {{\n  source = \"{}//sub?ref=v1\"\n}}\nmodule \"l\" {{\n  source = \"./l\"\n}}\n",
        place.url("repo")
    );
    place.write("root/main.tf", &text);
    assert!(place.install(false).1.is_empty());
    let root = place.0.path().join("root");
    let terraform = |args: &[&str]| {
        let output = Command::new("terraform")
            .args(args)
            .current_dir(&root)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    terraform(&["validate"]);
    let ours = manifest(&place.options()).unwrap();
    std::fs::remove_dir_all(root.join(".terraform")).unwrap();
    terraform(&["init"]);
    let theirs = manifest(&place.options()).unwrap();
    let sources = |m: &BTreeMap<String, InstalledModule>| -> Vec<(String, String)> {
        m.iter().map(|(k, v)| (k.clone(), v.source.clone())).collect()
    };
    assert_eq!(sources(&ours), sources(&theirs));
}
