//! The plan for programs: `show -json PLAN`. Format version 1.2.

use super::configuration;
use super::mask;
use super::state::{Entry, check_address, check_instance, identity, is_stored, module_tree, snapshot};
use crate::config::model::Config;
use crate::engine::generating::Generated;
use crate::engine::plan::{
    Action, ActionReason, CheckKind, CheckResult, CheckStatus, OutputChange, Plan, PlanMode, ResourceChange,
};
use crate::lang::value::{Path, PathStep, Type, Value};
use crate::provider::Registry;
use crate::state::TERRAFORM_VERSION;
use crate::state::model::{OutputValue, State};
use serde_json::{Map, Value as Json, json};

/// The whole document. Sensitive values stand in clear beside their masks, as programs expect; callers show it to nobody else.
pub fn document_of(plan: &Plan, config: &Config, registry: &Registry) -> Json {
    let mut out = Map::new();
    out.insert("format_version".into(), json!("1.2"));
    out.insert("terraform_version".into(), json!(TERRAFORM_VERSION));
    let variables = variables(plan, config);
    if !variables.is_empty() {
        out.insert("variables".into(), Json::Object(variables));
    }
    out.insert("planned_values".into(), planned_values(plan));
    if !plan.drift.is_empty() {
        out.insert(
            "resource_drift".into(),
            json!(plan.drift.iter().map(|c| resource_change(c, None)).collect::<Vec<_>>()),
        );
    }
    if !plan.changes.is_empty() {
        out.insert(
            "resource_changes".into(),
            json!(plan.changes.iter().map(|c| resource_change(c, plan.generated_for(&c.address))).collect::<Vec<_>>()),
        );
    }
    let outputs: Map<String, Json> = plan.outputs.iter().map(|(name, o)| (name.clone(), output_change(o))).collect();
    if !outputs.is_empty() {
        out.insert("output_changes".into(), Json::Object(outputs));
    }
    let prior = prior_state(plan);
    if !prior.is_empty() {
        out.insert("prior_state".into(), snapshot(&prior, registry));
    }
    out.insert("configuration".into(), configuration::document(config, registry));
    if !plan.relevant_attributes.is_empty() {
        let entry = |(resource, path): &(String, Path)| json!({ "resource": resource, "attribute": path_json(path) });
        out.insert("relevant_attributes".into(), json!(plan.relevant_attributes.iter().map(entry).collect::<Vec<_>>()));
    }
    if !plan.checks.is_empty() {
        let mut checks: Vec<&CheckResult> = plan.checks.iter().collect();
        checks.sort_by(|a, b| a.config_address.cmp(&b.config_address));
        out.insert("checks".into(), json!(checks.into_iter().map(check).collect::<Vec<_>>()));
    }
    out.insert("timestamp".into(), json!(plan.timestamp));
    let drifted = plan.mode == PlanMode::RefreshOnly && !plan.drift.is_empty();
    out.insert("applyable".into(), json!(!plan.errored && (plan.has_changes() || drifted)));
    out.insert("complete".into(), json!(!plan.errored && plan.targets.is_empty() && plan.excludes.is_empty()));
    out.insert("errored".into(), json!(plan.errored));
    Json::Object(out)
}

/// Root variables as they were given, and the defaults of the others.
fn variables(plan: &Plan, config: &Config) -> Map<String, Json> {
    let value = |name: &String, default: Option<&Value>| {
        let value = plan.raw_variables.get(name).or(default)?;
        Some((name.clone(), json!({ "value": mask::known(value) })))
    };
    config.root.variables.iter().filter_map(|(name, variable)| value(name, variable.default.as_ref())).collect()
}

/// The refreshed state with the outputs that are known already, as Terraform writes it.
fn prior_state(plan: &Plan) -> State {
    let mut state = plan.prior_state.clone();
    for (name, output) in &plan.outputs {
        if output.action != Action::Delete && output.after.is_wholly_known() && !output.after.is_null() {
            let value = output.after.unmark_deep();
            let stored = OutputValue { ty: value.ty(), value, sensitive: output.sensitive };
            state.outputs.insert(name.clone(), stored);
        }
    }
    state
}

fn planned_values(plan: &Plan) -> Json {
    let mut out = Map::new();
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .filter(|(_, o)| o.action != Action::Delete)
        .map(|(name, o)| {
            let mut entry = Map::new();
            entry.insert("sensitive".into(), json!(o.sensitive));
            if o.after.is_wholly_known() {
                // A plan file says nothing of the type of a null.
                let ty = if o.after.is_null() { Type::Dynamic } else { o.after.ty() };
                entry.insert("type".into(), ty.to_json());
                entry.insert("value".into(), mask::known(&o.after));
            }
            (name.clone(), Json::Object(entry))
        })
        .collect();
    if !outputs.is_empty() {
        out.insert("outputs".into(), Json::Object(outputs));
    }
    let mut entries: Vec<Entry<'_>> = plan
        .changes
        .iter()
        .filter(|c| {
            !matches!(c.action, Action::Delete | Action::Forget) && c.deposed.is_none() && is_stored(&c.address)
        })
        .map(|c| Entry {
            address: &c.address,
            provider: &c.provider,
            schema_version: c.schema.version,
            values: mask::known(&c.schema.block.without_unset_extensions(&c.after)),
            sensitive_values: mask::sensitive(&marked(c, &c.after)),
            depends_on: &[],
            tainted: false,
            deposed: None,
        })
        .collect();
    entries.sort_by_cached_key(|entry| entry.address.to_string());
    out.insert("root_module".into(), module_tree(&entries));
    Json::Object(out)
}

