//! What is known of values that are not known yet: lengths, bounds, prefixes, that they are not null.

use super::{Fields, Kind, Number, Refinement, Type, Value};
use std::sync::Arc;

/// What a value can be, known or not. Of a known value, what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Its type.
    pub ty: Type,
    /// Whether it is null for sure.
    pub null: bool,
    /// Whether it is not null for sure.
    pub not_null: bool,
    /// What a string starts with.
    pub prefix: Arc<str>,
    /// Smallest length of a collection.
    pub min_length: u64,
    /// Largest length of a collection; `u64::MAX` for no bound.
    pub max_length: u64,
    /// Smallest number, and whether it may be equal.
    pub lower: (Number, bool),
    /// Largest number, and whether it may be equal.
    pub upper: (Number, bool),
}

impl Value {
    /// What the value can be.
    pub fn range(&self) -> Range {
        let mut range = Range {
            ty: self.ty(),
            null: self.is_null(),
            not_null: self.is_known() && !self.is_null(),
            prefix: "".into(),
            min_length: 0,
            max_length: u64::MAX,
            lower: (Number::NEGATIVE_INFINITY, false),
            upper: (Number::INFINITY, false),
        };
        match self.kind() {
            Kind::Unknown(_, Some(r)) => {
                range.not_null = r.not_null;
                range.prefix = r.prefix.clone().unwrap_or_else(|| "".into());
                range.min_length = r.min_length.unwrap_or(0);
                range.max_length = r.max_length.unwrap_or(u64::MAX);
                range.lower = r.lower.clone().unwrap_or(range.lower);
                range.upper = r.upper.clone().unwrap_or(range.upper);
            }
            Kind::String(s) => range.prefix = s.clone(),
            Kind::Number(n) => {
                range.lower = (n.clone(), true);
                range.upper = (n.clone(), true);
            }
            Kind::List(..) | Kind::Set(..) | Kind::Map(..) => {
                (range.min_length, range.max_length) = self.length_range();
            }
            _ => {}
        }
        range
    }

    /// Smallest and largest possible number of elements (attributes of objects count too).
    fn length_range(&self) -> (u64, u64) {
        match self.kind() {
            Kind::Unknown(Type::Tuple(items), _) => (items.len() as u64, items.len() as u64),
            Kind::Unknown(_, Some(r)) => (r.min_length.unwrap_or(0), r.max_length.unwrap_or(u64::MAX)),
            Kind::Set(_, items) if items.len() > 1 && self.contains_unknown() => (1, items.len() as u64),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => (items.len() as u64, items.len() as u64),
            Kind::Map(_, fields) | Kind::Object(fields) => (fields.len() as u64, fields.len() as u64),
            _ => (0, u64::MAX),
        }
    }

    /// The number of elements of a list, set, map or tuple as a value: unknown with bounds where it depends on what is
    /// unknown. Marks of the value itself are kept.
    pub fn length(&self) -> Value {
        let (least, most) = self.length_range();
        let length = if least == most {
            Value::number(least)
        } else {
            Value::unknown_refined(
                Type::Number,
                Refinement {
                    not_null: true,
                    lower: Some((Number::from(least), true)),
                    upper: (most != u64::MAX).then(|| (Number::from(most), true)),
                    ..Refinement::default()
                },
            )
        };
        length.with_marks(self.marks())
    }

    /// The same value where it is known; an unknown with `more` known of it besides where it is not. Of contradicting statements
    /// the narrower holds.
    #[must_use]
    pub fn refine(&self, more: &Refinement) -> Value {
        let Kind::Unknown(ty, old) = self.kind() else { return self.clone() };
        let mut new = old.as_deref().cloned().unwrap_or_default();
        new.not_null |= more.not_null;
        let length = |p: &Option<Arc<str>>| p.as_ref().map_or(0, |p| p.len());
        if length(&more.prefix) > length(&new.prefix) {
            new.prefix.clone_from(&more.prefix);
        }
        new.min_length = new.min_length.max(more.min_length);
        new.max_length = match (new.max_length, more.max_length) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some((bound, inclusive)) = &more.lower
            && new.lower.as_ref().is_none_or(|(old, _)| bound > old || bound == old && !inclusive)
        {
            new.lower = Some((bound.clone(), *inclusive));
        }
        if let Some((bound, inclusive)) = &more.upper
            && new.upper.as_ref().is_none_or(|(old, _)| bound < old || bound == old && !inclusive)
        {
            new.upper = Some((bound.clone(), *inclusive));
        }
        Value::unknown_refined(ty.clone(), new).with_marks(self.marks())
    }

