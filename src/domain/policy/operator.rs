//! The condition operators: their names, and how one value is compared with another.

use super::glob::{Pattern, Wildcards, same};
use super::symbol;
use super::truth::Truth;
use std::net::IpAddr;

/// What a condition operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `StringEquals`
    StringEquals,
    /// `StringEqualsIgnoreCase`
    StringEqualsIgnoreCase,
    /// `StringLike`
    StringLike,
    /// `NumericEquals`, `NumericLessThan` …
    Numeric(Order),
    /// `DateEquals`, `DateLessThan` …
    Date(Order),
    /// `Bool`
    Bool,
    /// `BinaryEquals`
    Binary,
    /// `IpAddress`
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which are the same.
    Arn,
    /// `Null`
    Null,
}

/// How numbers and dates stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// How a key with several values is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// Without prefix: a key is expected to have one value.
    Single,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// A condition operator as written, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// What it compares.
    pub comparison: Comparison,
    /// `…Not…`
    pub negated: bool,
    /// `…IfExists`
    pub if_exists: bool,
    /// `ForAllValues:` and `ForAnyValue:`
    pub quantifier: Quantifier,
}

impl Operator {
    /// Takes the name of an operator apart; `None` if there is none of this name. Case counts nothing, as with AWS.
    pub fn parse(name: &str) -> Option<Operator> {
        let lower = name.to_ascii_lowercase();
        let (quantifier, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Quantifier::All, rest),
            Some(("foranyvalue", rest)) => (Quantifier::Any, rest),
            Some(_) => return None,
            None => (Quantifier::Single, lower.as_str()),
        };
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (comparison, negated) = match base {
            "stringequals" => (Comparison::StringEquals, false),
            "stringnotequals" => (Comparison::StringEquals, true),
            "stringequalsignorecase" => (Comparison::StringEqualsIgnoreCase, false),
            "stringnotequalsignorecase" => (Comparison::StringEqualsIgnoreCase, true),
            "stringlike" => (Comparison::StringLike, false),
            "stringnotlike" => (Comparison::StringLike, true),
            "numericequals" => (Comparison::Numeric(Order::Equal), false),
            "numericnotequals" => (Comparison::Numeric(Order::Equal), true),
            "numericlessthan" => (Comparison::Numeric(Order::Less), false),
            "numericlessthanequals" => (Comparison::Numeric(Order::LessOrEqual), false),
            "numericgreaterthan" => (Comparison::Numeric(Order::Greater), false),
            "numericgreaterthanequals" => (Comparison::Numeric(Order::GreaterOrEqual), false),
            "dateequals" => (Comparison::Date(Order::Equal), false),
            "datenotequals" => (Comparison::Date(Order::Equal), true),
            "datelessthan" => (Comparison::Date(Order::Less), false),
            "datelessthanequals" => (Comparison::Date(Order::LessOrEqual), false),
            "dategreaterthan" => (Comparison::Date(Order::Greater), false),
            "dategreaterthanequals" => (Comparison::Date(Order::GreaterOrEqual), false),
            "bool" => (Comparison::Bool, false),
            "binaryequals" => (Comparison::Binary, false),
            "ipaddress" => (Comparison::IpAddress, false),
            "notipaddress" => (Comparison::IpAddress, true),
            "arnequals" | "arnlike" => (Comparison::Arn, false),
            "arnnotequals" | "arnnotlike" => (Comparison::Arn, true),
            // `NullIfExists` would say nothing and is refused.
            "null" if !if_exists => (Comparison::Null, false),
            _ => return None,
        };
        Some(Operator { comparison, negated, if_exists, quantifier })
    }
}

/// Whether a value of the request matches a value of the policy. A value that is not of the operator's kind matches nothing.
pub fn matches(comparison: Comparison, policy: &str, request: &str) -> Truth {
    let known = symbol::is_known(policy) && symbol::is_known(request);
    let plain = super::variables::plain(policy);
    match comparison {
        Comparison::StringEquals | Comparison::Binary => same(&plain, request),
        Comparison::StringEqualsIgnoreCase if known => plain.eq_ignore_ascii_case(request).into(),
        Comparison::StringEqualsIgnoreCase => same(&plain, request),
        Comparison::StringLike => {
            Pattern::new(policy, Wildcards::Match).covers(&Pattern::new(request, Wildcards::Literal))
        }
        Comparison::Arn => arn_matches(policy, request),
        _ if !known => Truth::Unknown,
        Comparison::Numeric(order) => match (number(&plain), number(request)) {
            (Some(p), Some(r)) => ordered(order, r.partial_cmp(&p)),
            _ => Truth::No,
        },
        Comparison::Date(order) => match (date(&plain), date(request)) {
            (Some(p), Some(r)) => ordered(order, Some(r.cmp(&p))),
            _ => Truth::No,
        },
        Comparison::Bool => plain.eq_ignore_ascii_case(request).into(),
        Comparison::IpAddress => ip_matches(&plain, request).into(),
        Comparison::Null => Truth::No,
    }
}

