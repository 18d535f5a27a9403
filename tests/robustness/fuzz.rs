//! The checks of `fuzz/` over its seeds, changed by a generator that gives the same in every run. cargo-fuzz runs them without end.

use std::path::Path;

#[path = "../../fuzz/checks/evaluator.rs"]
mod evaluator;
#[path = "../../fuzz/checks/parser.rs"]
mod parser;
#[path = "../../fuzz/checks/plan.rs"]
mod plan;
#[path = "../../fuzz/checks/state.rs"]
mod state;

/// A small generator of numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// Pieces that mean something in one of the formats.
const PIECES: &[&str] = &[
    "\"",
    "${",
    "%{",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "\n",
    "\r\n",
    "<<E\n",
    "<<-E\n",
    "...",
    "[*]",
    ".*",
    "?",
    ":",
    "=>",
    "=",
    "for x in ",
    " if ",
    "\\u12",
    "\\",
    "é",
    "\u{301}",
    "\u{feff}",
    "\0",
    "#",
    "/*",
    "*/",
    "null",
    "true",
    "-",
    "!",
    "&&",
    "try(",
    "can(",
    ",",
    "0",
    "-1",
    "1.5",
    "18446744073709551616",
    "{}",
    "[]",
    "\"version\":4",
    "\"dynamic\"",
    "\"u\"",
    "\"serial\":",
    "\"deposed\":\"00000000\"",
    "each.key",
    "count.index",
    "var.any",
    "var.secret",
    "module.m",
    "source = \"./\"",
    "self",
    "\"//\":",
];

/// One change: bytes removed, repeated, replaced, swapped in from another seed.
fn change(data: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    let at = numbers.below(data.len() + 1);
    let to = (at + numbers.below(9)).min(data.len());
    let middle: Vec<u8> = match numbers.below(6) {
        0 => Vec::new(),
        1 => PIECES[numbers.below(PIECES.len())].as_bytes().to_vec(),
        2 => data[at..to].repeat(2),
        3 => vec![numbers.below(256) as u8],
        4 => data[at..to].iter().map(|b| b ^ (1 << numbers.below(8))).collect(),
        _ => {
            let from = numbers.below(other.len() + 1);
            other[from..(from + numbers.below(40)).min(other.len())].to_vec()
        }
    };
    data.splice(at..to, middle);
}

fn run(target: &str, rounds: usize, check: fn(&[u8])) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(seeds.len() >= 2, "{target} has no seeds");
    for seed in &seeds {
        check(seed);
        for cut in [seed.len() / 2, seed.len().saturating_sub(1)] {
            check(&seed[..cut]);
        }
    }
    check(b"");
    let mut numbers = Numbers(20_260_101);
    for round in 0..rounds {
        let mut data = seeds[round % seeds.len()].clone();
        for _ in 0..=numbers.below(4) {
            let other = &seeds[numbers.below(seeds.len())];
            change(&mut data, other, &mut numbers);
        }
        check(&data);
    }
}

#[test]
fn no_text_makes_the_parser_panic() {
    run("parser", 1500, parser::check);
}

#[test]
fn no_expression_makes_the_evaluator_panic() {
    run("evaluator", 8000, evaluator::check);
}

#[test]
fn no_file_makes_the_state_reader_panic() {
    run("state", 2000, state::check);
}

#[test]
fn no_file_makes_the_plan_reader_panic() {
    run("plan", 2000, plan::check);
}

#[test]
fn deep_nesting_is_read_or_refused_in_every_format() {
    for depth in [100, 1000, 20_000] {
        let around = |open: &str, middle: &str, close: &str| open.repeat(depth) + middle + &close.repeat(depth);
        for text in [
            around("[", "", "]"),
            around("{\"a\":", "1", "}"),
            format!("{{\"locals\": {{\"a\": {}}}}}", around("[", "", "]")),
            format!("{{\"resource\": {}}}", around("{\"a\":", "{}", "}")),
            format!("{{\"Modules\": {}}}", around("[", "", "]")),
            format!("x = {}\n", around("[", "", "]")),
            around("a {\n", "", "}\n"),
        ] {
            parser::check(text.as_bytes());
            state::check(text.as_bytes());
            plan::check(text.as_bytes());
        }
        let nested = around("[", "1", "]");
        state::check(
            format!("{{\"version\": 4, \"outputs\": {{\"o\": {{\"value\": {nested}, \"type\": \"dynamic\"}}}}}}")
                .as_bytes(),
        );
        let ty = around("[\"list\",", "\"string\"", "]");
        state::check(
            format!("{{\"version\": 4, \"outputs\": {{\"o\": {{\"value\": [], \"type\": {ty}}}}}}}").as_bytes(),
        );
    }
}