/// The value as it is shown, with the marks its schema puts on it.
fn marked(change: &ResourceChange, value: &Value) -> Value {
    let block = &change.schema.block;
    if value.is_null() { value.clone() } else { block.mark_sensitive(&block.without_unset_extensions(value)) }
}

fn resource_change(change: &ResourceChange, generated: Option<&Generated>) -> Json {
    let mut out = Map::new();
    identity(&change.address, &mut out);
    if let Some(before) = &change.previous_address {
        out.insert("previous_address".into(), json!(before.to_string()));
    }
    if !change.address.module.is_root() {
        out.insert("module_address".into(), json!(change.address.module.to_string()));
    }
    out.insert("provider_name".into(), json!(change.provider.source.to_string()));
    if let Some(key) = &change.deposed {
        out.insert("deposed".into(), json!(key));
    }
    let (before, after) = (marked(change, &change.before), marked(change, &change.after));
    let mut body = change_body(change.action, &before, &after);
    if let Some(fields) = body.as_object_mut() {
        let asked = matches!(change.reason, Some(ActionReason::ReplaceBecauseTainted | ActionReason::ReplaceByRequest));
        if !change.replace_paths.is_empty() && !asked {
            fields
                .insert("replace_paths".into(), json!(change.replace_paths.iter().map(path_json).collect::<Vec<_>>()));
        }
        if let Some(id) = &change.importing {
            fields.insert("importing".into(), json!({ "id": id }));
        }
        if let Some(generated) = generated {
            fields.insert("generated_config".into(), json!(generated.text()));
        }
    }
    out.insert("change".into(), body);
    if let Some(reason) = change.reason {
        out.insert("action_reason".into(), json!(reason.as_str()));
    }
    Json::Object(out)
}

/// `actions`, `before`, `after` and the masks.
fn change_body(action: Action, before: &Value, after: &Value) -> Json {
    let gone = matches!(action, Action::Delete | Action::Forget);
    json!({
        "actions": actions(action),
        "before": mask::known(before),
        "after": mask::known(after),
        "after_unknown": if gone { json!({}) } else { mask::unknown(after) },
        "before_sensitive": if before.is_null() { json!(false) } else { mask::sensitive(before) },
        "after_sensitive": if after.is_null() { json!(false) } else { mask::sensitive(after) },
    })
}

fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Read => &["read"],
        Action::Update => &["update"],
        Action::Delete => &["delete"],
        Action::DeleteThenCreate => &["delete", "create"],
        Action::CreateThenDelete => &["create", "delete"],
        Action::Forget => &["forget"],
    }
}

fn output_change(change: &OutputChange) -> Json {
    let strip = |v: &Value| v.unmark_deep();
    let (before, after) = (strip(&change.before), strip(&change.after));
    let sensitive = |v: &Value, other: &Value| -> Json {
        if change.sensitive || v.marks().hidden() {
            json!(!(v.is_null() && !other.is_null() && !change.sensitive))
        } else {
            json!(false)
        }
    };
    let mut out = json!({
        "actions": actions(change.action),
        "before": mask::known(&before),
        "after_unknown": if after.is_wholly_known() { json!(false) } else { mask::unknown(&after) },
        "before_sensitive": sensitive(&before, &after),
        "after_sensitive": sensitive(&after, &before),
    });
    if let (true, Some(fields)) = (after.is_known(), out.as_object_mut()) {
        fields.insert("after".into(), mask::known(&after));
    }
    out
}

/// A path as strings and numbers.
fn path_json(path: &Path) -> Json {
    let step = |step: &PathStep| match step {
        PathStep::Attr(name) => json!(&**name),
        PathStep::Index(key) => mask::known(key),
    };
    Json::Array(path.0.iter().map(step).collect())
}

fn check(check: &CheckResult) -> Json {
    let kind = match check.kind {
        CheckKind::Resource => "resource",
        CheckKind::Output => "output_value",
        CheckKind::Check => "check",
        CheckKind::Variable => "var",
    };
    let instances: Vec<Json> = check
        .objects
        .iter()
        .map(|(address, status, messages)| {
            let place = check_instance(check.kind == CheckKind::Resource, address);
            let mut out = json!({ "address": place, "status": status_name(*status) });
            if let (false, Some(fields)) = (messages.is_empty(), out.as_object_mut()) {
                let problems: Vec<Json> = messages.iter().map(|m| json!({ "message": m })).collect();
                fields.insert("problems".into(), json!(problems));
            }
            out
        })
        .collect();
    let mut out = json!({ "address": check_address(kind, &check.config_address), "status": status_name(check.status) });
    if let (false, Some(fields)) = (instances.is_empty(), out.as_object_mut()) {
        fields.insert("instances".into(), json!(instances));
    }
    out
}

fn status_name(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
        CheckStatus::Unknown => "unknown",
    }
}
