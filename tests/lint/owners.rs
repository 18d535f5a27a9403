//! Two owners of one thing, and what only looks like two.

use crate::fixture::findings;

const READ: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn role(inside: &str) -> String {
    format!("resource \"aws_iam_role\" \"r\" {{\n  name = \"r\"\n  assume_role_policy = \"{{}}\"\n{inside}\n}}\n")
}

fn attachment(policy: &str) -> String {
    format!(
        "resource \"aws_iam_role_policy_attachment\" \"a\" {{\n  role = aws_iam_role.r.name\n  policy_arn = {policy}\n}}\n"
    )
}

fn count(rule: &str, text: &str) -> usize {
    findings(rule, text).len()
}

#[test]
fn an_attachment_beside_managed_policy_arns_is_taken_away_unless_it_is_listed() {
    let listed = role(&format!("  managed_policy_arns = [\"{READ}\"]"));
    assert_eq!(count("IAM023", &(listed.clone() + &attachment(&format!("\"{READ}\"")))), 0);
    assert_eq!(count("IAM023", &(listed + &attachment("\"arn:aws:iam::aws:policy/job-function/Billing\""))), 1);
    // Nothing listed is a list too: it takes everything away.
    assert_eq!(count("IAM023", &(role("  managed_policy_arns = []") + &attachment(&format!("\"{READ}\"")))), 1);
    // Neither said nor, where it is said, acted upon.
    assert_eq!(count("IAM023", &(role("  managed_policy_arns = null") + &attachment(&format!("\"{READ}\"")))), 0);
    let passed_on = role("  managed_policy_arns = var.arns") + "variable \"arns\" { default = null }\n";
    assert_eq!(count("IAM023", &(passed_on + &attachment(&format!("\"{READ}\"")))), 0);
    let left_alone = "  managed_policy_arns = []\n  lifecycle {\n    ignore_changes = [managed_policy_arns]\n  }";
    assert_eq!(count("IAM023", &(role(left_alone) + &attachment(&format!("\"{READ}\"")))), 0);
    // Of another role.
    let other = "resource \"aws_iam_role\" \"o\" {\n  name = \"o\"\n  assume_role_policy = \"{}\"\n  managed_policy_arns = []\n}\n";
    assert_eq!(count("IAM023", &(role("") + other + &attachment(&format!("\"{READ}\"")))), 0);
}

#[test]
fn inline_policies_have_one_owner() {
    let policy =
        "resource \"aws_iam_role_policy\" \"p\" {\n  name = \"p\"\n  role = aws_iam_role.r.id\n  policy = \"{}\"\n}\n";
    let inline = "  inline_policy {\n    name = \"q\"\n    policy = \"{}\"\n  }";
    assert_eq!(count("IAM023", &(role(inline) + policy)), 1);
    assert_eq!(count("IAM023", &(role("") + policy)), 0);
    let exclusive = |names: &str| {
        format!(
            "resource \"aws_iam_role_policies_exclusive\" \"e\" {{\n  role_name = aws_iam_role.r.name\n  policy_names = {names}\n}}\n"
        )
    };
    assert_eq!(count("IAM023", &(role("") + policy + &exclusive("[aws_iam_role_policy.p.name]"))), 0);
    assert_eq!(count("IAM023", &(role("") + policy + &exclusive("[]"))), 1);
}

#[test]
fn an_exclusive_list_of_attachments_must_have_them_all() {
    let exclusive = |arns: &str| {
        format!(
            "resource \"aws_iam_role_policy_attachments_exclusive\" \"e\" {{\n  role_name = aws_iam_role.r.name\n  policy_arns = {arns}\n}}\n"
        )
    };
    let text = role("") + &attachment(&format!("\"{READ}\""));
    assert_eq!(count("IAM023", &(text.clone() + &exclusive("[aws_iam_role_policy_attachment.a.policy_arn]"))), 0);
    assert_eq!(count("IAM023", &(text.clone() + &exclusive("[]"))), 1);
    assert_eq!(count("IAM023", &(text + &exclusive("var.arns") + "variable \"arns\" { type = list(string) }\n")), 0);
}

#[test]
fn a_policys_attachments_are_taken_from_whom_they_do_not_name() {
    let all = |roles: &str| {
        format!(
            "resource \"aws_iam_policy_attachment\" \"x\" {{\n  name = \"x\"\n  policy_arn = \"{READ}\"\n  roles = {roles}\n}}\n"
        )
    };
    let text = role("") + &attachment(&format!("\"{READ}\""));
    assert_eq!(count("IAM023", &(text.clone() + &all("[\"other\"]"))), 1);
    assert_eq!(count("IAM023", &(text + &all("[aws_iam_role.r.name]"))), 0);
}

