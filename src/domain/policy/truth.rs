//! Truth in three values: what can be said when part of the facts is known only later.

/// Yes, no, or known only when more is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// In no case.
    No,
    /// It depends on what is not known yet.
    Unknown,
    /// In every case.
    Yes,
}

impl Truth {
    /// True when both are.
    #[must_use]
    pub fn and(self, other: Truth) -> Truth {
        self.min(other)
    }

    /// True when one is.
    #[must_use]
    pub fn or(self, other: Truth) -> Truth {
        self.max(other)
    }

    /// True of every one; of none it is.
    pub fn all(items: impl IntoIterator<Item = Truth>) -> Truth {
        items.into_iter().fold(Truth::Yes, Truth::and)
    }

    /// True of one at least.
    pub fn any(items: impl IntoIterator<Item = Truth>) -> Truth {
        items.into_iter().fold(Truth::No, Truth::or)
    }

    /// In no case can it be true.
    pub fn is_no(self) -> bool {
        self == Truth::No
    }

    /// In every case it is true.
    pub fn is_yes(self) -> bool {
        self == Truth::Yes
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Truth {
        if truth { Truth::Yes } else { Truth::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_yields_to_what_decides() {
        use Truth::{No, Unknown, Yes};
        assert_eq!(Truth::all([Yes, Unknown, No]), No);
        assert_eq!(Truth::all([Yes, Unknown]), Unknown);
        assert_eq!(Truth::any([No, Unknown, Yes]), Yes);
        assert_eq!(Truth::any([No, Unknown]), Unknown);
        assert_eq!((Truth::all([]), Truth::any([])), (Yes, No));
        assert_eq!(!Unknown, Unknown);
    }
}
