//! References, and the steps `.name` and `[key]` into values.

use super::scope::suggest;
use super::suggest::did_you_mean;
use super::{Evaluator, Failure, Outcome};
use crate::diagnostics::{Diagnostic, Span};
use crate::lang::syntax::ast::{Expr, ExprKind, Ident, Traversal, TraversalStep};
use crate::lang::value::{Kind, Marks, Number, Type, Value, convert};

const UNSUPPORTED: &str = "Unsupported attribute";
const INVALID_INDEX: &str = "Invalid index";

impl Evaluator<'_> {
    /// A variable, and attribute and index steps on whatever they start from.
    pub(super) fn chain(&self, expr: &Expr) -> Outcome {
        // Outermost last; long chains must not recurse.
        let mut steps: Vec<&Expr> = Vec::new();
        let mut start = expr;
        while let ExprKind::GetAttr(source, _) | ExprKind::Index(source, _) = &start.kind {
            steps.push(start);
            start = source;
        }
        steps.reverse();
        let (mut value, consumed) = match &start.kind {
            ExprKind::Variable(root) => self.root(root, &steps, expr)?,
            _ => (self.eval(start)?, 0),
        };
        for step in steps.into_iter().skip(consumed) {
            value = match &step.kind {
                ExprKind::GetAttr(source, name) => {
                    let place = Span { start: source.span.end, ..step.span };
                    get_attr(&value, &name.name).map_err(|d| self.failure(*d, place, Some(expr)))?
                }
                ExprKind::Index(source, key) => {
                    let place = Span { start: source.span.end, ..step.span };
                    let key = self.eval(key)?;
                    index(&value, &key).map_err(|d| self.failure(*d, place, Some(expr)))?
                }
                _ => value,
            };
        }
        Ok(value)
    }

    /// The value of a name with the static steps that the scope covers, and how many those are.
    fn root(&self, root: &Ident, steps: &[&Expr], whole: &Expr) -> Result<(Value, usize), Failure> {
        if let Some(value) = self.names.and_then(|names| names.get(&root.name)) {
            return Ok((value.clone(), 0));
        }
        let mut traversal = Traversal { root: root.clone(), steps: Vec::new(), span: root.span };
        for step in steps {
            match static_step(step) {
                Some(found) => {
                    traversal.steps.push(found);
                    traversal.span = step.span;
                }
                None => break,
            }
        }
        match self.scope.resolve(&traversal) {
            Ok(resolved) => Ok((resolved.value, resolved.consumed.min(traversal.steps.len()))),
            Err(mut diagnostics) => {
                let mut names = Vec::new();
                let mut frame = self.names;
                while let Some(bound) = frame {
                    names.push(bound.value.0);
                    names.extend(bound.key.as_ref().map(|(name, _)| *name));
                    frame = bound.outer;
                }
                for diagnostic in diagnostics.iter_mut() {
                    diagnostic.span.get_or_insert(whole.span);
                    if let Some(name) = did_you_mean(&root.name, names.iter().copied()) {
                        suggest(diagnostic, name);
                    }
                }
                Err(Failure { diagnostics, reference: true })
            }
        }
    }

    /// The element of a value that an expression selects.
    pub(super) fn step_index(&self, value: &Value, key: &Expr, place: Span) -> Outcome {
        let key = self.eval(key)?;
        index(value, &key).map_err(|d| self.failure(*d, place, None))
    }
}

