//! Templates from elsewhere, for `templatefile` and `templatestring`: the same templates as in configuration, with nothing but
//! the given variables in scope.

use super::{Resolved, Scope, evaluate, references};
use crate::diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use crate::lang::functions::{CallContext, FunctionError, TemplateRenderer};
use crate::lang::syntax::ast::Traversal;
use crate::lang::syntax::parse_template;
use crate::lang::value::{Fields, Value};

/// Renders templates.
#[derive(Debug, Clone, Copy, Default)]
pub struct Templates;

impl TemplateRenderer for Templates {
    fn render(
        &self,
        context: &CallContext<'_>,
        source_name: &str,
        text: &str,
        vars: &Fields,
    ) -> Result<Value, FunctionError> {
        let sources = Sources::new();
        let file = sources.add(source_name, text);
        let failed = |diagnostics: Diagnostics| FunctionError::call(summary(&diagnostics, &sources));
        let template = parse_template(file, text, 0).map_err(failed)?;
        for reference in references(&template) {
            if !vars.contains_key(&reference.root.name) {
                let place = place(reference.root.span, &sources);
                let message =
                    format!("vars map does not contain key \"{}\", referenced at {place}", reference.root.name);
                return Err(FunctionError::argument(1, message));
            }
        }
        evaluate(&template, &Variables { vars, context }).map_err(failed)
    }
}

struct Variables<'a> {
    vars: &'a Fields,
    context: &'a CallContext<'a>,
}

impl Scope for Variables<'_> {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        match self.vars.get(&reference.root.name) {
            Some(value) => Ok(Resolved { value: value.clone(), consumed: 0 }),
            None => {
                let detail = format!("There is no variable named \"{}\".", reference.root.name);
                Err(Diagnostic::error("Unknown variable", detail).at(reference.root.span).into())
            }
        }
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        Some(self.context)
    }
}

/// The first message with its place, and how many more there are.
fn summary(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let Some(first) = diagnostics.iter().next() else { return "the template could not be rendered".into() };
    let place = first.span.map(|span| place(span, sources) + ": ").unwrap_or_default();
    let more = match diagnostics.len() {
        1 => String::new(),
        count => format!(", and {} other diagnostic(s)", count - 1),
    };
    format!("{place}{}; {}{more}", first.summary, first.detail)
}

/// `file:1,7-11`, or `file:1,7-2,3` over several lines.
fn place(span: Span, sources: &Sources) -> String {
    let Some(file) = sources.get(span.file) else { return String::new() };
    let (start, end) = (file.position(span.start), file.position(span.end));
    if start.line == end.line {
        format!("{}:{},{}-{}", file.name, start.line, start.column, end.column)
    } else {
        format!("{}:{},{}-{},{}", file.name, start.line, start.column, end.line, end.column)
    }
}
