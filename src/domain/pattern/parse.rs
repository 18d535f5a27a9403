//! Pattern texts to patterns, with EventBridge's refusals.

use super::operator::{Bound, Fold, Matcher, Not, Numeric};
use super::{Field, MAX_OR_COMBINATIONS, Pattern, Want};
use serde_json::{Map, Value as Json};

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// The field, such as `detail.state`; empty for the pattern itself.
    pub path: String,
    /// What is wrong, without full stop.
    pub message: String,
    /// Whether the pattern is only too much of what is right by itself.
    pub is_quota: bool,
}

impl std::fmt::Display for PatternError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.is_empty() {
            true => f.write_str(&self.message),
            false => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

const OPERATORS: &[&str] =
    &["prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr", "exists"];

pub(super) fn parse(text: &str) -> Result<Pattern, Vec<PatternError>> {
    let mut errors = Vec::new();
    let fields = match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(map)) if map.is_empty() => Err("an event pattern must not be empty".to_owned()),
        Ok(Json::Object(map)) => Ok(object(&map, &mut Vec::new(), &mut errors)),
        Ok(_) => Err("an event pattern is a JSON object".to_owned()),
        Err(e) => Err(format!("this is not JSON: {e}")),
    };
    let pattern = match fields {
        Ok(fields) => Pattern { fields },
        Err(message) => return Err(vec![PatternError { path: String::new(), message, is_quota: false }]),
    };
    if pattern.or_combinations() > MAX_OR_COMBINATIONS {
        let message = format!("the $or conditions make more than {MAX_OR_COMBINATIONS} combinations");
        errors.push(PatternError { path: String::new(), message, is_quota: true });
    }
    if errors.is_empty() { Ok(pattern) } else { Err(errors) }
}

type Errors = Vec<PatternError>;

fn wrong(at: &[String], errors: &mut Errors, message: impl Into<String>) {
    errors.push(PatternError { path: at.join("."), message: message.into(), is_quota: false });
}

fn object(map: &Map<String, Json>, at: &mut Vec<String>, errors: &mut Errors) -> Vec<Field> {
    let mut fields = Vec::new();
    for (name, value) in map {
        if let (true, Some(choices)) = (name == "$or", alternatives(value)) {
            let choices = choices.into_iter().map(|choice| object(choice, at, errors)).collect();
            fields.push(Field::AnyOf(choices));
            continue;
        }
        // A dotted name is the same as nested ones.
        let steps: Vec<&str> = name.split('.').collect();
        let depth = at.len();
        at.extend(steps.iter().map(|s| (*s).to_owned()));
        let want = match value {
            Json::Object(inner) if inner.is_empty() => {
                wrong(at, errors, "an empty object matches nothing; name a field");
                None
            }
            Json::Object(inner) => Some(Want::Object(object(inner, at, errors))),
            Json::Array(items) => leaf(items, at, errors).map(Want::Leaf),
            _ => {
                wrong(at, errors, format!("the value must be in a list: [{value}]"));
                None
            }
        };
        at.truncate(depth);
        let Some(want) = want else { continue };
        let mut steps = steps.into_iter().rev();
        let Some(last) = steps.next() else { continue };
        let innermost = Field::Named { name: last.to_owned(), want };
        fields.push(
            steps
                .fold(innermost, |inner, step| Field::Named { name: step.to_owned(), want: Want::Object(vec![inner]) }),
        );
    }
    fields
}

/// The choices of a `$or`; `None` when it is an ordinary field: fewer than two objects, or objects of operators.
fn alternatives(value: &Json) -> Option<Vec<&Map<String, Json>>> {
    let items = value.as_array().filter(|items| items.len() >= 2)?;
    let choices: Vec<&Map<String, Json>> = items.iter().map(Json::as_object).collect::<Option<_>>()?;
    let ordinary = |c: &&Map<String, Json>| c.is_empty() || c.keys().any(|k| OPERATORS.contains(&k.as_str()));
    (!choices.iter().any(ordinary)).then_some(choices)
}

fn leaf(items: &[Json], at: &[String], errors: &mut Errors) -> Option<Vec<Matcher>> {
    if items.is_empty() {
        wrong(at, errors, "an empty list matches nothing");
        return None;
    }
    let mut matchers = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Json::Array(_) => wrong(at, errors, "a list inside a list is not allowed"),
            Json::Object(map) => match operator(map) {
                Ok(matcher) => matchers.push(matcher),
                Err(message) => wrong(at, errors, message),
            },
            scalar => matchers.push(Matcher::Exact(scalar.clone())),
        }
    }
    Some(matchers)
}

