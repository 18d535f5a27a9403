//! Decimal text of binary floats: the shortest that reads back, or with a given number of digits, in the notations of `printf`.

use super::Number;
use dashu_base::BitTest;
use dashu_int::UBig;

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `%f`: without exponent; the precision counts digits after the point.
    Plain,
    /// `%e`: with exponent; the precision counts digits after the point.
    Scientific,
    /// `%g`: plain unless the exponent is small or large; the precision counts significant digits.
    General,
}

/// A decimal under construction: `0.DIGITS × 10^point`, without trailing zeros.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Number {
    /// The number in a notation, with a precision or (without) with as many digits as identify it among the numbers of its
    /// precision. Infinities are `+Inf` and `-Inf`.
    pub fn text(&self, notation: Notation, precision: Option<usize>) -> String {
        let sign = if self.has_minus() { "-" } else { "" };
        let Some((_, mantissa, exponent)) = self.parts() else {
            return if self.is_negative() { "-Inf" } else { "+Inf" }.to_owned();
        };
        let mut decimal = Decimal::new(&mantissa, exponent);
        match (notation, precision) {
            (_, None) => decimal.shorten(mantissa, exponent, self.precision()),
            (Notation::Plain, Some(n)) => decimal.round_at(decimal.point + n as i64),
            (Notation::Scientific, Some(n)) => decimal.round(n + 1),
            (Notation::General, Some(n)) => decimal.round(n.max(1)),
        }
        let digits = decimal.digits.len();
        let text = match notation {
            Notation::Plain => decimal.plain(precision),
            Notation::Scientific => decimal.scientific(precision.unwrap_or_else(|| digits.max(1) - 1)),
            Notation::General => {
                let threshold = match precision {
                    None => 6,
                    Some(n) if n.max(1) > digits && digits as i64 >= decimal.point => digits as i64,
                    Some(n) => n.max(1) as i64,
                };
                let power = if digits == 0 { 0 } else { decimal.point - 1 };
                // Trailing zeros are never shown.
                if power < -4 || power >= threshold.max(if digits == 0 { 1 } else { 0 }) {
                    decimal.scientific(digits.max(1) - 1)
                } else {
                    decimal.plain(None)
                }
            }
        };
        format!("{sign}{text}")
    }
}

impl Decimal {
    fn new(mantissa: &UBig, exponent: i64) -> Self {
        // A negative power of two is a power of five with the point moved.
        let (digits, moved) = if exponent >= 0 {
            ((mantissa << exponent as usize).to_string(), 0)
        } else {
            let by = exponent.unsigned_abs() as usize;
            ((mantissa * UBig::from(5u8).pow(by)).to_string(), exponent)
        };
        let point = digits.len() as i64 + moved;
        let mut decimal = Decimal { digits: digits.into_bytes(), point };
        decimal.trim();
        decimal
    }