/// An ARN matches part by part: the first five between colons, and the rest. Wildcards do not reach over a colon of the first five.
fn arn_matches(policy: &str, request: &str) -> Truth {
    if policy == "*" {
        return Truth::Yes;
    }
    let pattern = Pattern::new(policy, Wildcards::Match);
    let whole = pattern.covers(&Pattern::new(request, Wildcards::Literal));
    let parts = |text: &str| -> Vec<String> { text.splitn(6, ':').map(str::to_owned).collect() };
    let (p, r) = (parts(policy), parts(request));
    if p.len() != 6 || r.len() != 6 {
        // A symbol may hold whole parts of the ARN.
        return if symbol::is_known(policy) && symbol::is_known(request) { Truth::No } else { whole };
    }
    Truth::all(
        p.iter().zip(&r).map(|(p, r)| Pattern::new(p, Wildcards::Match).covers(&Pattern::new(r, Wildcards::Literal))),
    )
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|n: &f64| n.is_finite())
}

/// Seconds since 1970: ISO 8601 in the forms that AWS takes, or the number itself.
fn date(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>()
        && text.len() != 4
    {
        return Some(seconds);
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_second());
    }
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.trim_end_matches('Z').to_owned(),
    };
    let civil = padded.parse::<jiff::civil::DateTime>().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

fn ordered(order: Order, found: Option<std::cmp::Ordering>) -> Truth {
    let Some(found) = found else { return Truth::No };
    Truth::from(match order {
        Order::Equal => found.is_eq(),
        Order::Less => found.is_lt(),
        Order::LessOrEqual => found.is_le(),
        Order::Greater => found.is_gt(),
        Order::GreaterOrEqual => found.is_ge(),
    })
}

fn ip_matches(policy: &str, request: &str) -> bool {
    let Ok(address) = request.trim().parse::<IpAddr>() else { return false };
    match policy.trim().parse::<ipnet::IpNet>() {
        Ok(network) => network.contains(&address),
        Err(_) => policy.trim().parse::<IpAddr>().is_ok_and(|one| one == address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let op = Operator::parse("ForAllValues:StringNotLikeIfExists");
        assert_eq!(
            op,
            Some(Operator {
                comparison: Comparison::StringLike,
                negated: true,
                if_exists: true,
                quantifier: Quantifier::All
            })
        );
        for bad in ["StringMatches", "NullIfExists", "ForSome:StringLike", "", "IfExists"] {
            assert_eq!(Operator::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn values_are_compared_by_kind() {
        let check = |name: &str, policy: &str, request: &str, want: bool| {
            let comparison = Operator::parse(name).map(|o| o.comparison);
            let got = comparison.map(|c| matches(c, policy, request));
            assert_eq!(got, Some(Truth::from(want)), "{name} {policy} {request}");
        };
        check("StringEquals", "a", "A", false);
        check("StringEqualsIgnoreCase", "a", "A", true);
        check("StringEquals", "a*", "ab", false);
        check("StringLike", "a*", "ab", true);
        check("NumericLessThan", "10", "9.5", true);
        check("NumericEquals", "10", "10.0", true);
        check("NumericEquals", "ten", "10", false);
        check("DateGreaterThan", "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", true);
        check("DateLessThan", "2020-01-01", "2019-12-31T23:59:59Z", true);
        check("DateEquals", "0", "1970-01-01T00:00:00Z", true);
        check("Bool", "true", "TRUE", true);
        check("IpAddress", "10.0.0.0/8", "10.1.2.3", true);
        check("IpAddress", "10.0.0.1", "10.0.0.2", false);
        check("IpAddress", "2001:db8::/32", "2001:db8::1", true);
        check("ArnLike", "arn:aws:s3:::a*", "arn:aws:s3:::ab/c:d", true);
        check("ArnLike", "arn:aws:*:1:x", "arn:aws:sns:eu:1:x", false);
        check("ArnEquals", "arn:aws:sns:*:1:x", "arn:aws:sns:eu:1:x", true);
        check("ArnEquals", "nonsense", "arn:aws:sns:eu:1:x", false);
    }
}