fn operator(map: &Map<String, Json>) -> Result<Matcher, String> {
    let mut entries = map.iter();
    let (Some((name, value)), None) = (entries.next(), entries.next()) else {
        return Err("an operator is an object with one entry, such as {\"prefix\": \"a\"}".into());
    };
    let text = |value: &Json| value.as_str().map(str::to_owned).ok_or_else(|| format!("{name} takes a text"));
    match name.as_str() {
        "prefix" | "suffix" => {
            let (fold, wanted) = match value {
                Json::Object(inner) => match (inner.get("equals-ignore-case"), inner.len()) {
                    (Some(inner), 1) => (Fold::IgnoreCase, text(inner)?),
                    _ => return Err(format!("{name} takes a text or {{\"equals-ignore-case\": text}}")),
                },
                other => (Fold::Exact, text(other)?),
            };
            Ok(if name == "prefix" { Matcher::Prefix(fold, wanted) } else { Matcher::Suffix(fold, wanted) })
        }
        "equals-ignore-case" => Ok(Matcher::EqualsIgnoreCase(text(value)?)),
        "wildcard" => Ok(Matcher::Wildcard(wildcard(&text(value)?)?)),
        "anything-but" => Ok(Matcher::AnythingBut(anything_but(value)?)),
        "numeric" => numeric(value).map(Matcher::Numeric),
        "cidr" => cidr(&text(value)?),
        "exists" => value.as_bool().map(Matcher::Exists).ok_or_else(|| "exists takes true or false".into()),
        other => Err(match crate::lang::eval::did_you_mean(other, OPERATORS.iter().copied()) {
            Some(near) => format!("there is no operator \"{other}\". Did you mean \"{near}\"?"),
            None => format!("there is no operator \"{other}\""),
        }),
    }
}

/// The literal parts between the stars.
fn wildcard(text: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    let mut star_before = false;
    let push = |parts: &mut Vec<String>, c: char| {
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '*' if star_before => return Err("wildcard has two stars in a row".into()),
            '*' => {
                parts.push(String::new());
                star_before = true;
                continue;
            }
            '\\' => match chars.next() {
                Some(escaped @ ('*' | '\\')) => push(&mut parts, escaped),
                _ => return Err("in wildcard a backslash stands only before * and \\".into()),
            },
            other => push(&mut parts, other),
        }
        star_before = false;
    }
    Ok(parts)
}

fn anything_but(value: &Json) -> Result<Vec<Not>, String> {
    const FORMS: &str = "anything-but takes a text, a number, a list of texts or of numbers, or one of prefix, suffix, equals-ignore-case, wildcard";
    match value {
        Json::String(_) | Json::Number(_) => Ok(vec![Not::Value(value.clone())]),
        Json::Array(items) if items.is_empty() => Err("anything-but has an empty list".into()),
        Json::Array(items) if items.iter().all(Json::is_string) || items.iter().all(Json::is_number) => {
            Ok(items.iter().cloned().map(Not::Value).collect())
        }
        Json::Array(_) => Err("a list under anything-but holds texts only or numbers only".into()),
        Json::Object(map) => {
            let mut entries = map.iter();
            let (Some((name, value)), None) = (entries.next(), entries.next()) else { return Err(FORMS.into()) };
            let texts: Vec<&str> = match value {
                Json::String(text) => vec![text],
                Json::Array(items) => items.iter().filter_map(Json::as_str).collect(),
                _ => Vec::new(),
            };
            if texts.is_empty() || value.as_array().is_some_and(|items| items.len() != texts.len()) {
                return Err(format!("{name} under anything-but takes a text or a list of texts"));
            }
            let each = |text: &str| match name.as_str() {
                "prefix" => Ok(Not::Prefix(text.to_owned())),
                "suffix" => Ok(Not::Suffix(text.to_owned())),
                "equals-ignore-case" => Ok(Not::EqualsIgnoreCase(text.to_owned())),
                "wildcard" => wildcard(text).map(Not::Wildcard),
                _ => Err(FORMS.to_owned()),
            };
            texts.into_iter().map(each).collect()
        }
        _ => Err(FORMS.into()),
    }
}

fn numeric(value: &Json) -> Result<Numeric, String> {
    const FORM: &str = "numeric takes a list such as [\">\", 0, \"<=\", 5]";
    let items = value.as_array().filter(|i| matches!(i.len(), 2 | 4)).ok_or(FORM)?;
    let mut range = Numeric::default();
    for pair in items.chunks(2) {
        let [operator, number] = pair else { return Err(FORM.into()) };
        let number: f64 = match number {
            Json::Number(n) => n.to_string().parse().map_err(|_| FORM)?,
            _ => return Err(FORM.into()),
        };
        let taken = match operator.as_str() {
            Some("=") => range.equal.replace(number).is_some(),
            Some(o @ (">" | ">=")) => range.lower.replace(Bound { value: number, inclusive: o == ">=" }).is_some(),
            Some(o @ ("<" | "<=")) => range.upper.replace(Bound { value: number, inclusive: o == "<=" }).is_some(),
            _ => return Err("numeric compares with =, <, <=, > or >=".into()),
        };
        if taken {
            return Err("numeric has two bounds of one kind".into());
        }
    }
    if range.equal.is_some() && (range.lower.is_some() || range.upper.is_some()) {
        return Err("numeric has = and another bound".into());
    }
    if range.is_empty() {
        return Err("the numeric range is empty".into());
    }
    Ok(range)
}

fn cidr(text: &str) -> Result<Matcher, String> {
    let net = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
    net.map(Matcher::Cidr).map_err(|_| format!("cidr takes a range such as 10.0.0.0/24, not \"{text}\""))
}
