//! For expressions, and what can be iterated.

use super::{Evaluator, Failure, Failures, Names, Outcome, string_of};
use crate::diagnostics::Diagnostic;
use crate::lang::syntax::ast::{Expr, For, Ident};
use crate::lang::value::{Fields, Kind, Marks, Type, Value, convert};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

const INVALID_CONDITION: &str = "Invalid 'for' condition";

/// Whether an element stays, as far as the filter says.
enum Filter {
    Keep,
    Skip,
    Unknown,
}

impl Evaluator<'_> {
    pub(super) fn for_expr(&self, parts: &For) -> Outcome {
        let (collection, mut marks) = self.collection(&parts.collection)?;
        if collection.ty() == Type::Dynamic {
            return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
        }
        let names = (parts.key.as_ref(), &parts.value);
        if let Some(condition) = &parts.condition {
            let condition_marks = self.check_filter(condition, names)?;
            if !collection.is_known() {
                marks |= condition_marks;
            }
        }
        let Some(elements) = elements(&collection) else {
            return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
        };
        match &parts.key_expr {
            Some(key) => self.object_for(parts, key, elements, marks),
            None => self.tuple_for(parts, elements, marks),
        }
    }

    /// A value that can be iterated, unmarked, and its marks.
    pub(super) fn collection(&self, expr: &Expr) -> Result<(Value, Marks), Failure> {
        let (value, marks) = self.eval(expr)?.unmark();
        if value.is_null() {
            let detail = "A null value cannot be used as the collection in a 'for' expression.";
            let diagnostic = Diagnostic::error("Iteration over null value", detail);
            return Err(self.failure(diagnostic, expr.span, Some(expr)));
        }
        let ty = value.ty();
        if ty.is_primitive() {
            let detail = format!(
                "A value of type {} cannot be used as the collection in a 'for' expression.",
                ty.friendly_name()
            );
            let diagnostic = Diagnostic::error("Iteration over non-iterable value", detail);
            return Err(self.failure(diagnostic, expr.span, Some(expr)));
        }
        Ok((value, marks))
    }

    /// Checks a filter before any element is known, so that what is wrong with it regardless of them is said once. Gives its marks.
    fn check_filter(&self, condition: &Expr, names: (Option<&Ident>, &Ident)) -> Result<Marks, Failure> {
        let unknown = Value::unknown(Type::Dynamic);
        let bound = bind(names, unknown.clone(), unknown, self.names);
        let value = self.with_names(&bound).eval(condition)?;
        if value.is_null() {
            let detail = "The value of the 'if' clause must not be null.";
            let diagnostic = Diagnostic::error("Condition is null", detail);
            return Err(self.failure(diagnostic, condition.span, Some(condition)));
        }
        match convert(&value, &Type::Bool) {
            Ok(_) => Ok(value.marks()),
            Err(error) => {
                let detail = format!("The 'if' clause value is invalid: {error}.");
                Err(self.failure(Diagnostic::error(INVALID_CONDITION, detail), condition.span, Some(condition)))
            }
        }
    }

    fn filter(&self, condition: Option<&Expr>, marks: &mut Marks) -> Result<Filter, Failure> {
        let Some(condition) = condition else { return Ok(Filter::Keep) };
        let (value, own) = self.eval(condition)?.unmark();
        if value.is_null() {
            let detail = "The value of the 'if' clause must not be null.";
            return Err(self.failure(Diagnostic::error(INVALID_CONDITION, detail), condition.span, Some(condition)));
        }
        *marks |= own;
        match convert(&value, &Type::Bool) {
            Ok(value) => Ok(match value.as_bool() {
                Some(true) => Filter::Keep,
                Some(false) => Filter::Skip,
                None => Filter::Unknown,
            }),
            Err(error) => {
                let detail = format!("The 'if' clause value is invalid: {error}.");
                Err(self.failure(Diagnostic::error(INVALID_CONDITION, detail), condition.span, Some(condition)))
            }
        }
    }

    fn tuple_for(&self, parts: &For, elements: Vec<(Value, Value)>, mut marks: Marks) -> Outcome {
        let mut failures = Failures::default();
        let mut values = Vec::with_capacity(elements.len());
        let mut known = true;
        for (key, value) in elements {
            let bound = bind((parts.key.as_ref(), &parts.value), key, value, self.names);
            let inner = self.with_names(&bound);
            match failures.keep(inner.filter(parts.condition.as_ref(), &mut marks)) {
                Some(Filter::Keep) => values.extend(failures.keep(inner.eval(&parts.value_expr))),
                Some(Filter::Unknown) => known = false,
                // The same message for every element helps nobody.
                None if parts.condition.is_some() => return failures.finish(Value::null(Type::Dynamic)),
                _ => {}
            }
        }
        let result = if known { Value::tuple(values) } else { Value::unknown(Type::Dynamic) };
        failures.finish(result.with_marks(marks))
    }

    fn object_for(&self, parts: &For, key_expr: &Expr, elements: Vec<(Value, Value)>, mut marks: Marks) -> Outcome {
        let mut failures = Failures::default();
        let mut single = Fields::new();
        let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        let mut known = true;
        for (key, value) in elements {
            let bound = bind((parts.key.as_ref(), &parts.value), key, value, self.names);
            let inner = self.with_names(&bound);
            match failures.keep(inner.filter(parts.condition.as_ref(), &mut marks)) {
                Some(Filter::Keep) => {}
                Some(Filter::Skip) => continue,
                Some(Filter::Unknown) => {
                    known = false;
                    continue;
                }
                None => return failures.finish(Value::null(Type::Dynamic)),
            }
            let Some(key) = failures.keep(inner.for_key(key_expr, &mut marks)) else {
                return failures.finish(Value::null(Type::Dynamic));
            };
            let Some(key) = key else {
                known = false;
                continue;
            };
            let Some(value) = failures.keep(inner.eval(&parts.value_expr)) else { continue };
            if parts.group {
                groups.entry(key).or_default().push(value);
                continue;
            }
            match single.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                Entry::Occupied(first) => {
                    let detail = format!(
                        "Two different items produced the key \"{}\" in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.",
                        first.key()
                    );
                    let diagnostic = Diagnostic::error("Duplicate object key", detail);
                    failures.add(inner.failure(diagnostic, key_expr.span, Some(key_expr)));
                }
            }
        }
        let fields = if parts.group {
            groups.into_iter().map(|(key, values)| (key, Value::tuple(values))).collect()
        } else {
            single
        };
        let result = if known { Value::object(fields) } else { Value::unknown(Type::Dynamic) };
        failures.finish(result.with_marks(marks))
    }

    /// The key of one round; `None` while unknown.
    fn for_key(&self, expr: &Expr, marks: &mut Marks) -> Result<Option<Arc<str>>, Failure> {
        let (key, own) = self.eval(expr)?.unmark();
        if key.is_null() {
            let detail = "Key expression in 'for' expression must not produce a null value.";
            return Err(self.failure(Diagnostic::error("Invalid object key", detail), expr.span, Some(expr)));
        }
        *marks |= own;
        if !key.is_known() {
            return Ok(None);
        }
        match convert(&key, &Type::String) {
            Ok(key) => Ok(string_of(key)),
            Err(error) => {
                let detail = format!("The key expression produced an invalid result: {error}.");
                Err(self.failure(Diagnostic::error("Invalid object key", detail), expr.span, Some(expr)))
            }
        }
    }
}

/// The names of one round.
pub(super) fn bind<'a>(
    names: (Option<&'a Ident>, &'a Ident),
    key: Value,
    value: Value,
    outer: Option<&'a Names<'a>>,
) -> Names<'a> {
    Names { key: names.0.map(|name| (&*name.name, key)), value: (&*names.1.name, value), outer }
}

/// Keys and values in order of iteration; `None` while unknown.
pub(super) fn elements(collection: &Value) -> Option<Vec<(Value, Value)>> {
    Some(match collection.kind() {
        Kind::List(_, items) | Kind::Tuple(items) => {
            items.iter().enumerate().map(|(i, v)| (Value::number(i as i64), v.clone())).collect()
        }
        Kind::Set(_, items) => items.iter().map(|v| (v.clone(), v.clone())).collect(),
        Kind::Map(_, fields) | Kind::Object(fields) => {
            fields.iter().map(|(k, v)| (Value::string(k.clone()), v.clone())).collect()
        }
        _ => return None,
    })
}
