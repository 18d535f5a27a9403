//! Function calls: arguments and their expansion, `try` and `can`, and messages about what went wrong.

use super::{Evaluator, Failure, Failures, NoFunction, Outcome, did_you_mean};
use crate::diagnostics::{Diagnostic, Span};
use crate::lang::functions::{self, Function, FunctionError};
use crate::lang::syntax::ast::{Call, Expr, ExprKind, TemplatePart};
use crate::lang::value::{Kind, Type, Value, symbol};

/// An argument and where it stands.
struct Argument {
    value: Value,
    span: Span,
}

impl Evaluator<'_> {
    pub(super) fn call(&self, call: &Call, span: Span) -> Outcome {
        let Some(context) = self.scope.call_context() else {
            let diagnostic = Diagnostic::error("Function calls not allowed", "Functions may not be called here.");
            return Err(self.failure(diagnostic, span, None));
        };
        let name = &*call.name.name;
        let function = match name.strip_prefix("provider::") {
            Some(path) => self.provider_function(call, path)?,
            None => {
                let Some(function) = functions::lookup(name) else { return Err(self.unknown_function(call)) };
                match function.name {
                    "try" if !call.expand_last => return self.try_call(call, span),
                    "can" if !call.expand_last && call.args.len() == 1 => return self.can_call(call),
                    _ => {}
                }
                function
            }
        };
        let Some(args) = self.arguments(call)? else { return Ok(Value::unknown(Type::Dynamic)) };
        self.check_count(function, call, &args, span)?;
        if function.name == "templatestring" && args.get(1).is_some_and(|a| a.value.is_known() && !a.value.is_null()) {
            self.check_template_argument(call)?;
        }
        let opaque = context.symbols && !functions::keeps_texts_whole(function.name);
        let value = |a: &Argument| if opaque { symbol::unknown_for_symbols(&a.value) } else { a.value.clone() };
        let values: Vec<Value> = args.iter().map(value).collect();
        functions::call(function, context, &values).or_else(|error| {
            let mut errors = functions::mistyped(function, &values);
            if errors.is_empty() {
                errors.push(error);
            }
            let mut failures = Failures::default();
            for error in &errors {
                failures.add(self.call_failed(call, error, &args, span, |i| function.param(i).map(|p| p.name)));
            }
            failures.finish(Value::null(Type::Dynamic))
        })
    }

    /// All arguments, the last one expanded if so written; `None` when it is not known how many there are.
    fn arguments(&self, call: &Call) -> Result<Option<Vec<Argument>>, Failure> {
        let mut failures = Failures::default();
        let mut args = Vec::with_capacity(call.args.len());
        let (single, last) = match call.args.split_last() {
            Some((last, rest)) if call.expand_last => (rest, Some(last)),
            _ => (call.args.as_slice(), None),
        };
        let expanded = last.map(|last| failures.keep(self.eval(last)).map(|value| (value, last.span)));
        for arg in single {
            args.extend(failures.keep(self.eval(arg)).map(|value| Argument { value, span: arg.span }));
        }
        if failures.any() {
            return failures.finish(None);
        }
        let Some((value, place)) = expanded.flatten() else { return Ok(Some(args)) };
        let (value, marks) = value.unmark();
        let invalid = |detail: &str| {
            let mut diagnostic = Diagnostic::error("Invalid expanding argument value", detail);
            diagnostic.function = Some(call.name.name.to_string());
            Err(self.failure(diagnostic, place, last))
        };
        match value.kind() {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                let items = items.iter().map(|v| Argument { value: v.clone().with_marks(marks), span: place });
                args.extend(items);
                Ok(Some(args))
            }
            Kind::Null(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                invalid("The expanding argument (indicated by ...) must not be null.")
            }
            Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => Ok(None),
            _ => invalid("The expanding argument (indicated by ...) must be of a tuple, list, or set type."),
        }
    }

    fn check_count(&self, function: &Function, call: &Call, args: &[Argument], span: Span) -> Result<(), Failure> {
        let wanted = function.params.len();
        let mut diagnostic = if let Some(missing) = function.params.get(args.len()) {
            let least = if function.variadic.is_some() { " at least" } else { "" };
            let detail = format!(
                "Function \"{}\" expects{least} {wanted} argument(s). Missing value for \"{}\".",
                call.name.name, missing.name
            );
            let close = Span { start: span.end.saturating_sub(1), ..span };
            Diagnostic::error("Not enough function arguments", detail).at(close)
        } else if function.variadic.is_none() && args.len() > wanted {
            let detail = format!("Function \"{}\" expects only {wanted} argument(s).", call.name.name);
            let first = args.get(wanted).map_or(span, |a| a.span);
            Diagnostic::error("Too many function arguments", detail).at(first)
        } else {
            return Ok(());
        };
        diagnostic.function = Some(call.name.name.to_string());
        Err(Failure { diagnostics: diagnostic.into(), reference: false })
    }

    fn call_failed(
        &self,
        call: &Call,
        error: &FunctionError,
        args: &[Argument],
        span: Span,
        parameter: impl Fn(usize) -> Option<&'static str>,
    ) -> Failure {
        let blamed = error.argument.and_then(|i| Some((i, parameter(i)?)));
        let (mut diagnostic, place, expr) = match blamed {
            Some((i, parameter)) => {
                let detail = format!("Invalid value for \"{parameter}\" parameter: {}.", error.message);
                let place = args.get(i).map_or(span, |a| a.span);
                let expr = call.args.get(i).or(call.args.last());
                (Diagnostic::error("Invalid function argument", detail), place, expr)
            }
            None => {
                let detail = format!("Call to function \"{}\" failed: {}.", call.name.name, error.message);
                (Diagnostic::error("Error in function call", detail), span, None)
            }
        };
        diagnostic.function = Some(call.name.name.to_string());
        let mut failure = self.failure(diagnostic, place, expr);
        if expr.is_none() && !self.quiet {
            let values: Vec<_> = call.args.iter().flat_map(|a| self.values_of(a, super::Causes::default())).collect();
            for diagnostic in failure.diagnostics.iter_mut() {
                for value in &values {
                    if !diagnostic.values.contains(value) {
                        diagnostic.values.push(value.clone());
                    }
                }
            }
        }
        failure
    }

    /// The first argument that has a value.
    fn try_call(&self, call: &Call, span: Span) -> Outcome {
        let quiet = Evaluator { quiet: true, ..*self };
        let mut tried = Failures::default();
        for arg in &call.args {
            match quiet.eval(arg) {
                Ok(value) if value.contains_unknown() => {
                    let marks = value.marks_deep();
                    return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
                }
                Ok(value) => return Ok(value),
                Err(failure) if failure.reference => return Err(failure),
                Err(failure) => tried.add(failure),
            }
        }
        let message = match tried.0 {
            None => "at least one argument is required".to_owned(),
            Some(failure) => {
                let mut message = "no expression succeeded:\n".to_owned();
                for diagnostic in &failure.diagnostics {
                    let place = diagnostic.span.and_then(|span| self.place(span));
                    let place = place.map(|place| format!(" (at {place})")).unwrap_or_default();
                    message.push_str(&format!("- {}{place}\n  {}\n", diagnostic.summary, diagnostic.detail));
                }
                message + "\nAt least one expression must produce a successful result"
            }
        };
        Err(self.call_failed(call, &FunctionError::call(message), &[], span, |_| None))
    }

    /// `main.tf:3,5-9`, where the text of the file is at hand.
    pub(super) fn place(&self, span: Span) -> Option<String> {
        let file = self.scope.call_context()?.sources.as_ref()?.get(span.file)?;
        let (start, end) = (file.position(span.start), file.position(span.end));
        let last = match end.line == start.line {
            true => end.column.to_string(),
            false => format!("{},{}", end.line, end.column),
        };
        Some(format!("{}:{},{}-{last}", file.name, start.line, start.column))
    }

    fn can_call(&self, call: &Call) -> Outcome {
        let quiet = Evaluator { quiet: true, ..*self };
        let Some(arg) = call.args.first() else { return Ok(Value::bool(false)) };
        match quiet.eval(arg) {
            Ok(value) if value.contains_unknown() => Ok(Value::unknown(Type::Bool)),
            Ok(_) => Ok(Value::bool(true)),
            Err(failure) if failure.reference => Err(failure),
            Err(_) => Ok(Value::bool(false)),
        }
    }

    /// `templatestring` takes templates from elsewhere, and says so to those who write one in place.
    fn check_template_argument(&self, call: &Call) -> Result<(), Failure> {
        const ONLY: &str = "invalid template expression: templatestring is only for rendering templates retrieved dynamically from elsewhere";
        let Some(arg) = call.args.first().filter(|_| !call.expand_last || call.args.len() > 1) else { return Ok(()) };
        let literal = format!(
            "{ONLY}, and so does not support providing a literal template; consider using a template string expression instead"
        );
        let message = match &arg.kind {
            ExprKind::Literal(value) if value.as_str().is_some() => literal,
            ExprKind::Template(parts) if matches!(parts.as_slice(), [TemplatePart::Interpolation(_)]) => format!(
                "{ONLY}; to treat the inner expression as template syntax, write the reference expression directly without any template interpolation syntax"
            ),
            ExprKind::Template(_) => {
                format!("{ONLY}; to render an inline template, consider using a plain template string expression")
            }
            _ if is_reference(arg) => return Ok(()),
            _ => "invalid template expression: must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax".into(),
        };
        let error = FunctionError::argument(0, message);
        let place = [Argument { value: Value::null(Type::Dynamic), span: arg.span }];
        Err(self.call_failed(call, &error, &place, arg.span, |_| Some("template")))
    }

    /// The function at `path`, which is what stands after `provider::`.
    fn provider_function(&self, call: &Call, path: &str) -> Result<&'static Function, Failure> {
        const SUMMARY: &str = "Unknown provider function";
        let fail = |diagnostic: Diagnostic| self.failure(diagnostic, call.name.span, None);
        let Some((provider, _)) = path.split_once("::") else {
            let detail = "The function call must include the provider name after the \"provider::\" prefix.";
            return Err(fail(Diagnostic::error(SUMMARY, detail)));
        };
        let function = path.rsplit_once("::").map_or(path, |(_, last)| last);
        let nested = path.matches("::").count() > 1;
        let missing = match self.scope.provider_function(provider, function) {
            Ok(found) if !nested => return Ok(found),
            Ok(_) => NoFunction::Provider,
            Err(missing) => missing,
        };
        Err(fail(match missing {
            NoFunction::Function(names) if !nested => {
                let detail = format!("The function \"{function}\" is not available from the provider \"{provider}\".");
                let diagnostic = Diagnostic::error(SUMMARY, detail);
                match did_you_mean(function, names.iter().copied()) {
                    Some(near) => diagnostic.hint(format!("Did you mean \"provider::{provider}::{near}\"?")),
                    None if names.is_empty() => diagnostic.hint("This provider has no functions.".to_owned()),
                    None => diagnostic.hint(format!("It has: {}.", names.join(", "))),
                }
            }
            _ => Diagnostic::error(
                SUMMARY,
                format!(
                    "There is no function named \"{}\". Ensure that provider name \"{provider}\" is declared in this module's required_providers block, and that this provider offers a function named \"{function}\".",
                    call.name.name
                ),
            ),
        }))
    }

    fn unknown_function(&self, call: &Call) -> Failure {
        let name = &*call.name.name;
        let diagnostic = match name.split_once("::") {
            Some(("core", function)) => {
                let mut diagnostic = Diagnostic::error(
                    "Call to unknown function",
                    format!("There is no function named \"{function}\" in namespace core::."),
                );
                if let Some(near) = did_you_mean(function, functions::names()) {
                    diagnostic = diagnostic.hint(format!("Did you mean \"{near}\"?"));
                }
                diagnostic
            }
            Some((namespace, _)) => Diagnostic::error(
                "Unknown provider function",
                format!(
                    "The function namespace \"{namespace}\" is not valid. Provider function calls must use the \"provider::\" namespace prefix."
                ),
            ),
            None => {
                let near = match did_you_mean(name, functions::names()) {
                    Some(near) => format!(" Did you mean \"{near}\"?"),
                    None => String::new(),
                };
                Diagnostic::error("Call to unknown function", format!("There is no function named \"{name}\".{near}"))
            }
        };
        self.failure(diagnostic, call.name.span, None)
    }
}

/// Whether an expression takes its value from elsewhere, by whatever steps.
fn is_reference(expr: &Expr) -> bool {
    let mut expr = expr;
    loop {
        expr = match &expr.kind {
            ExprKind::Variable(_) => return true,
            ExprKind::GetAttr(source, _) | ExprKind::Index(source, _) => source,
            ExprKind::Splat(splat) => &splat.source,
            _ => return false,
        };
    }
}
