//! The program in folders whose files are not what they should be. Every run ends by itself.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

struct Folder(tempfile::TempDir);

/// What a run ended with.
struct Ran {
    code: Option<i32>,
    said: String,
}

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, content) in files {
            let path = folder.path(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn pipe(&self, name: &str) {
        assert!(Command::new("mkfifo").arg(self.path(name)).status().unwrap().success());
    }

    /// Runs the program, and ends the test when it does not end.
    fn run(&self, args: &[&str]) -> Ran {
        let said = self.path(".said");
        let file = std::fs::File::create(&said).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_pipewright"))
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.0.path())
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(120);
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                child.kill().unwrap();
                panic!("{args:?} does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let said = String::from_utf8_lossy(&std::fs::read(said).unwrap()).into_owned();
        assert!(!said.contains("panicked") && !said.contains("overflowed"), "{args:?}: {said}");
        Ran { code: status.code(), said }
    }

    #[track_caller]
    fn refuses(&self, args: &[&str], words: &[&str]) {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(1), "{}", ran.said);
        let flat = ran.said.split_whitespace().filter(|w| *w != "│").collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(flat.contains(word), "{word:?} is missing in:\n{}", ran.said);
        }
    }

    #[track_caller]
    fn accepts(&self, args: &[&str]) {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{}", ran.said);
    }
}

const PLAN: &[&str] = &["plan", "-input=false"];

#[test]
fn configuration_that_is_no_text_is_refused_with_its_place() {
    for (content, word) in [
        (&b"a = \"\xff\xfe\"\n"[..], "Invalid character encoding"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\xff", "main.tf"),
        (b"locals {\n  a = \"x\0y\"\n}\nnonsense", "main.tf"),
        (b"PK\x03\x04 nothing", "main.tf"),
        (b"resource \"terraform_data\" \"a\" {", "main.tf"),
    ] {
        Folder::new(&[("main.tf", content)]).refuses(&["validate"], &[word]);
    }
    for content in [&b"{\"a\": \xff}"[..], b"{", b"[1, 2", b"{\"resource\": 1}", b"\0"] {
        Folder::new(&[("main.tf.json", content)]).refuses(&["validate"], &["main.tf.json"]);
    }
}

#[test]
fn marks_and_line_ends_of_other_systems_are_accepted() {
    let text =
        b"\xef\xbb\xbflocals {\r\n  a = <<-EOT\r\n    x\r\n  EOT\r\n}\r\noutput \"o\" {\r\n  value = local.a\r\n}\r\n";
    let folder = Folder::new(&[
        ("main.tf", text),
        ("terraform.tfvars", b"\xef\xbb\xbf# nothing\r\n"),
        ("x.auto.tfvars.json", b"\xef\xbb\xbf{}\r\n"),
    ]);
    folder.accepts(&["validate"]);
    folder.accepts(PLAN);
}

#[test]
fn folders_pipes_and_loops_in_the_place_of_files_are_told() {
    let folder = Folder::new(&[("main.tf", b"")]);
    std::fs::create_dir(folder.path("folder.tf")).unwrap();
    folder.accepts(&["validate"]);
    folder.pipe("pipe.tf");
    folder.refuses(&["validate"], &["pipe.tf", "not a regular file"]);
    std::fs::remove_file(folder.path("pipe.tf")).unwrap();
    std::os::unix::fs::symlink("loop.tf", folder.path("loop.tf")).unwrap();
    folder.refuses(&["validate"], &["loop.tf"]);
    std::fs::remove_file(folder.path("loop.tf")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path("zero.tf")).unwrap();
    folder.refuses(&["validate"], &["zero.tf", "not a regular file"]);
    std::fs::remove_file(folder.path("zero.tf")).unwrap();
    folder.pipe("terraform.tfvars");
    folder.refuses(PLAN, &["terraform.tfvars", "not a regular file"]);
    std::fs::remove_file(folder.path("terraform.tfvars")).unwrap();
    std::fs::create_dir(folder.path("x.auto.tfvars")).unwrap();
    folder.refuses(PLAN, &["x.auto.tfvars"]);
}

#[test]
fn module_folders_that_lead_to_themselves_end() {
    let folder = Folder::new(&[("main.tf", b"module \"m\" {\n  source = \"./self\"\n}\n")]);
    std::os::unix::fs::symlink(".", folder.path("self")).unwrap();
    folder.refuses(&["validate"], &["Module call loop"]);
    std::fs::remove_file(folder.path("self")).unwrap();
    std::os::unix::fs::symlink("self", folder.path("self")).unwrap();
    folder.refuses(&["init"], &["Unreadable module directory"]);
}

#[test]
fn unreadable_files_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new(&[("main.tf", b"locals {}\n")]);
    let path = folder.path("main.tf");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    folder.refuses(&["validate"], &["main.tf", "ermission"]);
}

