//! From what was read to the value of a variable: null, defaults of optional attributes, conversion, marks.

use super::{At, Origin, Raw};
use crate::config::model::Variable;
use crate::diagnostics::Diagnostic;
use crate::lang::value::{Marks, Value, convert};

/// The final value; `None` where null means that the default is to be taken.
pub(super) fn finish(variable: &Variable, value: Value, at: At, raw: &Raw) -> Result<Option<Value>, Box<Diagnostic>> {
    let name = &variable.name.name;
    let error = |detail: String| {
        let place = match raw {
            Raw::Text { origin: Origin::Environment, .. } => {
                format!(" It was given by the environment variable TF_VAR_{name}.")
            }
            Raw::Text { origin: Origin::CommandLine, .. } => {
                format!(" It was given on the command line, as -var '{name}=…'.")
            }
            _ => String::new(),
        };
        Box::new(
            Diagnostic::error("Invalid value for input variable", format!("{detail}{place}"))
                .at(at.unwrap_or(variable.span))
                .label(variable.span, "declared here"),
        )
    };
    if value.is_null() && !variable.nullable {
        return match &variable.default {
            Some(_) => Ok(None),
            None => Err(error(format!("The variable \"{name}\" is required and may not be set to null."))),
        };
    }
    let value = match &variable.defaults {
        Some(defaults) if !value.is_null() => defaults.apply(value),
        _ => value,
    };
    let value = convert(&value, &variable.ty)
        .map_err(|e| error(format!("The given value is not suitable for var.{name}: {e}.")))?;
    let mut marks = Marks::empty();
    marks.set(Marks::SENSITIVE, variable.sensitive);
    marks.set(Marks::EPHEMERAL, variable.ephemeral);
    Ok(Some(value.with_marks(marks)))
}
