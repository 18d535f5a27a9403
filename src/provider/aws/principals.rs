//! Principals that are gone. IAM puts the unique id of a deleted user or role in the place of its ARN, for ever: an object of the same name
//! made later is another principal.

use super::schema::Rules;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What unique ids of users and roles begin with.
const UNIQUE_IDS: &[(&str, &str)] = &[("AIDA", "user"), ("AROA", "role")];

/// A warning for each policy of the object that names principals which are no longer there.
pub fn gone(rules: &Rules, object: &Value, address: &str) -> Diagnostics {
    let mut out = Diagnostics::new();
    for (name, _) in rules.attributes.iter().filter(|(_, rule)| rule.policy) {
        let policy = object.get(name).and_then(Value::as_str).and_then(|text| serde_json::from_str::<Json>(text).ok());
        for id in policy.iter().flat_map(ids) {
            let kind =
                UNIQUE_IDS.iter().find(|(prefix, _)| id.starts_with(prefix)).map_or("principal", |(_, kind)| kind);
            let what = format!("`{name}` lets in {id}, the unique id of a {kind} that was deleted.");
            let warning = Diagnostic::warning("Principal no longer exists", what)
                .hint(
                    "Name the principal by its ARN again: an apply then writes the policy for the one that exists now.",
                )
                .address(address);
            out.extend([warning]);
        }
    }
    out
}

/// The unique ids among the principals of a policy.
fn ids(policy: &Json) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let statements = match policy.get("Statement") {
        Some(Json::Array(statements)) => statements.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    for statement in statements {
        for name in ["Principal", "NotPrincipal"] {
            texts(statement.get(name).and_then(|p| p.get("AWS")), &mut found);
        }
    }
    found
}

fn texts(json: Option<&Json>, into: &mut BTreeSet<String>) {
    match json {
        Some(Json::String(text)) if is_unique_id(text) => {
            into.insert(text.clone());
        }
        Some(Json::Array(items)) => items.iter().for_each(|item| texts(Some(item), into)),
        _ => {}
    }
}

fn is_unique_id(text: &str) -> bool {
    UNIQUE_IDS.iter().any(|(prefix, _)| text.starts_with(prefix))
        && text.len() >= 16
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::provider::Factory;
    use crate::provider::aws::native::AwsFactory;
    use crate::provider::aws::schema;

    fn warned(trust: &str) -> Vec<String> {
        let parsed = schema::parse(include_str!("schema/aws_iam_role.json")).unwrap();
        let block = &AwsFactory::new().unwrap().schema().resources.get("aws_iam_role").unwrap().block.clone();
        let role = block.empty_value().with_field("assume_role_policy", Value::string(trust));
        gone(&parsed.rules, &role, "aws_iam_role.r").iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect()
    }

    #[test]
    fn a_deleted_principal_is_named() {
        let one = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "AROACKCEVSQ6C2EXAMPLE"}, "Action": "sts:AssumeRole"}}"#;
        let told = "Principal no longer exists: `assume_role_policy` lets in AROACKCEVSQ6C2EXAMPLE, the unique id of a role that was deleted.";
        assert_eq!(warned(one), [told]);
        let some =
            r#"{"Statement": [{"Principal": {"AWS": ["AIDACKCEVSQ6C2EXAMPLE", "arn:aws:iam::123456789012:root"]}}]}"#;
        assert_eq!(warned(some).len(), 1);
    }

    #[test]
    fn other_principals_are_no_news() {
        for principal in [
            r#"{"AWS": "arn:aws:iam::123456789012:role/AROACKCEVSQ6C2EXAMPLE"}"#,
            r#"{"Service": "ec2.amazonaws.com"}"#,
            r#""*""#,
        ] {
            assert_eq!(warned(&format!(r#"{{"Statement": [{{"Principal": {principal}}}]}}"#)).len(), 0, "{principal}");
        }
    }
}
