//! `random_string` and `random_password`: characters of chosen kinds; a password is sensitive and comes with its bcrypt hash.

use super::{KEEPERS, no_keepers};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Path, Type, Value};
use crate::provider::utility::attribute::{Attr, Initial, Kind, Replace, computed, optional, required};
use crate::provider::utility::{Resource, at_least, text, wrong};
use crate::provider::{PlanRequest, PlanResponse, Progress};
use async_trait::async_trait;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use serde_json::{Value as Json, json};

pub(super) struct Text;
pub(super) struct Password;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// bcrypt's own default cost in Go.
const COST: u32 = 10;
/// bcrypt looks at no more bytes than these.
const HASHED: usize = 72;

const fn kind(name: &'static str) -> Attr {
    optional(name, Kind::Bool).or(Initial::Bool(true)).replaces()
}

const fn least(name: &'static str) -> Attr {
    optional(name, Kind::Int).or(Initial::Int(0)).replaces()
}

const ID: Attr = computed("id", Kind::Text).kept();
const LENGTH: Attr = required("length", Kind::Int).replaces();
const NUMBER: Attr = optional("number", Kind::Bool).or_computed().replaces().outdated();
const NUMERIC: Attr = optional("numeric", Kind::Bool).or_computed().replaces();
const OVERRIDE: Attr = optional("override_special", Kind::Text).replaces_when(Replace::UnlessEmptyToNull);
const RESULT: Attr = computed("result", Kind::Text).kept();

static TEXT: &[Attr] = &[
    ID,
    KEEPERS,
    LENGTH,
    kind("lower"),
    least("min_lower"),
    least("min_numeric"),
    least("min_special"),
    least("min_upper"),
    NUMBER,
    NUMERIC,
    OVERRIDE,
    RESULT,
    kind("special"),
    kind("upper"),
];

static PASSWORD: &[Attr] = &[
    computed("bcrypt_hash", Kind::Text).secret().kept(),
    ID,
    KEEPERS,
    LENGTH,
    kind("lower"),
    least("min_lower"),
    least("min_numeric"),
    least("min_special"),
    least("min_upper"),
    NUMBER,
    NUMERIC,
    OVERRIDE,
    RESULT.secret(),
    kind("special"),
    kind("upper"),
];

fn check(config: &Value, found: &mut Diagnostics) {
    at_least(config, "length", 1, found);
    let int = |name: &str| match config.get(name) {
        Some(value) if !value.is_known() => None,
        Some(value) => Some(value.as_i64().unwrap_or_default()),
        None => Some(0),
    };
    let minima: Option<i64> = ["min_upper", "min_lower", "min_numeric", "min_special"].iter().map(|n| int(n)).sum();
    if let (Some(sum), Some(length)) = (minima, int("length"))
        && sum > length
    {
        let text = format!(
            "Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special, got: {length}"
        );
        found.push(wrong("length", "Invalid Attribute Value", text));
    }
    let off = |name: &str| config.get(name).and_then(Value::as_bool) == Some(false);
    let kinds = ["special", "upper", "lower", "numeric"];
    if kinds.iter().all(|name| off(name) || (*name == "numeric" && off("number"))) {
        let text = "At least one attribute out of [special,upper,lower,number,numeric] must be specified as true";
        found.push(wrong("special", "Invalid Attribute Combination", text));
    }
    if let (Some(number), Some(numeric)) =
        (config.get("number").and_then(Value::as_bool), config.get("numeric").and_then(Value::as_bool))
        && number != numeric
    {
        let summary = "Number and numeric are both configured with different values";
        found.push(wrong("number", summary, "Number is deprecated, use numeric instead"));
    }
}

/// `number` and `numeric` are one thing: what is set of them, else true.
fn amend(request: &PlanRequest<'_>, response: &mut PlanResponse) {
    let set = |name: &str| request.config.get(name).filter(|v| !v.is_null()).cloned();
    let value = set("numeric").or_else(|| set("number")).unwrap_or_else(|| Value::bool(true));
    for name in ["number", "numeric"] {
        response.planned = response.planned.with_field(name, set(name).unwrap_or_else(|| value.clone()));
        let path = Path::attrs([name]);
        response.requires_replace.retain(|p| *p != path);
        if !request.prior.is_null() && response.planned.get(name) != request.prior.get(name) {
            response.requires_replace.push(path);
        }
    }
}

fn generate(planned: &Value) -> Result<String, Diagnostics> {
    let int = |name: &str| planned.get(name).and_then(Value::as_i64).unwrap_or_default().max(0) as usize;
    let on = |name: &str| planned.get(name).and_then(Value::as_bool).unwrap_or_default();
    let special = match text(planned, "override_special") {
        "" => SPECIAL,
        own => own,
    };
    let length = super::length(planned, "length")?;
    let kinds = [("upper", UPPER), ("lower", LOWER), ("numeric", DIGITS), ("special", special)];
    let all: String = kinds.iter().filter(|(name, _)| on(name)).map(|(_, chars)| *chars).collect();
    if all.is_empty() {
        let text = format!(
            "While attempting to generate a random value a read error was generated.\n\n{}Original Error: the character set specified is empty",
            super::RETRY
        );
        return Err(Diagnostic::error("Random Read Error", text).into());
    }
    let mut rng = rand::rng();
    let mut out: Vec<char> = Vec::new();
    for (name, chars) in kinds {
        pick(&mut rng, chars, int(&format!("min_{name}")), &mut out);
    }
    let left = length.saturating_sub(out.len());
    pick(&mut rng, &all, left, &mut out);
    out.shuffle(&mut rng);
    Ok(out.into_iter().collect())
}

