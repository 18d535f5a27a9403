//! Values of input variables: what is given, or the default, converted, marked and validated.

use crate::config::model::Variable;
use crate::diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use crate::lang::value::symbol::Symbol;
use crate::lang::value::{Marks, Type, Value, convert};

/// Makes the final value of a variable from what was given. `given_at` is where; `None` for values from outside the configuration.
pub(super) fn finish(
    variable: &Variable,
    given: Option<Value>,
    name: &str,
    given_at: Option<Span>,
    sources: &Sources,
) -> Result<Value, Diagnostics> {
    let declared = position(sources, variable.span);
    let span = given_at.unwrap_or(variable.span);
    let given = match given {
        Some(value) if value.is_null() && !variable.nullable => None,
        other => other,
    };
    let value = match given {
        Some(value) => value,
        None => match &variable.default {
            Some(default) => default.clone(),
            None if given_at.is_some() => {
                return Err(Diagnostic::error(
                    "Required variable not set",
                    format!(
                        "The given value is not suitable for {name} defined at {declared}: required variable may not be set to \
                         null."
                    ),
                )
                .at(span)
                .into());
            }
            None => {
                return Err(Diagnostic::error(
                    "No value for required variable",
                    format!(
                        "The root module input variable \"{}\" is not set, and has no default value. Use a -var or -var-file \
                         command line argument to provide a value for this variable.",
                        variable.name.name
                    ),
                )
                .at(variable.span)
                .into());
            }
        },
    };
    let value = match &variable.defaults {
        Some(defaults) => defaults.apply(value),
        None => value,
    };
    let value = convert(&value, &variable.ty).map_err(|error| {
        Diagnostics::from(
            Diagnostic::error(
                "Invalid value for input variable",
                format!("The given value is not suitable for {name} declared at {declared}: {error}."),
            )
            .at(span),
        )
    })?;
    if value.marks_deep().contains(Marks::EPHEMERAL) && !variable.ephemeral {
        return Err(Diagnostic::error(
            "Ephemeral value not allowed",
            format!(
                "{name}, declared at {declared}, does not say that it takes ephemeral values, so it cannot be set to a result derived \
                 from one."
            ),
        )
        .at(span)
        .hint("Add ephemeral = true to the variable, if it is used where ephemeral values may be.")
        .into());
    }
    let mut marks = Marks::empty();
    if variable.sensitive {
        marks |= Marks::SENSITIVE;
    }
    if variable.ephemeral {
        marks |= Marks::EPHEMERAL;
    }
    Ok(value.with_marks(marks))
}

/// What a root variable is in a survey when nothing was given: its default, else a value that only its type is known of, texts as symbols.
pub(super) fn surveyed(variable: &Variable, address: &str) -> Value {
    let value = match &variable.default {
        Some(default) => default.clone(),
        None => vague(&variable.ty.without_optional(), address),
    };
    if variable.sensitive { value.sensitive() } else { value }
}

fn vague(ty: &Type, address: &str) -> Value {
    match ty {
        Type::String | Type::Dynamic => Symbol::new(address, "").value(),
        Type::Object(object) => {
            let field =
                |(name, ty): (&std::sync::Arc<str>, &Type)| (name.clone(), vague(ty, &format!("{address}.{name}")));
            Value::object(object.attributes.iter().map(field).collect())
        }
        other => Value::unknown_not_null(other.clone()),
    }
}

/// `main.tf:3,1-17`
pub(super) fn position(sources: &Sources, span: Span) -> String {
    let Some(file) = sources.get(span.file) else { return "an unknown place".to_owned() };
    let (start, end) = (file.position(span.start), file.position(span.end));
    if start.line == end.line {
        format!("{}:{},{}-{}", file.name, start.line, start.column, end.column)
    } else {
        format!("{}:{},{}-{},{}", file.name, start.line, start.column, end.line, end.column)
    }
}
