//! What a policy must be to be read as it is meant.

use super::breadth::is_full;
use crate::diagnostics::Span;
use crate::domain::catalog::iam::Catalog;
use crate::domain::policy::symbol;
use crate::lang::syntax::ast::ExprKind;
use crate::lint::finding::{Edit, Fix, Level};
use crate::lint::iam::{Document, Form};
use crate::lint::model::{Model, Object};
use crate::lint::rewrite::key_span;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::{BTreeSet, HashMap};

/// Names of actions.
pub const IAM001: Rule = Rule {
    id: "IAM001",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A policy names an action that AWS does not have",
    rationale: "AWS accepts any name of an action. A misspelt one grants nothing, and the call it was meant for is denied when the pipeline runs.",
    source: "Service Authorization Reference, Actions, resources, and condition keys",
    bad: r#"
resource "aws_iam_policy" "build" {
  name = "build"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codebuild:StartBuilds", "codebuild:BatchGetBuilds"]
      Resource = "arn:aws:codebuild:eu-central-1:111122223333:project/shop"
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_policy" "build" {
  name = "build"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
      Resource = "arn:aws:codebuild:eu-central-1:111122223333:project/shop"
    }]
  })
}
"#,
    check: unknown_actions,
};

fn unknown_actions(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    // Roles of many pipelines name the same actions: each is looked up once.
    let mut judged: HashMap<&str, Option<(String, Option<String>)>> = HashMap::new();
    for document in picture.identity.iter().chain(&picture.trust) {
        for (number, statement) in document.statements() {
            for (key, action) in statement
                .actions
                .iter()
                .map(|a| ("Action", a))
                .chain(statement.not_actions.iter().map(|a| ("NotAction", a)))
            {
                if action == "*" || is_full(action) && action.starts_with('*') || !symbol::is_known(action) {
                    continue;
                }
                let verdict = judged.entry(action.as_str()).or_insert_with(|| wrong(picture.catalog, action));
                let Some((what, near)) = verdict.clone() else { continue };
                let detail = match &near {
                    Some(near) => format!("The nearest name that AWS has is \"{near}\"."),
                    None => "Look the name up in the Service Authorization Reference; a newer one than this program knows is told by \
                             \"pipewright catalog refresh\"."
                        .to_owned(),
                };
                // Without a name that it is a slip of, it may be newer than the catalogue.
                let severity = if near.is_some() { found.severity() } else { Level::Warning };
                let fix = near.as_ref().and_then(|near| {
                    Fix::one(format!("Write {near}"), document.with_text(number, key, action, &format!("\"{near}\"")))
                });
                document.report(found, number, key, action, what, &detail).with_severity(severity).fix = fix;
            }
        }
    }
}

/// What is wrong with a name, and the one it may be a slip of.
fn wrong(catalog: &Catalog, action: &str) -> Option<(String, Option<String>)> {
    let Some((prefix, name)) = action.split_once(':') else {
        return Some((format!("\"{action}\" is no action: it has no service"), None));
    };
    if prefix.contains(['*', '?']) {
        return catalog.matching(action).is_empty().then(|| (format!("No action matches \"{action}\""), None));
    }
    let Some(service) = catalog.service(prefix) else {
        let near = nearest(prefix, catalog.prefixes(), 2).map(|near| format!("{near}:{name}"));
        return Some((format!("There is no service \"{prefix}\" in IAM"), near));
    };
    if !catalog.matching(action).is_empty() || is_full(action) {
        return None;
    }
    if name.contains(['*', '?']) {
        return Some((format!("No action matches \"{action}\""), None));
    }
    let near = nearest(name, service.actions.values().map(|a| a.name.as_str()), 3);
    Some((format!("There is no action \"{action}\""), near.map(|near| format!("{}:{near}", service.prefix))))
}

/// The candidate that is nearest, when it is near: by edits, or by a different ending.
fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>, most: usize) -> Option<&'c str> {
    let lower = name.to_ascii_lowercase();
    let distance = |c: &&'c str| strsim::damerau_levenshtein(&lower, &c.to_ascii_lowercase());
    let best = candidates.min_by_key(distance)?;
    let allowed = most.min(name.len() / 3);
    (distance(&best) <= allowed).then_some(best)
}

