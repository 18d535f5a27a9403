//! Where something is inside a value.

use super::Value;
use std::fmt;
use std::sync::Arc;

/// One step inward.
#[derive(Debug, Clone, PartialEq)]
pub enum PathStep {
    /// Attribute of an object.
    Attr(Arc<str>),
    /// Element of a list (number), map (string) or set (the element itself, or its index in set order).
    Index(Value),
}

impl PathStep {
    /// An element of a list.
    pub fn index(index: usize) -> Self {
        PathStep::Index(Value::number(index as i64))
    }
}

/// Steps from the outside in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Path(pub Vec<PathStep>);

impl Path {
    /// The value itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of attribute names.
    pub fn attrs<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Path(names.into_iter().map(|n| PathStep::Attr(n.into())).collect())
    }

    /// One step further.
    #[must_use]
    pub fn join(&self, step: PathStep) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }

    /// Whether this path is `other` or inside it.
    pub fn starts_with(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The value at this path; `None` where a step does not fit.
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        let mut at = value;
        for step in &self.0 {
            at = match step {
                PathStep::Attr(name) => at.get(name)?,
                PathStep::Index(key) => match key.as_str() {
                    Some(name) => at.get(name)?,
                    None => at.at(usize::try_from(key.as_i64()?).ok()?)?,
                },
            };
        }
        Some(at)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Attr(name) if i == 0 => f.write_str(name)?,
                PathStep::Attr(name) => write!(f, ".{name}")?,
                PathStep::Index(key) => match (key.as_str(), key.as_number()) {
                    (Some(text), _) => write!(f, "[{}]", crate::address::quote(text))?,
                    (_, Some(number)) => write!(f, "[{number}]")?,
                    _ => f.write_str("[…]")?,
                },
            }
        }
        Ok(())
    }
}
