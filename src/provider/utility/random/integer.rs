//! `random_integer`: a number of a range.

use super::seed::Rand;
use super::{KEEPERS, no_keepers};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Type, Value};
use crate::provider::Progress;
use crate::provider::utility::attribute::{Attr, Kind, computed, optional, required};
use crate::provider::utility::{Resource, text};
use async_trait::async_trait;

pub(super) struct Integer;

#[async_trait(?Send)]
impl Resource for Integer {
    fn name(&self) -> &'static str {
        "random_integer"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                computed("id", Kind::Text).kept(),
                KEEPERS,
                required("max", Kind::Int).replaces(),
                required("min", Kind::Int).replaces(),
                computed("result", Kind::Int).kept(),
                optional("seed", Kind::Text).replaces(),
            ]
        }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let number = |name: &str| planned.get(name).and_then(Value::as_i64).unwrap_or_default();
        let (min, max) = (number("min"), number("max"));
        let size = max.checked_sub(min).and_then(|d| d.checked_add(1)).filter(|size| *size > 0);
        let Some(size) = size else {
            let text = "The minimum (min) value needs to be smaller than or equal to maximum (max) value.";
            return Err(Diagnostic::error("Create Random Integer Error", text).into());
        };
        let seed = text(planned, "seed");
        let result = Rand::of(seed).below(size) + min;
        let seed = if seed.is_empty() { Value::null(Type::String) } else { Value::string(seed) };
        Ok(planned
            .with_field("id", Value::string(result.to_string()))
            .with_field("result", Value::number(result))
            .with_field("seed", seed))
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        Some(imported(id))
    }
}

fn imported(id: &str) -> Result<Vec<(&'static str, Value)>, Diagnostics> {
    let title = "Import Random Integer Error";
    let parts: Vec<&str> = id.split(',').collect();
    let (result, min, max, seed) = match parts.as_slice() {
        [result, min, max] => (*result, *min, *max, None),
        [result, min, max, seed] => (*result, *min, *max, Some(*seed)),
        _ => {
            let text = "Invalid import usage: expecting {result},{min},{max} or {result},{min},{max},{seed}";
            return Err(Diagnostic::error(title, text).into());
        }
    };
    let number = |what: &str, text: &str| {
        text.parse::<i64>().map(Value::number).map_err(|e| {
            let said = format!("The {what}value supplied could not be parsed as an integer.\n\nOriginal Error: {e}");
            Diagnostics::from(Diagnostic::error(title, said))
        })
    };
    Ok(vec![
        ("id", Value::string(result)),
        ("result", number("", result)?),
        ("min", number("min ", min)?),
        ("max", number("max ", max)?),
        ("seed", seed.map_or_else(|| Value::null(Type::String), Value::string)),
        no_keepers(),
    ])
}
