//! Checks a configuration against the rules of its type, in the original provider's words. Unknowns pass.

use super::checks::{Checks, dotted};
use super::json_syntax;
use super::schema::{Relations, Rule, Rules};
use crate::lang::eval::did_you_mean;
use crate::lang::value::{Path, PathStep, Value};
use crate::provider::schema::{Block, Nesting};
use std::sync::Arc;

/// What is said of a text that is no JSON.
const JSON_FORM: &str = "Write it with jsonencode, or as a text that is JSON.";
/// What is said of a number beyond its limits.
const OUTSIDE: &str = "The service takes no other number.";
/// What is said of a text that is no ARN.
const ARN_FORM: &str = "An ARN has the form arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE.";

/// Checks everything the rules and relations say.
pub fn check(block: &Block, rules: &Rules, relations: &Relations, config: &Value, checks: &mut Checks) {
    walk(block, rules, config, &Path::root(), checks);
    relate(relations, config, checks);
}

fn walk(block: &Block, rules: &Rules, config: &Value, path: &Path, checks: &mut Checks) {
    for (name, rule) in &rules.attributes {
        if let Some(value) = config.get(name)
            && value.is_known()
            && !value.is_null()
        {
            let at = path.join(PathStep::Attr(name.clone()));
            match value.elements() {
                Some(items) => {
                    for (i, item) in items.iter().enumerate().filter(|(_, v)| v.is_known() && !v.is_null()) {
                        attribute(rule, item, &at.join(PathStep::index(i)), checks);
                    }
                }
                None => attribute(rule, value, &at, checks),
            }
        }
    }
    for (name, rule) in &rules.blocks {
        let (Some(nested), Some(value)) = (block.blocks.get(name), config.get(name)) else { continue };
        let at = path.join(PathStep::Attr(name.clone()));
        if matches!(nested.nesting, Nesting::Single | Nesting::Group) {
            walk(&nested.block, &rule.inner, value, &at, checks);
            continue;
        }
        for (i, item) in value.elements().unwrap_or_default().iter().enumerate() {
            walk(&nested.block, &rule.inner, item, &at.join(PathStep::index(i)), checks);
        }
    }
}

