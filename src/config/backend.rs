//! Settings of `backend` blocks: constants, known to the backend.

use super::model::Backend;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::{did_you_mean, evaluate_constant};
use crate::lang::value::Value;
use std::collections::BTreeMap;

/// The settings of a backend by name: those of the block, then `overrides` (of `-backend-config`), which win. A backend whose
/// settings nest has them as one object value.
///
/// # Errors
/// Names the backend does not know, and values that are not constant.
pub fn backend_settings(
    backend: &Backend,
    known: &[&str],
    overrides: &[(String, String)],
) -> Result<BTreeMap<String, Value>, Diagnostics> {
    let mut d = Diagnostics::new();
    let mut values = BTreeMap::new();
    for attribute in &backend.body.attributes {
        let name = &*attribute.name.name;
        if !known.contains(&name) {
            let hint = suggestion(name, known.iter().copied());
            let detail = format!("An argument named \"{name}\" is not expected here.{hint}");
            d.push(Diagnostic::error("Unsupported argument", detail).at(attribute.name.span).within(backend.span));
        } else if let Some(value) = d.absorb(evaluate_constant(&attribute.expr)) {
            values.insert(name.to_owned(), value);
        }
    }
    for block in &backend.body.blocks {
        let kind = &*block.kind.name;
        if !known.contains(&kind) {
            let detail = format!("Blocks of type \"{kind}\" are not expected here.");
            d.push(Diagnostic::error("Unsupported block type", detail).at(block.kind.span).within(backend.span));
            continue;
        }
        let fields = block
            .body
            .attributes
            .iter()
            .filter_map(|a| Some((a.name.name.clone(), d.absorb(evaluate_constant(&a.expr))?)))
            .collect();
        values.insert(kind.to_owned(), Value::object(fields));
    }
    for (name, text) in overrides {
        if known.contains(&name.as_str()) {
            values.insert(name.clone(), Value::string_normalized(text));
        } else {
            let hint = suggestion(name, known.iter().copied());
            let detail = format!("The backend \"{}\" has no setting named \"{name}\".{hint}", backend.kind.name);
            d.push(Diagnostic::error("Invalid backend configuration argument", detail));
        }
    }
    d.into_result(values).map(|(values, _)| values)
}

/// ` Did you mean "x"?`, or nothing.
fn suggestion<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean(given, known).map(|c| format!(" Did you mean \"{c}\"?")).unwrap_or_default()
}
