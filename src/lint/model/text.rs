//! A text of which parts may be known only later.

use crate::lang::value::symbol::{self, Piece, Symbol};

/// A text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'m>(pub &'m str);

impl<'m> Text<'m> {
    /// The text, if all of it is known.
    pub fn known(self) -> Option<&'m str> {
        (!symbol::has_symbol(self.0)).then_some(self.0)
    }

    /// The text for people: parts to come as `${aws_kms_key.k.arn}`.
    pub fn readable(self) -> String {
        symbol::readable(self.0)
    }

    /// What it consists of.
    pub fn pieces(self) -> Vec<Piece<'m>> {
        symbol::pieces(self.0)
    }

    /// The attribute it is, if it is one and nothing else.
    pub fn symbol(self) -> Option<Symbol> {
        symbol::only_symbol(self.0)
    }

    /// Whether it can turn out to be this other text.
    pub fn may_be(self, other: &str) -> bool {
        symbol::may_equal(self.0, other)
    }

    /// Whether it is this other text for certain: both are the same, known or of the same origin.
    pub fn is(self, other: &str) -> bool {
        self.0 == other
    }
}
