//! Provisioners: commands here, and commands and files on a machine that is reached over SSH.

use crate::harness::Folder;
use crate::ssh_server::{PASSWORD, Server, USER, key, pem};

fn server() -> Server {
    Server::start(&key(1), &key(2))
}

/// A resource with this inside, and a connection to the server.
fn resource(server: &Server, connection: &str, inside: &str) -> String {
    let port = server.port;
    format!(
        "resource \"terraform_data\" \"a\" {{\n  connection {{\n    type = \"ssh\"\n    host = \"127.0.0.1\"\n    port = {port}\n    user = \"{USER}\"\n    agent = false\n    timeout = \"20s\"\n{connection}\n  }}\n{inside}\n}}\n"
    )
}

fn by_password() -> String {
    format!("password = \"{PASSWORD}\"")
}

#[test]
fn a_file_a_text_and_a_folder_arrive_and_scripts_run() {
    let server = server();
    let folder = Folder::new("");
    let out = folder.path("out");
    std::fs::create_dir(&out).unwrap();
    let to = out.display();
    folder.write("tree/inner/x.txt", "deep");
    folder.write("tree/y.txt", "flat");
    folder.write("one.txt", "it's one");
    folder.write("script.sh", "echo \"script says $0\" | sed 's/[0-9]/N/g'\n");
    let inside = format!(
        r#"
  provisioner "file" {{
    content     = "id ${{self.id == "" ? "no" : "yes"}}"
    destination = "{to}/a file"
  }}
  provisioner "file" {{
    source      = "one.txt"
    destination = "{to}"
  }}
  provisioner "file" {{
    source      = "tree"
    destination = "{to}"
  }}
  provisioner "file" {{
    source      = "tree/"
    destination = "{to}/inner"
  }}
  provisioner "remote-exec" {{
    inline = ["echo first line", "cat '{to}/a file'; echo", "ls -A {to} | tr '\\n' ' '; echo"]
  }}
  provisioner "remote-exec" {{
    script = "script.sh"
    connection {{
      script_path = "{to}/script-%RAND%.sh"
    }}
  }}
"#
    );
    std::fs::create_dir(out.join("inner")).unwrap();
    folder.write("main.tf", &resource(&server, &by_password(), &inside));
    let ran = folder.apply();
    for text in [
        "terraform_data.a (remote-exec): first line",
        "terraform_data.a (remote-exec): id yes",
        "terraform_data.a (remote-exec): a file inner one.txt tree",
        "/out/script-N",
    ] {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
    assert_eq!(folder.read("out/a file"), "id yes");
    assert_eq!(folder.read("out/one.txt"), "it's one");
    assert_eq!(folder.read("out/tree/inner/x.txt"), "deep");
    assert_eq!(folder.read("out/inner/y.txt"), "flat");
    let left: Vec<_> = std::fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("script-")), "{left:?}");
}

#[test]
fn a_key_logs_in_and_the_host_key_is_checked() {
    let server = server();
    let connection = format!("private_key = file(\"id\")\nhost_key = \"{}\"", server.host_key);
    let folder = Folder::new(&resource(&server, &connection, "provisioner \"remote-exec\" {\n inline = [\"true\"]\n}"));
    folder.write("id", &pem(&key(2)));
    folder.apply();
    assert!(server.seen().contains(&format!("key {USER} true")), "{:?}", server.seen());
}

#[test]
fn another_host_key_ends_the_attempt_and_taints_the_resource() {
    let server = server();
    let other = key(9).public_key().to_openssh().unwrap();
    let connection = format!("{}\nhost_key = \"{other}\"", by_password());
    let folder = Folder::new(&resource(&server, &connection, "provisioner \"remote-exec\" {\n inline = [\"true\"]\n}"));
    let ran = folder.fails(&["apply", "-auto-approve"]);
    ran.says(&["remote-exec provisioner error", "not the one given as host_key"]);
    assert!(server.seen().is_empty(), "{:?}", server.seen());
    assert_eq!(folder.state()["resources"][0]["instances"][0]["status"], "tainted");
}

#[test]
fn a_bastion_is_gone_through_with_a_login_of_its_own() {
    let (machine, bastion) = (server(), Server::start(&key(3), &key(4)));
    let connection = format!(
        "password = \"{PASSWORD}\"\nbastion_host = \"127.0.0.1\"\nbastion_port = {}\nbastion_private_key = file(\"id\")\nbastion_host_key = \"{}\"\nhost_key = \"{}\"",
        bastion.port, bastion.host_key, machine.host_key
    );
    let inside = "provisioner \"remote-exec\" {\n inline = [\"echo inside\"]\n}";
    let folder = Folder::new(&resource(&machine, &connection, inside));
    folder.write("id", &pem(&key(4)));
    assert!(folder.apply().out.contains("(remote-exec): inside"));
    assert_eq!(bastion.seen().last().map(String::as_str), Some("through to 127.0.0.1"));
}