/// Version and Sids.
pub const IAM018: Rule = Rule {
    id: "IAM018",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "A policy has no Version, or its Sids are not what IAM takes",
    rationale: "Without a Version a policy is read by the rules of 2008: policy variables such as ${aws:username} are plain text then. IAM refuses \
                two statements with the same Sid, and Sids of other than letters and digits.",
    source: "IAM User Guide, IAM JSON policy elements: Version, Sid",
    bad: r#"
resource "aws_iam_policy" "read" {
  name = "read"
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::shop-artifacts/*"
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_policy" "read" {
  name = "read"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::shop-artifacts/*"
    }]
  })
}
"#,
    check: version_and_sids,
};

fn version_and_sids(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for document in picture.identity.iter().chain(&picture.trust) {
        if document.policy.version.is_none() {
            let fix = add_version(picture.model, document);
            let finding = found.at_part(
                &document.attr,
                "version",
                "The policy has no Version",
                "Write Version = \"2012-10-17\": without it, policy variables are taken as plain text.",
            );
            finding.fix = fix;
        }
        let mut seen = BTreeSet::new();
        for (number, statement) in document.statements() {
            let Some(sid) = statement.sid.as_deref().filter(|s| symbol::is_known(s)) else { continue };
            if !sid.chars().all(|c| c.is_ascii_alphanumeric()) {
                let summary = format!("Sid \"{sid}\" has characters other than letters and digits");
                document.report(
                    found,
                    number,
                    "Sid",
                    "characters",
                    summary,
                    "IAM refuses such a policy: use A-Z, a-z and 0-9.",
                );
            }
            if !seen.insert(sid) {
                let summary = format!("Sid \"{sid}\" stands at two statements");
                document.report(
                    found,
                    number,
                    "Sid",
                    "twice",
                    summary,
                    "IAM refuses such a policy: give each statement a Sid of its own, or none.",
                );
            }
        }
    }
}

/// Puts the version in front of the first key, where no variable would change its meaning by it.
fn add_version(model: &Model<'_>, document: &Document<'_>) -> Option<Fix> {
    let Form::Encoded(object) = &document.form else { return None };
    let ExprKind::Object(items) = &object.kind else { return None };
    if document.attr.text()?.0.contains("${") {
        return None;
    }
    let first = items.first()?;
    let key = key_span(&first.key);
    let file = model.sources.get(key.file)?;
    let start = file.position(key.start);
    let line = file.line(start.line)?;
    let before = line.get(..line.len() - line.trim_start().len())?;
    let own_line = line.len() - line.trim_start().len() == start.column as usize - 1;
    let text =
        if own_line { format!("Version = \"2012-10-17\"\n{before}") } else { "Version = \"2012-10-17\", ".to_owned() };
    Some(Fix { summary: "Add the version".into(), edits: vec![Edit { span: Span { end: key.start, ..key }, text }] })
}

/// Quotas on the size.
pub const IAM019: Rule = Rule {
    id: "IAM019",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A policy is larger than IAM takes",
    rationale: "IAM refuses a managed policy of more than 6,144 characters, and inline policies of a role of more than 10,240 characters together \
                (of a user 2,048, of a group 5,120). White space does not count.",
    source: "IAM User Guide, IAM and AWS STS quotas",
    bad: r#"
resource "aws_iam_policy" "big" {
  name = "big"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = [for n in range(300) : "arn:aws:s3:::shop-artifacts/team-${n}/*"]
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_policy" "big" {
  name = "big"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = [for n in range(30) : "arn:aws:s3:::shop-artifacts/team-${n}/*"]
    }]
  })
}
"#,
    check: too_large,
};

fn too_large(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for object in picture.model.all("aws_iam_policy") {
        let attr = object.get("policy");
        if let Some(size) = attr.text().map(|t| size(t.0)).filter(|s| *s > 6_144) {
            found.at(
                &attr,
                format!("The policy has {size} characters, {} more than a managed policy may have", size - 6_144),
                "IAM refuses it. Split it into several policies, or name resources by a common prefix.",
            );
        }
    }
    for role in picture.roles.values() {
        let inline = role.documents.iter().filter(|d| d.attr.object().type_name() != "aws_iam_policy");
        let total: usize = inline.filter_map(|d| d.attr.text()).map(|t| size(t.0)).sum();
        over(role.object, "role", total, 10_240, found);
    }
    for (type_name, owner, quota) in [("aws_iam_user_policy", "user", 2_048), ("aws_iam_group_policy", "group", 5_120)]
    {
        for object in picture.model.all(type_name) {
            let total = object.get("policy").text().map_or(0, |t| size(t.0));
            over(object, owner, total, quota, found);
        }
    }
}

fn over(object: &Object<'_>, owner: &str, total: usize, quota: usize, found: &mut Reporter<'_>) {
    if total > quota {
        found.on(
            object,
            format!(
                "The inline policies of the {owner} have {total} characters, {} more than they may have",
                total - quota
            ),
            "IAM refuses what goes over it. Move a part into a managed policy, or name resources by a common prefix.",
        );
    }
}

/// Characters that count: all but white space outside of texts. What is not known yet counts as nothing.
fn size(text: &str) -> usize {
    let known: String = symbol::pieces(text)
        .into_iter()
        .filter_map(|p| match p {
            symbol::Piece::Text(text) => Some(text),
            symbol::Piece::Symbol(_) => None,
        })
        .collect();
    match serde_json::from_str::<serde_json::Value>(&known) {
        Ok(json) => json.to_string().chars().filter(|c| !c.is_whitespace()).count(),
        Err(_) => known.chars().filter(|c| !c.is_whitespace()).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_strangers() {
        let catalog = Catalog::embedded();
        let near = |a: &str| wrong(catalog, a).and_then(|(_, near)| near);
        assert_eq!(near("codebuild:StartBuilds").as_deref(), Some("codebuild:StartBuild"));
        assert_eq!(near("codebiuld:StartBuild").as_deref(), Some("codebuild:StartBuild"));
        assert_eq!(near("s3:CompletelyElse"), None);
        assert!(wrong(catalog, "S3:getobject").is_none() && wrong(catalog, "s3:Get*").is_none());
        assert!(wrong(catalog, "s3:Git*").is_some() && wrong(catalog, "GetObject").is_some());
    }
}
