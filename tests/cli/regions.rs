//! Objects in other regions than the provider's: `region` in each block, one set of credentials.

use crate::harness::{Folder, aws_call_in, aws_refuses_in, on_emulator};
use serde_json::{Value as Json, json};

const TWO_REGIONS: &str = r#"
resource "aws_ssm_parameter" "home" {
  name  = "/regions/home"
  type  = "String"
  value = "h"
}

resource "aws_ssm_parameter" "away" {
  region = "eu-west-1"
  name   = "/regions/away"
  type   = "String"
  value  = "a"
}

resource "aws_sns_topic" "home" {
  name = "orders"
}

resource "aws_sns_topic" "away" {
  for_each = toset(["eu-west-1", "eu-central-1"])
  region   = each.key
  name     = "orders"
}

resource "aws_sns_topic_policy" "away" {
  for_each = aws_sns_topic.away
  region   = each.value.region
  arn      = each.value.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Publish"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = each.value.arn
    }]
  })
}

resource "aws_cloudwatch_event_rule" "away" {
  region              = "eu-west-1"
  name                = "nightly"
  schedule_expression = "rate(1 day)"
}

resource "aws_cloudwatch_event_target" "away" {
  region = "eu-west-1"
  rule   = aws_cloudwatch_event_rule.away.name
  arn    = aws_sns_topic.away["eu-west-1"].arn
}

resource "aws_s3_bucket" "away" {
  region = "eu-west-1"
  bucket = "away-NAME"
}

resource "aws_s3_bucket_versioning" "away" {
  region = "eu-west-1"
  bucket = aws_s3_bucket.away.id
  versioning_configuration {
    status = "Enabled"
  }
}

data "aws_region" "home" {}

data "aws_region" "away" {
  region = "eu-west-1"
}

output "regions" {
  value = {
    home     = aws_sns_topic.home.region
    away     = aws_sns_topic.away["eu-central-1"].region
    provider = data.aws_region.home.region
    asked    = data.aws_region.away.name
  }
}

output "whole" {
  value = aws_sns_topic.home
}
"#;

fn made() -> Option<(Folder, String)> {
    let (folder, account) = on_emulator("")?;
    folder.write("main.tf", &TWO_REGIONS.replace("NAME", &account));
    folder.apply();
    Some((folder, account))
}

/// The attributes of an object in the state.
fn stored(folder: &Folder, address: &str) -> Json {
    let state = folder.state();
    let (kind, name) = address.split_once('.').unwrap();
    let (name, key) = name.split_once('[').map_or((name, None), |(name, key)| (name, Some(key.trim_end_matches(']'))));
    let resources = state["resources"].as_array().unwrap();
    let found = resources.iter().find(|r| r["mode"] == "managed" && r["type"] == kind && r["name"] == name).unwrap();
    let instances = found["instances"].as_array().unwrap();
    let wanted = |i: &&Json| key.is_none_or(|key| i["index_key"] == key);
    instances.iter().find(wanted).unwrap()["attributes"].clone()
}

fn change(plan: &Json, address: &str) -> Json {
    let all = plan["resource_changes"].as_array().unwrap();
    all.iter().find(|c| c["address"] == address).unwrap_or_else(|| panic!("no {address}"))["change"].clone()
}

#[test]
fn a_plan_knows_the_arns_of_every_region() {
    let Some((folder, account)) = on_emulator("") else { return };
    folder.write("main.tf", &TWO_REGIONS.replace("NAME", &account));
    folder.ok(&["plan", "-out=p"]).shows(&["+ region", "\"eu-west-1\""]);
    let plan = folder.ok(&["show", "-json", "p"]).json();
    let away = change(&plan, "aws_sns_topic.away[\"eu-central-1\"]");
    assert_eq!(away["after"]["arn"], format!("arn:aws:sns:eu-central-1:{account}:orders"));
    assert_eq!(away["after"]["region"], "eu-central-1");
    // An object of the provider's region looks as it does without the argument.
    let home = change(&plan, "aws_sns_topic.home");
    assert_eq!(home["after"]["arn"], format!("arn:aws:sns:us-east-1:{account}:orders"));
    assert!(home["after"].get("region").is_none() && home["after_unknown"].get("region").is_none(), "{home}");
    let planned = plan["planned_values"].to_string();
    assert!(planned.contains(&format!("away-{account}.s3.eu-west-1.amazonaws.com")), "{planned}");
    let outputs = &plan["planned_values"]["outputs"]["regions"]["value"];
    assert_eq!(
        *outputs,
        json!({ "home": "us-east-1", "away": "eu-central-1", "provider": "us-east-1", "asked": "eu-west-1" })
    );
}

