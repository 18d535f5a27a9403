//! Secrets that are used and kept nowhere: ephemeral resources and ephemeral variables.

use crate::harness::{Folder, aws_call, on_emulator};
use serde_json::json;

#[test]
fn secrets_of_aws_reach_a_provisioner_and_no_file() {
    let Some((folder, account)) = on_emulator(
        r#"
ephemeral "aws_ssm_parameter" "p" {
  arn = "/app/token"
}
ephemeral "aws_secretsmanager_secret_version" "s" {
  secret_id = "app"
}
ephemeral "aws_secretsmanager_random_password" "r" {
  password_length = 20
}
resource "terraform_data" "x" {
  input = "plain"
  provisioner "local-exec" {
    command = "printf '%s|%s|%s' \"$P\" \"$S\" \"${length(ephemeral.aws_secretsmanager_random_password.r.random_password)}\" > got; echo leaked-$P"
    environment = {
      P = ephemeral.aws_ssm_parameter.p.value
      S = jsondecode(ephemeral.aws_secretsmanager_secret_version.s.secret_string).user
    }
  }
}
"#,
    ) else {
        return;
    };
    let put = json!({"Name": "/app/token", "Value": "ssm-secret-1", "Type": "SecureString"});
    aws_call(&account, "ssm", "AmazonSSM.PutParameter", &put);
    let create = json!({"Name": "app", "SecretString": "{\"user\":\"sm-secret-2\"}", "ClientRequestToken": "0123456789abcdef0123456789abcdef"});
    aws_call(&account, "secretsmanager", "secretsmanager.CreateSecret", &create);
    let planned = folder.ok(&["plan", "-out=tfplan"]);
    assert!(planned.out.contains("ephemeral.aws_ssm_parameter.p: Opening..."), "{planned:?}");
    let applied = folder.ok(&["apply", "tfplan"]);
    assert!(applied.out.contains("ephemeral.aws_ssm_parameter.p: Closing complete after"), "{applied:?}");
    assert_eq!(folder.read("got"), "ssm-secret-1|sm-secret-2|20");
    let shown = folder.ok(&["show", "-json", "tfplan"]);
    let kept = format!("{planned:?}{applied:?}{shown:?}{}", folder.read("terraform.tfstate"));
    assert!(!kept.contains("ssm-secret-1") && !kept.contains("sm-secret-2"), "{kept}");
    assert_eq!(folder.managed(), ["terraform_data.x"]);
    let stream = folder.ok(&["plan", "-json"]).out;
    assert!(stream.contains("\"type\":\"ephemeral_op_start\"") && stream.contains("\"action\":\"open\""), "{stream}");
}

#[test]
fn a_secret_that_is_not_there_is_an_error_with_its_place() {
    let Some((folder, _)) = on_emulator("ephemeral \"aws_ssm_parameter\" \"p\" {\n  arn = \"/none\"\n}\n") else {
        return;
    };
    folder.fails(&["plan"]).says(&["ephemeral.aws_ssm_parameter.p", "ParameterNotFound", "main.tf:1"]);
}

#[test]
fn an_ephemeral_variable_is_given_again_to_a_saved_plan() {
    let folder = Folder::new(
        "variable \"secret\" {\n  ephemeral = true\n  type = string\n}\nvariable \"plain\" {\n  type = string\n}\nresource \"terraform_data\" \"x\" {\n  input = var.plain\n  provisioner \"local-exec\" {\n    command = \"printf '%s' \\\"$S\\\" > got\"\n    environment = { S = var.secret }\n  }\n}\n",
    );
    let vars = ["-var=secret=hush-hush", "-var=plain=p"];
    folder.ok(&["plan", "-out=tfplan", vars[0], vars[1]]);
    assert!(!folder.ok(&["show", "-json", "tfplan"]).out.contains("hush-hush"));
    folder.fails(&["apply", "-input=false", "tfplan"]).says(&["No value for required variable", "secret"]);
    folder.ok(&["apply", vars[0], "tfplan"]);
    assert_eq!(folder.read("got"), "hush-hush");
    assert!(!folder.read("terraform.tfstate").contains("hush-hush"));
}

#[test]
fn outputs_of_another_state_are_read() {
    let other = Folder::new(
        "output \"name\" {\n  value = { list = [1, \"x\"] }\n}\noutput \"secret\" {\n  value = \"s\"\n  sensitive = true\n}\n",
    );
    other.apply();
    let path = other.path("terraform.tfstate");
    let folder = Folder::new(&format!(
        "data \"terraform_remote_state\" \"o\" {{\n  backend = \"local\"\n  config = {{ path = \"{}\" }}\n  defaults = {{ extra = \"d\", name = \"no\" }}\n}}\noutput \"got\" {{\n  value = \"${{data.terraform_remote_state.o.outputs.name.list[1]}}-${{data.terraform_remote_state.o.outputs.extra}}\"\n}}\n",
        path.display()
    ));
    folder.apply();
    assert_eq!(folder.ok(&["output", "-raw", "got"]).out, "x-d");
    folder.write(
        "main.tf",
        "data \"terraform_remote_state\" \"o\" {\n  backend = \"local\"\n  config = { path = \"none.tfstate\" }\n}\n",
    );
    folder.fails(&["plan"]).says(&["Unable to find remote state"]);
    folder.write(
        "main.tf",
        "data \"terraform_remote_state\" \"o\" {\n  backend = \"s3\"\n  config = { buckte = \"x\" }\n}\n",
    );
    folder.fails(&["validate"]).says(&["buckte", "Did you mean \"bucket\"?"]);
    folder.write("main.tf", "data \"terraform_remote_state\" \"o\" {\n  backend = \"locl\"\n}\n");
    folder.fails(&["validate"]).says(&["There is no backend type named \"locl\"", "Did you mean \"local\"?"]);
}
