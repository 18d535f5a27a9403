//! Expressions to values, as Terraform 1.11 has them: unknown values keep what is known of them, marks go along, both sides of
//! conditionals and logical operators are evaluated, and messages are in Terraform's words.
//!
//! References are resolved by a [`Scope`], which the caller provides; everything else happens here.

mod access;
mod call;
mod conditional;
mod constant;
mod described;
mod iteration;
mod operator;
mod references;
mod rendering;
mod scope;
mod splat;
mod suggest;
mod template;
mod type_constraint;

pub use access::{get_attr, index};
pub use constant::{NoReferences, evaluate_constant};
pub use described::{Causes, describe_values};
pub use references::{body_references, keyword, references, traversal};
pub use rendering::Templates;
pub use scope::{ChildScope, Resolved, Scope};
pub use suggest::did_you_mean;
pub use type_constraint::type_constraint;

use super::deep;
use super::syntax::ast::{Expr, ExprKind, ObjectItem, ObjectKey};
use super::value::{Fields, Kind, Marks, Type, Value, convert};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use std::sync::Arc;

/// The value of an expression, or everything that is wrong with it.
pub fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<Value, Diagnostics> {
    Evaluator { scope, names: None, quiet: false }.eval(expr).map_err(|failure| failure.diagnostics)
}

/// Why there is no value.
#[derive(Debug, Default)]
struct Failure {
    diagnostics: Diagnostics,
    /// A reference that is wrong by itself, which `try` and `can` do not forgive, and which counts also in the branch of a
    /// conditional that is not taken.
    reference: bool,
}

impl Failure {
    fn join(mut self, other: Failure) -> Failure {
        self.diagnostics.extend(other.diagnostics);
        self.reference |= other.reference;
        self
    }
}

type Outcome = Result<Value, Failure>;

/// Both values, or all that is wrong with either.
fn both<A, B>(a: Result<A, Failure>, b: Result<B, Failure>) -> Result<(A, B), Failure> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(a.join(b)),
        (Err(a), Ok(_)) => Err(a),
        (Ok(_), Err(b)) => Err(b),
    }
}

/// Collects failures of several parts.
#[derive(Default)]
struct Failures(Option<Failure>);

impl Failures {
    fn add(&mut self, failure: Failure) {
        self.0 = Some(match self.0.take() {
            Some(earlier) => earlier.join(failure),
            None => failure,
        });
    }

    fn keep<T>(&mut self, result: Result<T, Failure>) -> Option<T> {
        result.map_err(|failure| self.add(failure)).ok()
    }

    fn any(&self) -> bool {
        self.0.is_some()
    }

    fn finish<T>(self, value: T) -> Result<T, Failure> {
        match self.0 {
            Some(failure) => Err(failure),
            None => Ok(value),
        }
    }
}

/// Names bound by for expressions and directives, innermost first.
struct Names<'a> {
    key: Option<(&'a str, Value)>,
    value: (&'a str, Value),
    outer: Option<&'a Names<'a>>,
}

impl Names<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        if self.value.0 == name {
            return Some(&self.value.1);
        }
        match &self.key {
            Some((key, value)) if *key == name => Some(value),
            _ => self.outer.and_then(|outer| outer.get(name)),
        }
    }
}

#[derive(Clone, Copy)]
struct Evaluator<'a> {
    scope: &'a dyn Scope,
    names: Option<&'a Names<'a>>,
    /// Inside `try` and `can` nobody reads what values references had.
    quiet: bool,
}