#[test]
fn objects_are_made_read_and_deleted_where_they_say() {
    let Some((folder, account)) = made() else { return };
    let parameter = |name: &str| json!({ "Name": name });
    aws_call_in("eu-west-1", &account, "ssm", "AmazonSSM.GetParameter", &parameter("/regions/away"));
    aws_refuses_in("us-east-1", &account, "ssm", "AmazonSSM.GetParameter", &parameter("/regions/away"));
    assert_eq!(stored(&folder, "aws_ssm_parameter.away")["region"], "eu-west-1");
    assert_eq!(stored(&folder, "aws_s3_bucket.away")["region"], "eu-west-1");
    // What does not set the argument is stored without it, so that older providers find what they know.
    assert!(stored(&folder, "aws_ssm_parameter.home").get("region").is_none());
    assert!(folder.state()["outputs"]["whole"]["value"].get("region").is_none());
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode", "-refresh-only"]).code, Some(0));
    let state = folder.ok(&["show", "-json"]).json().to_string();
    assert_eq!(state.matches("\"region\":\"eu-west-1\"").count(), stored_with(&folder, "eu-west-1"));
    folder.ok(&["destroy", "-auto-approve"]);
    aws_refuses_in("eu-west-1", &account, "ssm", "AmazonSSM.GetParameter", &parameter("/regions/away"));
}

/// How many objects of the state name a region.
fn stored_with(folder: &Folder, region: &str) -> usize {
    let state = folder.state();
    let resources = state["resources"].as_array().unwrap();
    let instances = resources.iter().flat_map(|r| r["instances"].as_array().unwrap());
    instances.filter(|i| i["attributes"]["region"] == region).count()
}