#[test]
fn what_a_command_writes_is_not_shown_when_it_may_hold_a_secret() {
    let server = server();
    let inside = "provisioner \"remote-exec\" {\n inline = [\"echo ${var.word}\"]\n}";
    let main = format!(
        "variable \"word\" {{\n  default = \"hush-hush\"\n  sensitive = true\n}}\n{}",
        resource(&server, &by_password(), inside)
    );
    let ran = Folder::new(&main).apply();
    assert!(!format!("{ran:?}").contains("hush-hush"), "{ran:?}");
    assert!(ran.out.contains("(output suppressed)"), "{ran:?}");
}

#[test]
fn a_command_that_fails_is_an_error_or_a_warning_as_configured() {
    let server = server();
    let inside = "provisioner \"remote-exec\" {\n inline = [\"exit 7\"]\n on_failure = continue\n}\nprovisioner \"remote-exec\" {\n inline = [\"exit 8\"]\n}\nprovisioner \"local-exec\" {\n command = \"touch never\"\n}";
    let folder = Folder::new(&resource(&server, &by_password(), inside));
    let ran = folder.fails(&["apply", "-auto-approve"]);
    ran.says(&["Error executing", "ended with status 8"]);
    assert!(format!("{}{}", ran.out, ran.err).contains("status 7"), "{ran:?}");
    assert!(!folder.path("never").exists());
}

#[test]
fn a_wrong_password_is_tried_until_the_timeout() {
    let server = server();
    let connection = "password = \"wrong\"\ntimeout = \"1ms\"";
    let folder = Folder::new(
        &resource(&server, connection, "provisioner \"remote-exec\" {\n inline = [\"true\"]\n}")
            .replace("    timeout = \"20s\"\n", ""),
    );
    folder.fails(&["apply", "-auto-approve"]).says(&["Cannot connect to 127.0.0.1", "timeout after"]);
}

#[test]
fn destroying_runs_what_stands_for_it_also_after_the_block_is_gone() {
    let folder = Folder::new(
        "resource \"terraform_data\" \"a\" {\n  input = \"v\"\n  provisioner \"local-exec\" {\n    when = destroy\n    command = \"echo $WHAT > gone\"\n    environment = { WHAT = self.output }\n  }\n}\nresource \"terraform_data\" \"b\" {\n  input = \"w\"\n}\n",
    );
    folder.apply();
    folder.write(
        "main.tf",
        "removed {\n  from = terraform_data.b\n  provisioner \"local-exec\" {\n    when = destroy\n    command = \"echo ${self.input} > removed\"\n  }\n  lifecycle {\n    destroy = true\n  }\n}\nresource \"terraform_data\" \"a\" {\n  input = \"v\"\n  provisioner \"local-exec\" {\n    when = destroy\n    command = \"echo $WHAT > gone\"\n    environment = { WHAT = self.output }\n  }\n}\n",
    );
    folder.apply();
    assert_eq!(folder.read("removed"), "w\n");
    folder.ok(&["destroy", "-auto-approve"]);
    assert_eq!(folder.read("gone"), "v\n");
}

#[test]
fn every_mistake_in_provisioners_is_told_by_validate() {
    let folder = Folder::new(
        r#"resource "terraform_data" "a" {
  provisioner "local-exce" {
    command = "x"
  }
  provisioner "remote-exec" {
    inline = ["a"]
    script = "b"
    connection {
      hosst = "x"
    }
  }
  provisioner "file" {
    destination = "c"
    connection {
      type = "winrm"
      host = self.id
      port = 70000
    }
  }
}
"#,
    );
    folder.fails(&["validate"]).says(&[
        "Did you mean \"local-exec\"?",
        "Only one of \"inline\", \"script\", or \"scripts\" must be set",
        "Did you mean \"host\"?",
        "The argument \"host\" is required",
        "Must provide one of 'source' or 'content'",
        "\"winrm\" are not supported",
        "from 1 to 65535",
    ]);
}

/// An agent that ends with the test.
struct Agent(std::process::Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_agent_logs_in_with_the_key_it_holds() {
    let server = server();
    let connection = "timeout = \"20s\"";
    let text = resource(&server, connection, "provisioner \"remote-exec\" {\n inline = [\"echo by agent\"]\n}")
        .replacen("    timeout = \"20s\"\n", "", 1)
        .replace("agent = false", "agent = true");
    let folder = Folder::new(&text);
    let socket = folder.path("agent").display().to_string();
    let Ok(agent) =
        std::process::Command::new("ssh-agent").args(["-D", "-a", &socket]).stdout(std::process::Stdio::null()).spawn()
    else {
        eprintln!("skipped: there is no ssh-agent");
        return;
    };
    let _agent = Agent(agent);
    folder.wait_for("agent");
    for (name, seed) in [("other", 7), ("right", 2)] {
        folder.write(name, &pem(&key(seed)));
        let path = folder.path(name);
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let added = std::process::Command::new("ssh-add").arg("-q").arg(&path).env("SSH_AUTH_SOCK", &socket).status();
        assert!(added.unwrap().success());
    }
    let folder = folder.env("SSH_AUTH_SOCK", &socket);
    assert!(folder.apply().out.contains("(remote-exec): by agent"));
    assert!(server.seen().contains(&format!("key {USER} true")), "{:?}", server.seen());
}
