//! Functions of dates and times.

use super::call::{Call, FunctionError, Outcome};
use super::timestamp::{Timestamp, parse_duration};
use crate::lang::value::{Type, Value, quote};

pub fn timestamp(_: &Call<'_>) -> Outcome {
    Ok(Value::string(Timestamp::now().to_string()))
}

pub fn plantimestamp(call: &Call<'_>) -> Outcome {
    Ok(match &call.context.plan_timestamp {
        Some(text) => Value::string(text.as_str()),
        None => Value::unknown(Type::String),
    })
}

pub fn timeadd(call: &Call<'_>) -> Outcome {
    let time = Timestamp::parse(call.text(0)?)?;
    Ok(Value::string(time.plus(parse_duration(call.text(1)?)?).to_string()))
}

pub fn timecmp(call: &Call<'_>) -> Outcome {
    let time = |i: usize| -> Result<(i64, i64), FunctionError> {
        let time = Timestamp::parse(call.text(i)?).map_err(|e| FunctionError::argument(i, e))?;
        Ok((time.seconds, time.nanoseconds))
    };
    Ok(Value::number(time(0)?.cmp(&time(1)?) as i64))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub fn formatdate(call: &Call<'_>) -> Outcome {
    let format = call.text(0)?;
    let time = Timestamp::parse(call.text(1)?).map_err(|e| FunctionError::argument(1, e))?;
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => literal(rest, &mut out).ok_or_else(|| FunctionError::argument(0, "unterminated literal '"))?,
            c if c.is_ascii_alphabetic() => {
                let length = rest.bytes().take_while(|b| char::from(*b) == c).count();
                let verb = rest.get(..length).unwrap_or_default();
                let text = segment(c, length, &time).map_err(|reason| {
                    FunctionError::argument(0, format!("invalid date format verb {}{reason}", quote(verb)))
                })?;
                out.push_str(&text);
                length
            }
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(Value::string_normalized(&out))
}

/// Copies quoted text, in which two quotes stand for one; its length with the quotes.
fn literal(text: &str, out: &mut String) -> Option<usize> {
    if text.starts_with("''") {
        out.push('\'');
        return Some(2);
    }
    let mut at = 1;
    loop {
        let rest = text.get(at..)?;
        let end = rest.find('\'')?;
        out.push_str(rest.get(..end)?);
        at += end + 1;
        if !text.get(at..)?.starts_with('\'') {
            return Some(at);
        }
        out.push('\'');
        at += 1;
    }
}

fn segment(verb: char, length: usize, time: &Timestamp) -> Result<String, String> {
    let date = time.civil();
    let name = |names: &[&'static str], i: i64| {
        usize::try_from(i).ok().and_then(|i| names.get(i)).copied().unwrap_or_default()
    };
    let short = |name: &'static str| name.get(..3).unwrap_or(name).to_owned();
    let number = |n: i64, wrong: &str| match length {
        1 => Ok(n.to_string()),
        2 => Ok(format!("{n:02}")),
        _ => Err(wrong.to_owned()),
    };
    match verb {
        'Y' => match length {
            2 => Ok(format!("{:02}", date.year % 100)),
            4 => Ok(format!("{:04}", date.year)),
            _ => Err(": year must either be \"YY\" or \"YYYY\"".to_owned()),
        },
        'M' => match length {
            1 | 2 => number(date.month, ""),
            3 => Ok(short(name(&MONTHS, date.month - 1))),
            4 => Ok(name(&MONTHS, date.month - 1).to_owned()),
            _ => Err(": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"".to_owned()),
        },
        'D' => number(date.day, ": day of month must either be \"D\" or \"DD\""),
        'E' => match length {
            3 => Ok(short(name(&WEEKDAYS, date.weekday))),
            4 => Ok(name(&WEEKDAYS, date.weekday).to_owned()),
            _ => Err(": day of week must either be \"EEE\" or \"EEEE\"".to_owned()),
        },
        'h' => number(date.hour, ": 24-hour must either be \"h\" or \"hh\""),
        'H' => number((date.hour + 11) % 12 + 1, ": 12-hour must either be \"H\" or \"HH\""),
        'A' | 'a' if length != 2 => Err(format!(": must be \"{verb}{verb}\"")),
        'A' => Ok(if date.hour < 12 { "AM" } else { "PM" }.to_owned()),
        'a' => Ok(if date.hour < 12 { "am" } else { "pm" }.to_owned()),
        'm' => number(date.minute, ": minute must either be \"m\" or \"mm\""),
        's' => number(date.second, ": second must either be \"s\" or \"ss\""),
        'Z' => match length {
            1 if time.offset == 0 => Ok("Z".to_owned()),
            1 | 5 => Ok(time.offset_text(":")),
            3 if time.offset == 0 => Ok("UTC".to_owned()),
            3 | 4 => Ok(time.offset_text("")),
            _ => Err(": timezone must be Z, ZZZZ, or ZZZZZ".to_owned()),
        },
        _ => Err(String::new()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;

    fn date(format: &str, time: &str) -> String {
        run("formatdate", &[s(format), s(time)]).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn dates_are_formatted_by_letters() {
        assert_eq!(date("EEEE, DD-MMM-YY hh:mm:ss ZZZ", "2018-01-02T23:12:01Z"), "Tuesday, 02-Jan-18 23:12:01 UTC");
        assert_eq!(date("EEE, D MMMM YYYY H aa ZZZ", "2018-01-02T23:12:01-08:00"), "Tue, 2 January 2018 11 pm -0800");
        assert_eq!(
            date("YYYY-MM-DD'T'hh:mm:ssZ '' 'it''s'", "2018-01-02T23:12:01+05:30"),
            "2018-01-02T23:12:01+05:30 ' it's"
        );
    }

    #[test]
    fn wrong_letters_are_errors() {
        let time = s("2018-01-02T23:12:01Z");
        assert_eq!(error("formatdate", &[s("it''s"), time.clone()]), "invalid date format verb \"i\"");
        assert_eq!(
            error("formatdate", &[s("YYY"), time.clone()]),
            "invalid date format verb \"YYY\": year must either be \"YY\" or \"YYYY\""
        );
        assert_eq!(error("formatdate", &[s("'x"), time]), "unterminated literal '");
    }

    #[test]
    fn time_goes_on_and_back() {
        assert_eq!(run("timeadd", &[s("2017-11-22T00:00:00Z"), s("-1h")]).unwrap(), s("2017-11-21T23:00:00Z"));
        assert_eq!(run("timeadd", &[s("2017-12-31T23:59:59+01:00"), s("1s")]).unwrap(), s("2018-01-01T00:00:00+01:00"));
        assert_eq!(json("timecmp", &[s("2017-11-22T06:00:00+02:00"), s("2017-11-22T04:00:00Z")]), "0");
        assert_eq!(json("timecmp", &[s("2017-11-22T00:00:00Z"), s("2017-11-22T00:00:01Z")]), "-1");
    }

    #[test]
    fn now_has_the_usual_form() {
        assert_eq!(run("timestamp", &[]).unwrap().as_str().unwrap().len(), 20);
    }
}
