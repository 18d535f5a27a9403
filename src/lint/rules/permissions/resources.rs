//! Whether the resources of a statement fit its actions.

use super::breadth::{is_full, list};
use crate::domain::catalog::iam::{Action, ResourceType, Service};
use crate::domain::policy::{Statement, overlap, symbol};
use crate::lint::finding::Level;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// All resources.
pub const IAM003: Rule = Rule {
    id: "IAM003",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "A policy allows actions on all resources that could be allowed on some",
    rationale: "With Resource \"*\" the role reaches every bucket, project or function of the account, not only those of the pipeline.",
    source: "Service Authorization Reference, Resource types; AWS Well-Architected Framework, SEC03-BP02",
    bad: r#"
resource "aws_iam_policy" "build" {
  name = "build"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
      Resource = "*"
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_policy" "build" {
  name = "build"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
        Resource = "arn:aws:codebuild:eu-central-1:111122223333:project/shop"
      },
      {
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
    ]
  })
}
"#,
    check: all_resources,
};

/// AWS's own guides grant these on all resources, though the reference has resource types for them by now.
const ON_ALL: &[&str] =
    &["ecs:RegisterTaskDefinition", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ssm:CancelCommand"];

fn all_resources(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for document in &picture.identity {
        for (number, statement) in document.statements().filter(|(_, s)| s.allows()) {
            if !statement.resources.iter().any(|r| r == "*") || narrowed(statement) {
                continue;
            }
            let concrete = statement.actions.iter().filter(|a| !is_full(a) && symbol::is_known(a));
            let wide: Vec<&str> = concrete
                .filter(|a| {
                    let matching = picture.catalog.matching(a);
                    // iam:PassRole has a rule of its own.
                    !a.eq_ignore_ascii_case("iam:PassRole")
                        && !ON_ALL.iter().any(|on| on.eq_ignore_ascii_case(a))
                        && !matching.is_empty()
                        && matching.iter().all(|(_, _, action)| !action.resources.is_empty())
                })
                .map(String::as_str)
                .collect();
            if wide.is_empty() {
                continue;
            }
            let summary = format!("{} on all resources, in {}", list(&wide), document.title(number));
            let detail = "These actions can be allowed on some resources: name the ARNs. Keep actions that know no resources in a statement of their own.";
            document.report(found, number, "Resource", "", summary, detail).fix =
                super::least::bind(picture, document, number);
        }
    }
}

/// Whether a condition on tags, accounts or the like narrows the resources.
fn narrowed(statement: &Statement) -> bool {
    let keys = statement.conditions.values().flat_map(|keys| keys.keys());
    let narrow = |key: &String| {
        let (_, name) = key.split_once(':').unwrap_or(("", key));
        key.starts_with("aws:resource") || name.starts_with("resourcetag/") || key == "iam:passedtoservice"
    };
    keys.into_iter().any(narrow)
}

/// Resources of another kind.
pub const IAM004: Rule = Rule {
    id: "IAM004",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "The resources of a statement are not of a kind that its action works on",
    rationale: "Such a statement never matches: the action is denied as if it were not there.",
    source: "Service Authorization Reference, Resource types",
    bad: r#"
resource "aws_iam_policy" "list" {
  name = "list"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = "arn:aws:s3:::shop-artifacts/*"
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_policy" "list" {
  name = "list"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:GetObject"]
      Resource = ["arn:aws:s3:::shop-artifacts", "arn:aws:s3:::shop-artifacts/*"]
    }]
  })
}
"#,
    check: misfits,
};

fn misfits(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for document in &picture.identity {
        for (number, statement) in document.statements().filter(|(_, s)| s.allows()) {
            // An empty one is what a variable gives that nobody sets.
            let vague = |r: &String| r.is_empty() || r.contains("${");
            if statement.resources.is_empty() || statement.resources.iter().any(vague) {
                continue;
            }
            for name in statement.actions.iter().filter(|a| symbol::is_known(a) && !a.contains(['*', '?'])) {
                let Some((service, action)) = picture.catalog.action(name) else { continue };
                if statement.resources.iter().any(|r| r == "*" || fits(service, action, r)) {
                    continue;
                }
                let shown = statement.resources.iter().next().map(|r| symbol::display(r)).unwrap_or_default();
                let kinds: Vec<&str> = service.resources_of(action).map(|r| r.name.as_str()).collect();
                if kinds.is_empty() {
                    let summary = format!("{name} knows no resources, so \"{shown}\" never matches");
                    let detail = "Give it the resource \"*\", in a statement of its own.";
                    // The reference is now and then behind in what actions know.
                    let finding = document.report(found, number, "Resource", name, summary, detail);
                    finding.with_severity(Level::Warning);
                } else {
                    let summary = format!("{name} does not work on \"{shown}\"");
                    let arns: Vec<&str> =
                        service.resources_of(action).flat_map(|r| r.arns.iter().map(String::as_str)).collect();
                    let detail =
                        format!("The statement never matches. The action works on {}: {}.", list(&kinds), list(&arns));
                    document.report(found, number, "Resource", name, summary, &detail);
                }
            }
        }
    }
}