    /// The same value, known not to be null where it is unknown.
    #[must_use]
    pub fn refine_not_null(&self) -> Value {
        self.refine(&Refinement { not_null: true, ..Refinement::default() })
    }
}

impl Range {
    /// Whether an unknown value of this range may turn out to be `known`; marks are taken as removed.
    pub fn may_be(&self, known: &Value) -> bool {
        if self.null {
            return known.is_null();
        }
        if known.is_null() {
            return !self.not_null;
        }
        if !known.ty().conforms_to(&self.ty) {
            return false;
        }
        match known.kind() {
            Kind::String(s) => s.starts_with(&*self.prefix),
            Kind::Number(n) => {
                let (low, low_inclusive) = &self.lower;
                let (high, high_inclusive) = &self.upper;
                (n > low || *low_inclusive && n == low) && (n < high || *high_inclusive && n == high)
            }
            Kind::List(..) | Kind::Set(..) | Kind::Map(..) => {
                let (least, most) = known.length_range();
                most >= self.min_length && least <= self.max_length
            }
            _ => true,
        }
    }
}

/// An unknown, or the one value (or list of unknowns) that the refinement leaves.
pub(super) fn refined(ty: Type, refinement: Refinement) -> Value {
    if ty == Type::Dynamic || refinement == Refinement::default() {
        return Value::unknown(ty);
    }
    if refinement.not_null {
        if let (Some((low, true)), Some((high, true))) = (&refinement.lower, &refinement.upper)
            && low == high
        {
            return Value::number(low.clone());
        }
        // A list of an enormous length is better left unknown.
        if let Some(length) = refinement.min_length
            && refinement.max_length == Some(length)
            && length <= 10_000
        {
            match &ty {
                Type::List(e) => {
                    return Value::list(Type::clone(e), vec![Value::unknown(Type::clone(e)); length as usize]);
                }
                Type::Set(e) if length == 0 => return Value::set(Type::clone(e), Vec::new()),
                Type::Set(e) if length == 1 => return Value::set(Type::clone(e), vec![Value::unknown(Type::clone(e))]),
                Type::Map(e) if length == 0 => return Value::map(Type::clone(e), Fields::new()),
                _ => {}
            }
        }
    }
    Kind::Unknown(ty, Some(Arc::new(refinement))).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_known_length_is_a_list_of_unknowns() {
        let refinement =
            Refinement { not_null: true, min_length: Some(2), max_length: Some(2), ..Refinement::default() };
        let list = Value::unknown_refined(Type::list(Type::String), refinement);
        assert!(list.is_known());
        assert_eq!(list.length(), Value::number(2));
    }

    #[test]
    fn length_of_a_set_with_unknown_elements_has_bounds() {
        let set = Value::set(Type::String, vec![Value::unknown(Type::String), Value::string("a")]);
        let length = set.length();
        assert!(!length.is_known());
        assert!(!length.range().may_be(&Value::number(0)));
        assert!(!length.range().may_be(&Value::number(3)));
        assert!(length.range().may_be(&Value::number(1)));
    }

    #[test]
    fn refining_narrows_only_the_unknown() {
        let more = Refinement { not_null: true, prefix: Some("a".into()), ..Refinement::default() };
        assert_eq!(Value::string("x").refine(&more), Value::string("x"));
        assert!(!Value::unknown(Type::String).refine(&more).range().may_be(&Value::string("b")));
    }
}
