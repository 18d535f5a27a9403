//! Points in time as RFC 3339 text, and durations.

use crate::lang::value::quote;
use std::fmt;

/// A point in time with the offset it was written with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timestamp {
    /// Seconds since 1970 began in UTC.
    pub seconds: i64,
    /// 0 to 999,999,999.
    pub nanoseconds: i64,
    /// Of the local time, in seconds.
    pub offset: i64,
}

/// The local date and time of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    /// 0 is Sunday.
    pub weekday: i64,
}

const DAY: i64 = 86_400;

/// Days since 1970 began.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Timestamp {
    /// Reads RFC 3339 text.
    pub fn parse(text: &str) -> Result<Timestamp, String> {
        Parser { rest: text }.timestamp().map_err(|e| format!("not a valid RFC3339 timestamp{e}"))
    }

    /// Now, in UTC, to the second.
    pub fn now() -> Timestamp {
        let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp { seconds: elapsed.as_secs() as i64, nanoseconds: 0, offset: 0 }
    }

    /// Its local date and time.
    pub fn civil(&self) -> Civil {
        let local = self.seconds + self.offset;
        let (days, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_index + 2) / 5 + 1,
            hour: time / 3600,
            minute: time % 3600 / 60,
            second: time % 60,
            weekday: (days + 4).rem_euclid(7),
        }
    }

    /// Later by so many nanoseconds.
    #[must_use]
    pub fn plus(&self, nanoseconds: i64) -> Timestamp {
        let total = self.nanoseconds + nanoseconds.rem_euclid(1_000_000_000);
        Timestamp {
            seconds: self.seconds + nanoseconds.div_euclid(1_000_000_000) + total / 1_000_000_000,
            nanoseconds: total % 1_000_000_000,
            offset: self.offset,
        }
    }

    /// The offset as `+hh:mm`, with this between the two.
    pub fn offset_text(&self, colon: &str) -> String {
        let minutes = self.offset.abs() / 60;
        format!("{}{:02}{colon}{:02}", if self.offset < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
    }
}

/// RFC 3339 to the second.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second, .. } = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.offset == 0 { f.write_str("Z") } else { f.write_str(&self.offset_text(":")) }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    /// The text cannot be used as this part.
    fn bad(&self, part: &str) -> String {
        match self.rest {
            "" => format!(": end of string before {part}"),
            rest => format!(": cannot use {} as {part}", quote(rest)),
        }
    }

    fn literal(&mut self, c: char) -> Result<(), String> {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None if c == 'T' => Err(": missing required time introducer 'T'".to_owned()),
            None if self.rest.is_empty() => Err(format!(": end of string where \"{c}\" is expected")),
            None => Err(format!(": found {} where \"{c}\" is expected", quote(self.rest))),
        }
    }

    /// A number of `most` digits, or of `least` at least.
    fn number(
        &mut self,
        part: &str,
        least: usize,
        most: usize,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<i64, String> {
        let digits = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if digits < least {
            return Err(self.bad(part));
        }
        let (number, rest) = self.rest.split_at(digits);
        let number: i64 = number.parse().map_err(|_| self.bad(part))?;
        self.rest = rest;
        if range.contains(&number) { Ok(number) } else { Err(self.bad(part)) }
    }

    fn timestamp(mut self) -> Result<Timestamp, String> {
        let year = self.number("year", 4, 4, 0..=9999)?;
        self.literal('-')?;
        let month = self.number("month", 2, 2, 1..=12)?;
        self.literal('-')?;
        let day = self.number("day of month", 1, 2, 0..=99)?;
        self.literal('T')?;
        let hour_text = self.rest;
        let hour = self.number("hour", 1, 2, 0..=23).map_err(|_| {
            match hour_text.bytes().take_while(u8::is_ascii_digit).count() {
                2 => ": hour must be between 0 and 23 inclusive".to_owned(),
                _ => self.bad("hour"),
            }
        })?;
        if hour_text.len() - self.rest.len() != 2 {
            return Err(": hour must have exactly two digits".to_owned());
        }
        self.literal(':')?;
        let minute = self.number("minute", 2, 2, 0..=59)?;
        self.literal(':')?;
        let second = self.number("second", 2, 2, 0..=59)?;
        let nanoseconds = self.fraction();
        let offset = self.offset()?;
        if !self.rest.is_empty() {
            return Err(self.bad("timestamp segment"));
        }
        if day < 1 || day > days_in_month(year, month) {
            return Err(": day out of range".to_owned());
        }
        let local = days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
        Ok(Timestamp { seconds: local - offset, nanoseconds, offset })
    }

    fn fraction(&mut self) -> i64 {
        let Some(after) = self.rest.strip_prefix('.') else { return 0 };
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return 0;
        }
        let (text, rest) = after.split_at(digits);
        self.rest = rest;
        text.bytes().chain(std::iter::repeat(b'0')).take(9).fold(0, |n, b| n * 10 + i64::from(b - b'0'))
    }

    fn offset(&mut self) -> Result<i64, String> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(0);
        }
        let whole = self.rest;
        let read = |this: &mut Self| -> Result<i64, String> {
            let sign = match this.rest.chars().next() {
                Some('+') => 1,
                Some('-') => -1,
                _ => return Err(String::new()),
            };
            this.rest = this.rest.get(1..).unwrap_or_default();
            let hours = this.number("", 2, 2, 0..=23)?;
            this.literal(':')?;
            let minutes = this.number("", 2, 2, 0..=59)?;
            Ok(sign * (hours * 60 + minutes) * 60)
        };
        read(self).map_err(|_| Parser { rest: whole }.bad("UTC offset"))
    }
}

