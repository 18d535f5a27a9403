//! Yes, no, or not known yet.

/// Whether something matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// For certain not.
    No,
    /// It depends on what is not known yet.
    Maybe,
    /// For certain.
    Yes,
}

impl Verdict {
    /// Of a known truth.
    pub fn of(truth: bool) -> Self {
        if truth { Verdict::Yes } else { Verdict::No }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Verdict) -> Self {
        self.min(other)
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Verdict) -> Self {
        self.max(other)
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Verdict::Yes => Verdict::No,
            Verdict::Maybe => Verdict::Maybe,
            Verdict::No => Verdict::Yes,
        }
    }

    /// Whether it is not ruled out.
    pub fn is_possible(self) -> bool {
        self != Verdict::No
    }
}
