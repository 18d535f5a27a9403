//! `condition ? then : otherwise`: both results are brought to their common type, and both branches are evaluated, but what fails
//! in the branch not taken does not count.

use super::{Evaluator, Failure, Failures, Outcome};
use crate::diagnostics::Diagnostic;
use crate::lang::syntax::ast::{Conditional, Expr};
use crate::lang::value::{Kind, Number, Refinement, Type, Value, convert, unify};

const INCONSISTENT: &str = "Inconsistent conditional result types";

impl Evaluator<'_> {
    pub(super) fn conditional(&self, conditional: &Conditional) -> Outcome {
        let Conditional { condition, then, otherwise } = conditional;
        let mut wrong_references = Failures::default();
        let then_value = forgiven(self.eval(then), &mut wrong_references);
        let otherwise_value = forgiven(self.eval(otherwise), &mut wrong_references);
        if wrong_references.any() {
            wrong_references.keep(self.eval(condition));
            return wrong_references.finish(Value::null(Type::Dynamic));
        }
        let ty = match result_type(&then_value, &otherwise_value) {
            Ok(ty) => ty,
            Err(why) => {
                let detail = format!("The true and false result expressions must have consistent types. {why}.");
                let span = then.span.to(otherwise.span);
                return Err(self.failure(Diagnostic::error(INCONSISTENT, detail), span, Some(then)));
            }
        };
        let (truth, marks) = self.condition(condition)?;
        let taken = |branch: Branch, expr: &Expr, side: &str, ty: Option<&Type>| {
            let value = branch?;
            let Some(ty) = ty else { return Ok(value) };
            convert(&value, ty).map_err(|error| {
                let detail = format!("The {side} result value has the wrong type: {error}.");
                self.failure(Diagnostic::error(INCONSISTENT, detail), expr.span, Some(expr))
            })
        };
        let of = |branch: &Branch| branch.as_ref().map(Value::marks).unwrap_or_default();
        let marks = marks | of(&then_value) | of(&otherwise_value);
        let result = match truth {
            Some(true) => taken(then_value, then, "true", ty.as_ref())?,
            Some(false) => taken(otherwise_value, otherwise, "false", ty.as_ref())?,
            None => either(&or_unknown(&then_value), &or_unknown(&otherwise_value), ty.unwrap_or(Type::Dynamic)),
        };
        Ok(result.with_marks(marks))
    }

    /// The truth of a condition (`None` while unknown) and its marks.
    pub(super) fn condition(&self, condition: &Expr) -> Result<(Option<bool>, crate::lang::value::Marks), Failure> {
        let (value, marks) = self.eval(condition)?.unmark();
        if value.is_null() {
            let detail = "The condition value is null. Conditions must either be true or false.";
            return Err(self.failure(Diagnostic::error("Null condition", detail), condition.span, Some(condition)));
        }
        if !value.is_known() {
            return Ok((None, marks));
        }
        match convert(&value, &Type::Bool) {
            Ok(value) => Ok((value.as_bool(), marks)),
            Err(_) => {
                let detail = "The condition expression must be of type bool.";
                let diagnostic = Diagnostic::error("Incorrect condition type", detail);
                Err(self.failure(diagnostic, condition.span, Some(condition)))
            }
        }
    }
}

type Branch = Result<Value, Failure>;

/// The branch's result, unless a reference in it is wrong whichever branch is taken.
fn forgiven(branch: Outcome, wrong_references: &mut Failures) -> Branch {
    match branch {
        Err(failure) if failure.reference => {
            wrong_references.add(failure);
            Ok(Value::unknown(Type::Dynamic))
        }
        branch => branch,
    }
}

fn or_unknown(branch: &Branch) -> Value {
    match branch {
        Ok(value) => value.clone(),
        Err(_) => Value::unknown(Type::Dynamic),
    }
}