#[test]
fn states_that_are_none_are_refused_and_left_alone() {
    for content in [&b"\xff\xfe\0"[..], b"{\"version\": 4", b"[]", b"null", b"{\"version\": 4, \"resources\": [1]}"] {
        let folder = Folder::new(&[("main.tf", b"locals {}\n"), ("terraform.tfstate", content)]);
        folder.refuses(PLAN, &["terraform.tfstate"]);
        folder.refuses(&["apply", "-auto-approve"], &["terraform.tfstate"]);
        assert_eq!(std::fs::read(folder.path("terraform.tfstate")).unwrap(), content);
    }
    let folder = Folder::new(&[("main.tf", b"locals {}\n")]);
    folder.pipe("terraform.tfstate");
    folder.refuses(PLAN, &["not a regular file"]);
    folder.refuses(&["state", "list"], &["not a regular file"]);
}

#[test]
fn plans_and_lists_that_are_none_are_refused() {
    let folder = Folder::new(&[("main.tf", b"locals {}\n"), ("plan", b"PK\x03\x04nothing"), ("text", b"nothing")]);
    folder.refuses(&["apply", "plan"], &["plan"]);
    folder.refuses(&["apply", "text"], &["text"]);
    folder.refuses(&["show", "plan"], &["plan"]);
    folder.pipe("pipe");
    folder.refuses(&["apply", "pipe"], &["not a regular file"]);
    for content in [
        &b"\xff"[..],
        b"{\"Modules\": 1}",
        b"{\"Modules\": [{\"Key\": \"a\", \"Dir\": \"x\"}, {\"Key\": \"a\", \"Dir\": \"y\"}]}",
    ] {
        let folder = Folder::new(&[("main.tf", b"locals {}\n"), (".terraform/modules/modules.json", content)]);
        folder.refuses(&["validate"], &["modules.json"]);
        folder.accepts(&["init"]);
        folder.accepts(&["validate"]);
    }
}

#[test]
fn deep_and_long_texts_end() {
    let deep = format!("locals {{\n  a = {}{}\n}}\n", "[".repeat(10_000), "]".repeat(10_000));
    Folder::new(&[("main.tf", deep.as_bytes())]).refuses(&["validate"], &["main.tf"]);
    let deep = "{\"a\":".repeat(10_000) + "1" + &"}".repeat(10_000);
    Folder::new(&[("main.tf.json", deep.as_bytes())]).refuses(&["validate"], &["main.tf.json"]);
    Folder::new(&[("main.tf", b""), ("terraform.tfstate", deep.as_bytes())]).refuses(PLAN, &["terraform.tfstate"]);
    Folder::new(&[("main.tf", b""), ("terraform.tfvars.json", deep.as_bytes())])
        .refuses(PLAN, &["terraform.tfvars.json"]);
    let long = format!("locals {{\n  a = \"{}\"\n}}\n", "x".repeat(2 << 20));
    Folder::new(&[("main.tf", long.as_bytes())]).accepts(&["validate"]);
    let wide: String = (0..20_000).map(|i| format!("# {i}\nlocals {{\n  a{i} = {i}\n}}\n")).collect();
    Folder::new(&[("main.tf", wide.as_bytes())]).accepts(&["validate"]);
}