    fn at(&self, i: usize) -> u8 {
        self.digits.get(i).copied().unwrap_or(b'0')
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn round(&mut self, n: usize) {
        if n >= self.digits.len() {
            return;
        }
        let exactly_half = self.at(n) == b'5' && n + 1 == self.digits.len();
        let up = if exactly_half { n > 0 && (self.at(n - 1) - b'0') & 1 != 0 } else { self.at(n) >= b'5' };
        if up { self.round_up(n) } else { self.round_down(n) }
    }

    /// Rounds at a position that may lie before the first digit.
    fn round_at(&mut self, n: i64) {
        match usize::try_from(n) {
            Ok(n) => self.round(n),
            Err(_) => {
                self.digits.clear();
                self.point = 0;
            }
        }
    }

    /// Cuts to the shortest digits that identify the number among those of its precision.
    fn shorten(&mut self, mantissa: UBig, exponent: i64, precision: u16) {
        if mantissa.is_zero() {
            return;
        }
        // One bit more than the precision: the lowest bit is half a unit in the last place.
        let shift = i64::from(precision) + 1 - mantissa.bit_len() as i64;
        let scaled = if shift >= 0 { mantissa << shift as usize } else { mantissa >> shift.unsigned_abs() as usize };
        let exponent = exponent - shift;
        let inclusive = !scaled.bit(1);
        let lower = Decimal::new(&(&scaled - UBig::ONE), exponent);
        let upper = Decimal::new(&(&scaled + UBig::ONE), exponent);
        for (i, &digit) in self.digits.clone().iter().enumerate() {
            let low = lower.at(i);
            let high = upper.at(i);
            let down = low != digit || inclusive && i + 1 == lower.digits.len();
            let up = digit != high && (inclusive || digit + 1 < high || i + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => self.round(i + 1),
                (true, false) => self.round_down(i + 1),
                (false, true) => self.round_up(i + 1),
                (false, false) => continue,
            }
            return;
        }
    }

    fn round_down(&mut self, n: usize) {
        self.digits.truncate(n);
        self.trim();
    }

    fn round_up(&mut self, n: usize) {
        self.digits.truncate(n);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(last) => *last += 1,
            None => {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
    }

    /// Cut or filled to so many digits after the point, if given.
    fn plain(&self, fraction: Option<usize>) -> String {
        let fraction = fraction.unwrap_or_else(|| usize::try_from(self.digits.len() as i64 - self.point).unwrap_or(0));
        let mut out = String::new();
        if self.point <= 0 {
            out.push('0');
        }
        out.extend((0..self.point).map(|i| char::from(self.at(i as usize))));
        if fraction > 0 {
            out.push('.');
            let digits = (self.point..self.point + fraction as i64)
                .map(|i| usize::try_from(i).map_or('0', |i| char::from(self.at(i))));
            out.extend(digits);
        }
        out
    }

    /// `d.ddde±dd` with so many digits after the point.
    fn scientific(&self, fraction: usize) -> String {
        let mut out = String::from(char::from(self.at(0)));
        if fraction > 0 {
            out.push('.');
            out.extend((1..=fraction).map(|i| char::from(self.at(i))));
        }
        let power = if self.digits.is_empty() { 0 } else { self.point - 1 };
        out.push('e');
        out.push(if power < 0 { '-' } else { '+' });
        out.push_str(&format!("{:02}", power.abs()));
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn text(number: &str, notation: Notation, precision: Option<usize>) -> String {
        Number::parse(number).unwrap().text(notation, precision)
    }

    #[test]
    fn plain_text_has_the_wanted_fraction() {
        assert_eq!(text("3.14159", Notation::Plain, Some(2)), "3.14");
        assert_eq!(text("0.0051", Notation::Plain, Some(2)), "0.01");
        assert_eq!(text("0.5", Notation::Plain, Some(0)), "0");
        assert_eq!(text("0.0001", Notation::Plain, Some(2)), "0.00");
        assert_eq!(text("99.99", Notation::Plain, Some(1)), "100.0");
        assert_eq!(text("1", Notation::Plain, Some(3)), "1.000");
    }

    #[test]
    fn scientific_text_has_an_exponent_of_two_digits() {
        assert_eq!(text("12345.678", Notation::Scientific, Some(2)), "1.23e+04");
        assert_eq!(text("0", Notation::Scientific, Some(2)), "0.00e+00");
    }

    #[test]
    fn general_text_changes_notation_with_the_exponent() {
        assert_eq!(text("1e21", Notation::General, None), "1e+21");
        assert_eq!(text("0.00001", Notation::General, None), "1e-05");
        assert_eq!(text("123456", Notation::General, None), "123456");
        assert_eq!(text("1234567", Notation::General, None), "1.234567e+06");
        assert_eq!(text("1234567890123", Notation::General, Some(10)), "1.23456789e+12");
        assert_eq!(text("100", Notation::General, Some(10)), "100");
        assert_eq!(text("0", Notation::General, None), "0");
    }
}