/// The step an attribute or index expression adds to a static reference.
pub(super) fn static_step(expr: &Expr) -> Option<TraversalStep> {
    match &expr.kind {
        ExprKind::GetAttr(_, name) => Some(TraversalStep::Attr(name.clone())),
        ExprKind::Index(_, key) => match &key.kind {
            ExprKind::Literal(value) if matches!(value.kind(), Kind::String(_) | Kind::Number(_)) => {
                Some(TraversalStep::Index(value.clone(), key.span))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `object.name`. The error has no place yet.
pub fn get_attr(object: &Value, name: &str) -> Result<Value, Box<Diagnostic>> {
    let marks = object.marks();
    let unsupported = |detail: String| Err(Box::new(Diagnostic::error(UNSUPPORTED, detail)));
    match object.kind() {
        Kind::Object(fields) => match fields.get(name) {
            Some(value) => Ok(value.clone().with_marks(marks)),
            None => Err(no_attribute(name, fields.keys().map(|k| &**k), marks)),
        },
        Kind::Map(_, fields) => match fields.get(name) {
            Some(value) => Ok(value.clone().with_marks(marks)),
            None => {
                let detail = format!("This map does not have an element with the key \"{name}\".");
                let mut diagnostic = Diagnostic::error("Missing map element", detail);
                if let Some(near) = near_key(name, fields.keys().map(|k| &**k), marks) {
                    suggest(&mut diagnostic, near);
                }
                Err(Box::new(diagnostic))
            }
        },
        Kind::Null(_) => Err(Box::new(Diagnostic::error(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        ))),
        Kind::Unknown(Type::Object(ty), _) => match ty.attributes.get(name) {
            Some(ty) => Ok(Value::unknown(ty.clone()).with_marks(marks)),
            None => Err(no_attribute(name, ty.attributes.keys().map(|k| &**k), marks)),
        },
        Kind::Unknown(Type::Map(element), _) => Ok(Value::unknown(Type::clone(element)).with_marks(marks)),
        Kind::Unknown(Type::Dynamic, _) => Ok(Value::unknown(Type::Dynamic).with_marks(marks)),
        _ => match &object.ty() {
            Type::List(element) if let Type::Object(ty) = &**element => unsupported(if ty.attributes.contains_key(name) {
                format!(
                    "Can't access attributes on a list of objects. Did you mean to access attribute \"{name}\" for a specific element of the list, or across all elements of the list?"
                )
            } else {
                "Can't access attributes on a list of objects. Did you mean to access an attribute for a specific element of the list, or across all elements of the list?".into()
            }),
            Type::Set(element) if matches!(&**element, Type::Object(_)) => unsupported(
                "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?".into(),
            ),
            ty if ty.is_primitive() => {
                unsupported(format!("Can't access attributes on a primitive-typed value ({}).", ty.friendly_name()))
            }
            _ => unsupported("This value does not have any attributes.".into()),
        },
    }
}

fn no_attribute<'a>(name: &str, known: impl Iterator<Item = &'a str>, marks: Marks) -> Box<Diagnostic> {
    let detail = format!("This object does not have an attribute named \"{name}\".");
    let mut diagnostic = Diagnostic::error(UNSUPPORTED, detail);
    if let Some(near) = near_key(name, known, marks) {
        suggest(&mut diagnostic, near);
    }
    Box::new(diagnostic)
}

/// Keys of sensitive values are not told.
fn near_key<'a>(name: &str, known: impl Iterator<Item = &'a str>, marks: Marks) -> Option<&'a str> {
    if marks.hidden() { None } else { did_you_mean(name, known) }
}

/// `collection[key]`. The error has no place yet.
pub fn index(collection: &Value, key: &Value) -> Result<Value, Box<Diagnostic>> {
    const NO_ELEMENT: &str = "The given key does not identify an element in this collection value";
    let invalid = |detail: String| Box::new(Diagnostic::error(INVALID_INDEX, detail));
    let marks = collection.marks();
    if collection.is_null() {
        return Err(Box::new(Diagnostic::error(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
        )));
    }
    if key.is_null() {
        return Err(invalid("Can't use a null value as an indexing key.".into()));
    }
    let dynamic = |value: &Value| matches!(value.kind(), Kind::Unknown(Type::Dynamic, _));
    if dynamic(collection) || dynamic(key) {
        return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
    }
    let key_as = |want: &Type| convert(key, want).map_err(|e| invalid(format!("{NO_ELEMENT}: {e}.")));
    match collection.kind() {
        Kind::List(_, items) | Kind::Tuple(items) => {
            let key = key_as(&Type::Number)?;
            match key.as_number() {
                Some(number) => match sequence_index(number, items.len()) {
                    Ok(at) => items.get(at).map(|v| v.clone().with_marks(marks | key.marks())).ok_or_else(|| invalid(format!("{NO_ELEMENT}."))),
                    Err(why) => Err(invalid(format!("{NO_ELEMENT}: {why}."))),
                },
                None => Ok(Value::unknown(element_type(collection)).with_marks(marks)),
            }
        }
        Kind::Map(element, fields) => {
            let key = key_as(&Type::String)?;
            match key.as_str() {
                Some(name) => fields.get(name).map(|v| v.clone().with_marks(marks | key.marks())).ok_or_else(|| {
                    let mut diagnostic = invalid(format!("{NO_ELEMENT}."));
                    if let Some(near) = near_key(name, fields.keys().map(|k| &**k), marks | key.marks()) {
                        suggest(&mut diagnostic, near);
                    }
                    diagnostic
                }),
                None => Ok(Value::unknown(element.clone()).with_marks(marks)),
            }
        }
        Kind::Object(fields) => {
            let name = key_as(&Type::String)?;
            match name.as_str() {
                Some(text) => fields.get(text).map(|v| v.clone().with_marks(marks)).ok_or_else(|| {
                    object_without(text, key, fields.keys().map(|k| &**k), marks)
                }),
                None => Ok(Value::unknown(Type::Dynamic).with_marks(marks)),
            }
        }
        Kind::Unknown(Type::List(element), _) => {
            key_as(&Type::Number)?;
            Ok(Value::unknown(Type::clone(element)).with_marks(marks))
        }
        Kind::Unknown(Type::Map(element), _) => {
            key_as(&Type::String)?;
            Ok(Value::unknown(Type::clone(element)).with_marks(marks))
        }
        Kind::Unknown(Type::Tuple(elements), _) => {
            let key = key_as(&Type::Number)?;
            match key.as_number().map(|n| sequence_index(n, elements.len())) {
                Some(Ok(at)) => {
                    let ty = elements.get(at).cloned().unwrap_or(Type::Dynamic);
                    Ok(Value::unknown(ty).with_marks(marks))
                }
                Some(Err(why)) => Err(invalid(format!("{NO_ELEMENT}: {why}."))),
                None => Ok(Value::unknown(Type::Dynamic).with_marks(marks)),
            }
        }
        Kind::Unknown(Type::Object(ty), _) => {
            let name = key_as(&Type::String)?;
            match name.as_str() {
                Some(text) => match ty.attributes.get(text) {
                    Some(ty) => Ok(Value::unknown(ty.clone()).with_marks(marks)),
                    None => Err(object_without(text, key, ty.attributes.keys().map(|k| &**k), marks)),
                },
                None => Ok(Value::unknown(Type::Dynamic).with_marks(marks)),
            }
        }
        Kind::Set(..) | Kind::Unknown(Type::Set(_), _) => Err(invalid("Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.".into())),
        _ => Err(invalid("This value does not have any indices.".into())),
    }
}

fn object_without<'a>(name: &str, key: &Value, known: impl Iterator<Item = &'a str>, marks: Marks) -> Box<Diagnostic> {
    let by_number = if key.as_number().is_some() {
        " An object only supports looking up attributes by name, not by numeric index."
    } else {
        ""
    };
    let detail = format!("The given key does not identify an element in this collection value.{by_number}");
    let mut diagnostic = Diagnostic::error(INVALID_INDEX, detail);
    if let Some(near) = near_key(name, known, marks | key.marks()) {
        suggest(&mut diagnostic, near);
    }
    Box::new(diagnostic)
}

fn element_type(collection: &Value) -> Type {
    match collection.kind() {
        Kind::List(element, _) => element.clone(),
        _ => Type::Dynamic,
    }
}

/// The place of a number in a sequence of this length, or why it has none.
fn sequence_index(number: &Number, length: usize) -> Result<usize, &'static str> {
    if !number.is_integer() {
        return Err("indexing a sequence requires a whole number, but the given index has a fractional part");
    }
    if number.is_negative() {
        return Err("a negative number is not a valid index for a sequence");
    }
    match number.to_i64().and_then(|n| usize::try_from(n).ok()) {
        Some(at) if at < length => Ok(at),
        _ if length == 0 => Err("the collection has no elements"),
        _ => Err("the given index is greater than or equal to the length of the collection"),
    }
}
