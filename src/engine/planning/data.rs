//! `data` blocks: read while planning when everything they need is there, else during apply.

use super::instance::When;
use super::{BlockContext, Planner};
use crate::address::{InstanceKey, ResourceInstance};
use crate::diagnostics::Diagnostics;
use crate::engine::decode::decode;
use crate::engine::ephemeral;
use crate::engine::objects::{self, Known, copy_marks};
use crate::engine::plan::{Action, ActionReason, ResourceChange};
use crate::engine::reading::read_data;
use crate::engine::scope::{Evaluation, ModuleScope, Repeated};
use crate::lang::value::Value;
use crate::provider::schema::proposed_new;
use crate::state::model::ObjectStatus;

impl Planner<'_> {
    pub(super) async fn plan_data(
        &self,
        context: &BlockContext<'_>,
        scope: &ModuleScope<'_>,
        key: Option<InstanceKey>,
        repeated: &Repeated,
    ) -> Diagnostics {
        let resource = &context.config.resource;
        let address = ResourceInstance { module: scope.address.clone(), resource: resource.clone(), key: key.clone() };
        let mut evaluation = Evaluation::repeated(&self.run.globals, scope, repeated);
        let mut diagnostics = self.conditions(context, &address, &evaluation, When::Before);
        if diagnostics.has_errors() {
            return diagnostics;
        }
        let (config, found) = decode(&context.block.body, &context.schema.block, &evaluation, context.block.span);
        let failed = found.has_errors();
        diagnostics.extend(self.run.placed(found, &address, Some(context.block)));
        if failed {
            return diagnostics;
        }
        let refused = self.run.placed(ephemeral::refuse(&context.schema, &config), &address, Some(context.block));
        if refused.has_errors() {
            diagnostics.extend(refused);
            return diagnostics;
        }
        let explicit = self.run.graph.explicit.get(context.config).map(Vec::as_slice).unwrap_or_default();
        let deferred = if config.contains_unknown() {
            Some(ActionReason::ReadBecauseConfigUnknown)
        } else if self.has_pending_changes(explicit) || self.is_pending(&self.managed_references(context.config)) {
            Some(ActionReason::ReadBecauseDependencyPending)
        } else {
            None
        };
        let value = match deferred {
            Some(reason) => {
                let after = self.planned_data(context, &config);
                self.push_change(ResourceChange {
                    address: address.clone(),
                    previous_address: None,
                    deposed: None,
                    provider: context.provider_address.clone(),
                    action: Action::Read,
                    reason: Some(reason),
                    before: Value::null(context.schema.block.ty.clone()),
                    after: after.clone(),
                    replace_paths: Vec::new(),
                    importing: None,
                    planned_private: Vec::new(),
                    schema: context.schema.raw.clone(),
                });
                after
            }
            None => {
                let read =
                    read_data(&self.run, context.provider.as_ref(), &context.schema, &address, &config, context.block)
                        .await;
                let Some((value, found)) = diagnostics.absorb(read) else { return diagnostics };
                diagnostics.extend(found);
                let known = Known {
                    value: value.clone(),
                    private: Vec::new(),
                    status: ObjectStatus::Ready,
                    dependencies: Vec::new(),
                    create_before_destroy: false,
                };
                let stored = self.state.current(&address);
                if let Some(object) = objects::encode(&context.schema, &known, stored) {
                    self.set_prior(&address, context.provider_address, Some(object));
                }
                value
            }
        };
        let own = context.referred(&value).whole();
        evaluation.self_value = Some(&own);
        diagnostics.extend(self.conditions(context, &address, &evaluation, When::After));
        scope.set_instance(resource, key, context.referred(&value));
        diagnostics
    }

    /// What a read will give as far as the configuration tells.
    fn planned_data(&self, context: &BlockContext<'_>, config: &Value) -> Value {
        let schema = &context.schema;
        let plain = config.unmark_deep();
        let nothing = Value::null(schema.block.ty.clone());
        let proposed = proposed_new(&schema.raw.block, &nothing, &plain);
        let unknown = schema.raw.block.map_fields(&proposed, &|attribute, v| {
            if attribute.computed && v.is_null() { Value::unknown(attribute.ty.clone()) } else { v }
        });
        let unset = schema.raw.block.extensions.iter().filter_map(|name| Some((name, plain.get(name)?)));
        let unknown = unset.fold(unknown, |object, (name, v)| object.with_field(name.clone(), v.clone()));
        copy_marks(schema.mark(unknown), config)
    }
}
