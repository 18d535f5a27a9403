//! EV: what starts a pipeline, and who hears of it.

mod delivery;
mod patterns;
mod sources;
mod topics;
mod words;

use crate::lint::rule::Rule;

/// The family, by id.
pub static RULES: &[Rule] = &[
    patterns::EV001,
    patterns::EV002,
    delivery::EV003,
    delivery::EV004,
    delivery::EV005,
    sources::EV006,
    sources::EV007,
    sources::EV008,
    patterns::EV009,
    patterns::EV010,
    topics::EV011,
    delivery::EV012,
    super::owners::EV013,
];

/// A rule for failures, with a topic as its target.
macro_rules! alert {
    ($pattern:literal, $target:expr) => {
        concat!(
            "resource \"aws_cloudwatch_event_rule\" \"alert\" {\n  name          = \"alert\"\n  event_pattern = jsonencode(",
            $pattern,
            ")\n}\n\nresource \"aws_cloudwatch_event_target\" \"alert\" {\n  rule = aws_cloudwatch_event_rule.alert.name\n",
            $target,
            "}\n"
        )
    };
}
use alert;
