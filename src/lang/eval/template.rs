//! Templates: text with interpolations, conditions and loops.

use super::{Evaluator, Failures, Outcome};
use crate::diagnostics::{Diagnostic, Span};
use crate::lang::syntax::ast::{Expr, Ident, TemplatePart};
use crate::lang::value::{Marks, Refinement, Type, Value, convert};
use unicode_segmentation::UnicodeSegmentation;

const INVALID: &str = "Invalid template interpolation value";

/// No more than this much of the known beginning of an unknown string is kept.
const LONGEST_PREFIX: usize = 128;

/// What has been rendered so far.
struct Rendered {
    text: String,
    known: bool,
    marks: Marks,
}

impl Evaluator<'_> {
    pub(super) fn template(&self, parts: &[TemplatePart]) -> Outcome {
        if let [TemplatePart::Interpolation(expr)] = parts {
            return self.eval(expr);
        }
        self.render(parts)
    }

    /// The parts as one string.
    fn render(&self, parts: &[TemplatePart]) -> Outcome {
        let mut failures = Failures::default();
        let mut out = Rendered { text: String::new(), known: true, marks: Marks::empty() };
        for part in parts {
            let (value, place) = match part {
                TemplatePart::Text(text) => {
                    if out.known {
                        out.text.push_str(text);
                    }
                    continue;
                }
                TemplatePart::Interpolation(expr) => (self.eval(expr), expr.span),
                TemplatePart::If { condition, then, otherwise, span } => {
                    (self.if_part(condition, then, otherwise, *span), *span)
                }
                TemplatePart::For { key, value, collection, body, span } => {
                    (self.for_part((key.as_ref(), value), collection, body, *span), *span)
                }
            };
            let Some(value) = failures.keep(value) else { continue };
            let expr = match part {
                TemplatePart::Interpolation(expr) => Some(expr),
                _ => None,
            };
            if value.is_null() {
                let detail = "The expression result is null. Cannot include a null value in a string template.";
                failures.add(self.failure(Diagnostic::error(INVALID, detail), place, expr));
                continue;
            }
            let (value, marks) = value.unmark();
            out.marks |= marks;
            if !value.is_known() {
                out.known = false;
                continue;
            }
            match convert(&value, &Type::String) {
                Ok(value) => {
                    if out.known {
                        out.text.push_str(value.as_str().unwrap_or_default());
                    }
                }
                Err(error) => {
                    let detail = format!("Cannot include the given value in a string template: {error}.");
                    failures.add(self.failure(Diagnostic::error(INVALID, detail), place, expr));
                }
            }
        }
        let value = if out.known { Value::string_normalized(&out.text) } else { unknown_with_prefix(&out.text) };
        failures.finish(value.with_marks(out.marks))
    }

    fn if_part(&self, condition: &Expr, then: &[TemplatePart], otherwise: &[TemplatePart], span: Span) -> Outcome {
        let then = self.render_deeper(then, span);
        let otherwise = self.render_deeper(otherwise, span);
        let mut wrong_references = Failures::default();
        for branch in [&then, &otherwise] {
            if let Err(failure) = branch
                && failure.reference
            {
                let diagnostics = failure.diagnostics.clone();
                wrong_references.add(super::Failure { diagnostics, reference: true });
            }
        }
        let condition = wrong_references.keep(self.condition(condition));
        let Some((truth, marks)) = condition.filter(|_| !wrong_references.any()) else {
            return wrong_references.finish(Value::null(Type::Dynamic));
        };
        let of = |branch: &Outcome| branch.as_ref().map(Value::marks).unwrap_or_default();
        let marks = marks | of(&then) | of(&otherwise);
        let value = match truth {
            Some(true) => then?,
            Some(false) => otherwise?,
            None => Value::unknown_not_null(Type::String),
        };
        Ok(value.with_marks(marks))
    }

    fn render_deeper(&self, parts: &[TemplatePart], span: Span) -> Outcome {
        crate::lang::deep::deeper(|| self.render(parts)).unwrap_or_else(|| {
            let detail = "The system gave no further thread to evaluate this deeply nested template.";
            Err(self.failure(Diagnostic::error("Out of threads", detail), span, None))
        })
    }

    fn for_part(
        &self,
        names: (Option<&Ident>, &Ident),
        collection: &Expr,
        body: &[TemplatePart],
        span: Span,
    ) -> Outcome {
        let (collection, mut marks) = self.collection(collection)?;
        let Some(elements) = super::iteration::elements(&collection) else {
            return Ok(Value::unknown_not_null(Type::String).with_marks(marks));
        };
        let mut failures = Failures::default();
        let mut text = String::new();
        let mut known = true;
        for (key, value) in elements {
            let bound = super::iteration::bind(names, key, value, self.names);
            let Some(value) = failures.keep(self.with_names(&bound).render_deeper(body, span)) else { continue };
            let (value, own) = value.unmark();
            marks |= own;
            match value.as_str() {
                Some(part) if known => text.push_str(part),
                Some(_) => {}
                None => known = false,
            }
        }
        let value = if known { Value::string(text) } else { Value::unknown_not_null(Type::String) };
        failures.finish(value.with_marks(marks))
    }
}

/// An unknown string of which the beginning is known.
fn unknown_with_prefix(text: &str) -> Value {
    let end = (0..=text.len().min(LONGEST_PREFIX)).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let prefix = settled(text.get(..end).unwrap_or(""));
    Value::unknown_refined(
        Type::String,
        Refinement { not_null: true, prefix: (!prefix.is_empty()).then(|| prefix.into()), ..Refinement::default() },
    )
}

/// The part of a text that cannot change when more is appended: without the last character, which might combine with what
/// follows, unless it is one that never does.
fn settled(text: &str) -> &str {
    const NEVER_COMBINES: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    match text.grapheme_indices(true).next_back() {
        Some((_, last)) if last.len() == 1 && NEVER_COMBINES.contains(last) => text,
        Some((at, _)) => text.get(..at).unwrap_or(""),
        None => "",
    }
}
