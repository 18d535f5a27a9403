//! Data `terraform_remote_state`: the outputs of another configuration, from its state. Where states are kept is not a provider's to know:
//! whoever makes the provider hands in a [`ReadState`].

use crate::diagnostics::{AttributeStep, Diagnostic, Diagnostics};
use crate::lang::value::{Fields, Type, Value};
use crate::provider::schema::{Attribute, Block, Schema};
use async_trait::async_trait;
use std::sync::Arc;

/// Reads the outputs of states.
#[async_trait(?Send)]
pub trait ReadState: Send + Sync {
    /// Checks the backend's name and settings, without looking at the place. Unknown settings pass.
    fn check(&self, backend: &str, settings: &Value) -> Diagnostics;

    /// The root outputs of a workspace's state; `None` when there is no state.
    async fn outputs(&self, backend: &str, settings: &Value, workspace: &str) -> Result<Option<Fields>, Diagnostics>;
}

pub(super) const NAME: &str = "terraform_remote_state";

pub(super) fn schema() -> Schema {
    let attribute = |ty: Type, required: bool, computed: bool| Attribute {
        ty,
        required,
        optional: !required && !computed,
        computed,
        sensitive: false,
        write_only: false,
        deprecated: false,
    };
    let attributes = [
        ("backend", attribute(Type::String, true, false)),
        ("config", attribute(Type::Dynamic, false, false)),
        ("defaults", attribute(Type::Dynamic, false, false)),
        ("outputs", attribute(Type::Dynamic, false, true)),
        ("workspace", attribute(Type::String, false, false)),
    ];
    let attributes = attributes.into_iter().map(|(n, a)| (Arc::from(n), a)).collect();
    Schema { version: 0, block: Block { attributes, ..Block::default() } }
}

pub(super) fn validate(reader: Option<&dyn ReadState>, config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for name in ["config", "defaults"] {
        if let Some(value) = config.get(name)
            && !value.is_null()
            && value.is_known()
            && value.fields().is_none()
        {
            diagnostics.push(wrong(name, format!("The \"{name}\" of {NAME} must be an object.")));
        }
    }
    let (Some(reader), Some(backend)) = (reader, config.get("backend").and_then(Value::as_str)) else {
        return diagnostics;
    };
    if !diagnostics.has_errors() {
        diagnostics.extend(placed(reader.check(backend, &settings(config))));
    }
    diagnostics
}

/// Reads the state and fills in the defaults.
pub(super) async fn read(reader: Option<&dyn ReadState>, config: &Value) -> Result<Value, Diagnostics> {
    let Some(reader) = reader else {
        return Err(
            wrong("backend", format!("States of other configurations cannot be read here, so {NAME} cannot.")).into()
        );
    };
    let backend = config.get("backend").and_then(Value::as_str).unwrap_or_default();
    let workspace = config.get("workspace").and_then(Value::as_str).unwrap_or("default");
    let found = reader.outputs(backend, &settings(config), workspace).await.map_err(placed)?;
    let defaults = config.get("defaults").and_then(Value::fields).cloned();
    let outputs: Fields = match (found, defaults) {
        (Some(outputs), defaults) => {
            let mut all = defaults.unwrap_or_default();
            all.extend(outputs);
            all
        }
        (None, Some(defaults)) => defaults,
        (None, None) => {
            return Err(Diagnostic::error(
                "Unable to find remote state",
                format!("No stored state was found for the workspace \"{workspace}\" in the {backend} backend with these settings."),
            )
            .attribute(vec![AttributeStep::Name("config".into())])
            .hint("Apply the other configuration first, check the settings, or give `defaults`.")
            .into());
        }
    };
    Ok(config.with_field("outputs", Value::object(outputs)))
}

/// The backend's settings; none is an empty object.
fn settings(config: &Value) -> Value {
    match config.get("config") {
        Some(value) if !value.is_null() => value.clone(),
        _ => Value::object(Fields::new()),
    }
}

fn wrong(name: &str, detail: String) -> Diagnostic {
    Diagnostic::error("Invalid backend configuration", detail).attribute(vec![AttributeStep::Name(name.to_owned())])
}

/// What the backend complains of stands in `config`.
fn placed(diagnostics: Diagnostics) -> Diagnostics {
    let each = diagnostics.into_iter().map(|mut d| {
        d.attribute = vec![AttributeStep::Name("config".into())];
        d
    });
    each.collect()
}
