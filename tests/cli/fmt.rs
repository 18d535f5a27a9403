//! `fmt`: which files, what is printed, how it ends. The layout itself is held against Terraform's in `tests/language/fmt.rs`.

use crate::harness::{Folder, Ran};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

const UNTIDY: &str = "a=1\nlonger = 2\n";
const TIDY: &str = "a      = 1\nlonger = 2\n";

fn folder() -> Folder {
    let folder = Folder::new(UNTIDY);
    folder.write("tidy.tf", TIDY);
    folder.write("values.tfvars", UNTIDY);
    folder.write("sub/run.tftest.hcl", UNTIDY);
    folder.write("sub/more.tofu", UNTIDY);
    for ignored in ["main.tf.json", "notes.txt", ".hidden.tf", ".terraform/m.tf", "main.tf~", "#main.tf#"] {
        folder.write(ignored, UNTIDY);
    }
    folder
}

fn with_input(folder: &Folder, args: &[&str], input: &str) -> Ran {
    let mut command = folder.command(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn files_of_the_folder_are_written_and_listed() {
    let folder = folder();
    std::fs::set_permissions(folder.path("main.tf"), std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(folder.ok(&["fmt"]).out, "main.tf\nvalues.tfvars\n");
    assert_eq!((folder.read("main.tf"), folder.read("values.tfvars")), (TIDY.into(), TIDY.into()));
    assert_eq!(std::fs::metadata(folder.path("main.tf")).unwrap().permissions().mode() & 0o777, 0o640);
    for other in ["sub/run.tftest.hcl", "main.tf.json", ".hidden.tf", ".terraform/m.tf", "main.tf~", "#main.tf#"] {
        assert_eq!(folder.read(other), UNTIDY, "{other}");
    }
    assert_eq!(folder.ok(&["fmt"]).out, "");
    assert_eq!(folder.ok(&["fmt", "-recursive"]).out, "sub/more.tofu\nsub/run.tftest.hcl\n");
}

#[test]
fn a_check_writes_nothing_and_ends_with_3() {
    let folder = folder();
    let ran = folder.run(&["fmt", "-check", "-recursive"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), "main.tf\nsub/more.tofu\nsub/run.tftest.hcl\nvalues.tfvars\n"));
    assert_eq!(folder.read("main.tf"), UNTIDY);
    let ran = folder.run(&["fmt", "-check", "-list=false", "-diff"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    let ran = folder.run(&["fmt", "-check", "tidy.tf"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
}

#[test]
fn differences_are_shown_as_diff_does() {
    let folder = folder();
    let shown = "main.tf\n--- old/main.tf\n+++ new/main.tf\n@@ -1,2 +1,2 @@\n-a=1\n+a      = 1\n longer = 2\n";
    assert_eq!(folder.ok(&["fmt", "-diff", "-write=false", "main.tf"]).out, shown);
    assert_eq!(folder.read("main.tf"), UNTIDY);
    folder.write("main.tf", "a=1");
    let shown = "--- old/main.tf\n+++ new/main.tf\n@@ -1 +1 @@\n-a=1\n\\ No newline at end of file\n+a = 1\n\\ No newline at end of file\n";
    assert_eq!(folder.ok(&["fmt", "-diff", "-list=false", "./sub/../main.tf"]).out, shown);
    assert_eq!(folder.read("main.tf"), "a = 1");
}

#[test]
fn without_list_and_write_the_text_is_printed() {
    let folder = folder();
    assert_eq!(folder.ok(&["fmt", "-list=false", "-write=false", "tidy.tf", "main.tf"]).out, format!("{TIDY}{TIDY}"));
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = folder();
    let ran = with_input(&folder, &["fmt", "-"], "a=1");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "a = 1\n"));
    let ran = with_input(&folder, &["fmt", "-check", "-"], UNTIDY);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    let ran = with_input(&folder, &["fmt", "-"], "a = [");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    ran.says(&["Missing expression", "<stdin>:1:6"]);
}

#[test]
fn what_does_not_parse_is_left_alone_and_the_others_are_done() {
    let folder = folder();
    folder.write("broken.tf", "a = [1,\nb=2\n");
    std::fs::write(folder.path("latin.tf"), b"a=\"\xe9\"\n").unwrap();
    let ran = folder.run(&["fmt"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), "main.tf\nvalues.tfvars\n"));
    ran.says(&["broken.tf:2", "Invalid character encoding", "latin.tf:1:4"]);
    assert_eq!(folder.read("broken.tf"), "a = [1,\nb=2\n");
    assert_eq!(std::fs::read(folder.path("latin.tf")).unwrap(), b"a=\"\xe9\"\n");
    let ran = folder.run(&["fmt", "-check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
}

#[test]
fn a_pipe_among_the_files_is_told_and_not_waited_for() {
    let folder = folder();
    assert!(std::process::Command::new("mkfifo").arg(folder.path("pipe.tf")).status().unwrap().success());
    let ran = folder.run(&["fmt"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), "main.tf\nvalues.tfvars\n"));
    ran.says(&["pipe.tf: it is not a regular file"]);
}

#[test]
fn what_cannot_be_formatted_is_told() {
    let folder = folder();
    for (target, text) in [
        ("nope", "No file or directory at nope"),
        ("main.tf.json", "fmt formats .tf,"),
        ("notes.txt", "notes.txt is none of them"),
    ] {
        let ran = folder.run(&["fmt", target]);
        assert_eq!(ran.code, Some(2));
        ran.says(&[text]);
    }
}
