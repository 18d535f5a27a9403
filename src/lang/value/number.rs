//! Numbers: binary floats of up to 512 bits, rounded half to even, with a fast path for whole numbers that fit 64 bits.
//!
//! Every number carries the precision it was made with, because Terraform's do and it shows: literals and parsed text have 512
//! bits, lengths 64, results of `pow` and `log` 53. A result has the larger precision of its operands, and the text of a
//! number is the shortest decimal that reads back to it *at its own precision*.

use super::decimal::Notation;
use dashu_base::{BitTest, DivRem};
use dashu_int::{IBig, Sign, UBig};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// Precision of literals and parsed text, in bits.
const FULL: u16 = 512;
/// Precision of whole numbers made by functions.
const WHOLE: u16 = 64;
/// Precision of results that go through a machine float.
const MACHINE: u16 = 53;
/// Binary exponents beyond this become infinite or zero: a number's text takes memory in proportion to its exponent.
const LARGEST_EXPONENT: i64 = 1 << 22;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Repr {
    /// Any whole number that fits, never held otherwise.
    Int(i64),
    /// Zero with a sign, as `-0` makes it.
    NegativeZero,
    /// `mantissa × 2^exponent`, mantissa odd.
    Finite(Box<Finite>),
    Infinite {
        negative: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Finite {
    negative: bool,
    mantissa: UBig,
    exponent: i64,
}

impl Finite {
    /// Position of the highest bit: the number lies in `[2^(top-1), 2^top)`.
    fn top(&self) -> i64 {
        self.mantissa.bit_len() as i64 + self.exponent
    }
}

/// A number of the language.
#[derive(Debug, Clone)]
pub struct Number {
    repr: Repr,
    precision: u16,
}

impl Number {
    /// Positive infinity.
    pub const INFINITY: Number = Number { repr: Repr::Infinite { negative: false }, precision: MACHINE };
    /// Negative infinity.
    pub const NEGATIVE_INFINITY: Number = Number { repr: Repr::Infinite { negative: true }, precision: MACHINE };

    /// Reads decimal text: sign, digits, fraction, exponent (`e`, or `p` for a power of two), or `Inf`.
    /// No surrounding space, underscores or prefixes.
    pub fn parse(text: &str) -> Option<Number> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        if rest == "Inf" || rest == "inf" {
            return Some(Number { repr: Repr::Infinite { negative }, precision: FULL });
        }
        let (body, power, binary) = match rest.find(['e', 'E', 'p', 'P']) {
            Some(at) => {
                let binary = matches!(rest.as_bytes().get(at), Some(b'p' | b'P'));
                (rest.get(..at)?, parse_exponent(rest.get(at + 1..)?)?, binary)
            }
            None => (rest, 0, false),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        if whole.len() + fraction.len() == 0 || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit()) {
            return None;
        }
        if fraction.is_empty() && power == 0 && whole.len() <= 18 {
            let n: i64 = whole.parse().ok()?;
            let n = Number { repr: Repr::Int(n), precision: FULL };
            return Some(if negative { n.neg() } else { n });
        }
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Number { repr: if negative { Repr::NegativeZero } else { Repr::Int(0) }, precision: FULL });
        }
        let mantissa = UBig::from_str_radix(digits, 10).ok()?;
        let tens = if binary { 0 } else { power }.checked_sub(fraction.len() as i64)?;
        let twos = if binary { power.checked_add(tens)? } else { tens };
        if twos.unsigned_abs() > 1 << 31 || tens.unsigned_abs() > 1 << 31 {
            return None;
        }
        let (five, five_exponent) = power_of_five(tens.unsigned_abs());
        let repr = if tens >= 0 {
            round(negative, mantissa * five, twos + five_exponent, FULL, false)
        } else {
            divide(negative, &mantissa, &five, twos - five_exponent, FULL)
        };
        Some(Number { repr, precision: FULL })
    }

    /// The number a machine float is; `None` for NaN. Its precision is 53 bits.
    pub fn from_f64(float: f64) -> Option<Number> {
        let negative = float.is_sign_negative();
        let repr = match float.classify() {
            std::num::FpCategory::Nan => return None,
            std::num::FpCategory::Infinite => Repr::Infinite { negative },
            std::num::FpCategory::Zero if negative => Repr::NegativeZero,
            std::num::FpCategory::Zero => Repr::Int(0),
            _ => {
                let bits = float.to_bits();
                let biased = (bits >> 52 & 0x7ff) as i64;
                let fraction = bits & ((1 << 52) - 1);
                let (mantissa, exponent) =
                    if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
                round(negative, UBig::from(mantissa), exponent, MACHINE, false)
            }
        };
        Some(Number { repr, precision: MACHINE })
    }

    /// A whole number of any size, exact up to 512 bits.
    pub fn from_big(n: &IBig) -> Number {
        let (sign, magnitude) = n.clone().into_parts();
        Number { repr: round(sign == Sign::Negative, magnitude, 0, FULL, false), precision: FULL }
    }

    /// The whole number it is, if it fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.repr {
            Repr::Int(n) => Some(*n),
            Repr::NegativeZero => Some(0),
            _ => None,
        }
    }

    /// The whole number it is, if it fits.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.repr {
            Repr::Int(n) => u64::try_from(*n).ok(),
            Repr::NegativeZero => Some(0),
            _ => u64::try_from(&self.to_big()?).ok(),
        }
    }

    /// The whole number it is, of any size.
    pub fn to_big(&self) -> Option<IBig> {
        match &self.repr {
            Repr::Int(n) => Some(IBig::from(*n)),
            Repr::NegativeZero => Some(IBig::ZERO),
            Repr::Finite(f) if f.exponent >= 0 => {
                let sign = if f.negative { Sign::Negative } else { Sign::Positive };
                Some(IBig::from_parts(sign, &f.mantissa << f.exponent as usize))
            }
            _ => None,
        }
    }

    /// The nearest machine float.
    pub fn to_f64(&self) -> f64 {
        match &self.repr {
            Repr::Int(n) => *n as f64,
            Repr::NegativeZero => -0.0,
            Repr::Infinite { negative: false } => f64::INFINITY,
            Repr::Infinite { negative: true } => f64::NEG_INFINITY,
            // The decimal text that identifies the number among its neighbours identifies its nearest machine float too,
            // unless it has fewer bits than a machine float, which no number here has.
            Repr::Finite(f) => {
                let (kept, dropped) = keep_bits(f.mantissa.clone(), 64);
                let top = u64::try_from(&kept).unwrap_or(u64::MAX);
                let exponent = f.exponent + dropped;
                let magnitude = scale(top, exponent);
                if f.negative { -magnitude } else { magnitude }
            }
        }
    }

    /// Whether it has no fraction; infinities are not whole.
    pub fn is_integer(&self) -> bool {
        match &self.repr {
            Repr::Int(_) | Repr::NegativeZero => true,
            Repr::Finite(f) => f.exponent >= 0,
            Repr::Infinite { .. } => false,
        }
    }

    /// Whether it is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        matches!(self.repr, Repr::Int(0) | Repr::NegativeZero)
    }

    /// Whether it is less than zero.
    pub fn is_negative(&self) -> bool {
        match &self.repr {
            Repr::Int(n) => *n < 0,
            Repr::NegativeZero => false,
            Repr::Finite(f) => f.negative,
            Repr::Infinite { negative } => *negative,
        }
    }

    /// Whether it is an infinity.
    pub fn is_infinite(&self) -> bool {
        matches!(self.repr, Repr::Infinite { .. })
    }

    /// Whether a minus sign stands before it; unlike [`Number::is_negative`] also for `-0`.
    pub(super) fn has_minus(&self) -> bool {
        self.is_negative() || self.repr == Repr::NegativeZero
    }

    /// Its precision in bits.
    pub(super) fn precision(&self) -> u16 {
        self.precision
    }

    /// Sign, and magnitude as mantissa and exponent of two, of a finite number.
    pub(super) fn parts(&self) -> Option<(bool, UBig, i64)> {
        match &self.repr {
            Repr::Int(n) => Some((*n < 0, UBig::from(n.unsigned_abs()), 0)),
            Repr::NegativeZero => Some((true, UBig::ZERO, 0)),
            Repr::Finite(f) => Some((f.negative, f.mantissa.clone(), f.exponent)),
            Repr::Infinite { .. } => None,
        }
    }

    /// Sum; `None` for the sum of opposite infinities.
    pub fn add(&self, other: &Number) -> Option<Number> {
        let precision = self.precision.max(other.precision);
        if let (Repr::Int(a), Repr::Int(b)) = (&self.repr, &other.repr)
            && precision >= WHOLE
            && let Some(sum) = a.checked_add(*b)
        {
            return Some(Number { repr: Repr::Int(sum), precision });
        }
        let repr = match (self.parts(), other.parts()) {
            (None, None) if self.is_negative() != other.is_negative() => return None,
            (None, _) => self.repr.clone(),
            (_, None) => other.repr.clone(),
            (Some((a_negative, a, a_exponent)), Some((b_negative, b, b_exponent))) => {
                if a.is_zero() && b.is_zero() {
                    return Some(Number {
                        repr: if a_negative && b_negative { Repr::NegativeZero } else { Repr::Int(0) },
                        precision,
                    });
                }
                let exponent = a_exponent.min(b_exponent);
                let signed = |negative: bool, mantissa: UBig, own: i64| {
                    let sign = if negative { Sign::Negative } else { Sign::Positive };
                    IBig::from_parts(sign, mantissa << (own - exponent) as usize)
                };
                let sum = signed(a_negative, a, a_exponent) + signed(b_negative, b, b_exponent);
                let (sign, magnitude) = sum.into_parts();
                round(sign == Sign::Negative, magnitude, exponent, precision, false)
            }
        };
        Some(Number { repr, precision })
    }

    /// Difference; `None` for the difference of equal infinities.
    pub fn sub(&self, other: &Number) -> Option<Number> {
        self.add(&other.neg())
    }

    /// Product; `None` for zero times infinity. Its precision grows to hold the exact product, up to 512 bits.
    pub fn mul(&self, other: &Number) -> Option<Number> {
        let precision = self.precision.max(other.precision);
        if let (Repr::Int(a), Repr::Int(b)) = (&self.repr, &other.repr)
            && *a != 0
            && *b != 0
            && precision >= WHOLE
            && let Some(product) = a.checked_mul(*b)
        {
            return Some(Number { repr: Repr::Int(product), precision });
        }
        let negative = self.has_minus() != other.has_minus();
        match (self.parts(), other.parts()) {
            (Some((_, a, a_exponent)), Some((_, b, b_exponent))) => {
                let repr = round(negative, a * b, a_exponent + b_exponent, FULL, false);
                let needed = match &repr {
                    Repr::Int(n) => 64 - n.unsigned_abs().leading_zeros() as u16,
                    Repr::Finite(f) => f.mantissa.bit_len() as u16,
                    _ => 0,
                };
                Some(Number { repr, precision: precision.max(needed) })
            }
            _ if self.is_zero() || other.is_zero() => None,
            _ => Some(Number { repr: Repr::Infinite { negative }, precision }),
        }
    }

    /// Quotient; `None` when the divisor is zero or both are infinite.
    pub fn div(&self, other: &Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        let precision = self.precision.max(other.precision);
        let negative = self.has_minus() != other.has_minus();
        if let (Repr::Int(a), Repr::Int(b)) = (&self.repr, &other.repr)
            && *a != 0
            && precision >= WHOLE
            && a.checked_rem(*b) == Some(0)
            && let Some(quotient) = a.checked_div(*b)
        {
            return Some(Number { repr: Repr::Int(quotient), precision });
        }
        let repr = match (self.parts(), other.parts()) {
            (None, None) => return None,
            (None, _) => Repr::Infinite { negative },
            (_, None) => {
                if negative {
                    Repr::NegativeZero
                } else {
                    Repr::Int(0)
                }
            }
            (Some((_, a, a_exponent)), Some((_, b, b_exponent))) => {
                divide(negative, &a, &b, a_exponent - b_exponent, precision)
            }
        };
        Some(Number { repr, precision })
    }

    /// Remainder of the division rounded towards zero, with the sign of `self`; `self` where the divisor is zero;
    /// an infinity (or `None`) where one of them is.
    pub fn rem(&self, other: &Number) -> Option<Number> {
        if self.is_infinite() || other.is_infinite() {
            return self.mul(other);
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        let whole = self.div(other)?.trunc();
        let precision = self.precision.max(other.precision);
        let (negative, a, a_exponent) = whole.parts()?;
        let (b_negative, b, b_exponent) = other.parts()?;
        let product =
            Number { repr: round(negative != b_negative, a * b, a_exponent + b_exponent, precision, false), precision };
        self.sub(&product)
    }

    /// With the other sign.
    #[must_use]
    pub fn neg(&self) -> Number {
        let repr = match &self.repr {
            Repr::Int(0) => Repr::NegativeZero,
            Repr::NegativeZero => Repr::Int(0),
            Repr::Int(i64::MIN) => round(false, UBig::from(1u64 << 63), 0, FULL, false),
            Repr::Int(n) => Repr::Int(-n),
            Repr::Infinite { negative } => Repr::Infinite { negative: !negative },
            Repr::Finite(f) => round(!f.negative, f.mantissa.clone(), f.exponent, FULL, false),
        };
        Number { repr, precision: self.precision }
    }

    /// Without sign.
    #[must_use]
    pub fn abs(&self) -> Number {
        if self.has_minus() { self.neg() } else { self.clone() }
    }

    /// Largest whole number not above it.
    #[must_use]
    pub fn floor(&self) -> Number {
        let whole = self.trunc();
        if self.is_negative() && !self.is_integer() { whole.sub(&Number::from(1)).unwrap_or(whole) } else { whole }
    }

    /// Smallest whole number not below it.
    #[must_use]
    pub fn ceil(&self) -> Number {
        let whole = self.trunc();
        if self.is_negative() || self.is_integer() { whole } else { whole.add(&Number::from(1)).unwrap_or(whole) }
    }

    /// Rounded towards zero; infinities stay.
    #[must_use]
    pub fn trunc(&self) -> Number {
        match &self.repr {
            Repr::Finite(f) if f.exponent < 0 => {
                let magnitude = &f.mantissa >> f.exponent.unsigned_abs() as usize;
                Number { repr: round(f.negative, magnitude, 0, FULL, false), precision: self.precision }.positive_zero()
            }
            _ => self.clone().positive_zero(),
        }
    }

    fn positive_zero(self) -> Number {
        if self.is_zero() { Number { repr: Repr::Int(0), ..self } } else { self }
    }

    /// Exact order of the values, whatever their precision.
    fn order(&self, other: &Number) -> Ordering {
        match (&self.repr, &other.repr) {
            (Repr::Int(a), Repr::Int(b)) => a.cmp(b),
            (Repr::Infinite { negative: a }, Repr::Infinite { negative: b }) => b.cmp(a),
            (Repr::Infinite { negative }, _) => {
                if *negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (_, Repr::Infinite { negative }) => {
                if *negative {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            _ => {
                let sign = |n: &Number| {
                    if n.is_zero() {
                        0
                    } else if n.is_negative() {
                        -1
                    } else {
                        1
                    }
                };
                let by_sign = sign(self).cmp(&sign(other));
                if by_sign != Ordering::Equal || self.is_zero() {
                    return by_sign;
                }
                let (Some((negative, a, a_exponent)), Some((_, b, b_exponent))) = (self.parts(), other.parts()) else {
                    return Ordering::Equal;
                };
                let tops = (a.bit_len() as i64 + a_exponent).cmp(&(b.bit_len() as i64 + b_exponent));
                let magnitude = if tops == Ordering::Equal {
                    let exponent = a_exponent.min(b_exponent);
                    (a << (a_exponent - exponent) as usize).cmp(&(b << (b_exponent - exponent) as usize))
                } else {
                    tops
                };
                if negative { magnitude.reverse() } else { magnitude }
            }
        }
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// `5^n` as `mantissa × 2^exponent`: exact while it is short, then cut to more bits than any result keeps.
fn power_of_five(n: u64) -> (UBig, i64) {
    const KEPT: usize = 768;
    let (mut result, mut result_exponent) = (UBig::ONE, 0);
    let (mut base, mut base_exponent) = (UBig::from(5u8), 0i64);
    let mut left = n;
    while left > 0 {
        if left & 1 == 1 {
            let (kept, dropped) = keep_bits(result * &base, KEPT);
            result = kept;
            result_exponent += base_exponent + dropped;
        }
        left >>= 1;
        if left > 0 {
            let (kept, dropped) = keep_bits(&base * &base, KEPT);
            base_exponent = 2 * base_exponent + dropped;
            base = kept;
        }
    }
    (result, result_exponent)
}

/// The highest bits of a number, the lowest of them set if anything was lost, and how many were dropped.
fn keep_bits(n: UBig, bits: usize) -> (UBig, i64) {
    let len = n.bit_len();
    if len <= bits {
        return (n, 0);
    }
    let dropped = len - bits;
    let inexact = n.trailing_zeros().is_some_and(|zeros| zeros < dropped);
    let kept = n >> dropped;
    (if inexact { kept | UBig::ONE } else { kept }, dropped as i64)
}

/// `top × 2^exponent` as the nearest machine float; the lowest bit of `top` says whether anything smaller follows.
fn scale(top: u64, exponent: i64) -> f64 {
    if top == 0 {
        return 0.0;
    }
    let shift = top.leading_zeros();
    let top = top << shift;
    let exponent = exponent - i64::from(shift);
    // The value is `1.xxx × 2^e`.
    let e = exponent + 63;
    if e > 1023 {
        return f64::INFINITY;
    }
    // Fewer bits are left where the float is subnormal.
    let bits = if e >= -1022 { 53 } else { 53 - (-1022 - e) };
    if bits < 0 {
        return 0.0;
    }
    let drop = (64 - bits) as u32;
    let (kept, rest, half) =
        if drop == 64 { (0, top, 1u64 << 63) } else { (top >> drop, top & ((1u64 << drop) - 1), 1u64 << (drop - 1)) };
    let kept = if rest > half || rest == half && kept & 1 == 1 { kept + 1 } else { kept };
    // Exact: at most 53 bits, and powers of two in range (in two steps, for the subnormal ones).
    let power = e - 63 + i64::from(drop);
    let step = |p: i64| f64::from_bits(((p + 1023) as u64) << 52);
    let mut result = kept as f64;
    let mut power = power;
    while power < -1022 {
        result *= step(-1022);
        power += 1022;
    }
    result * step(power)
}

/// Rounds `mantissa × 2^exponent` half to even; with `more`, something smaller than the last bit follows.
fn round(negative: bool, mantissa: UBig, exponent: i64, precision: u16, more: bool) -> Repr {
    if mantissa.is_zero() {
        return if negative { Repr::NegativeZero } else { Repr::Int(0) };
    }
    let len = mantissa.bit_len();
    let (mut mantissa, mut exponent) = (mantissa, exponent);
    if len > usize::from(precision) {
        let drop = len - usize::from(precision);
        let half = mantissa.bit(drop - 1);
        let beyond = more || mantissa.trailing_zeros().is_some_and(|zeros| zeros < drop - 1);
        mantissa >>= drop;
        exponent += drop as i64;
        if half && (beyond || mantissa.bit(0)) {
            mantissa += UBig::ONE;
        }
    }
    if let Some(zeros) = mantissa.trailing_zeros()
        && zeros > 0
    {
        mantissa >>= zeros;
        exponent += zeros as i64;
    }
    let finite = Finite { negative, mantissa, exponent };
    let top = finite.top();
    if top > LARGEST_EXPONENT {
        return Repr::Infinite { negative };
    }
    if top < -LARGEST_EXPONENT {
        return if negative { Repr::NegativeZero } else { Repr::Int(0) };
    }
    if finite.exponent >= 0 && top <= 64 {
        let magnitude = i128::try_from(&finite.mantissa << finite.exponent as usize).unwrap_or(i128::MAX);
        if let Ok(n) = i64::try_from(if negative { -magnitude } else { magnitude }) {
            return Repr::Int(n);
        }
    }
    Repr::Finite(Box::new(finite))
}

/// `a ÷ b × 2^exponent`, rounded.
fn divide(negative: bool, a: &UBig, b: &UBig, exponent: i64, precision: u16) -> Repr {
    let wanted = usize::from(precision) + 2 + b.bit_len();
    let shift = wanted.saturating_sub(a.bit_len());
    let (quotient, rest) = (a << shift).div_rem(b);
    round(negative, quotient, exponent - shift as i64, precision, !rest.is_zero())
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Number { repr: Repr::Int(n), precision: WHOLE }
    }
}

impl From<i32> for Number {
    fn from(n: i32) -> Self {
        Number::from(i64::from(n))
    }
}

impl From<usize> for Number {
    fn from(n: usize) -> Self {
        Number::from(n as u64)
    }
}

impl From<u64> for Number {
    fn from(n: u64) -> Self {
        Number { repr: round(false, UBig::from(n), 0, WHOLE, false), precision: WHOLE }
    }
}

/// Numbers are equal when they print alike; `-0` is `0`.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.repr, &other.repr) {
            (Repr::Int(a), Repr::Int(b)) => a == b,
            (Repr::Finite(a), Repr::Finite(b)) => {
                if a == b && (self.precision == other.precision || a.exponent >= 0) {
                    return true;
                }
                if a.exponent >= 0 || b.exponent >= 0 || a.negative != b.negative || (a.top() - b.top()).abs() > 1 {
                    return false;
                }
                self.precision != other.precision && self.to_string() == other.to_string()
            }
            _ => self.order(other) == Ordering::Equal,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.repr {
            Repr::Int(n) => n.hash(state),
            Repr::NegativeZero => 0i64.hash(state),
            Repr::Infinite { negative } => negative.hash(state),
            Repr::Finite(f) if f.exponent >= 0 => (f.negative, f.top()).hash(state),
            Repr::Finite(_) => self.to_string().hash(state),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other {
            return Ordering::Equal;
        }
        self.order(other).then(self.precision.cmp(&other.precision))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repr {
            Repr::Int(n) if self.precision >= WHOLE || n.unsigned_abs() < 1 << MACHINE => n.fmt(f),
            Repr::NegativeZero => f.write_str("-0"),
            Repr::Infinite { negative } => f.write_str(if *negative { "-Inf" } else { "+Inf" }),
            _ => f.write_str(&self.text(Notation::Plain, None)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn decimal_fractions_print_as_written() {
        for text in ["0.1", "1.5", "-2.25", "123456789012345678901234567890", "0.000001"] {
            assert_eq!(n(text).to_string(), text);
        }
    }

    #[test]
    fn sums_of_decimal_fractions_print_short() {
        assert_eq!(n("0.1").add(&n("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(n("0.1").add(&n("0.2")).unwrap(), n("0.3"));
    }

    #[test]
    fn a_third_has_155_digits_and_three_of_them_are_one() {
        let third = n("1").div(&n("3")).unwrap();
        assert_eq!(third.to_string(), format!("0.{}5", "3".repeat(154)));
        assert_eq!(third.mul(&n("3")).unwrap(), n("1"));
    }

    #[test]
    fn precision_is_that_of_the_operands() {
        assert_eq!(Number::from(1).div(&Number::from(3)).unwrap().to_string(), "0.33333333333333333334");
        let root = Number::from_f64(2f64.sqrt()).unwrap();
        assert_eq!(root.to_string(), "1.4142135623730951");
        assert_eq!(root.mul(&n("1")).unwrap().to_string(), "1.4142135623730951454746218587388284504413604736328125");
    }

    #[test]
    fn zero_keeps_its_sign_but_equals_zero() {
        assert_eq!(n("0").neg().to_string(), "-0");
        assert_eq!(n("-0"), n("0"));
    }

    #[test]
    fn division_by_zero_has_no_result() {
        assert_eq!(n("1").div(&n("0")), None);
        assert_eq!(n("7").rem(&n("0")), Some(n("7")));
    }

    #[test]
    fn remainder_has_the_sign_of_the_dividend() {
        assert_eq!(n("-7").rem(&n("3")).unwrap().to_string(), "-1");
        assert_eq!(n("5.5").rem(&n("2")).unwrap().to_string(), "1.5");
    }

    #[test]
    fn text_forms_follow_the_number_grammar() {
        assert_eq!(n("1e100").to_string(), format!("1{}", "0".repeat(100)));
        assert_eq!(n(".5").to_string(), "0.5");
        assert_eq!(n("5.").to_string(), "5");
        assert_eq!(n("1p3").to_string(), "8");
        assert_eq!(n("inf").to_string(), "+Inf");
        for bad in ["", " 1", "0x10", "1_000", "Infinity", "1e", "-", ".", "e5", "1e+", "--1"] {
            assert_eq!(Number::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn whole_numbers_that_fit_are_held_as_such() {
        assert_eq!(n("9223372036854775807").add(&n("1")).unwrap().to_string(), "9223372036854775808");
        assert_eq!(n("9223372036854775808").sub(&n("1")).unwrap().to_i64(), Some(i64::MAX));
        assert_eq!(n("-9223372036854775808").to_i64(), Some(i64::MIN));
        assert_eq!(n("1e3").to_i64(), Some(1000));
        assert_eq!(n("18446744073709551615").to_u64(), Some(u64::MAX));
    }

    #[test]
    fn rounding_to_whole_numbers() {
        assert_eq!(n("-1.5").floor().to_string(), "-2");
        assert_eq!(n("-1.5").ceil().to_string(), "-1");
        assert_eq!(n("1.5").ceil().to_string(), "2");
        assert_eq!(n("-0.5").ceil().to_string(), "0");
    }

    #[test]
    fn machine_floats_round_trip() {
        for f in [0.1, 1e300, 5e-324, 2.2250738585072014e-308, 1e-310, -123.456, f64::MAX, 9007199254740993.0] {
            assert_eq!(Number::from_f64(f).unwrap().to_f64(), f);
            assert_eq!(n(&format!("{f:?}")).to_f64(), f);
        }
    }

    #[test]
    fn order_is_by_value() {
        let sorted = ["-inf", "-1e50", "-1.5", "-1", "0", "0.5", "1", "1.25", "1e50", "inf"];
        for pair in sorted.windows(2) {
            let [a, b] = pair else { continue };
            assert!(n(a) < n(b), "{a} {b}");
        }
    }

    #[test]
    fn enormous_exponents_do_not_take_enormous_memory() {
        assert_eq!(n("1e2000000000").to_string(), "+Inf");
        assert_eq!(n("1e-2000000000").to_string(), "0");
    }
}
