//! Static readings of expressions: constants, keywords, lists, and references that name one thing without computing.

use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Span};
use crate::lang::eval::{self, evaluate_constant};
use crate::lang::syntax::ast::{Expr, ExprKind, Ident, ObjectItem, ObjectKey, TemplatePart, Traversal};
use crate::lang::syntax::parse_expression;
use crate::lang::value::{Type, Value, convert};
use std::collections::HashSet;

/// What the readings need to know of where an expression stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Notation {
    /// Files in JSON syntax, where references are written as strings.
    json: HashSet<FileId>,
}

impl Notation {
    pub(super) fn add_json(&mut self, file: FileId) {
        self.json.insert(file);
    }

    pub(super) fn is_json(&self, span: Span) -> bool {
        self.json.contains(&span.file)
    }
}

/// The value of an expression that refers to nothing.
///
/// # Errors
/// When it refers to something, or fails.
pub fn value(expr: &Expr) -> Result<Value, Diagnostics> {
    evaluate_constant(expr)
}

/// A constant converted to a type.
pub(super) fn typed(expr: &Expr, ty: &Type) -> Result<Value, Diagnostics> {
    let value = value(expr)?;
    convert(&value, ty)
        .map_err(|e| Diagnostic::error("Unsuitable value type", format!("Unsuitable value: {e}.")).at(expr.span).into())
}

/// A constant string; `None` for null.
pub(super) fn string(expr: &Expr) -> Result<Option<String>, Diagnostics> {
    Ok(typed(expr, &Type::String)?.as_str().map(str::to_owned))
}

/// A constant bool; null is an error.
pub(super) fn boolean(expr: &Expr) -> Result<bool, Diagnostics> {
    typed(expr, &Type::Bool)?.as_bool().ok_or_else(|| {
        let detail = "Unsuitable value: a bool is required, not null.";
        Diagnostic::error("Unsuitable value type", detail).at(expr.span).into()
    })
}

/// A bare word, such as `all` or `destroy`.
pub(super) fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Variable(name) => Some(&name.name),
        _ => None,
    }
}

/// The text of a quoted string without interpolation.
pub(super) fn quoted(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(value) => value.as_str(),
        ExprKind::Template(parts) => match parts.as_slice() {
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The elements of a list written out.
pub(super) fn list(expr: &Expr) -> Result<&[Expr], Diagnostics> {
    match &expr.kind {
        ExprKind::Tuple(items) => Ok(items),
        ExprKind::Parens(inner) => list(inner),
        _ => Err(Diagnostic::error("Invalid expression", "A static list expression is required.").at(expr.span).into()),
    }
}

/// The items of an object written out.
pub(super) fn object(expr: &Expr) -> Result<&[ObjectItem], Diagnostics> {
    match &expr.kind {
        ExprKind::Object(items) => Ok(items),
        ExprKind::Parens(inner) => object(inner),
        _ => Err(Diagnostic::error("Invalid expression", "A static map expression is required.").at(expr.span).into()),
    }
}

/// The key of an object item as an expression: a bare name is a reference here.
pub(super) fn key_expr(key: &ObjectKey) -> Expr {
    match key {
        ObjectKey::Name(name) => Expr { kind: ExprKind::Variable(name.clone()), span: name.span },
        ObjectKey::Expr(expr) => expr.clone(),
    }
}

/// The key of an object item as text.
pub(super) fn key_text(key: &ObjectKey) -> Result<Option<String>, Diagnostics> {
    match key {
        ObjectKey::Name(name) => Ok(Some(name.name.to_string())),
        ObjectKey::Expr(expr) => string(expr),
    }
}

/// A reference as a traversal.
///
/// # Errors
/// When anything in it is computed.
pub fn traversal(expr: &Expr) -> Result<Traversal, Diagnostics> {
    eval::traversal(expr).ok_or_else(|| {
        Diagnostic::error(
            "Invalid expression",
            "A single static variable reference is required: only attribute access and indexing with constant keys. No \
             calculations, function calls, template expressions, etc are allowed here.",
        )
        .at(expr.span)
        .into()
    })
}

/// An expression where a reference or keyword is wanted: in JSON files the text of a string is read as one; in others that is
/// the style of Terraform 0.11, which is accepted with a warning.
pub(super) fn unquoted(expr: &Expr, notation: &Notation, what: &str, diagnostics: &mut Diagnostics) -> Expr {
    let Some(text) = quoted(expr) else { return expr.clone() };
    let parsed = parse_expression(expr.span.file, text, expr.span.start.saturating_add(1));
    let Some(mut parsed) = diagnostics.absorb(parsed) else { return expr.clone() };
    parsed.span = expr.span;
    if !notation.is_json(expr.span) {
        diagnostics.push(
            Diagnostic::warning(
                format!("Quoted {what} are deprecated"),
                format!("Here {what} are written literally rather than in quotes, which Terraform 0.11 and earlier required."),
            )
            .at(expr.span)
            .hint("Remove the quotes."),
        );
    }
    parsed
}

/// Whether a text is a name: letters, digits, underscores and dashes, not beginning with a digit or dash.
pub(super) fn check_name(name: &Ident, summary: &str, diagnostics: &mut Diagnostics) -> bool {
    let valid = crate::lang::syntax::scan::is_identifier(&name.name);
    if !valid {
        diagnostics.push(
            Diagnostic::error(
                summary,
                "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.",
            )
            .at(name.span),
        );
    }
    valid
}
