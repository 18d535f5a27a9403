//! Times as the original provider stores them.

use aws_smithy_types::DateTime;

/// `2006-01-02T15:04:05Z`, without fractions of a second.
pub fn rfc3339(time: &DateTime) -> String {
    jiff::Timestamp::from_second(time.secs()).map(|t| t.to_string()).unwrap_or_default()
}

/// The inverse, for requests.
pub fn parse(text: &str) -> Option<DateTime> {
    text.parse::<jiff::Timestamp>().ok().map(|t| DateTime::from_secs(t.as_second()))
}
