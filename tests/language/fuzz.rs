//! No text makes parser or evaluator panic, hang or run out of stack: small changes to known sources, and deep nesting.

use crate::fixture::Fixture;
use pipewright::diagnostics::Sources;
use pipewright::lang::eval::{body_references, evaluate, references, type_constraint};
use pipewright::lang::syntax::{parse_body, parse_expression, parse_template};

/// The texts that changes start from.
fn corpus() -> Vec<String> {
    let rows = include_str!("syntax.jsonl").lines().map(|l| (l, "src"));
    let rows = rows.chain(include_str!("expressions.jsonl").lines().map(|l| (l, "expr")));
    let mut texts: Vec<String> = rows
        .map(|(line, key)| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            row[key].as_str().unwrap().to_owned()
        })
        .collect();
    texts.push(include_str!("fixture/main.tf").to_owned());
    texts
}

/// A small generator of numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

const PIECES: &[&str] = &[
    "\"",
    "${",
    "%{",
    "}",
    "~}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "\n",
    "\r\n",
    "\r",
    "<<E\n",
    "<<-E\n",
    "E\n",
    ".",
    "...",
    "*",
    "[*]",
    ".*",
    "?",
    ":",
    "::",
    "=>",
    "=",
    "for x in ",
    " if ",
    "%{if true}",
    "%{endif}",
    "%{for x in [1]}",
    "%{endfor}",
    "$${",
    "\\",
    "\\u12",
    "é",
    "\u{301}",
    "\u{feff}",
    "\0",
    "#",
    "/*",
    "*/",
    "1e999999999",
    "0.",
    "null",
    "-",
    "!",
    "&&",
    "try(",
    "a",
    "local.list",
    "\"x\"",
];

fn change(text: &str, other: &str, numbers: &mut Numbers) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = numbers.below(chars.len() + 1);
    let to = (at + numbers.below(6)).min(chars.len());
    let middle = match numbers.below(4) {
        0 => String::new(),
        1 => PIECES[numbers.below(PIECES.len())].to_owned(),
        2 => chars[at..to].iter().collect::<String>().repeat(2),
        _ => {
            let chars: Vec<char> = other.chars().collect();
            let from = numbers.below(chars.len() + 1);
            chars[from..(from + numbers.below(20)).min(chars.len())].iter().collect()
        }
    };
    chars[..at].iter().collect::<String>() + &middle + &chars[to..].iter().collect::<String>()
}

fn read(text: &str, fixture: &Fixture) {
    let file = Sources::new().add("fuzz", text);
    let (body, diagnostics) = parse_body(file, text);
    body_references(&body);
    for diagnostic in &diagnostics {
        let span = diagnostic.span.expect("every message has its place");
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{text:?}: {diagnostic:?}");
    }
    for expr in [parse_expression(file, text, 0), parse_template(file, text, 0)].into_iter().flatten() {
        references(&expr);
        let _ = type_constraint(&expr);
        let _ = evaluate(&expr, fixture);
    }
}

#[test]
fn changed_sources_make_nothing_panic() {
    let fixture = Fixture::new();
    let corpus = corpus();
    let mut numbers = Numbers(20_240_611);
    for _ in 0..20_000 {
        let mut text = corpus[numbers.below(corpus.len())].clone();
        for _ in 0..=numbers.below(4) {
            let other = &corpus[numbers.below(corpus.len())];
            text = change(&text, other, &mut numbers);
        }
        // What takes long by intention is not what is tested here.
        let slow = ["bcrypt", "range", "setproduct", "pow", "rsadecrypt", "1e999999999", "timestamp"];
        if !slow.iter().any(|name| text.contains(name)) {
            read(&text, &fixture);
        }
    }
}

#[test]
fn deep_nesting_is_read_or_refused_but_never_fatal() {
    let fixture = Fixture::new();
    for depth in [40, 300, 3000, 20_000] {
        let around = |open: &str, middle: &str, close: &str| open.repeat(depth) + middle + &close.repeat(depth);
        for text in [
            around("(", "1", ")"),
            around("[", "", "]"),
            around("{a=", "1", "}"),
            around("!", "true", ""),
            around("\"${", "1", "}\""),
            around("%{if true}", "x", "%{endif}"),
            around("[for x in [1]: ", "x", "]"),
            around("true ? 1 : ", "2", ""),
            around("upper(", "\"a\"", ")"),
            around("1 + ", "2", ""),
            around("local", ".a", ".a"),
            around("[[1]]", "[*]", "[*]"),
            around("x[", "0", "]"),
            around("b {\n", "", "}\n"),
            around("-", "1", ""),
            around("list(", "string", ")"),
        ] {
            read(&text, &fixture);
            read(&format!("x = {text}\n"), &fixture);
        }
    }
}

#[test]
fn ordinary_depth_is_evaluated() {
    let fixture = Fixture::new();
    let text = "(".repeat(400) + "1" + &" + 1)".repeat(400);
    let expr = parse_expression(Sources::new().add("t", text.as_str()), &text, 0).unwrap();
    assert_eq!(evaluate(&expr, &fixture).unwrap().as_i64(), Some(401));
}

#[test]
fn time_grows_with_the_size_of_the_text() {
    let text = format!("x = {{\n{}}}\n", (0..50_000).map(|i| format!("  key_{i} = {i}\n")).collect::<String>());
    let started = std::time::Instant::now();
    let (body, diagnostics) = parse_body(Sources::new().add("t", text.as_str()), &text);
    assert!(diagnostics.is_empty());
    assert_eq!(evaluate(&body.attributes[0].expr, &Fixture::new()).unwrap().fields().unwrap().len(), 50_000);
    assert!(started.elapsed().as_secs() < 20);
}
