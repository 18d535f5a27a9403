//! Functions of regular expressions: `regex`, `regexall`, `replace`.

use super::call::{Call, FunctionError, Outcome};
use super::re2;
use crate::lang::value::{Type, Value};
use regex::{Captures, Regex};
use std::sync::Arc;

/// Shape of the result: the whole match, one string for each group, or one for each named group.
fn shape(regex: &Regex) -> Result<Type, FunctionError> {
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let named: Vec<&str> = names.iter().flatten().copied().collect();
    if named.is_empty() && names.is_empty() {
        Ok(Type::String)
    } else if named.is_empty() {
        Ok(Type::Tuple(vec![Type::String; names.len()].into()))
    } else if named.len() == names.len() {
        Ok(Type::object(named.into_iter().map(|name| (re2::group_name(name), Type::String))))
    } else {
        let message = "invalid regexp pattern: cannot mix both named and unnamed capture groups";
        Err(FunctionError::argument(0, message))
    }
}

fn compile(pattern: &str) -> Result<Regex, FunctionError> {
    re2::compile(pattern)
        .map_err(|e| FunctionError::argument(0, format!("invalid regexp pattern: {} in {}", e.reason, e.part)))
}

pub fn regex_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().and_then(Value::as_str) {
        Some(pattern) => shape(&compile(pattern)?),
        None => Ok(Type::Dynamic),
    }
}

pub fn regexall_type(args: &[Value]) -> Result<Type, FunctionError> {
    regex_type(args).map(Type::list)
}

fn result(regex: &Regex, captures: &Captures<'_>, shape: &Type) -> Value {
    let text = |found: Option<regex::Match<'_>>| match found {
        Some(found) => Value::string_normalized(found.as_str()),
        None => Value::null(Type::String),
    };
    match shape {
        Type::Tuple(_) => Value::tuple(captures.iter().skip(1).map(text).collect()),
        Type::Object(_) => Value::object(
            regex
                .capture_names()
                .zip(captures.iter())
                .skip(1)
                .filter_map(|(name, found)| Some((Arc::from(re2::group_name(name?)), text(found))))
                .collect(),
        ),
        _ => text(captures.get(0)),
    }
}

pub fn regex(call: &Call<'_>) -> Outcome {
    let regex = compile(call.text(0)?)?;
    match regex.captures(call.text(1)?) {
        Some(captures) => Ok(result(&regex, &captures, call.ty)),
        None => Err("pattern did not match any part of the given string".into()),
    }
}

pub fn regexall(call: &Call<'_>) -> Outcome {
    let regex = compile(call.text(0)?)?;
    let shape = shape(&regex)?;
    let found = regex.captures_iter(call.text(1)?).map(|captures| result(&regex, &captures, &shape)).collect();
    Ok(Value::list(shape, found))
}

/// A substring between slashes is a pattern.
pub fn replace(call: &Call<'_>) -> Outcome {
    let (text, wanted, replacement) = (call.text(0)?, call.text(1)?, call.text(2)?);
    let pattern = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let Some(pattern) = pattern else {
        return Ok(Value::string_normalized(&text.replace(wanted, replacement)));
    };
    let regex = re2::compile(pattern)
        .map_err(|e| FunctionError::call(format!("error parsing regexp: {}: `{}`", e.reason, e.part)))?;
    let replaced = regex.replace_all(text, |captures: &Captures<'_>| {
        let mut out = String::new();
        expand(replacement, captures, &mut out);
        out
    });
    Ok(Value::string_normalized(&replaced))
}

/// Appends a replacement in which `$1`, `$name` and `${name}` stand for groups and `$$` for a dollar sign; the name is as long as
/// possible, and of no group it stands for nothing.
fn expand(replacement: &str, captures: &Captures<'_>, out: &mut String) {
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let (inner, braces) = match after.strip_prefix('{') {
            Some(inner) => (inner, true),
            None => (after, false),
        };
        let length = inner.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inner.len());
        let (name, tail) = inner.split_at(length);
        let tail = if braces { tail.strip_prefix('}') } else { Some(tail) };
        let (Some(tail), false) = (tail, name.is_empty()) else {
            out.push('$');
            rest = after;
            continue;
        };
        let group = match name.parse::<usize>() {
            Ok(index) => captures.get(index),
            Err(_) => captures.name(name),
        };
        out.push_str(group.map_or("", |found| found.as_str()));
        rest = tail;
    }
    out.push_str(rest);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;

    #[test]
    fn groups_shape_the_result() {
        assert_eq!(json("regex", &[s("[a-z]+"), s("12abc3")]), "\"abc\"");
        assert_eq!(json("regex", &[s(r"(\d\d\d\d)-(\d\d)"), s("2019-02-01")]), "[\"2019\",\"02\"]");
        assert_eq!(json("regex", &[s(r"(?P<y>\d+)-(?P<m>\d+)"), s("2019-02")]), "{\"m\":\"02\",\"y\":\"2019\"}");
        assert_eq!(json("regex", &[s("(a)|(b)"), s("b")]), "[null,\"b\"]");
    }

    #[test]
    fn no_match_is_an_error_of_regex_only() {
        assert_eq!(error("regex", &[s("x"), s("abc")]), "pattern did not match any part of the given string");
        assert_eq!(json("regexall", &[s("x"), s("abc")]), "[]");
        assert_eq!(json("regexall", &[s(""), s("ab")]), "[\"\",\"\",\"\"]");
    }

    #[test]
    fn replacing_text_or_patterns() {
        assert_eq!(json("replace", &[s("1 + 2"), s("+"), s("-")]), "\"1 - 2\"");
        assert_eq!(json("replace", &[s("abc"), s("/(a)(b)/"), s("$2$1")]), "\"bac\"");
        assert_eq!(json("replace", &[s("a"), s("/(?P<n>a)/"), s("${n}b$n1-$1x$$")]), "\"ab-$\"");
        assert_eq!(json("replace", &[s("aaa"), s("/a*?/"), s("x")]), "\"xaxaxax\"");
        assert_eq!(json("replace", &[s("ab"), s("//"), s("x")]), "\"xaxbx\"");
        assert_eq!(error("replace", &[s("a"), s("/(/"), s("x")]), "error parsing regexp: missing closing ): `(`");
    }
}