fn fits(service: &Service, action: &Action, resource: &str) -> bool {
    let resource = as_bucket(resource);
    service.resources_of(action).any(|kind| is_of_kind(kind, service, &resource))
}

/// `${aws_s3_bucket.b.arn}/*` is of a bucket, whatever its name will be.
fn as_bucket(resource: &str) -> String {
    let pieces = symbol::pieces(resource);
    let Some((symbol::Piece::Symbol(first), _)) = pieces.split_first() else { return resource.to_owned() };
    let of_bucket = first.attribute == "arn" && first.address.contains("aws_s3_bucket.");
    match resource.strip_prefix(&first.text()) {
        Some(rest) if of_bucket => format!("arn:aws:s3:::bucket{rest}"),
        _ => resource.to_owned(),
    }
}

/// The two names of one service: connections made under the old one keep it in their ARNs, and either name of the action is checked
/// against them.
const CONNECTIONS: [&str; 2] = ["codestar-connections", "codeconnections"];

/// Whether a resource can be of a kind. A bucket's name has no slash, though the pattern of its ARN would take one.
fn is_of_kind(kind: &ResourceType, service: &Service, resource: &str) -> bool {
    if service.prefix == "s3" && kind.name == "bucket" {
        let name = resource.split_once(":::").map_or("", |(_, name)| name);
        let object = name.split_once('/').is_some_and(|(bucket, _)| !bucket.contains('*') && symbol::is_known(bucket));
        if object {
            return false;
        }
    }
    let either = CONNECTIONS.contains(&service.prefix.as_str());
    kind.patterns().any(|pattern| {
        arns_overlap(&pattern, resource)
            || (either
                && CONNECTIONS.iter().any(|name| arns_overlap(&pattern.replace(&service.prefix, name), resource)))
    })
}

/// Part by part, where both have all parts of an ARN: a wildcard at the end of a name does not become another service's resource.
fn arns_overlap(pattern: &str, resource: &str) -> bool {
    let parts = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let (p, r) = (parts(pattern), parts(resource));
    if p.len() != 6 || r.len() != 6 {
        return overlap(pattern, resource);
    }
    p.iter().zip(&r).all(|(p, r)| overlap(p, r))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::domain::catalog::iam::Catalog;

    #[test]
    fn resources_fit_by_kind() {
        let fit = |name: &str, resource: &str| {
            let (service, action) = Catalog::embedded().action(name).unwrap();
            fits(service, action, resource)
        };
        let bucket = symbol::Symbol::new("aws_s3_bucket.b", "arn").text();
        for (name, resource, want) in [
            ("s3:ListBucket", "arn:aws:s3:::shop", true),
            ("s3:ListBucket", "arn:aws:s3:::shop*", true),
            ("s3:ListBucket", "arn:aws:s3:::shop/*", false),
            ("s3:ListBucket", bucket.as_str(), true),
            ("s3:ListBucket", format!("{bucket}/*").as_str(), false),
            ("s3:GetObject", format!("{bucket}/*").as_str(), true),
            ("s3:GetObject", "arn:aws:s3:::shop", false),
            ("s3:GetObject", "arn:aws:s3:::*", true),
            ("codebuild:StartBuild", "arn:aws:codebuild:eu-central-1:1:project/shop", true),
            ("codebuild:StartBuild", "arn:aws:codepipeline:eu-central-1:1:shop", false),
            ("codeconnections:UseConnection", "arn:aws:codestar-connections:eu-central-1:1:connection/x", true),
            ("codestar-connections:UseConnection", "arn:aws:codeconnections:eu-central-1:1:connection/x", true),
            ("codeconnections:UseConnection", "arn:aws:codeconnections:eu-central-1:1:host/x", false),
            ("iam:PassRole", "arn:aws:iam::1:role/path/deploy", true),
            ("iam:PassRole", "arn:aws:iam::1:user/deploy", false),
            ("logs:PutLogEvents", "arn:aws:logs:eu-central-1:1:log-group:/aws/codebuild/x:*", true),
        ] {
            assert_eq!(fit(name, resource), want, "{name} {resource}");
        }
    }
}
