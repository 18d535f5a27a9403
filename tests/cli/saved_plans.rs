//! Plans in files: applied as they are or not at all.

use crate::harness::Folder;

const A: &str = "variable \"v\" {\n  default = \"one\"\n}\n\nresource \"terraform_data\" \"a\" {\n  input = var.v\n}\n";

#[test]
fn a_saved_plan_is_applied_without_asking_and_with_its_own_variables() {
    let folder = Folder::new(A);
    folder.ok(&["plan", "-out=p", "-var", "v=two"]).shows(&["Saved the plan to: p"]);
    // The configuration of the plan counts, not what it has become since.
    folder.write("main.tf", &A.replace("one", "three"));
    folder.ok(&["apply", "p"]).shows(&["Apply complete! Resources: 1 added, 0 changed, 0 destroyed."]);
    assert_eq!(folder.state()["resources"][0]["instances"][0]["attributes"]["input"]["value"], "two");
}

#[test]
fn a_stale_plan_is_refused() {
    let folder = Folder::new(A);
    folder.ok(&["plan", "-out=p"]);
    folder.apply();
    let before = folder.read("terraform.tfstate");
    folder.fails(&["apply", "p"]).says(&["stale", "plan"]);
    assert_eq!(folder.read("terraform.tfstate"), before);
}

#[test]
fn files_that_are_no_plan_of_this_program_are_refused() {
    let folder = Folder::new(A);
    folder.apply();
    let before = folder.read("terraform.tfstate");
    folder.ok(&["plan", "-out=p", "-var=v=two"]);
    let plan = std::fs::read(folder.path("p")).unwrap();
    std::fs::write(folder.path("cut"), &plan[..plan.len() / 2]).unwrap();
    let mut flipped = plan.clone();
    for byte in flipped.iter_mut().skip(plan.len() / 3).take(16) {
        *byte ^= 0x5a;
    }
    std::fs::write(folder.path("flipped"), flipped).unwrap();
    folder.write("text", "hello");
    for name in ["cut", "flipped", "text", "missing"] {
        folder.fails(&["apply", name]).says(&[name]);
        folder.fails(&["show", name]).says(&[name]);
    }
    assert_eq!(folder.read("terraform.tfstate"), before);
}

#[test]
fn a_plan_of_terraform_is_told_apart() {
    let folder = Folder::new(A);
    let there = std::process::Command::new("terraform").arg("version").output().is_ok();
    if !there {
        eprintln!("skipped: terraform is not on the PATH");
        return;
    }
    for args in [&["init", "-input=false"][..], &["plan", "-input=false", "-out=p"]] {
        let status = std::process::Command::new("terraform").args(args).current_dir(folder.path("")).output().unwrap();
        assert!(status.status.success(), "{status:?}");
    }
    folder.fails(&["apply", "p"]).says(&["Terraform", "p"]);
}

#[test]
fn a_saved_plan_takes_no_other_mode_or_targets() {
    let folder = Folder::new(A);
    folder.ok(&["plan", "-out=p"]);
    folder.fails(&["apply", "-target=terraform_data.a", "p"]).says(&["saved plan"]);
    folder.fails(&["apply", "-destroy", "p"]).says(&["saved plan"]);
    folder.fails(&["apply", "-var=v=other", "p"]).says(&["v"]);
    assert!(!folder.path("terraform.tfstate").exists());
}

#[test]
fn show_gives_a_saved_plan_and_the_state_as_json() {
    let folder = Folder::new(A);
    folder.ok(&["plan", "-out=p"]);
    let plan = folder.ok(&["show", "-json", "p"]).json();
    assert_eq!(plan["resource_changes"][0]["change"]["actions"], serde_json::json!(["create"]));
    assert_eq!(plan["format_version"], "1.2");
    folder.ok(&["show", "p"]).shows(&["terraform_data.a will be created"]);
    folder.ok(&["apply", "p"]);
    let state = folder.ok(&["show", "-json"]).json();
    assert_eq!(state["values"]["root_module"]["resources"][0]["values"]["input"], "one");
}
