//! The engine's view of a [`Spec`].

use super::{Data, Resource, Spec, attribute, plan};
use crate::address::{ProviderSource, ResourceInstance};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Value, from_json_state};
use crate::provider::schema::{Deprecation, ProviderSchema, Schema};
use crate::provider::{
    ApplyRequest, ApplyResponse, Factory, Imported, Object, PlanRequest, PlanResponse, Progress, Provider, ReadHint,
    Silent,
};
use async_trait::async_trait;
use std::sync::Arc;

/// Makes providers of a spec.
pub(super) struct UtilityFactory {
    spec: &'static Spec,
    schema: Arc<ProviderSchema>,
}

impl UtilityFactory {
    pub(super) fn new(spec: &'static Spec) -> Self {
        let mut schema = ProviderSchema::default();
        for resource in spec.resources {
            let own = attribute::schema(resource.version(), resource.attributes());
            schema.resources.insert(resource.name().to_owned(), || Arc::new(own));
        }
        for data in spec.data {
            let mut own = attribute::schema(0, data.attributes());
            own.block.blocks = data.blocks().into_iter().map(|(name, block)| (Arc::from(name), block)).collect();
            if let Some(instead) = data.deprecated() {
                own.block.deprecated = true;
                let summary = "Deprecated".to_owned();
                let deprecation = Deprecation { summary, detail: instead.to_owned() };
                schema.deprecations.insert(format!("data.{}", data.name()), deprecation);
            }
            schema.data.insert(data.name().to_owned(), || Arc::new(own));
        }
        UtilityFactory { spec, schema: Arc::new(schema) }
    }
}

impl Factory for UtilityFactory {
    fn source(&self) -> ProviderSource {
        ProviderSource::hashicorp(self.spec.name)
    }

    fn version(&self) -> &str {
        self.spec.version
    }

    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    fn create(&self) -> Arc<dyn Provider> {
        Arc::new(UtilityProvider { spec: self.spec, schema: Arc::clone(&self.schema) })
    }
}

struct UtilityProvider {
    spec: &'static Spec,
    schema: Arc<ProviderSchema>,
}

impl UtilityProvider {
    fn resource(&self, type_name: &str) -> Result<(&'static dyn Resource, &Arc<Schema>), Diagnostics> {
        let found = self.spec.resources.iter().find(|r| r.name() == type_name);
        found.copied().zip(self.schema.resources.get(type_name)).ok_or_else(|| self.unknown("resource type", type_name))
    }

    fn data(&self, type_name: &str) -> Result<(&'static dyn Data, &Arc<Schema>), Diagnostics> {
        let found = self.spec.data.iter().find(|d| d.name() == type_name);
        found.copied().zip(self.schema.data.get(type_name)).ok_or_else(|| self.unknown("data source", type_name))
    }

    fn unknown(&self, kind: &str, type_name: &str) -> Diagnostics {
        let text = format!("The provider hashicorp/{} has no {kind} \"{type_name}\".", self.spec.name);
        Diagnostic::error(format!("Invalid {kind}"), text).into()
    }
}