/// Reads a duration such as `-1h30m` or `1.5h`, in nanoseconds.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = rest.split_at(whole);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at(after.bytes().take_while(u8::is_ascii_digit).count()),
            None => ("", after),
        };
        if digits.is_empty() && fraction.is_empty() || digits.len() > 19 {
            return Err(invalid());
        }
        let unit_length = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_length);
        let scale: i128 = match unit {
            "" => return Err(format!("time: missing unit in duration {}", quote(text))),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            other => return Err(format!("time: unknown unit {} in duration {}", quote(other), quote(text))),
        };
        total += digits.parse::<i128>().unwrap_or(0) * scale;
        let mut part = scale;
        for digit in fraction.bytes().take(18) {
            total += part * i128::from(digit - b'0') / 10;
            part /= 10;
        }
        if total > i128::from(i64::MAX) {
            return Err(invalid());
        }
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| invalid())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        Timestamp::parse(text).unwrap_err()
    }

    #[test]
    fn timestamps_print_as_read() {
        for text in
            ["2018-01-02T23:12:01Z", "1969-12-31T23:59:59-08:00", "2000-02-29T00:00:00+05:30", "0001-01-01T00:00:00Z"]
        {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Timestamp::parse("2018-01-02T23:12:01.5Z").unwrap().nanoseconds, 500_000_000);
    }

    #[test]
    fn mistakes_name_the_part() {
        assert_eq!(wrong("x"), "not a valid RFC3339 timestamp: cannot use \"x\" as year");
        assert_eq!(wrong("2018-02-03T23:12:61Z"), "not a valid RFC3339 timestamp: cannot use \"Z\" as second");
        assert_eq!(wrong("2018-02-30T23:12:00Z"), "not a valid RFC3339 timestamp: day out of range");
        assert_eq!(
            wrong("2018-02-03 23:12:00Z"),
            "not a valid RFC3339 timestamp: missing required time introducer 'T'"
        );
        assert_eq!(wrong("2018"), "not a valid RFC3339 timestamp: end of string where \"-\" is expected");
        assert_eq!(wrong("2018-02-03T23:12:00"), "not a valid RFC3339 timestamp: end of string before UTC offset");
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration("1.5h"), Ok(5_400_000_000_000));
        assert_eq!(parse_duration("-1h30m"), Ok(-5_400_000_000_000));
        assert_eq!(parse_duration("1.205s"), Ok(1_205_000_000));
        assert_eq!(parse_duration("0"), Ok(0));
        assert_eq!(parse_duration("1d").unwrap_err(), "time: unknown unit \"d\" in duration \"1d\"");
        assert_eq!(parse_duration("1").unwrap_err(), "time: missing unit in duration \"1\"");
        assert_eq!(parse_duration("").unwrap_err(), "time: invalid duration \"\"");
    }
}
