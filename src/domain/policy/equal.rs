//! Equality by meaning.

use super::document::{Policy, Statement};

/// Whether two documents mean the same. Texts that are no policies are equivalent only when they are the same JSON or text; none at all is
/// written as an empty text or an empty object.
pub fn equivalent(a: &str, b: &str) -> bool {
    let is_none = |text: &str| matches!(text.trim(), "" | "{}");
    if a == b || is_none(a) && is_none(b) {
        return true;
    }
    match (Policy::parse(a), Policy::parse(b)) {
        (Some(a), Some(b)) => same(&a, &b),
        (None, None) => {
            match (serde_json::from_str::<serde_json::Value>(a), serde_json::from_str::<serde_json::Value>(b)) {
                (Ok(a), Ok(b)) => a == b,
                _ => a.trim() == b.trim(),
            }
        }
        _ => false,
    }
}

fn same(a: &Policy, b: &Policy) -> bool {
    if a.version != b.version || a.id != b.id || a.statements.len() != b.statements.len() {
        return false;
    }
    let mut left: Vec<&Statement> = b.statements.iter().collect();
    a.statements.iter().all(|s| {
        let found = left.iter().position(|other| *other == s);
        found.map(|i| left.swap_remove(i)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_policy_is_an_empty_text_or_an_empty_object() {
        assert!(equivalent("", "{}") && equivalent("{}\n", ""));
        assert!(!equivalent("", "[]"));
        assert!(!equivalent("{}", &policy("")));
    }

    fn policy(statement: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
    }

    fn check(a: &str, b: &str, want: bool) {
        assert_eq!(equivalent(&policy(a), &policy(b)), want, "{a} / {b}");
        assert_eq!(equivalent(&policy(b), &policy(a)), want, "{b} / {a}");
    }

    #[test]
    fn one_value_alone_is_a_list_of_one() {
        check(
            r#"{"Effect":"Allow","Action":"a:B","Resource":["*"]}"#,
            r#"{"Effect":"Allow","Action":["a:B"],"Resource":"*"}"#,
            true,
        );
    }

    #[test]
    fn order_does_not_matter() {
        check(r#"{"Effect":"Allow","Action":["a:B","a:C"]}"#, r#"{"Action":["a:C","a:B"],"Effect":"Allow"}"#, true);
        let (x, y) = (r#"{"Effect":"Allow","Action":"a:B"}"#, r#"{"Effect":"Deny","Action":"a:C"}"#);
        assert!(equivalent(&policy(&format!("{x},{y}")), &policy(&format!("{y},{x}"))));
    }

    #[test]
    fn an_account_is_its_root() {
        check(
            r#"{"Effect":"Allow","Principal":{"AWS":"123456789012"}}"#,
            r#"{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:root"]}}"#,
            true,
        );
    }

    #[test]
    fn everyone_is_everyone() {
        check(r#"{"Effect":"Deny","Principal":"*"}"#, r#"{"Effect":"Deny","Principal":{"AWS":"*"}}"#, true);
    }

    #[test]
    fn condition_keys_have_no_case_and_their_values_no_type() {
        check(
            r#"{"Effect":"Deny","Condition":{"Bool":{"aws:SecureTransport":false}}}"#,
            r#"{"Effect":"Deny","Condition":{"Bool":{"aws:securetransport":"false"}}}"#,
            true,
        );
    }

    #[test]
    fn an_empty_sid_is_none() {
        check(r#"{"Sid":"","Effect":"Allow"}"#, r#"{"Effect":"Allow"}"#, true);
    }

    #[test]
    fn differences_count() {
        check(r#"{"Effect":"Allow","Action":"a:B"}"#, r#"{"Effect":"Allow","Action":"a:C"}"#, false);
        check(r#"{"Effect":"Allow","Action":"a:B"}"#, r#"{"Effect":"Allow","NotAction":"a:B"}"#, false);
        check(r#"{"Effect":"Allow"},{"Effect":"Allow"}"#, r#"{"Effect":"Allow"}"#, false);
        assert!(!equivalent(
            r#"{"Version":"2008-10-17","Statement":[]}"#,
            r#"{"Version":"2012-10-17","Statement":[]}"#
        ));
    }
}