/// So many characters of these; there is at least one.
fn pick(rng: &mut rand::rngs::ThreadRng, from: &str, count: usize, out: &mut Vec<char>) {
    let chars: Vec<char> = from.chars().collect();
    out.extend((0..count).filter_map(|_| chars.get(rng.random_range(0..chars.len())).copied()));
}

fn hash(secret: &str) -> Result<String, Diagnostics> {
    let bytes = secret.as_bytes();
    bcrypt::hash_with_result(bytes.get(..HASHED).unwrap_or(bytes), COST)
        .map(|parts| parts.format_for_version(bcrypt::Version::TwoA))
        .map_err(|e| {
            let text = format!(
                "While attempting to generate a hash from the password an error occurred.\n\nOriginal Error: {e}"
            );
            Diagnostic::error("Hash Generation Error", text).into()
        })
}

fn imported(value: &str) -> Vec<(&'static str, Value)> {
    let mut out = vec![
        ("result", Value::string(value)),
        ("length", Value::number(value.len() as i64)),
        ("override_special", Value::null(Type::String)),
        no_keepers(),
    ];
    out.extend(["special", "upper", "lower", "number", "numeric"].map(|name| (name, Value::bool(true))));
    out.extend(["min_special", "min_upper", "min_lower", "min_numeric"].map(|name| (name, Value::number(0))));
    out
}

/// Versions up to 2 had no `numeric`, and imports of theirs left much null.
fn upgrade(version: u64, mut attributes: Json) -> Json {
    let Some(fields) = attributes.as_object_mut() else { return attributes };
    let length = fields.get("result").and_then(Json::as_str).map_or(0, str::len);
    let mut fill = |name: &str, value: Json| {
        if fields.get(name).is_none_or(Json::is_null) {
            fields.insert(name.to_owned(), value);
        }
    };
    fill("length", json!(length));
    for name in ["min_numeric", "min_upper", "min_lower", "min_special"] {
        fill(name, json!(0));
    }
    for name in ["special", "upper", "lower", "number"] {
        fill(name, json!(true));
    }
    let number = fields.get("number").cloned().unwrap_or(json!(true));
    if version < 2 || fields.get("numeric").is_none_or(Json::is_null) {
        fields.insert("numeric".to_owned(), number);
    }
    attributes
}

#[async_trait(?Send)]
impl Resource for Text {
    fn name(&self) -> &'static str {
        "random_string"
    }

    fn version(&self) -> u64 {
        2
    }

    fn attributes(&self) -> &'static [Attr] {
        TEXT
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        check(config, found);
    }

    fn amend(&self, request: &PlanRequest<'_>, response: &mut PlanResponse) {
        amend(request, response);
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let result = Value::string(generate(planned)?);
        Ok(planned.with_field("id", result.clone()).with_field("result", result))
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        let mut out = imported(id);
        out.push(("id", Value::string(id)));
        Some(Ok(out))
    }

    fn upgrade(&self, version: u64, attributes: Json) -> Result<Json, Diagnostics> {
        Ok(upgrade(version, attributes))
    }
}

#[async_trait(?Send)]
impl Resource for Password {
    fn name(&self) -> &'static str {
        "random_password"
    }

    fn version(&self) -> u64 {
        3
    }

    fn attributes(&self) -> &'static [Attr] {
        PASSWORD
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        check(config, found);
    }

    fn amend(&self, request: &PlanRequest<'_>, response: &mut PlanResponse) {
        amend(request, response);
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let secret = generate(planned)?;
        Ok(planned
            .with_field("bcrypt_hash", Value::string(hash(&secret)?))
            .with_field("id", Value::string("none"))
            .with_field("result", Value::string(secret)))
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        Some(hash(id).map(|hash| {
            let mut out = imported(id);
            out.extend([("id", Value::string("none")), ("bcrypt_hash", Value::string(hash))]);
            out
        }))
    }

    /// Version 0 had no hash, and that of version 2 could be of another text.
    fn upgrade(&self, version: u64, attributes: Json) -> Result<Json, Diagnostics> {
        let mut attributes = upgrade(version, attributes);
        if let Some(fields) = attributes.as_object_mut() {
            let secret = fields.get("result").and_then(Json::as_str).unwrap_or_default().to_owned();
            let stored = fields.get("bcrypt_hash").and_then(Json::as_str).unwrap_or_default();
            let bytes = secret.as_bytes();
            let bytes = bytes.get(..HASHED).unwrap_or(bytes);
            if stored.is_empty() || (version == 2 && !bcrypt::verify(bytes, stored).unwrap_or_default()) {
                fields.insert("bcrypt_hash".to_owned(), json!(hash(&secret)?));
            }
        }
        Ok(attributes)
    }
}
