//! Ids of rules and targets: `[BUS/]RULE` and `[BUS-]RULE-TARGET`; import ids of targets: `[BUS/]RULE/TARGET`. The bus may be an ARN or
//! the name of a partner's, which have slashes themselves.

use crate::provider::aws::failure::{Failure, Outcome};

/// The bus every account has.
pub const DEFAULT_BUS: &str = "default";

/// The id of a rule.
pub fn rule(bus: &str, name: &str) -> String {
    if bus.is_empty() || bus == DEFAULT_BUS { name.to_owned() } else { format!("{bus}/{name}") }
}

/// The id of a target.
pub fn target(bus: &str, rule: &str, target: &str) -> String {
    if bus.is_empty() || bus == DEFAULT_BUS { format!("{rule}-{target}") } else { format!("{bus}-{rule}-{target}") }
}

/// Bus and name of a rule's id.
pub fn parse_rule(id: &str) -> Outcome<(&str, &str)> {
    let wrong = || {
        Failure::said(
            "Invalid rule id",
            format!("{id:?} is not the id of a rule: give RULE, BUS/RULE or BUS_ARN/RULE."),
        )
    };
    match id.rsplit_once('/') {
        None if !id.is_empty() => Ok((DEFAULT_BUS, id)),
        Some((bus, name)) if !name.is_empty() && is_bus(bus) => Ok((bus, name)),
        _ => Err(wrong()),
    }
}

/// Bus, rule and target of a target's import id.
pub fn parse_target(id: &str) -> Outcome<(&str, &str, &str)> {
    let wrong = || {
        Failure::said(
            "Invalid target id",
            format!(
                "{id:?} is not the import id of a target: give RULE/TARGET, BUS/RULE/TARGET or BUS_ARN/RULE/TARGET."
            ),
        )
    };
    let (rule_id, target) = id.rsplit_once('/').ok_or_else(wrong)?;
    let (bus, rule) = parse_rule(rule_id).map_err(|_| wrong())?;
    if target.is_empty() { Err(wrong()) } else { Ok((bus, rule, target)) }
}

/// A name without slashes, an ARN of a bus, or a partner's name.
fn is_bus(bus: &str) -> bool {
    let plain = !bus.is_empty() && !bus.contains('/');
    plain || bus.contains(":event-bus/") || bus.starts_with("aws.partner/")
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

    #[test]
    fn ids_are_read_back() {
        let arn = "arn:aws:events:us-east-1:123456789012:event-bus/b";
        for (bus, id) in
            [("default", "r"), ("b", "b/r"), (arn, &format!("{arn}/r")), ("aws.partner/x/y", "aws.partner/x/y/r")]
        {
            assert_eq!(rule(bus, "r"), id);
            assert_eq!(parse_rule(id).unwrap(), (bus, "r"));
            assert_eq!(parse_target(&format!("{id}/t")).unwrap(), (bus, "r", "t"));
        }
        assert_eq!(target("default", "r", "t"), "r-t");
        assert_eq!(target("b", "r", "t"), "b-r-t");
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for id in ["", "/r", "a/b/r", "b/"] {
            assert!(parse_rule(id).is_err(), "{id}");
        }
        assert!(parse_target("r").is_err());
    }
}