fn versioning(name: &str, bucket: &str, more: &str) -> String {
    format!(
        "resource \"aws_s3_bucket_versioning\" \"{name}\" {{\n  bucket = {bucket}\n{more}\n  versioning_configuration {{\n    status = \"Enabled\"\n  }}\n}}\n"
    )
}

#[test]
fn a_part_of_a_bucket_is_set_by_one_resource_however_the_bucket_is_named() {
    let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"shop-artifacts\"\n}\n";
    let twice =
        bucket.to_owned() + &versioning("x", "aws_s3_bucket.b.id", "") + &versioning("y", "\"shop-artifacts\"", "");
    assert_eq!(count("S3015", &twice), 1);
    let others = bucket.to_owned() + &versioning("x", "aws_s3_bucket.b.id", "") + &versioning("y", "\"shop-logs\"", "");
    assert_eq!(count("S3015", &others), 0);
    let counted = versioning("x", "\"shop-artifacts\"", "  count = 2");
    assert_eq!(count("S3015", &counted), 1);
    let each = versioning("x", "each.key", "  for_each = toset([\"a-bucket\", \"b-bucket\"])");
    assert_eq!(count("S3015", &each), 0);
    let unknown =
        versioning("x", "var.a", "") + &versioning("y", "var.b", "") + "variable \"a\" {}\nvariable \"b\" {}\n";
    assert_eq!(count("S3015", &unknown), 0);
}

#[test]
fn an_argument_of_the_bucket_is_an_owner_too() {
    let bucket =
        |inside: &str| format!("resource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"shop-artifacts\"\n{inside}\n}}\n");
    let apart = versioning("x", "aws_s3_bucket.b.id", "");
    assert_eq!(count("S3015", &(bucket("  versioning {\n    enabled = true\n  }") + &apart)), 1);
    assert_eq!(count("S3015", &(bucket("") + &apart)), 0);
    let ignoring = "  versioning {\n    enabled = true\n  }\n  lifecycle {\n    ignore_changes = [versioning]\n  }";
    assert_eq!(count("S3015", &(bucket(ignoring) + &apart)), 0);
}

const OWN: &str = "variable \"own\" {\n  default = false\n}\n";

#[test]
fn a_topic_a_queue_and_a_bus_have_one_policy() {
    let policy = |name: &str, topic: &str| {
        format!(
            "resource \"aws_sns_topic_policy\" \"{name}\" {{\n  arn = aws_sns_topic.{topic}.arn\n  policy = \"{{}}\"\n}}\n"
        )
    };
    let topics = "resource \"aws_sns_topic\" \"t\" {\n  name = \"t\"\n}\nresource \"aws_sns_topic\" \"u\" {\n  name = \"u\"\n}\n";
    assert_eq!(count("EV013", &(topics.to_owned() + &policy("a", "t") + &policy("b", "u"))), 0);
    assert_eq!(count("EV013", &(topics.to_owned() + &policy("a", "t") + &policy("b", "t"))), 1);
    let queue = "resource \"aws_sqs_queue\" \"q\" {\n  name = \"q\"\n  policy = \"{}\"\n}\nresource \"aws_sqs_queue_policy\" \"p\" {\n  queue_url = aws_sqs_queue.q.id\n  policy = \"{}\"\n}\n";
    assert_eq!(count("EV013", queue), 1);
    assert_eq!(count("EV013", &queue.replacen("\n  policy = \"{}\"", "", 1)), 0);
    // An argument that is null leaves the policy to the other.
    let topic = |own: &str| topics.replacen("name = \"t\"", &format!("name = \"t\"\n  policy = {own}"), 1);
    // What nobody gives may be null.
    let given = topic("var.given") + "variable \"given\" {}\n" + &policy("a", "t");
    assert_eq!(count("EV013", &given), 0);
    assert_eq!(count("EV013", &(topic("var.own ? \"{}\" : null") + &policy("a", "t") + OWN)), 0);
    assert_eq!(count("EV013", &(topic("var.own ? null : \"{}\"") + &policy("a", "t") + OWN)), 1);
    // The bus `default` of two regions is two buses.
    let bus = |name: &str, provider: &str| {
        format!(
            "resource \"aws_cloudwatch_event_bus_policy\" \"{name}\" {{\n  provider = {provider}\n  event_bus_name = \"default\"\n  policy = \"{{}}\"\n}}\n"
        )
    };
    let providers = "provider \"aws\" {\n  region = \"us-east-1\"\n}\nprovider \"aws\" {\n  alias = \"eu\"\n  region = \"eu-west-1\"\n}\n";
    assert_eq!(count("EV013", &(providers.to_owned() + &bus("a", "aws") + &bus("b", "aws.eu"))), 0);
    assert_eq!(count("EV013", &(providers.to_owned() + &bus("a", "aws.eu") + &bus("b", "aws.eu"))), 1);
}
