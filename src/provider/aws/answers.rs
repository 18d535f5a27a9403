//! What a service's bulk read found, by key, each given once: a second look at an object asks AWS.

use super::object::Obj;
use crate::lang::value::Value;
use crate::provider::ReadHint;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// Answers of one kind; kept in [`super::aws::Aws::bulk`], one store per kind.
pub struct Answers<T>(Mutex<HashMap<String, Option<T>>>);

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Answers(Mutex::default())
    }
}

impl<T> Answers<T> {
    /// What is known of an object: nothing, that it is gone, or what it is.
    pub fn take(&self, key: &str) -> Option<Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key)
    }

    /// Keeps what an object is.
    pub fn found(&self, key: impl Into<String>, answer: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.into(), Some(answer));
    }

    /// Keeps that an object is gone.
    pub fn gone(&self, key: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.into(), None);
    }
}

/// A walk through the pages of a listing that is given up when it costs more calls than single reads would.
pub struct Walk {
    left: BTreeSet<String>,
    calls: usize,
}

impl Walk {
    /// For these keys.
    pub fn new(wanted: impl IntoIterator<Item = String>) -> Self {
        Walk { left: wanted.into_iter().collect(), calls: 0 }
    }

    /// Whether another page is worth its call; counts it.
    pub fn goes_on(&mut self) -> bool {
        let worth = self.left.len() > self.calls;
        self.calls += 1;
        worth
    }

    /// Keeps an object of a page if it is wanted.
    pub fn meet<T>(&mut self, answers: &Answers<T>, key: &str, answer: T) {
        if self.left.remove(key) {
            answers.found(key, answer);
        }
    }

    /// After the last page: what did not come is gone.
    pub fn end<T>(self, answers: &Answers<T>) {
        for key in self.left {
            answers.gone(key);
        }
    }
}

/// An attribute of every object of a type that will be read.
pub fn asked<'a>(hints: &'a [ReadHint], type_name: &'a str, attribute: &'a str) -> impl Iterator<Item = String> + 'a {
    let of_type = hints.iter().filter(move |hint| hint.type_name == type_name);
    of_type.filter_map(move |hint| hint.prior.get(attribute).and_then(Value::as_str)).map(str::to_owned)
}

/// The objects of a type that will be read.
pub fn objects<'a>(hints: &'a [ReadHint], type_name: &'a str) -> impl Iterator<Item = Obj<'a>> + 'a {
    hints.iter().filter(move |hint| hint.type_name == type_name).map(|hint| Obj::new(&hint.prior))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_pages_did_not_have_is_gone_and_each_answer_is_given_once() {
        let answers = Answers::default();
        let mut walk = Walk::new(["a".to_owned(), "b".to_owned()]);
        assert!(walk.goes_on());
        walk.meet(&answers, "a", 1);
        walk.meet(&answers, "other", 2);
        walk.end(&answers);
        assert_eq!(answers.take("a"), Some(Some(1)));
        assert_eq!(answers.take("a"), None);
        assert_eq!(answers.take("b"), Some(None));
        assert_eq!(answers.take("other"), None);
    }

    #[test]
    fn a_walk_ends_when_single_reads_are_cheaper() {
        let mut walk = Walk::new(["a".to_owned()]);
        assert!(walk.goes_on());
        assert!(!walk.goes_on());
    }
}