fn attribute(rule: &Rule, value: &Value, path: &Path, checks: &mut Checks) {
    let key = dotted(path);
    let last = path.0.iter().rev().find_map(|s| if let PathStep::Attr(n) = s { Some(n.as_ref()) } else { None });
    let last = last.unwrap_or_default();
    if let Some(text) = value.as_str() {
        if !rule.one_of.is_empty() && !rule.one_of.iter().any(|one| one.as_ref() == text) {
            let all: Vec<String> = rule.one_of.iter().map(|one| format!("\"{one}\"")).collect();
            let detail = match did_you_mean(text, rule.one_of.iter().map(AsRef::as_ref)) {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => "It has to be one of these values.".to_owned(),
            };
            checks.wrong_at(path, format!("expected {last} to be one of [{}], got {text}", all.join(" ")), detail);
        }
        if let Some((min, max)) = rule.length {
            let length = text.len() as u64;
            if length < min || length > max {
                let summary = format!("expected length of {key} to be in the range ({min} - {max}), got {text}");
                let unit = if length == 1 { "character" } else { "characters" };
                checks.wrong_at(path, summary, format!("It has {length} {unit}."));
            }
        }
        if let Some((regex, written)) = &rule.pattern
            && !regex.is_match(text)
            && !(rule.arn && is_arn(text))
        {
            let summary = format!("invalid value for {key}");
            checks.wrong_at(path, summary, format!("\"{text}\" must match {written}."));
        }
        if rule.arn && rule.pattern.is_none() && !text.is_empty() && !is_arn(text) {
            checks.wrong_at(path, format!("\"{key}\" ({text}) is an invalid ARN: {}", arn_fault(text)), ARN_FORM);
        }
        if rule.non_empty && text.is_empty() {
            checks.wrong_at(
                path,
                format!("expected \"{key}\" to not be an empty string, got {text}"),
                "Leave it out, or give it a value.",
            );
        }
        if rule.account_id && (text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit())) {
            let summary = format!("\"{key}\" doesn't look like AWS Account ID (exactly 12 digits): \"{text}\"");
            checks.wrong_at(path, summary, "An account id has 12 digits.");
        }
        if rule.policy
            && let Some(fault) = json_syntax::policy_fault(text)
        {
            checks.wrong_at(path, format!("\"{key}\" contains an invalid JSON policy: {fault}"), JSON_FORM);
        } else if rule.json
            && !text.is_empty()
            && let Some((fault, _)) = json_syntax::fault(text)
        {
            checks.wrong_at(path, format!("\"{key}\" contains an invalid JSON: {fault}"), JSON_FORM);
        }
        if rule.rfc3339 && text.parse::<jiff::Timestamp>().is_err() {
            let summary = format!("\"{key}\" cannot be parsed as RFC3339 Timestamp Format");
            checks.wrong_at(path, summary, format!("\"{text}\" is not a time such as 2030-01-31T00:00:00Z."));
        }
    }
    if let Some(number) = value.as_i64() {
        if !rule.one_of.is_empty() && !rule.one_of.iter().any(|one| **one == *number.to_string()) {
            let all = rule.one_of.join(" ");
            checks.wrong_at(
                path,
                format!("expected {last} to be one of [{all}], got {number}"),
                "It has to be one of these numbers.",
            );
        }
        if let Some((min, max)) = rule.range
            && !(min..=max).contains(&number)
        {
            checks.wrong_at(path, format!("expected {key} to be in the range ({min} - {max}), got {number}"), OUTSIDE);
        }
        if let Some(min) = rule.min
            && number < min
        {
            checks.wrong_at(path, format!("expected {key} to be at least ({min}), got {number}"), OUTSIDE);
        }
    }
}

/// Whether it has the shape of an ARN: six parts, a partition, a service.
pub fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, service, _, account, resource] => {
            partition.starts_with("aws")
                && !service.is_empty()
                && !resource.is_empty()
                && (account.is_empty()
                    || *account == "aws"
                    || account.bytes().all(|b| b.is_ascii_digit())
                    || account.contains("managed"))
        }
        _ => false,
    }
}

fn arn_fault(text: &str) -> &'static str {
    match text.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", p, s, _, _, _] if !p.starts_with("aws") || s.is_empty() => "missing or unknown partition or service",
        ["arn", _, _, _, _, ""] => "missing resource value",
        ["arn", _, _, _, _, _] => "invalid account ID value",
        ["arn", ..] => "arn: not enough sections",
        _ => "arn: invalid prefix",
    }
}

/// Whether something is set at a dotted path; `None` when only apply can tell. Within lists the first element counts.
fn is_set(config: &Value, path: &str) -> Option<bool> {
    let mut at = config;
    for (i, name) in path.split('.').enumerate() {
        if i > 0 {
            match at.elements() {
                Some([]) => return Some(false),
                Some(items) => at = items.first()?,
                None if at.is_null() => return Some(false),
                None => return None,
            }
        }
        if !at.is_known() {
            return None;
        }
        at = match at.get(name) {
            Some(v) => v,
            None => return Some(false),
        };
    }
    if !at.is_known() {
        return None;
    }
    Some(!at.is_null() && at.elements().is_none_or(|e| !e.is_empty()) && at.fields().is_none_or(|f| !f.is_empty()))
}

/// The same for messages about blocks inside blocks: `website.0.index_document`.
fn written(path: &str) -> String {
    path.replace('.', ".0.")
}

fn path_of(path: &str) -> Path {
    let mut out = Path::root();
    for (i, name) in path.split('.').enumerate() {
        if i > 0 {
            out.0.push(PathStep::index(0));
        }
        out.0.push(PathStep::Attr(Arc::from(name)));
    }
    out
}

