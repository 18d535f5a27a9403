//! The provider built into the program, `terraform.io/builtin/terraform`: small types that need no service.

mod functions;
mod remote_state;
mod terraform_data;

pub use remote_state::ReadState;

use super::schema::ProviderSchema;
use super::{ApplyRequest, ApplyResponse, Factory, Imported, Object, PlanRequest, PlanResponse, Progress, Provider};
use super::{ReadHint, schema::Schema};
use crate::address::{ProviderSource, ResourceInstance};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::functions::Function;
use crate::lang::value::{Value, from_json_state};
use async_trait::async_trait;
use std::sync::{Arc, LazyLock};

static SCHEMA: LazyLock<ProviderSchema> = LazyLock::new(|| ProviderSchema {
    resources: [("terraform_data".to_owned(), Arc::new(terraform_data::schema()))].into(),
    data: [(remote_state::NAME.to_owned(), Arc::new(remote_state::schema()))].into(),
    ..ProviderSchema::default()
});

/// Makes the builtin provider, for uses that read no other states.
#[derive(Debug, Clone, Copy, Default)]
pub struct Builtin;

/// Makes the builtin provider with states of other configurations for `terraform_remote_state`.
#[derive(Clone)]
pub struct BuiltinWithStates(pub Arc<dyn ReadState>);

impl Factory for Builtin {
    fn source(&self) -> ProviderSource {
        ProviderSource::builtin()
    }

    fn version(&self) -> &str {
        "1.11.4"
    }

    fn schema(&self) -> &ProviderSchema {
        &SCHEMA
    }

    fn functions(&self) -> &'static [Function] {
        functions::FUNCTIONS
    }

    fn create(&self) -> Arc<dyn Provider> {
        Arc::new(BuiltinProvider { states: None })
    }
}

impl Factory for BuiltinWithStates {
    fn source(&self) -> ProviderSource {
        Builtin.source()
    }

    fn version(&self) -> &str {
        "1.11.4"
    }

    fn schema(&self) -> &ProviderSchema {
        &SCHEMA
    }

    fn functions(&self) -> &'static [Function] {
        functions::FUNCTIONS
    }

    fn create(&self) -> Arc<dyn Provider> {
        Arc::new(BuiltinProvider { states: Some(Arc::clone(&self.0)) })
    }
}

struct BuiltinProvider {
    states: Option<Arc<dyn ReadState>>,
}

fn unknown_type(type_name: &str) -> Diagnostic {
    Diagnostic::error(
        "Unsupported resource type",
        format!(
            "The builtin provider has no type \"{type_name}\"; it has the resource terraform_data and the data source {}.",
            remote_state::NAME
        ),
    )
}

fn schema_of(type_name: &str) -> Result<Arc<Schema>, Diagnostics> {
    SCHEMA.resources.get(type_name).cloned().ok_or_else(|| unknown_type(type_name).into())
}

#[async_trait(?Send)]
impl Provider for BuiltinProvider {
    fn validate_resource(&self, _: &str, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    fn validate_data(&self, type_name: &str, config: &Value) -> Diagnostics {
        match type_name {
            remote_state::NAME => remote_state::validate(self.states.as_deref(), config),
            _ => unknown_type(type_name).into(),
        }
    }

    fn validate_config(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    async fn configure(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    fn upgrade_state(&self, type_name: &str, _: u64, attributes: &serde_json::Value) -> Result<Value, Diagnostics> {
        let schema = schema_of(type_name)?;
        from_json_state(attributes, &schema.block.implied_type()).map_err(|error| {
            Diagnostic::error(
                "Unreadable object in state",
                format!("An object of type {type_name} does not decode: {error}."),
            )
            .into()
        })
    }

    async fn prefetch(&self, _: &[ReadHint], _: &dyn Progress) {}

    async fn read(
        &self,
        _: &ResourceInstance,
        _: &str,
        prior: &Object,
        _: &dyn Progress,
    ) -> Result<(Object, Diagnostics), Diagnostics> {
        Ok((prior.clone(), Diagnostics::new()))
    }

    async fn plan(&self, request: PlanRequest<'_>) -> PlanResponse {
        terraform_data::plan(&request)
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        terraform_data::apply(&request)
    }

    async fn import(&self, type_name: &str, id: &str, _: &dyn Progress) -> Result<Vec<Imported>, Diagnostics> {
        schema_of(type_name)?;
        let object = Object { value: terraform_data::imported(id), private: Vec::new() };
        Ok(vec![Imported { type_name: type_name.to_owned(), object }])
    }

    async fn read_data(
        &self,
        _: &ResourceInstance,
        type_name: &str,
        config: &Value,
        _: &dyn Progress,
    ) -> Result<(Value, Diagnostics), Diagnostics> {
        match type_name {
            remote_state::NAME => {
                remote_state::read(self.states.as_deref(), config).await.map(|value| (value, Diagnostics::new()))
            }
            _ => Err(unknown_type(type_name).into()),
        }
    }
}