/// The type both branches are converted to; none where one of them has no type yet. Otherwise how they disagree.
fn result_type(then: &Branch, otherwise: &Branch) -> Result<Option<Type>, String> {
    let ty = |branch: &Branch| branch.as_ref().map_or(Type::Dynamic, Value::ty);
    let untyped_null = |branch: &Branch| matches!(branch.as_ref().map(Value::kind), Ok(Kind::Null(Type::Dynamic)));
    let (a, b) = (ty(then), ty(otherwise));
    if untyped_null(then) {
        return Ok(Some(b));
    }
    if untyped_null(otherwise) {
        return Ok(Some(a));
    }
    if a == Type::Dynamic || b == Type::Dynamic {
        return Ok(None);
    }
    if a == b {
        return Ok(Some(a));
    }
    match unify(&[a.clone(), b.clone()]) {
        Some(ty) => Ok(Some(ty)),
        None => Err(mismatch(&a, &b)),
    }
}

/// What is known of a result that may be either value.
fn either(then: &Value, otherwise: &Value, ty: Type) -> Value {
    if then.is_null() && otherwise.is_null() {
        return Value::null(ty);
    }
    let (a, b) = (then.range(), otherwise.range());
    let mut refinement = Refinement { not_null: a.not_null && b.not_null, ..Refinement::default() };
    if a.ty == Type::Number && b.ty == Type::Number {
        let lower = wider(a.lower, b.lower, |a, b| a < b);
        let upper = wider(a.upper, b.upper, |a, b| a > b);
        refinement.lower = (!lower.0.is_infinite()).then_some(lower);
        refinement.upper = (!upper.0.is_infinite()).then_some(upper);
    } else if a.ty.is_collection() && a.ty == b.ty {
        let (least, most) = (a.min_length.min(b.min_length), a.max_length.max(b.max_length));
        refinement.min_length = (least > 0).then_some(least);
        refinement.max_length = (most < u64::MAX).then_some(most);
    }
    Value::unknown(ty).refine(&refinement)
}

fn wider(a: (Number, bool), b: (Number, bool), further: impl Fn(&Number, &Number) -> bool) -> (Number, bool) {
    if a.0 == b.0 {
        (a.0, a.1 || b.1)
    } else if further(&a.0, &b.0) {
        a
    } else {
        b
    }
}

/// How two types differ, as one sentence without full stop.
fn mismatch(then: &Type, otherwise: &Type) -> String {
    match (then, otherwise) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, ty) in &a.attributes {
                match b.attributes.get(name) {
                    None => {
                        return format!(
                            "The 'true' value includes object attribute \"{name}\", which is absent in the 'false' value"
                        );
                    }
                    Some(other) if other != ty => {
                        return format!("Type mismatch for object attribute \"{name}\": {}", mismatch(ty, other));
                    }
                    Some(_) => {}
                }
            }
            if let Some(name) = b.attributes.keys().find(|name| !a.attributes.contains_key(*name)) {
                return format!(
                    "The 'false' value includes object attribute \"{name}\", which is absent in the 'true' value"
                );
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            if a.len() != b.len() {
                return format!(
                    "The 'true' tuple has length {}, but the 'false' tuple has length {}",
                    a.len(),
                    b.len()
                );
            }
            if let Some((i, (a, b))) = a.iter().zip(b.iter()).enumerate().find(|(_, (a, b))| a != b) {
                return format!("Type mismatch for tuple element {i}: {}", mismatch(a, b));
            }
        }
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b))
            if matches!((&**a, &**b), (Type::Object(_), Type::Object(_)) | (Type::Tuple(_), Type::Tuple(_))) =>
        {
            let noun = match then {
                Type::List(_) => "list",
                Type::Set(_) => "set",
                _ => "map",
            };
            return format!("Mismatched {noun} element types: {}", mismatch(a, b));
        }
        _ => {}
    }
    let (a, b) = (then.friendly_name(), otherwise.friendly_name());
    if a == b {
        return "At least one deeply-nested attribute or element is not compatible across both the 'true' and the 'false' value".into();
    }
    format!("The 'true' value is {a}, but the 'false' value is {b}")
}
