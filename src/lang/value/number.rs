//! Numbers: 512-bit binary floats, rounded half to even, with a fast path for whole numbers that fit 64 bits.

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use std::cmp::Ordering;
use std::fmt;

type Big = FBig<HalfEven, 2>;

#[derive(Debug, Clone)]
enum Repr {
    Int(i64),
    Big(Box<Big>),
}

/// A number of the language.
#[derive(Debug, Clone)]
pub struct Number(Repr);

impl Number {
    /// The whole number it is, if it fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(n) => Some(*n),
            Repr::Big(_) => None,
        }
    }

    fn big(&self) -> Big {
        match &self.0 {
            Repr::Int(n) => Big::from(*n).with_precision(512).value(),
            Repr::Big(b) => Big::clone(b),
        }
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Number(Repr::Int(n))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a.cmp(b),
            _ => self.big().cmp(&other.big()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(n) => n.fmt(f),
            Repr::Big(b) => b.fmt(f),
        }
    }
}
