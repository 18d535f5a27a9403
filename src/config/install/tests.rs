#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr)]

use super::*;
use crate::diagnostics::Sources;
use std::process::Command;
use std::sync::Mutex;

/// Sources are relative to the working directory in the manifest, so that tests use absolute folders.
struct Place(tempfile::TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Place(tempfile::tempdir().unwrap());
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
        let options = InstallOptions { load: self.options(), upgrade };
        let d = install(&self.0.path().join("root"), &options, &|line| lines.lock().unwrap().push(line.to_owned()));
        (lines.into_inner().unwrap(), d)
    }

    fn summaries(&self) -> Vec<String> {
        self.install(false).1.iter().map(|d| d.summary.clone()).collect()
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
        ("hashicorp/consul/aws", "Module registries are not supported yet"),
        ("https://example.com/x.zip", "Module source not supported yet"),
        ("modules/x", "Invalid module source address"),
        ("./missing", "Unreadable module directory"),
        ("git::file:///nonexistent/repo", "Failed to download module"),
        ("git::https://example.com/x.git?ref=-x", "Failed to download module"),
        ("git::https://example.com/x.git?depth=0", "Failed to download module"),
        ("git::https://example.com/x.git?rev=1", "Failed to download module"),
    ] {
        let place = Place::new(&[("root/main.tf", &format!("module \"a\" {{\n  source = \"{source}\"\n}}\n"))]);
        assert_eq!(place.summaries(), [expected], "{source}");
    }
}

#[test]
fn a_fetched_module_cannot_reach_outside_its_package() {
    let place = Place::new(&[("repo/main.tf", "module \"x\" {\n  source = \"../../../..\"\n}\n")]);
    place.repository("repo");
    place.write("root/main.tf", &format!("module \"a\" {{\n  source = \"{}\"\n}}\n", place.url("repo")));
    assert_eq!(place.summaries(), ["Local module path escapes module package"]);
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
