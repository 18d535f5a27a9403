//! Whether conditions can ever hold.

use crate::domain::catalog::iam::{Catalog, KeyType, global_key};
use crate::domain::policy::{Comparison, Operator, Statement, symbol};
use crate::lint::finding::Level;
use crate::lint::iam::{Document, Kind};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Keys and operators.
pub const IAM017: Rule = Rule {
    id: "IAM017",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "A condition uses a key that the action does not know, or an operator that does not fit it",
    rationale: "A key that a request never carries makes the condition fail always, with …IfExists or a negated operator it makes it hold always. \
                In both cases the statement does not do what it says.",
    source: "Service Authorization Reference, Condition keys; IAM User Guide, Condition operators",
    bad: r#"
resource "aws_iam_policy" "read" {
  name = "read"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::shop-artifacts/*"
      Condition = { StringLike = { "s3:prefix" = "shop/*" } }
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
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = "arn:aws:s3:::shop-artifacts"
      Condition = { StringLike = { "s3:prefix" = "shop/*" } }
    }]
  })
}
"#,
    check: conditions,
};

fn conditions(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for document in picture.identity.iter().chain(&picture.trust) {
        for (number, statement) in document.statements() {
            for (name, keys) in &statement.conditions {
                let Some(operator) = Operator::parse(name) else {
                    let summary = format!("There is no condition operator \"{name}\"");
                    document.report(found, number, "Condition", name, summary, "IAM refuses the policy.");
                    continue;
                };
                for (key, values) in keys {
                    if !symbol::is_known(key) {
                        continue;
                    }
                    judge_key(picture.catalog, document, number, statement, (name, operator, key), found);
                    if operator.comparison == Comparison::Null
                        && values.iter().any(|v| {
                            symbol::is_known(v) && !matches!(v.to_ascii_lowercase().as_str(), "true" | "false")
                        })
                    {
                        let summary = format!("Null of \"{key}\" is compared with something other than true or false");
                        document.report(
                            found,
                            number,
                            "Condition",
                            key,
                            summary,
                            "Null takes \"true\" (the key is missing) or \"false\".",
                        );
                    }
                }
            }
        }
    }
}

fn judge_key(
    catalog: &Catalog,
    document: &Document<'_>,
    number: usize,
    statement: &Statement,
    (name, operator, key): (&str, Operator, &str),
    found: &mut Reporter<'_>,
) {
    let kind = match (global_key(key), key.split_once(':')) {
        (Some((kind, _)), _) => Some(kind),
        (None, Some(("aws", _))) => {
            let summary = format!("There is no global condition key \"{key}\"");
            document.report(
                found,
                number,
                "Condition",
                key,
                summary,
                "Look it up in the IAM User Guide, AWS global condition context keys.",
            );
            return;
        }
        // Keys of identity providers (`token.actions.githubusercontent.com:sub`) are not AWS's.
        (None, Some((prefix, _))) if prefix.contains(['.', '/']) || document.kind == Kind::Trust => return,
        (None, Some(_)) => match service_key(catalog, statement, key) {
            Found::Kind(kind) => Some(kind),
            Found::NotOfActions(example) => {
                let summary = format!("Requests for {example} do not carry \"{key}\"");
                let detail = "Take a key that the Service Authorization Reference lists for the action.";
                document.report(found, number, "Condition", key, summary, detail);
                return;
            }
            Found::Nothing => None,
        },
        (None, None) => {
            let summary = format!("\"{key}\" is no condition key: it has no service");
            document.report(
                found,
                number,
                "Condition",
                key,
                summary,
                "Keys are written service:name, such as aws:SourceArn.",
            );
            return;
        }
    };
    let Some(kind) = kind else { return };
    let text = matches!(
        operator.comparison,
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase | Comparison::StringLike
    );
    let better = match kind {
        KeyType::Bool => Some("Bool"),
        KeyType::IpAddress => Some("IpAddress"),
        KeyType::Numeric => Some("NumericEquals, NumericLessThan, …"),
        KeyType::Date => Some("DateEquals, DateLessThan, …"),
        _ => None,
    };
    if let Some(better) = better.filter(|_| text) {
        let summary = format!("{name} compares \"{key}\" as a text; it is {}", describe(kind));
        let detail =
            format!("Use {better}: a text is equal only where it is written in the same way, and ranges are none.");
        document.report(found, number, "Condition", &format!("{name} {key}"), summary, &detail);
    } else if !suits(operator.comparison, kind) {
        let summary = format!("{name} does not suit \"{key}\", which is {}", describe(kind));
        document.report(
            found,
            number,
            "Condition",
            &format!("{name} {key}"),
            summary,
            "The comparison fails for every value.",
        );
    }
}

enum Found {
    Kind(KeyType),
    /// None of the statement's actions has it; one of them.
    NotOfActions(String),
    Nothing,
}

/// The key among those of the statement's actions. Only where all actions are known and none has it, it is wrong.
fn service_key(catalog: &Catalog, statement: &Statement, key: &str) -> Found {
    let mut example = None;
    for pattern in &statement.actions {
        if !symbol::is_known(pattern) || pattern == "*" {
            return Found::Nothing;
        }
        let matching = catalog.matching(pattern);
        if matching.is_empty() {
            return Found::Nothing;
        }
        for (name, service, action) in matching {
            if let Some(found) = service.keys_of(action).find(|k| k.is(key)) {
                return Found::Kind(found.kind);
            }
            example.get_or_insert(name);
        }
    }
    if statement.actions.is_empty() { Found::Nothing } else { example.map_or(Found::Nothing, Found::NotOfActions) }
}

/// Whether an operator can hold for values of a type. Texts are compared with anything that is one; ARNs and bools are texts too.
fn suits(comparison: Comparison, kind: KeyType) -> bool {
    match comparison {
        Comparison::Null
        | Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::Binary => true,
        Comparison::Numeric(_) => matches!(kind, KeyType::Numeric | KeyType::Date),
        Comparison::Date(_) => matches!(kind, KeyType::Date | KeyType::Numeric),
        Comparison::Bool => kind == KeyType::Bool,
        Comparison::IpAddress => kind == KeyType::IpAddress,
        // Many keys that hold ARNs are listed as texts.
        Comparison::Arn => matches!(kind, KeyType::Arn | KeyType::String),
    }
}

fn describe(kind: KeyType) -> &'static str {
    match kind {
        KeyType::String => "a text",
        KeyType::Bool => "true or false",
        KeyType::Numeric => "a number",
        KeyType::Date => "a date",
        KeyType::Arn => "an ARN",
        KeyType::IpAddress => "an IP address",
        KeyType::Binary => "binary",
    }
}
