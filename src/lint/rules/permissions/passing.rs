//! Handing a role to a service.

use super::breadth::is_full;
use crate::domain::policy::{Operator, Statement, covers_ignoring_case};
use crate::lang::syntax::ast::{Expr, ExprKind};
use crate::lint::finding::{Edit, Fix, Level};
use crate::lint::iam::{Document, Form, item, statement_expr};
use crate::lint::rewrite::key_span;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeSet;

const SERVICE: &str = "iam:passedtoservice";

/// Whether an action stands for `iam:PassRole`, and not for a whole service.
fn is_named(action: &str) -> bool {
    !is_full(action) && covers_ignoring_case(action, "iam:PassRole").is_yes()
}

/// Statements that allow `iam:PassRole` by name or by a pattern of IAM's; that everything is allowed is another rule's matter.
fn passing<'d>(document: &'d Document<'_>) -> impl Iterator<Item = (usize, &'d Statement)> {
    document
        .statements()
        .filter(|(_, s)| s.allows() && s.actions.iter().any(|a| is_named(a) || a.eq_ignore_ascii_case("iam:*")))
}

/// Whether a condition names the services that may get the role.
fn is_bound(statement: &Statement) -> bool {
    statement.conditions.iter().any(|(name, keys)| {
        let names = |service: &String| !service.starts_with(['*', '?']);
        Operator::parse(name).is_some_and(|o| !o.negated)
            && keys.get(SERVICE).is_some_and(|services| !services.is_empty() && services.iter().all(names))
    })
}

/// Any role.
pub const IAM005: Rule = Rule {
    id: "IAM005",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "iam:PassRole is allowed on all roles",
    rationale: "Whoever may hand any role to a service can have the service act with the strongest role of the account: with an administrator's, \
                where there is one.",
    source: "IAM User Guide, Grant a user permissions to pass a role to an AWS service",
    bad: r#"
resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:PassRole"
      Resource = "*"
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
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::111122223333:role/shop-stack"
      Condition = { StringEquals = { "iam:PassedToService" = "cloudformation.amazonaws.com" } }
    }]
  })
}
"#,
    check: any_role,
};

fn any_role(context: &Context<'_>, found: &mut Reporter<'_>) {
    for document in &context.iam().identity {
        for (number, statement) in passing(document) {
            let all = |r: &&String| *r == "*" || r.ends_with(":role/*");
            let Some(wide) = statement.resources.iter().find(all) else { continue };
            let summary = format!(
                "iam:PassRole is allowed on \"{}\" in {}",
                crate::domain::policy::symbol::display(wide),
                document.title(number)
            );
            let detail = "Name the roles that are handed on, and the service that may get them by a condition on iam:PassedToService.";
            // Handed to known services only, it is still wide, but not a way to everything.
            let bound = is_bound(statement) && wide != "*";
            let severity = if bound { Level::Warning } else { found.severity() };
            document.report(found, number, "Resource", "", summary, detail).with_severity(severity);
        }
    }
}

/// Any service.
pub const IAM006: Rule = Rule {
    id: "IAM006",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "iam:PassRole is allowed without saying to which service",
    rationale: "Without a condition on iam:PassedToService the role can be handed to any service that its trust policy lets in.",
    source: "IAM User Guide, Grant a user permissions to pass a role to an AWS service",
    bad: r#"
resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:PassRole"
      Resource = "arn:aws:iam::111122223333:role/shop-stack"
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
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::111122223333:role/shop-stack"
      Condition = { StringEquals = { "iam:PassedToService" = "cloudformation.amazonaws.com" } }
    }]
  })
}
"#,
    check: any_service,
};

fn any_service(context: &Context<'_>, found: &mut Reporter<'_>) {
    for document in &context.iam().identity {
        let named = |(_, s): &(usize, &Statement)| s.actions.iter().any(|a| is_named(a));
        for (number, statement) in passing(document).filter(named) {
            let bound = statement.conditions.values().flat_map(|keys| keys.keys());
            let named = bound.into_iter().any(|key| key == SERVICE || key == "iam:associatedresourcearn");
            let any = |services: &BTreeSet<String>| services.iter().any(|s| s.chars().all(|c| matches!(c, '*' | '?')));
            let open = statement.conditions.values().filter_map(|keys| keys.get(SERVICE)).any(any);
            if named && !open {
                continue;
            }
            let summary = format!("iam:PassRole is allowed for every service, in {}", document.title(number));
            let detail = "Add Condition = { StringEquals = { \"iam:PassedToService\" = \"…\" } } with the service that gets the role.";
            document.report(found, number, "Action", "", summary, detail);
        }
    }
}

/// IfExists.
pub const IAM022: Rule = Rule {
    id: "IAM022",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "iam:PassedToService is checked with an …IfExists operator",
    rationale: "An …IfExists operator holds where the key is missing. A call that does not say which service gets the role then passes.",
    source: "IAM User Guide, IAM JSON policy elements: Condition operators, …IfExists",
    bad: r#"
resource "aws_iam_policy" "deploy" {
  name = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::111122223333:role/shop-stack"
      Condition = { StringEqualsIfExists = { "iam:PassedToService" = "cloudformation.amazonaws.com" } }
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
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::111122223333:role/shop-stack"
      Condition = { StringEquals = { "iam:PassedToService" = "cloudformation.amazonaws.com" } }
    }]
  })
}
"#,
    check: if_exists,
};

fn if_exists(context: &Context<'_>, found: &mut Reporter<'_>) {
    for document in &context.iam().identity {
        for (number, statement) in document.statements().filter(|(_, s)| s.allows()) {
            for (name, keys) in &statement.conditions {
                let soft = Operator::parse(name).is_some_and(|o| o.if_exists && !o.negated);
                if !soft || !keys.contains_key(SERVICE) {
                    continue;
                }
                let hard = name.get(..name.len() - "IfExists".len()).unwrap_or(name).to_owned();
                let fix = (keys.len() == 1 && !statement.conditions.contains_key(&hard))
                    .then(|| harden(document, number, name, &hard));
                let summary = format!("{name} lets iam:PassedToService be missing, in {}", document.title(number));
                let detail = format!("Use {hard}: calls that hand on a role always say to which service.");
                let finding = document.report(found, number, "Condition", name, summary, &detail);
                finding.fix = fix.flatten();
            }
        }
    }
}

/// Renames the operator where it stands.
fn harden(document: &Document<'_>, number: usize, name: &str, hard: &str) -> Option<Fix> {
    let edit = match &document.form {
        Form::Encoded(object) => {
            let conditions = &item(statement_expr(object, number)?, "Condition")?.value;
            let key = &item(conditions, name)?.key;
            let quoted = matches!(key, crate::lang::syntax::ast::ObjectKey::Expr(_));
            let text = if quoted { format!("\"{hard}\"") } else { hard.to_owned() };
            Edit { span: key_span(key), text }
        }
        Form::Data(object) if document.form.is_plain() => {
            let block = object.block()?.body.blocks_of("statement").nth(number)?;
            let test = block.body.blocks_of("condition").find_map(|c| {
                let test = &c.body.attribute("test")?.expr;
                let of_service = literal(&c.body.attribute("variable")?.expr)?.eq_ignore_ascii_case(SERVICE);
                (of_service && literal(test)? == name).then_some(test)
            })?;
            Edit { span: test.span, text: format!("\"{hard}\"") }
        }
        _ => return None,
    };
    Some(Fix { summary: format!("Use {hard}"), edits: vec![edit] })
}

fn literal(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(value) => value.as_str(),
        _ => None,
    }
}