/// Whether the block a path stands in exists at all; relations inside absent blocks do not count.
fn parent_set(config: &Value, path: &str) -> bool {
    path.rsplit_once('.').is_none_or(|(parent, _)| is_set(config, parent) == Some(true))
}

fn relate(relations: &Relations, config: &Value, checks: &mut Checks) {
    for (name, others) in &relations.conflicts {
        if is_set(config, name) != Some(true) {
            continue;
        }
        for other in others.iter().filter(|other| is_set(config, other) == Some(true)) {
            let detail = format!("\"{}\": conflicts with {}", written(name), written(other));
            checks.wrong_at(&path_of(name), "Conflicting configuration arguments", detail);
        }
    }
    for (name, others) in &relations.required_with {
        if is_set(config, name) != Some(true) || others.iter().all(|other| is_set(config, other) != Some(false)) {
            continue;
        }
        let mut all: Vec<String> = others.iter().map(|o| written(o)).collect();
        all.push(written(name));
        all.sort();
        let detail = format!("\"{}\": all of `{}` must be specified", written(name), all.join(","));
        checks.wrong_at(&path_of(name), "Missing required argument", detail);
    }
    for group in &relations.exactly_one {
        let Some(first) = group.first().filter(|first| parent_set(config, first)) else { continue };
        let states: Vec<Option<bool>> = group.iter().map(|name| is_set(config, name)).collect();
        let set: Vec<String> =
            group.iter().zip(&states).filter(|(_, s)| **s == Some(true)).map(|(n, _)| written(n)).collect();
        let all = group.iter().map(|n| written(n)).collect::<Vec<_>>().join(",");
        if set.len() > 1 {
            let detail = format!(
                "\"{}\": only one of `{all}` can be specified, but `{}` were specified.",
                written(first),
                set.join(",")
            );
            checks.wrong_at(&path_of(first), "Invalid combination of arguments", detail);
        } else if set.is_empty() && !states.contains(&None) {
            let detail = format!("\"{}\": one of `{all}` must be specified", written(first));
            checks.wrong_at(&path_of(first), "Invalid combination of arguments", detail);
        }
    }
    for group in &relations.at_least_one {
        let Some(first) = group.first().filter(|first| parent_set(config, first)) else { continue };
        if group.iter().all(|name| is_set(config, name) == Some(false)) {
            let all = group.iter().map(|n| written(n)).collect::<Vec<_>>().join(",");
            let detail = format!("\"{}\": one of `{all}` must be specified", written(first));
            checks.wrong_at(&path_of(first), "Missing required argument", detail);
        }
    }
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
    use crate::lang::value::Type;

    fn relations() -> Relations {
        Relations { conflicts: vec![("name".into(), vec!["name_prefix".into()])], ..Relations::default() }
    }

    #[test]
    fn both_of_a_conflicting_pair_are_refused_in_terraforms_words() {
        let config = Value::object_of([("name", Value::string("a")), ("name_prefix", Value::string("b"))]);
        let mut checks = Checks::new();
        relate(&relations(), &config, &mut checks);
        let found = checks.into_diagnostics();
        assert_eq!(found.iter().next().unwrap().detail, "\"name\": conflicts with name_prefix");
    }

    #[test]
    fn unknown_passes() {
        let config = Value::object_of([("name", Value::string("a")), ("name_prefix", Value::unknown(Type::String))]);
        let mut checks = Checks::new();
        relate(&relations(), &config, &mut checks);
        assert!(checks.into_diagnostics().is_empty());
    }

    #[test]
    fn arns_have_six_parts() {
        assert!(is_arn("arn:aws:iam::aws:policy/ReadOnlyAccess"));
        assert!(is_arn("arn:aws:iam::123456789012:role/a"));
        assert!(!is_arn("policy"));
    }
}