/// The configuration's value with what was computed put in.
fn filled(base: &Value, computed: Vec<(&'static str, Value)>) -> Value {
    computed.into_iter().fold(base.clone(), |value, (name, v)| value.with_field(name, v))
}

#[async_trait(?Send)]
impl Provider for UtilityProvider {
    fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics {
        let mut found = Diagnostics::new();
        match self.resource(type_name) {
            Ok((resource, _)) => resource.check(config, &mut found),
            Err(unknown) => found.extend(unknown),
        }
        found
    }

    fn validate_data(&self, type_name: &str, config: &Value) -> Diagnostics {
        let mut found = Diagnostics::new();
        match self.data(type_name) {
            Ok((data, _)) => data.check(config, &mut found),
            Err(unknown) => found.extend(unknown),
        }
        found
    }

    fn validate_config(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    async fn configure(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    async fn read_data_offline(&self, type_name: &str, config: &Value) -> Option<Value> {
        let (data, _) = self.data(type_name).ok()?;
        if !data.is_pure() || config.contains_unknown() {
            return None;
        }
        let address = ResourceInstance {
            module: crate::address::ModuleInstance::root(),
            resource: crate::address::Resource::data(type_name, "offline"),
            key: None,
        };
        let (computed, _) = data.read(&address, config, &Silent).await.ok()?;
        Some(filled(config, computed))
    }

    fn upgrade_state(
        &self,
        type_name: &str,
        version: u64,
        attributes: &serde_json::Value,
    ) -> Result<Value, Diagnostics> {
        let (resource, schema) = self.resource(type_name)?;
        let upgraded;
        let attributes = match version < schema.version {
            true => {
                upgraded = resource.upgrade(version, attributes.clone())?;
                &upgraded
            }
            false => attributes,
        };
        from_json_state(attributes, &schema.block.implied_type()).map_err(|error| {
            let text = format!("An object of type {type_name} does not decode: {error}.");
            Diagnostic::error("Unreadable object in state", text).into()
        })
    }

    async fn prefetch(&self, _: &[ReadHint], _: &dyn Progress) {}

    async fn read(
        &self,
        _: &ResourceInstance,
        type_name: &str,
        prior: &Object,
        _: &dyn Progress,
    ) -> Result<(Object, Diagnostics), Diagnostics> {
        let (resource, schema) = self.resource(type_name)?;
        let value = resource.read(&prior.value).await?;
        let value = value.unwrap_or_else(|| Value::null(schema.block.implied_type()));
        Ok((Object { value, private: prior.private.clone() }, Diagnostics::new()))
    }

    async fn plan(&self, request: PlanRequest<'_>) -> PlanResponse {
        match self.resource(request.type_name) {
            Ok((resource, _)) => {
                let mut response = plan::plan(resource.attributes(), &request);
                if !request.config.is_null() {
                    resource.amend(&request, &mut response);
                }
                response
            }
            Err(diagnostics) => PlanResponse {
                planned: request.proposed.clone(),
                requires_replace: Vec::new(),
                private: Vec::new(),
                diagnostics,
            },
        }
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let outcome = async {
            let (resource, schema) = self.resource(request.type_name)?;
            if request.planned.is_null() {
                resource.delete(request.prior, request.progress).await?;
                return Ok(Value::null(schema.block.implied_type()));
            }
            match request.prior.is_null() {
                true => resource.create(request.planned, request.progress).await,
                false => resource.update(request.prior, request.planned).await,
            }
        };
        let private = request.private.to_vec();
        match outcome.await {
            Ok(value) => ApplyResponse { object: Object { value, private }, diagnostics: Diagnostics::new() },
            Err(diagnostics) => ApplyResponse { object: Object { value: request.prior.clone(), private }, diagnostics },
        }
    }

    async fn import(&self, type_name: &str, id: &str, _: &dyn Progress) -> Result<Vec<Imported>, Diagnostics> {
        let (resource, schema) = self.resource(type_name)?;
        let Some(attributes) = resource.import(id) else {
            let text = format!(
                "This resource does not support import. Please contact the provider developer for additional information: objects of \
                 type {type_name} exist in the state only."
            );
            return Err(Diagnostic::error("Resource Import Not Implemented", text).into());
        };
        let value = filled(&schema.block.empty_value(), attributes?);
        Ok(vec![Imported { type_name: type_name.to_owned(), object: Object { value, private: Vec::new() } }])
    }

    async fn read_data(
        &self,
        address: &ResourceInstance,
        type_name: &str,
        config: &Value,
        progress: &dyn Progress,
    ) -> Result<(Value, Diagnostics), Diagnostics> {
        let (data, _) = self.data(type_name)?;
        let (computed, warnings) = data.read(address, config, progress).await?;
        Ok((filled(config, computed), warnings))
    }
}
