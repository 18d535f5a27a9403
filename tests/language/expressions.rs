//! Expressions with the value, type and sensitivity, or the error, that Terraform 1.11.4 gives in the folder `fixture`.

use crate::fixture::Fixture;
use pipewright::diagnostics::{Diagnostic, Diagnostics, Sources};
use pipewright::lang::eval::evaluate;
use pipewright::lang::syntax::parse_expression;
use pipewright::lang::value::{Marks, Value, to_json};

/// Answers that depend on the folder and the program Terraform was asked in: here it is enough to have an answer.
const ELSEWHERE: &[&str] = &[
    "abspath(\"x\") == \"${path.cwd}/x\"",
    "fileset(\".\",\".*\")",
    "fileset(\".\",\"../oracle-dir/*.csv\")",
    // The console lacks it.
    "plantimestamp()",
];

/// Messages that say more than Terraform's, or say it where Terraform panics, and what they must contain.
const CLEARER: &[(&str, &str)] = &[
    ("element([\"a\",\"b\"],-1)", "must not be negative"),
    ("element([\"a\",\"b\",\"c\"],-4)", "must not be negative"),
    ("log(-1,10)", "not a number"),
    ("jsondecode(\"{a:1}\")", "invalid character 'a' at line 1, column 2"),
    ("yamldecode(\"? [a]\\n: b\")", "on line 1, column 3: only strings are allowed as mapping keys"),
    ("UPPER(\"a\")", "There is no function named \"UPPER\". Did you mean \"upper\"?"),
];

/// Terraform panics and blames the call; here it is the argument that is to blame.
const PLACED_BETTER: &[&str] = &["element([\"a\",\"b\"],-1)", "element([\"a\",\"b\",\"c\"],-4)"];

fn answer(text: &str, sources: &Sources, fixture: &Fixture) -> Result<Value, Diagnostics> {
    let expr = parse_expression(sources.add("<console-input>", text), text, 0)?;
    evaluate(&expr, fixture)
}

/// Where the error begins, if that is none of the places where Terraform has one begin. Columns count from 0. Terraform underlines less: of a
/// string what is between the quotes, of a call its name.
fn elsewhere(row: &serde_json::Value, first: &Diagnostic, sources: &Sources) -> Option<String> {
    let wanted = row["error_at"].as_array()?;
    let span = first.span?;
    let file = sources.get(span.file)?;
    let start = file.position(span.start).column - 1;
    let written = file.slice(span);
    // An empty string has nothing between its quotes: then it is the closing one.
    let inside = if written == "\"\"" { 2 } else { u32::from(written.starts_with('"')) };
    let same = wanted.iter().any(|at| at[0] == start || at[0] == start + inside);
    (!same).then(|| format!("{} at {start} instead of {wanted:?}", first.summary))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is different from the stored answer, if anything.
fn difference(row: &serde_json::Value, fixture: &Fixture) -> Option<String> {
    let mut text = row["expr"].as_str().unwrap();
    if row["type_only"] == true {
        text = text.strip_prefix("type(").unwrap().strip_suffix(')').unwrap();
    }
    let sources = Sources::new();
    let answer = answer(text, &sources, fixture);
    if ELSEWHERE.contains(&text) {
        return answer.is_err().then(|| "an error".into());
    }
    if row["error"] == true {
        let Err(diagnostics) = answer else { return Some(format!("no error but {:?}", answer.unwrap())) };
        let first = diagnostics.iter().next().unwrap();
        if !PLACED_BETTER.contains(&text)
            && let Some(place) = elsewhere(row, first, &sources)
        {
            return Some(place);
        }
        if let Some((_, part)) = CLEARER.iter().find(|(expr, _)| *expr == text) {
            return (!first.detail.contains(part)).then(|| first.detail.clone());
        }
        if first.summary != row["error_summary"] {
            return Some(format!("{}: {}", first.summary, first.detail));
        }
        let wanted = one_line(row["error_detail"].as_str().unwrap());
        // Of several errors only the first is compared.
        let wanted = wanted.split(" Error: ").next().unwrap();
        // Terraform was asked inside of the folder.
        let folder = fixture.folder();
        let detail = first.detail.replace(&format!("{folder}/"), "").replace(&folder, ".");
        let alike = strsim::normalized_levenshtein(wanted, &one_line(&detail));
        return (alike < 0.75).then(|| format!("detail {detail:?} instead of {wanted:?}"));
    }
    let value = match answer {
        Ok(value) => value,
        Err(diagnostics) => {
            let first = diagnostics.iter().next().unwrap();
            return Some(format!("{}: {}", first.summary, first.detail));
        }
    };
    let ty = one_line(&value.ty().console_text());
    if ty != row["type"] {
        return Some(format!("type {ty} instead of {}", row["type"]));
    }
    let sensitive = value.marks_deep().contains(Marks::SENSITIVE);
    if sensitive != (row["sensitive"] == true) {
        return Some(format!("sensitive: {sensitive}"));
    }
    if sensitive && value.marks().contains(Marks::SENSITIVE) != (row["top_level_sensitive"] == true) {
        return Some(format!("as a whole sensitive: {}", value.marks().contains(Marks::SENSITIVE)));
    }
    let plain = value.unmark_deep();
    match (row["result_json"].as_str(), row["raw"].as_str()) {
        (Some(json), _) => {
            let wanted: serde_json::Value = serde_json::from_str(json).unwrap();
            let got = to_json(&plain);
            (got.as_ref() != Some(&wanted)).then(|| format!("{got:?} instead of {wanted:?}"))
        }
        (None, Some("+Inf")) => (plain.as_number().map(ToString::to_string).as_deref() != Some("+Inf"))
            .then(|| format!("{plain:?} instead of +Inf")),
        (None, Some(_)) => plain.is_known().then(|| format!("{plain:?} is known")),
        (None, None) => None,
    }
}

#[test]
fn expressions_have_terraforms_value_type_and_errors() {
    let fixture = Fixture::new();
    let mut wrong = Vec::new();
    for line in include_str!("expressions.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        wrong.extend(difference(&row, &fixture).map(|d| format!("{}\n    {d}", row["expr"])));
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
