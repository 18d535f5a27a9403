//! Texts that are JSON documents, written as `jsonencode({ … })`.

use crate::lang::compose::Expr;
use crate::lang::functions::json_text;
use crate::lang::value::{Value, from_json_implied};
use serde_json::{Map, Value as Json};

/// Members of an IAM policy and of its statements, in the order in which people write them.
const ORDER: &[&str] = &[
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// A JSON object or list; `None` for other texts.
pub(super) fn document(text: &str) -> Option<Json> {
    let json: Json = serde_json::from_str(text).ok()?;
    (json.is_object() || json.is_array()).then_some(json)
}

/// `jsonencode(…)` of a document.
pub(super) fn encoded(json: &Json) -> Expr {
    let policy = json.get("Statement").is_some_and(|s| s.is_array() || s.is_object());
    let ordered;
    let json = match policy {
        true => {
            ordered = policy_order(json);
            &ordered
        }
        false => json,
    };
    Expr::Call("jsonencode".to_owned(), vec![Expr::of_json(json)])
}

/// A policy's members and those of its statements in the usual order.
fn policy_order(policy: &Json) -> Json {
    let sorted = |object: &Map<String, Json>| {
        let mut fields: Vec<(String, Json)> = object.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        fields.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
        fields.into_iter().collect::<Map<String, Json>>()
    };
    let statement = |json: &Json| json.as_object().map_or_else(|| json.clone(), |s| Json::Object(sorted(s)));
    let Some(object) = policy.as_object() else { return policy.clone() };
    let mut out = sorted(object);
    if let Some(statements) = out.get_mut("Statement") {
        *statements = match &*statements {
            Json::Array(all) => all.iter().map(statement).collect(),
            other => statement(other),
        };
    }
    Json::Object(out)
}

/// A value as it is written. Texts inside it that are documents exactly as `jsonencode` writes them are written so.
pub(super) fn expr(value: &Value) -> Expr {
    let mut expr = Expr::of(value);
    expr.rewrite(&mut |inner| {
        if let Expr::Text(text) = inner
            && let Some(json) = document(text)
            && json_text(&from_json_implied(&json)).as_deref() == Some(text)
        {
            *inner = encoded(&json);
        }
    });
    expr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_written_in_the_usual_order() {
        let policy =
            r#"{"Statement":[{"Resource":"*","Action":"s3:*","Effect":"Allow","Sid":"x"}],"Version":"2012-10-17"}"#;
        let shown = document(policy).map(|json| encoded(&json).text()).unwrap_or_default();
        insta::assert_snapshot!(shown, @r#"
        jsonencode({
          Version = "2012-10-17"
          Statement = [
            {
              Sid      = "x"
              Effect   = "Allow"
              Action   = "s3:*"
              Resource = "*"
            },
          ]
        })
        "#);
    }

    #[test]
    fn only_texts_that_come_out_the_same_are_encoded_inside_others() {
        let map = |text: &str| Value::object_of([("x", Value::string(text))]);
        assert_eq!(expr(&map(r#"{"a":1}"#)).text(), "{\n  x = jsonencode({\n    a = 1\n  })\n}");
        assert_eq!(expr(&map(r#"{"a": 1}"#)).text(), "{\n  x = \"{\\\"a\\\": 1}\"\n}");
        assert_eq!(expr(&map("12")).text(), "{\n  x = \"12\"\n}");
    }
}
