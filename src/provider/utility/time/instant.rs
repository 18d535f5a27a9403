//! Timestamps as RFC 3339 texts: reading, adding, and their parts.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Type, Value};
use crate::provider::utility::wrong;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp, Zoned};

/// A timestamp with the offset it was written with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Instant(Zoned);

impl Instant {
    pub(super) fn now() -> Self {
        let seconds = Timestamp::now().as_second();
        Instant(Timestamp::from_second(seconds).unwrap_or_default().to_zoned(TimeZone::UTC))
    }

    /// Reads `2020-02-12T06:36:13Z` and `2020-02-12T07:36:13+01:00`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse it");
        let timestamp: Timestamp = text.parse().map_err(|_| bad())?;
        let tail = text.get(19..).unwrap_or_default();
        if text.as_bytes().get(10) != Some(&b'T') {
            return Err(bad());
        }
        let zone = match tail.find(['+', '-']) {
            Some(at) => {
                let sign = if tail.get(at..at + 1) == Some("-") { -1 } else { 1 };
                let mut parts = tail.get(at + 1..).unwrap_or_default().splitn(2, ':').map(str::parse::<i32>);
                match (parts.next(), parts.next()) {
                    (Some(Ok(hours)), Some(Ok(minutes))) => {
                        Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).map_err(|_| bad())?.to_time_zone()
                    }
                    _ => return Err(bad()),
                }
            }
            None => TimeZone::UTC,
        };
        Ok(Instant(timestamp.to_zoned(zone)))
    }

    /// The attribute's timestamp; now when it is not set.
    pub(super) fn of_or_now(object: &Value, name: &str) -> Result<Self, Diagnostics> {
        match object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
            Some(text) => Instant::parse(text).map_err(|why| Diagnostics::from(invalid(name, text, &why))),
            None => Ok(Instant::now()),
        }
    }

    /// Whether it is past.
    pub(super) fn is_past(&self) -> bool {
        Timestamp::now() > self.0.timestamp()
    }

    /// Years, months and days of the calendar: a day that a month does not have runs over into the next, as Go's dates do.
    pub(super) fn add_date(&self, years: i64, months: i64, days: i64) -> Option<Self> {
        let civil = self.0.datetime();
        let month =
            i64::from(civil.year()) * 12 + i64::from(civil.month()) - 1 + years.checked_mul(12)?.checked_add(months)?;
        let (year, month) = (i16::try_from(month.div_euclid(12)).ok()?, i8::try_from(month.rem_euclid(12) + 1).ok()?);
        let first = Date::new(year, month, 1).ok()?.to_datetime(civil.time());
        let day = Span::new().try_days(i64::from(civil.day()) - 1 + days).ok()?;
        let zoned = first.checked_add(day).ok()?.to_zoned(self.0.time_zone().clone()).ok()?;
        Some(Instant(zoned))
    }

    pub(super) fn add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(Span::new().try_seconds(seconds).ok()?).ok().map(Instant)
    }

    /// As it is stored.
    pub(super) fn text(&self) -> String {
        let offset = self.0.offset();
        let format = if offset.seconds() == 0 { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%:z" };
        self.0.strftime(format).to_string()
    }

    pub(super) fn value(&self) -> Value {
        Value::string(self.text())
    }

    /// `year` to `second`, and `unix`.
    pub(super) fn parts(&self) -> Vec<(&'static str, Value)> {
        let number = |n: i64| Value::number(n);
        vec![
            ("year", number(self.0.year().into())),
            ("month", number(self.0.month().into())),
            ("day", number(self.0.day().into())),
            ("hour", number(self.0.hour().into())),
            ("minute", number(self.0.minute().into())),
            ("second", number(self.0.second().into())),
            ("unix", number(self.0.timestamp().as_second())),
        ]
    }
}

/// Errors of a text that is no timestamp.
pub(super) fn check(config: &Value, name: &str, found: &mut Diagnostics) {
    if let Some(text) = config.get(name).and_then(Value::as_str)
        && let Err(why) = Instant::parse(text)
    {
        found.push(invalid(name, text, &why));
    }
}

fn invalid(name: &str, text: &str, why: &str) -> Diagnostic {
    let detail = format!(
        "A string value was provided that is not valid RFC3339 string format.\n\nGiven Value: {text}\nError: {why}"
    );
    wrong(name, "Invalid RFC3339 String Value", detail)
}

/// A timestamp beyond the calendar.
pub(super) fn too_far() -> Diagnostics {
    Diagnostic::error("Time out of range", "The timestamp that results lies outside the years -9999 to 9999.").into()
}

/// No triggers, as imports have them.
pub(super) fn no_triggers() -> (&'static str, Value) {
    ("triggers", Value::map(Type::String, Default::default()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn timestamps_keep_their_offset() {
        for text in ["2020-02-12T06:36:13Z", "2020-02-12T06:36:13+01:00", "2020-02-12T06:36:13-05:30"] {
            assert_eq!(Instant::parse(text).unwrap().text(), text);
        }
        assert!(Instant::parse("2020-02-12").is_err());
        assert!(Instant::parse("2020-02-12 06:36:13Z").is_err());
    }

    #[test]
    fn days_that_a_month_does_not_have_run_over() {
        let end = Instant::parse("2024-01-31T00:00:00Z").unwrap();
        assert_eq!(end.add_date(0, 1, 0).unwrap().text(), "2024-03-02T00:00:00Z");
        assert_eq!(end.add_date(1, 1, 0).unwrap().text(), "2025-03-03T00:00:00Z");
        assert_eq!(end.add_date(0, 0, 30).unwrap().text(), "2024-03-01T00:00:00Z");
        assert_eq!(end.add_seconds(-1).unwrap().text(), "2024-01-30T23:59:59Z");
    }
}
