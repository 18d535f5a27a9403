//! Sources that Terraform 1.11.4 accepts or rejects.

use pipewright::diagnostics::Sources;
use pipewright::lang::syntax::parse_body;

#[test]
fn accepts_and_rejects_what_terraform_does() {
    let mut wrong = Vec::new();
    for line in include_str!("syntax.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let source = row["src"].as_str().unwrap();
        let text = if row["kind"] == "expr" { format!("x = {source}\n") } else { source.to_owned() };
        let (_, diagnostics) = parse_body(Sources::new().add("t.tf", text.as_str()), &text);
        if diagnostics.has_errors() == row["accepted"].as_bool().unwrap() {
            let said: Vec<_> = diagnostics.iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect();
            wrong.push(format!("{text:?}: {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
