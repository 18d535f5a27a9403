//! Durations as `time_sleep` takes them: `30s`, `1.5h`.

use std::time::Duration;

/// A number immediately followed by ms, s, m or h.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = (text.get(..digits)?, text.get(digits..)?);
    let scale = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let whole = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let valid = match number.split_once('.') {
        Some((before, after)) => whole(before) && whole(after),
        None => whole(number),
    };
    let seconds = number.parse::<f64>().ok().filter(|_| valid)? * scale;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_and_one_unit() {
        assert_eq!(parse("30s"), Some(Duration::from_secs(30)));
        assert_eq!(parse("1.5h"), Some(Duration::from_secs(5400)));
        assert_eq!(parse("5ms"), Some(Duration::from_millis(5)));
        for wrong in ["", "5", "s", "1m30s", "-1s", "1.s", ".5s", "1d", "1.2.3s"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