#[test]
fn another_region_is_another_object() {
    let Some((folder, account)) = made() else { return };
    let text = folder.read("main.tf");
    let (before, after) = text.split_at(text.find("\"/regions/away\"").unwrap());
    let moved = before.rfind("eu-west-1").unwrap();
    folder.write("main.tf", &format!("{}eu-west-2{}{after}", &before[..moved], &before[moved + 9..]));
    folder.ok(&["plan", "-out=p"]).shows(&["forces replacement"]);
    let change = change(&folder.ok(&["show", "-json", "p"]).json(), "aws_ssm_parameter.away");
    assert_eq!(change["actions"], json!(["delete", "create"]));
    assert_eq!(change["replace_paths"], json!([["region"]]));
    assert_eq!(change["after"]["arn"], format!("arn:aws:ssm:eu-west-2:{account}:parameter/regions/away"));
    folder.ok(&["apply", "p"]);
    let name = json!({ "Name": "/regions/away" });
    aws_call_in("eu-west-2", &account, "ssm", "AmazonSSM.GetParameter", &name);
    aws_refuses_in("eu-west-1", &account, "ssm", "AmazonSSM.GetParameter", &name);
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

const ONE: &str = "resource \"aws_sns_topic\" \"t\" {\n  REGION\n  name = \"one\"\n}\n";

#[test]
fn saying_the_region_an_object_is_in_changes_nothing_outside() {
    let Some((folder, _)) = on_emulator(&ONE.replace("REGION", "")) else { return };
    folder.apply();
    folder.write("main.tf", &ONE.replace("REGION", "region = \"us-east-1\""));
    folder.apply().shows(&["0 added, 1 changed, 0 destroyed"]);
    assert_eq!(stored(&folder, "aws_sns_topic.t")["region"], "us-east-1");
    // As with every value the provider may choose, no longer saying it keeps it.
    folder.write("main.tf", &ONE.replace("REGION", ""));
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

#[test]
fn an_import_id_may_name_the_region() {
    let Some((folder, account)) = made() else { return };
    for (address, id) in [
        ("aws_ssm_parameter.away", "/regions/away@eu-west-1".to_owned()),
        ("aws_cloudwatch_event_rule.away", "nightly@eu-west-1".to_owned()),
        ("aws_s3_bucket.away", format!("away-{account}@eu-west-1")),
        // An ARN says it itself.
        ("aws_sns_topic.away[\"eu-central-1\"]", format!("arn:aws:sns:eu-central-1:{account}:orders")),
    ] {
        folder.ok(&["state", "rm", address]);
        folder.ok(&["import", address, &id]).shows(&["Import successful!"]);
    }
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
    folder.ok(&["state", "rm", "aws_sns_topic.away[\"eu-west-1\"]"]);
    let wrong = format!("arn:aws:sns:eu-west-1:{account}:orders@eu-west-2");
    folder.fails(&["import", "aws_sns_topic.away[\"eu-west-1\"]", &wrong]).says(&["does not match the region"]);
}

#[test]
fn a_generated_block_names_the_region() {
    let Some((folder, _)) = made() else { return };
    folder
        .write("other/main.tf", "import {\n  to = aws_cloudwatch_event_rule.again\n  id = \"nightly@eu-west-1\"\n}\n");
    folder.ok(&["-chdir=other", "plan", "-generate-config-out=made.tf"]).shows(&["1 to import, 0 to add"]);
    let text = folder.read("other/made.tf");
    assert!(text.contains("region") && text.contains("\"eu-west-1\""), "{text}");
}

#[test]
fn a_region_known_only_after_apply_leaves_only_what_follows_from_it_open() {
    let main = r#"
resource "terraform_data" "region" {
  input = "eu-west-1"
}

resource "aws_sns_topic" "t" {
  region = terraform_data.region.output
  name   = "late"
}
"#;
    let Some((folder, account)) = on_emulator(main) else { return };
    folder.ok(&["plan", "-out=p"]);
    let planned = change(&folder.ok(&["show", "-json", "p"]).json(), "aws_sns_topic.t");
    assert_eq!(planned["after_unknown"]["region"], true);
    assert_eq!(planned["after_unknown"]["arn"], true);
    assert_eq!(planned["after"]["name"], "late");
    folder.ok(&["apply", "p"]);
    assert_eq!(stored(&folder, "aws_sns_topic.t")["arn"], format!("arn:aws:sns:eu-west-1:{account}:late"));
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

#[test]
fn wrong_regions_are_told_with_their_place() {
    let Some((folder, _)) = on_emulator(&ONE.replace("REGION", "region = \"Ireland\"")) else { return };
    folder.fails(&["validate"]).says(&["Invalid AWS Region", "\"Ireland\"", "main.tf:2"]);
    folder.write("main.tf", &ONE.replace("REGION", "region = \"cn-north-1\""));
    folder.ok(&["validate"]);
    folder.fails(&["plan"]).says(&["partition (aws-cn)", "cn-north-1", "main.tf:2"]);
    folder.write("main.tf", &ONE.replace("REGION", "region = \"xx-north-1\""));
    folder.fails(&["plan"]).says(&["Check the spelling"]);
    // What lives in no region has none.
    folder.write("main.tf", "resource \"aws_iam_group\" \"g\" {\n  region = \"eu-west-1\"\n  name   = \"g\"\n}\n");
    folder.fails(&["validate"]).says(&["Unsupported argument", "region"]);
}

#[test]
fn data_is_read_where_it_says() {
    let Some((folder, account)) = made() else { return };
    folder.write(
        "other/main.tf",
        r#"
data "aws_ssm_parameter" "away" {
  region = "eu-west-1"
  name   = "/regions/away"
}

data "aws_sns_topic" "away" {
  region = "eu-central-1"
  name   = "orders"
}

output "found" {
  value = [data.aws_ssm_parameter.away.insecure_value, data.aws_sns_topic.away.arn, data.aws_sns_topic.away.region]
}
"#,
    );
    folder.ok(&["-chdir=other", "apply", "-auto-approve"]);
    let found = folder.ok(&["-chdir=other", "output", "-json", "found"]).json();
    assert_eq!(found, json!(["a", format!("arn:aws:sns:eu-central-1:{account}:orders"), "eu-central-1"]));
}