impl<'a> Evaluator<'a> {
    fn eval(&self, expr: &Expr) -> Outcome {
        match &expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Variable(_) | ExprKind::GetAttr(..) | ExprKind::Index(..) => self.deeper(expr, Self::chain),
            _ => self.deeper(expr, Self::compound),
        }
    }

    fn deeper(&self, expr: &Expr, work: impl FnOnce(&Self, &Expr) -> Outcome + Send) -> Outcome {
        deep::deeper(|| work(self, expr)).unwrap_or_else(|| {
            let detail = "The system gave no further thread to evaluate this deeply nested expression.";
            Err(self.failure(Diagnostic::error("Out of threads", detail), expr.span, None))
        })
    }

    fn compound(&self, expr: &Expr) -> Outcome {
        match &expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Template(parts) => self.template(parts, expr.span),
            ExprKind::Tuple(items) => self.tuple(items),
            ExprKind::Object(items) => self.object(items),
            ExprKind::Variable(_) | ExprKind::GetAttr(..) | ExprKind::Index(..) => self.chain(expr),
            ExprKind::Splat(splat) => self.splat(splat, expr.span),
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Conditional(conditional) => self.conditional(conditional),
            ExprKind::For(parts) => self.for_expr(parts),
            ExprKind::Unary(operator, operand) => self.unary(*operator, operand, expr),
            ExprKind::Binary(..) => self.binary(expr),
            ExprKind::Parens(inner) => self.eval(inner),
        }
    }

    fn tuple(&self, items: &[Expr]) -> Outcome {
        let mut failures = Failures::default();
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.extend(failures.keep(self.eval(item)));
        }
        failures.finish(Value::tuple(values))
    }

    fn object(&self, items: &[ObjectItem]) -> Outcome {
        let mut failures = Failures::default();
        let mut fields = Fields::new();
        let mut marks = Marks::empty();
        let mut known = true;
        for item in items {
            let key = failures.keep(self.object_key(&item.key, item.value.span));
            let value = failures.keep(self.eval(&item.value));
            let (Some((key, key_marks)), Some(value)) = (key, value) else { continue };
            marks |= key_marks;
            match key {
                Some(key) => {
                    fields.insert(key, value);
                }
                None => known = false,
            }
        }
        let object = if known { Value::object(fields) } else { Value::unknown(Type::Dynamic) };
        failures.finish(object.with_marks(marks))
    }

    /// The key (`None` while unknown) and its marks.
    fn object_key(&self, key: &ObjectKey, value: Span) -> Result<(Option<Arc<str>>, Marks), Failure> {
        let expr = match key {
            ObjectKey::Name(name) => return Ok((Some(name.name.clone()), Marks::empty())),
            ObjectKey::Expr(expr) => expr,
        };
        if matches!(expr.kind, ExprKind::GetAttr(..) | ExprKind::Index(..)) && traversal(expr).is_some() {
            let detail = "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.";
            return Err(self.failure(Diagnostic::error("Ambiguous attribute key", detail), expr.span, None));
        }
        let (key, marks) = self.eval(expr)?.unmark();
        if key.is_null() {
            let diagnostic = Diagnostic::error("Null value as key", "Can't use a null value as a key.");
            return Err(self.failure(diagnostic, value, Some(expr)));
        }
        match convert(&key, &Type::String) {
            Ok(key) => Ok((string_of(key), marks)),
            Err(error) => {
                let detail = format!("Can't use this value as a key: {error}.");
                Err(self.failure(Diagnostic::error("Incorrect key type", detail), expr.span, Some(expr)))
            }
        }
    }

    /// A failure at a place; with an expression, the values of its references are told.
    fn failure(&self, diagnostic: Diagnostic, span: Span, expr: Option<&Expr>) -> Failure {
        let mut diagnostic = diagnostic.at(span);
        if let Some(expr) = expr
            && !self.quiet
        {
            diagnostic.values = self.values_of(expr, Causes::default());
        }
        Failure { diagnostics: diagnostic.into(), reference: false }
    }

    fn with_names<'b>(&self, names: &'b Names<'b>) -> Evaluator<'b>
    where
        'a: 'b,
    {
        Evaluator { scope: self.scope, names: Some(names), quiet: self.quiet }
    }
}

/// The shared text of a known string.
fn string_of(value: Value) -> Option<Arc<str>> {
    match value.into_kind() {
        Kind::String(text) => Some(text),
        _ => None,
    }
}
