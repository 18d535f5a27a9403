//! Grants that are wider than anyone can look over.

use crate::lint::finding::Level;
use crate::lint::iam::{Document, Form, Kind};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeSet;

/// Whole services and everything.
pub const IAM002: Rule = Rule {
    id: "IAM002",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A policy allows all actions of a service, or all actions",
    rationale: "A role that may do everything in a service can also delete what is in it and change who has access. New actions that AWS adds \
                are granted on the day they appear.",
    source: "AWS Well-Architected Framework, SEC03-BP02 Grant least privilege access",
    bad: r#"
resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "codedeploy:*"
      Resource = "arn:aws:codedeploy:eu-central-1:111122223333:application:shop"
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision"]
      Resource = "arn:aws:codedeploy:eu-central-1:111122223333:application:shop"
    }]
  })
}
"#,
    check: full_wildcards,
};

fn full_wildcards(context: &Context<'_>, found: &mut Reporter<'_>) {
    for document in &context.iam().identity {
        for (number, statement) in document.statements().filter(|(_, s)| s.allows()) {
            let wide: Vec<&str> = statement.actions.iter().map(String::as_str).filter(|a| is_full(a)).collect();
            if wide.is_empty() {
                continue;
            }
            let summary = format!("The policy allows {} in {}", list(&wide), document.title(number));
            let detail = "Name the actions that are needed. For the service role of a pipeline, \"pipewright pipeline policy\" prints them.";
            document.report(found, number, "Action", "", summary, detail);
        }
    }
}

/// `*`, `s3:*`, `*:*`
pub fn is_full(action: &str) -> bool {
    let all = |text: &str| !text.is_empty() && text.chars().all(|c| c == '*');
    match action.split_once(':') {
        Some((_, name)) => all(name),
        None => all(action),
    }
}

/// `a`, `a and b`, `a, b and 3 more`
pub fn list(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, second] => format!("{first} and {second}"),
        [first, second, third] => format!("{first}, {second} and {third}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
    }
}

/// Everything but what is named.
pub const IAM014: Rule = Rule {
    id: "IAM014",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "NotAction, NotResource or NotPrincipal stands with Allow",
    rationale: "Such a statement allows everything that it does not name, including what is added to AWS later. Nobody can tell from reading it \
                what it grants.",
    source: "IAM User Guide, JSON policy elements: NotAction, NotResource, NotPrincipal",
    bad: r#"
resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      NotAction = "iam:*"
      Resource  = "arn:aws:s3:::shop-artifacts/*"
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      NotAction = "s3:GetObject"
      Resource  = "arn:aws:s3:::shop-artifacts/*"
    }]
  })
}
"#,
    check: exclusions,
};

/// Policies of resources: what holds them, and whether it is theirs alone; of others only what is written there is looked at.
const OF_RESOURCES: &[(&str, bool)] = &[
    ("aws_ecr_repository_policy", true),
    ("aws_kms_key", false),
    ("aws_kms_key_policy", true),
    ("aws_s3_bucket_policy", true),
    ("aws_sns_topic", false),
    ("aws_sns_topic_policy", true),
    ("aws_sqs_queue", false),
    ("aws_sqs_queue_policy", true),
];

fn exclusions(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    let mut resources = Vec::new();
    for (type_name, alone) in OF_RESOURCES {
        for object in context.model.all(type_name) {
            let attr = object.get("policy");
            if *alone || attr.expr().is_some() {
                resources.extend(Document::of(context.model, attr, Kind::Identity));
            }
        }
    }
    let known = picture.identity.iter().chain(&picture.trust);
    let data = |d: &Document<'_>| matches!(d.form, Form::Data(_)).then(|| d.home().address().to_owned());
    let mut seen: BTreeSet<String> = known.clone().filter_map(data).collect();
    resources.retain(|d| data(d).is_none_or(|address| seen.insert(address)));
    for document in known.chain(&resources) {
        for (number, statement) in document.statements().filter(|(_, s)| s.allows()) {
            let used = [
                ("NotAction", !statement.not_actions.is_empty()),
                ("NotResource", !statement.not_resources.is_empty()),
                ("NotPrincipal", statement.not_principals.is_some()),
            ];
            for (key, _) in used.iter().filter(|(_, used)| *used) {
                let summary = format!("{key} stands with Allow in {}", document.title(number));
                let detail = "Say what is allowed instead of what is not; or turn the statement into a Deny.";
                document.report(found, number, key, "", summary, detail);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_services_are_full() {
        for full in ["*", "s3:*", "*:*", "s3:**"] {
            assert!(is_full(full), "{full}");
        }
        for narrow in ["s3:Get*", "kms:GenerateDataKey*", "s3:?", ""] {
            assert!(!is_full(narrow), "{narrow}");
        }
        assert_eq!(list(&["a", "b", "c", "d"]), "a, b and 2 more");
    }
}
