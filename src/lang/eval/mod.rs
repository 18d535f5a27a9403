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
pub use references::{body_references, iterator_name, keyword, references, traversal};
pub use rendering::Templates;
pub use scope::{ChildScope, NoFunction, Resolved, Scope};
pub use suggest::did_you_mean;
pub use type_constraint::type_constraint;

use super::deep;
use super::syntax::ast::{Expr, ExprKind, ObjectItem, ObjectKey};
use super::value::{Fields, Kind, Marks, Type, Value, convert, quote};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use std::collections::HashMap;
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
            ExprKind::Template(parts) => self.template(parts),
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
        let mut defined = HashMap::new();
        for item in items {
            let key = failures.keep(self.object_key(&item.key, item.value.span));
            let value = failures.keep(self.eval(&item.value));
            let (Some((key, key_marks)), Some(value)) = (key, value) else { continue };
            marks |= key_marks;
            match key {
                Some(key) => {
                    if item.once
                        && let ObjectKey::Expr(expr) = &item.key
                        && let Some(earlier) = defined.insert(key.clone(), expr.span)
                    {
                        let place = self.place(earlier).map(|place| format!(" at {place}")).unwrap_or_default();
                        let detail = format!("An attribute named {} was already defined{place}.", quote(&key));
                        let diagnostic = Diagnostic::error("Duplicate object attribute", detail);
                        failures.add(self.failure(diagnostic.label(earlier, "defined here"), expr.span, None));
                    }
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::diagnostics::{FileId, Sources};
    use crate::lang::functions::CallContext;
    use crate::lang::syntax::ast::Traversal;
    use crate::lang::syntax::parse_expression;

    /// `var` with an unknown and a sensitive attribute; everything else is undeclared.
    struct Known(CallContext<'static>);

    impl Scope for Known {
        fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
            if &*reference.root.name != "var" {
                return Err(Diagnostic::error("Undeclared", reference.root.name.to_string()).into());
            }
            let value = Value::object_of([
                ("name", Value::string("x")),
                ("later", Value::unknown(Type::String)),
                ("secret", Value::string("s").sensitive()),
                ("list", Value::list(Type::Number, vec![Value::number(1)])),
            ]);
            Ok(Resolved { value, consumed: 0 })
        }

        fn call_context(&self) -> Option<&CallContext<'_>> {
            Some(&self.0)
        }
    }

    fn file(text: &str) -> (Sources, FileId) {
        let sources = Sources::new();
        let file = sources.add("t", text);
        (sources, file)
    }

    fn wrong(text: &str) -> (String, Diagnostics) {
        let (sources, file) = file(text);
        let diagnostics =
            evaluate(&parse_expression(file, text, 0).unwrap(), &Known(CallContext::new(".", &Templates))).unwrap_err();
        let place = sources.text(diagnostics.iter().next().unwrap().span.unwrap());
        (place, diagnostics)
    }

    #[test]
    fn errors_point_at_the_step_that_fails() {
        for (text, place) in [
            ("[var.name, var.list[7]]", "[7]"),
            ("var.nmae", ".nmae"),
            ("upper(var.list)", "var.list"),
            ("1 + var.list", "var.list"),
            ("var.list[*].a", "a"),
            ("merge({}, nope(1))", "nope"),
            ("true ? 1 : missing.x", "missing.x"),
            ("try(missing.x, 1)", "missing.x"),
        ] {
            assert_eq!(wrong(text).0, place, "{text}");
        }
    }

    #[test]
    fn errors_tell_the_values_of_references_but_no_secrets() {
        let (_, diagnostics) = wrong("1 + \"${var.name}${var.secret}${var.later}${var.list[0]}\" + var.list");
        let first = diagnostics.iter().next().unwrap();
        let values: Vec<_> = first.values.iter().map(|v| format!("{} {}", v.traversal, v.statement)).collect();
        assert_eq!(values, ["var.list is list of number with 1 element"]);
        let (_, diagnostics) = wrong("{(var.list) = var.name}");
        assert_eq!(diagnostics.iter().next().unwrap().values.len(), 1);
        let (_, diagnostics) = wrong("tonumber(\"${var.name}${var.secret}\")");
        let values: Vec<_> = diagnostics.iter().next().unwrap().values.iter().map(|v| v.traversal.clone()).collect();
        assert_eq!(values, ["var.name"]);
    }

    #[test]
    fn slips_get_a_suggestion() {
        let hint = |text: &str| wrong(text).1.iter().next().unwrap().hint.clone();
        assert_eq!(hint("var.nmae").as_deref(), Some("Did you mean \"name\"?"));
        assert_eq!(hint("[for item in [1] : itm]").as_deref(), Some("Did you mean \"item\"?"));
    }

    #[test]
    fn all_errors_of_an_expression_are_reported() {
        assert_eq!(wrong("[1 + [], {a = !3}, nope()]").1.len(), 3);
    }

    #[test]
    fn a_child_scope_stands_in_front() {
        let text = "[each.value, var.name, [for each in [1] : each]]";
        let (_, file) = file(text);
        let known = Known(CallContext::new(".", &Templates));
        let child = ChildScope::new(&known, "each", Value::object_of([("value", Value::string("e"))]));
        let value = evaluate(&parse_expression(file, text, 0).unwrap(), &child).unwrap();
        let inner = Value::tuple(vec![Value::number(1)]);
        assert_eq!(value, Value::tuple(vec![Value::string("e"), Value::string("x"), inner]));
    }

    #[test]
    fn constants_refer_to_nothing_and_call_nothing() {
        let constant = |text: &str| evaluate_constant(&parse_expression(file(text).1, text, 0).unwrap());
        assert!(constant("[1, {a = \"x\"}, -2 + 3]").is_ok());
        assert_eq!(constant("var.x").unwrap_err().iter().next().unwrap().summary, "Variables not allowed");
        assert_eq!(constant("upper(\"a\")").unwrap_err().iter().next().unwrap().summary, "Function calls not allowed");
    }
}
