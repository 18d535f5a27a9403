//! Against documented examples, and event-ruler's rules.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::domain::catalog::events;
use crate::lang::value::symbol::Symbol;
use serde_json::json;

fn verdict(pattern: Json, event: Json) -> Verdict {
    Pattern::parse(&pattern.to_string()).unwrap().matches(&event)
}

fn matches(pattern: Json, event: Json) -> bool {
    verdict(pattern, event) == Verdict::Yes
}

fn refused(pattern: Json) -> String {
    Pattern::parse(&pattern.to_string()).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn samples_match_exactly_the_patterns_they_are_known_to_match() {
    let catalog = events();
    assert_eq!(catalog.example_patterns.len(), catalog.expected_matches.len());
    for (name, pattern) in &catalog.example_patterns {
        let pattern = Pattern::parse(&pattern.to_string()).unwrap();
        let hits: Vec<&String> =
            catalog.sample_events.iter().filter(|(_, e)| pattern.matches(e) == Verdict::Yes).map(|(n, _)| n).collect();
        let mut expected: Vec<&String> = catalog.expected_matches.get(name).unwrap().iter().collect();
        expected.sort();
        assert_eq!(hits, expected, "{name}");
    }
}

#[test]
fn prefix_and_suffix_with_and_without_case() {
    assert!(matches(json!({"time": [{"prefix": "2017-10-02"}]}), json!({"time": "2017-10-02T18:43:48Z"})));
    assert!(matches(
        json!({"service": [{"prefix": {"equals-ignore-case": "EventB"}}]}),
        json!({"service": "eventbridge"})
    ));
    assert!(matches(json!({"f": [{"suffix": ".png"}]}), json!({"f": "a.png"})));
    assert!(!matches(json!({"f": [{"suffix": ".png"}]}), json!({"f": "a.PNG"})));
    assert!(matches(json!({"f": [{"suffix": {"equals-ignore-case": ".PNG"}}]}), json!({"f": "a.png"})));
    assert!(!matches(json!({"f": [{"prefix": "1"}]}), json!({"f": 12})), "numbers are no texts");
}

#[test]
fn anything_but_in_all_its_forms() {
    let state = |s: &str| json!({"detail": {"state": s}});
    let but = |x: Json| json!({"detail": {"state": [{"anything-but": x}]}});
    assert!(!matches(but(json!("initializing")), state("initializing")));
    assert!(matches(but(json!("initializing")), state("running")));
    assert!(!matches(but(json!(["stopped", "overloaded"])), state("overloaded")));
    assert!(matches(but(json!([100, 200])), json!({"detail": {"state": 300}})));
    assert!(!matches(but(json!(100)), json!({"detail": {"state": 100}})));
    assert!(!matches(but(json!({"prefix": "init"})), state("initializing")));
    assert!(!matches(but(json!({"prefix": ["init", "error"]})), state("error-1")));
    assert!(!matches(but(json!({"suffix": ".txt"})), state("a.txt")));
    assert!(!matches(but(json!({"suffix": [".txt", ".rtf"]})), state("a.rtf")));
    assert!(!matches(but(json!({"equals-ignore-case": "Initializing"})), state("INITIALIZING")));
    assert!(!matches(but(json!({"equals-ignore-case": ["a", "b"]})), state("B")));
    assert!(!matches(but(json!({"wildcard": "*/lib/*"})), state("x/lib/y")));
    assert!(matches(but(json!({"wildcard": ["*/lib/*", "*/bin/*"]})), state("x/src/y")));
    assert!(!matches(but(json!("x")), json!({"detail": {"other": 1}})), "the field must be there");
}

#[test]
fn numbers_are_compared_by_range_or_by_their_digits() {
    let n = |x: Json| json!({"c": [{"numeric": x}]});
    assert!(matches(n(json!([">", 0, "<=", 5])), json!({"c": 5})));
    assert!(!matches(n(json!([">", 0, "<=", 5])), json!({"c": 0})));
    assert!(matches(n(json!(["=", 301.8])), json!({"c": 3.018e2})));
    assert!(!matches(n(json!(["=", 3])), json!({"c": "3"})), "a text is no number");
    assert!(matches(json!({"x": [300]}), json!({"x": 300})));
    let float: Json = serde_json::from_str("{\"x\": 300.0}").unwrap();
    assert!(!matches(json!({"x": [300]}), float));
}

#[test]
fn exists_is_about_leaves() {
    let exists = |truth: bool| json!({"detail": {"state": [{"exists": truth}]}});
    assert!(matches(exists(true), json!({"detail": {"state": null}})));
    assert!(!matches(exists(true), json!({"detail": {}})));
    assert!(matches(exists(false), json!({"detail": {"c-count": 5}})));
    assert!(matches(exists(false), json!({"other": 1})), "absent with all that is around it");
    assert!(matches(exists(false), json!({"detail": {"state": {"a": 1}}})), "an object is no leaf");
}

#[test]
fn addresses_wildcards_case_and_null() {
    let ip = |net: &str| json!({"ip": [{"cidr": net}]});
    assert!(matches(ip("10.0.0.0/24"), json!({"ip": "10.0.0.255"})));
    assert!(!matches(ip("10.0.0.0/24"), json!({"ip": "10.0.1.1"})));
    assert!(matches(ip("2001:db8::/64"), json!({"ip": "2001:db8::1"})));
    let wild = |w: &str| json!({"p": [{"wildcard": w}]});
    assert!(matches(wild("dir/*/a.png"), json!({"p": "dir/b/c/a.png"})));
    assert!(!matches(wild("dir/*.png"), json!({"p": "dir/a.jpg"})));
    assert!(matches(wild("a\\*b*"), json!({"p": "a*bc"})));
    assert!(!matches(wild("ab*ba"), json!({"p": "aba"})));
    assert!(matches(json!({"t": [{"equals-ignore-case": "ALERT"}]}), json!({"t": "alert"})));
    assert!(matches(json!({"r": [null]}), json!({"r": null})));
    assert!(!matches(json!({"r": [""]}), json!({"r": null})));
}

#[test]
fn or_and_dotted_names() {
    let pattern = json!({"detail": {"$or": [
        {"c-count": [{"numeric": [">", 0, "<=", 5]}]},
        {"d-count": [{"numeric": ["<", 10]}]},
        {"x-limit": [{"numeric": ["=", 3.018e2]}]}
    ]}});
    assert!(matches(pattern.clone(), json!({"detail": {"d-count": 9}})));
    assert!(!matches(pattern, json!({"detail": {"d-count": 19}})));
    assert!(matches(json!({"$or": ["a"]}), json!({"$or": "a"})), "with fewer than two objects it is a name");
    assert!(matches(json!({"detail.state": ["A"]}), json!({"detail": {"state": "A"}})));
    let big: Vec<Json> = (0..32).map(|i| json!({"a": [i.to_string()]})).collect();
    assert!(refused(json!({"$or": big, "x": {"$or": big}})).contains("1000"));
}

#[test]
fn arrays_match_by_intersection_and_within_one_element() {
    let pattern = json!({"resources": ["a", "z"]});
    assert!(matches(pattern.clone(), json!({"resources": ["b", "a"]})));
    assert!(!matches(pattern, json!({"resources": []})));
    let both = json!({"list": {"n": ["x"], "v": ["1"]}});
    assert!(matches(both.clone(), json!({"list": [{"n": "y", "v": "2"}, {"n": "x", "v": "1"}]})));
    assert!(!matches(both, json!({"list": [{"n": "x", "v": "2"}, {"n": "y", "v": "1"}]})));
}

#[test]
fn what_eventbridge_refuses_is_an_error_with_its_path() {
    assert!(refused(json!({})).contains("must not be empty"));
    assert!(refused(json!({"detail": {"state": "FAILED"}})).starts_with("detail.state: the value must be in a list"));
    assert!(refused(json!({"detail": {"state": []}})).contains("empty list"));
    assert!(refused(json!({"s": [{"prefx": "a"}]})).contains("Did you mean \"prefix\"?"));
    assert!(refused(json!({"s": [{"numeric": [">", 5, "<", 3]}]})).contains("empty"));
    assert!(refused(json!({"s": [{"anything-but": ["a", 1]}]})).contains("only"));
    assert!(refused(json!({"s": [{"wildcard": "a**b"}]})).contains("two stars"));
    assert!(refused(json!({"s": [["a"]]})).contains("list inside a list"));
    assert!(Pattern::parse("[1]").is_err() && Pattern::parse("{").is_err());
    assert_eq!(refused(json!({"a": 1, "b": {}})).lines().count(), 2, "all errors are told");
}

#[test]
fn what_is_known_later_may_match() {
    let name = Symbol::new("aws_codecommit_repository.shop", "repository_name").text();
    let wanted = json!({"n": [name.clone()]});
    assert_eq!(verdict(wanted.clone(), json!({"n": name})), Verdict::Yes);
    assert_eq!(verdict(wanted, json!({"n": "shop"})), Verdict::Maybe);
    assert_eq!(verdict(json!({"n": [{"prefix": "a"}]}), json!({"n": format!("b{name}")})), Verdict::No);
    assert_eq!(verdict(json!({"n": [{"anything-but": "a"}]}), json!({"n": name})), Verdict::Maybe);
}
