//! Services that keep everything as attributes of text (SNS, SQS): tables of our names for them, and the way there and back.

use crate::lang::value::{Kind, Value};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::object::{Obj, is_zero};
use std::collections::HashMap;

/// What kind of value an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Any text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Ours.
    pub name: &'static str,
    /// The service's.
    pub api: &'static str,
    /// Its values.
    pub holds: Holds,
    /// May be set, not only read.
    pub settable: bool,
    /// The service chooses a value when none is set.
    pub computed: bool,
}

/// One that may be set.
pub const fn row(name: &'static str, api: &'static str, holds: Holds) -> Row {
    Row { name, api, holds, settable: true, computed: false }
}

/// One that may be set and has a value anyway.
pub const fn computed(name: &'static str, api: &'static str, holds: Holds) -> Row {
    Row { name, api, holds, settable: true, computed: true }
}

/// One that is only read.
pub const fn read_only(name: &'static str, api: &'static str, holds: Holds) -> Row {
    Row { name, api, holds, settable: false, computed: true }
}

/// What a new object must be given: everything set that is not what the service would assume. A configured number counts even when it is 0.
pub fn for_create(rows: &[Row], plan: &Obj<'_>) -> Vec<(Row, String)> {
    let wanted = rows.iter().filter(|r| r.settable).filter_map(|row| {
        let value = plan.value(row.name).filter(|v| v.is_known() && !v.is_null())?;
        let zero = is_zero(value) && (row.holds != Holds::Number || row.computed);
        if zero { None } else { Some((*row, text(value)?)) }
    });
    wanted.collect()
}

/// What changes from one object to another.
pub fn for_update(rows: &[Row], prior: &Obj<'_>, plan: &Obj<'_>) -> Vec<(Row, String)> {
    let changed = rows.iter().filter(|row| row.settable && plan.differs(prior, row.name)).filter_map(|row| {
        let value = plan.value(row.name)?;
        if !value.is_known() {
            return None;
        }
        let unset = match row.holds {
            Holds::Text => "",
            Holds::Flag => "false",
            Holds::Number => "0",
        };
        Some((*row, text(value).unwrap_or_else(|| unset.to_owned())))
    });
    changed.collect()
}

fn text(value: &Value) -> Option<String> {
    match value.kind() {
        Kind::String(text) => Some(text.to_string()),
        Kind::Bool(truth) => Some(truth.to_string()),
        Kind::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The attributes the service returned; those it did not are absent.
pub fn read(rows: &[Row], live: &HashMap<String, String>) -> Attrs {
    rows.iter().fold(Attrs::new(), |attrs, row| {
        let value = live.get(row.api);
        match row.holds {
            Holds::Text => attrs.opt(row.name, value.map(String::as_str)),
            Holds::Flag => attrs.bool(row.name, value.map(|v| v.eq_ignore_ascii_case("true"))),
            Holds::Number => attrs.int(row.name, value.and_then(|v| v.parse::<i64>().ok())),
        }
    })
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

    const ROWS: &[Row] = &[
        row("fifo_topic", "FifoTopic", Holds::Flag),
        row("display_name", "DisplayName", Holds::Text),
        row("kms_master_key_id", "KmsMasterKeyId", Holds::Text),
        row("sqs_success_feedback_sample_rate", "SQSSuccessFeedbackSampleRate", Holds::Number),
        row("http_success_feedback_sample_rate", "HTTPSuccessFeedbackSampleRate", Holds::Number),
        computed("signature_version", "SignatureVersion", Holds::Number),
    ];

    fn names(changes: &[(Row, String)]) -> Vec<(&str, &str)> {
        changes.iter().map(|(row, value)| (row.api, value.as_str())).collect()
    }

    #[test]
    fn a_create_sends_what_is_set() {
        let plan = Value::object_of([
            ("fifo_topic", Value::bool(false)),
            ("display_name", Value::string("x")),
            ("sqs_success_feedback_sample_rate", Value::number(0)),
            ("http_success_feedback_sample_rate", Value::null(Type::Number)),
            ("signature_version", Value::unknown(Type::Number)),
        ]);
        let sent = for_create(ROWS, &Obj::new(&plan));
        assert_eq!(names(&sent), [("DisplayName", "x"), ("SQSSuccessFeedbackSampleRate", "0")]);
    }

    #[test]
    fn an_update_empties_what_is_no_longer_set() {
        let prior = Value::object_of([("display_name", Value::string("x")), ("kms_master_key_id", Value::string("k"))]);
        let plan =
            Value::object_of([("display_name", Value::null(Type::String)), ("kms_master_key_id", Value::string("k"))]);
        let sent = for_update(ROWS, &Obj::new(&prior), &Obj::new(&plan));
        assert_eq!(names(&sent), [("DisplayName", "")]);
    }
}
