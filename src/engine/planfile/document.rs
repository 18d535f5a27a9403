//! The plan's own part of a plan file: changes, drift, outputs, checks and how it was asked for.

use super::encoding::{Encoded, decode as value, encode as json_of};
use crate::engine::generating::Generated;
use crate::engine::plan::{
    Action, ActionReason, CheckKind, CheckResult, CheckStatus, OutputChange, Plan, PlanMode, ResourceChange,
};
use crate::lang::value::{Path, PathStep, Value};
use crate::provider::Registry;
use crate::state::model::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

const ACTIONS: &[(Action, &str)] = &[
    (Action::NoOp, "no-op"),
    (Action::Create, "create"),
    (Action::Read, "read"),
    (Action::Update, "update"),
    (Action::Delete, "delete"),
    (Action::DeleteThenCreate, "delete-create"),
    (Action::CreateThenDelete, "create-delete"),
    (Action::Forget, "forget"),
];

const REASONS: &[ActionReason] = &[
    ActionReason::ReplaceBecauseTainted,
    ActionReason::ReplaceByRequest,
    ActionReason::ReplaceByTriggers,
    ActionReason::ReplaceBecauseCannotUpdate,
    ActionReason::DeleteBecauseNoResourceConfig,
    ActionReason::DeleteBecauseWrongRepetition,
    ActionReason::DeleteBecauseCountIndex,
    ActionReason::DeleteBecauseEachKey,
    ActionReason::DeleteBecauseNoModule,
    ActionReason::DeleteBecauseNoMoveTarget,
    ActionReason::ReadBecauseConfigUnknown,
    ActionReason::ReadBecauseDependencyPending,
    ActionReason::ReadBecauseCheckNested,
];

const MODES: &[(PlanMode, &str)] =
    &[(PlanMode::Normal, "normal"), (PlanMode::Destroy, "destroy"), (PlanMode::RefreshOnly, "refresh-only")];
const KINDS: &[(CheckKind, &str)] = &[
    (CheckKind::Resource, "resource"),
    (CheckKind::Output, "output"),
    (CheckKind::Check, "check"),
    (CheckKind::Variable, "var"),
];
const STATUSES: &[(CheckStatus, &str)] = &[
    (CheckStatus::Pass, "pass"),
    (CheckStatus::Fail, "fail"),
    (CheckStatus::Error, "error"),
    (CheckStatus::Unknown, "unknown"),
];

fn name_of<T: PartialEq>(table: &[(T, &'static str)], wanted: &T) -> &'static str {
    table.iter().find(|(t, _)| t == wanted).map_or("", |(_, name)| name)
}

fn by_name<T: Copy>(table: &[(T, &'static str)], json: Option<&Json>) -> Option<T> {
    let name = json?.as_str()?;
    table.iter().find(|(_, n)| *n == name).map(|(t, _)| *t)
}

/// The plan as JSON, made change by change while it is written: a plan of everything an estate has is large. States, schemas and
/// diagnostics are not in it.
pub struct Document<'a>(pub &'a Plan);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("changes", &Changes(&self.0.changes))?;
        map.serialize_entry("drift", &Changes(&self.0.drift))?;
        for (name, value) in rest(self.0) {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

struct Changes<'a>(&'a [ResourceChange]);

impl Serialize for Changes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Change))
    }
}

/// Everything but the changes.
fn rest(plan: &Plan) -> [(&'static str, Json); 13] {
    let texts = |items: Vec<String>| json!(items);
    let values_of = |values: &BTreeMap<String, Value>| -> Map<String, Json> {
        values.iter().map(|(n, v)| (n.clone(), json_of(v))).collect()
    };
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .map(|(name, o)| {
            let entry = json!({
                "action": name_of(ACTIONS, &o.action),
                "before": json_of(&o.before),
                "after": json_of(&o.after),
                "sensitive": o.sensitive,
            });
            (name.clone(), entry)
        })
        .collect();
    let checks: Vec<Json> = plan
        .checks
        .iter()
        .map(|c| {
            let objects: Vec<Json> =
                c.objects.iter().map(|(a, s, m)| json!([a, name_of(STATUSES, s), m])).collect();
            json!({ "kind": name_of(KINDS, &c.kind), "address": c.config_address, "status": name_of(STATUSES, &c.status), "objects": objects })
        })
        .collect();
    [
        ("mode", json!(name_of(MODES, &plan.mode))),
        ("timestamp", json!(plan.timestamp)),
        ("errored", json!(plan.errored)),
        ("targets", texts(plan.targets.iter().map(ToString::to_string).collect())),
        ("excludes", texts(plan.excludes.iter().map(ToString::to_string).collect())),
        ("force_replace", texts(plan.force_replace.iter().map(ToString::to_string).collect())),
        ("variables", Json::Object(values_of(&plan.variables))),
        ("raw_variables", Json::Object(values_of(&plan.raw_variables))),
        ("apply_time_variables", json!(plan.apply_time_variables)),
        ("outputs", Json::Object(outputs)),
        ("checks", Json::Array(checks)),
        ("generated", plan.generated.iter().map(|g| json!([g.address.to_string(), g.id, g.block])).collect()),
        ("relevant", plan.relevant_attributes.iter().map(|(a, p)| json!([a, path(p)])).collect()),
    ]
}

struct Change<'a>(&'a ResourceChange);

impl Serialize for Change<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let c = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("address", &c.address.to_string())?;
        map.serialize_entry("previous", &c.previous_address.as_ref().map(ToString::to_string))?;
        map.serialize_entry("deposed", &c.deposed)?;
        map.serialize_entry("provider", &c.provider.to_string())?;
        map.serialize_entry("action", name_of(ACTIONS, &c.action))?;
        map.serialize_entry("reason", &c.reason.map(ActionReason::as_str))?;
        map.serialize_entry("before", &Encoded(&c.before))?;
        // Most objects of most plans stay as they are.
        map.serialize_entry("after", &(c.after != c.before).then_some(Encoded(&c.after)))?;
        map.serialize_entry("replace_paths", &c.replace_paths.iter().map(path).collect::<Vec<_>>())?;
        map.serialize_entry("importing", &c.importing)?;
        map.serialize_entry("private", &STANDARD.encode(&c.planned_private))?;
        map.end()
    }
}

fn path(path: &Path) -> Json {
    let step = |s: &PathStep| match s {
        PathStep::Attr(name) => json!({ "a": &**name }),
        PathStep::Index(key) => json!({ "i": json_of(key) }),
    };
    Json::Array(path.0.iter().map(step).collect())
}

/// The plan of its JSON; `None` when something in it cannot be read.
pub fn decode(json: &Json, prior: State, previous: State, registry: &Registry) -> Option<Plan> {
    let list = |name: &str| json.get(name)?.as_array();
    let parsed = |name: &str| list(name)?.iter().map(|t| t.as_str()).collect::<Option<Vec<&str>>>();
    let outputs = json
        .get("outputs")?
        .as_object()?
        .iter()
        .map(|(name, o)| {
            let change = OutputChange {
                action: by_name(ACTIONS, o.get("action"))?,
                before: value(o.get("before")?)?,
                after: value(o.get("after")?)?,
                sensitive: o.get("sensitive")?.as_bool()?,
            };
            Some((name.clone(), change))
        })
        .collect::<Option<BTreeMap<_, _>>>()?;
    let values_of = |name: &str| -> Option<BTreeMap<String, Value>> {
        json.get(name)?.as_object()?.iter().map(|(n, v)| Some((n.clone(), value(v)?))).collect()
    };
    Some(Plan {
        mode: by_name(MODES, json.get("mode"))?,
        changes: list("changes")?.iter().map(|c| read_change(c, registry)).collect::<Option<_>>()?,
        drift: list("drift")?.iter().map(|c| read_change(c, registry)).collect::<Option<_>>()?,
        outputs,
        prior_state: prior,
        previous_state: previous,
        variables: values_of("variables")?,
        // Files of earlier versions do not have them.
        raw_variables: values_of("raw_variables").unwrap_or_default(),
        apply_time_variables: parsed("apply_time_variables")
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        checks: list("checks")?.iter().map(read_check).collect::<Option<_>>()?,
        relevant_attributes: list("relevant")?
            .iter()
            .map(|r| Some((r.get(0)?.as_str()?.to_owned(), read_path(r.get(1)?)?)))
            .collect::<Option<_>>()?,
        timestamp: json.get("timestamp")?.as_str()?.to_owned(),
        targets: parsed("targets")?.into_iter().map(|t| t.parse().ok()).collect::<Option<_>>()?,
        excludes: parsed("excludes")?.into_iter().map(|t| t.parse().ok()).collect::<Option<_>>()?,
        force_replace: parsed("force_replace")?.into_iter().map(|t| t.parse().ok()).collect::<Option<_>>()?,
        generated: list("generated")?.iter().map(read_generated).collect::<Option<_>>()?,
        begun: true,
        errored: json.get("errored")?.as_bool()?,
        diagnostics: Default::default(),
    })
}

fn read_change(json: &Json, registry: &Registry) -> Option<ResourceChange> {
    let text = |name: &str| json.get(name).and_then(Json::as_str);
    let address: crate::address::ResourceInstance = text("address")?.parse().ok()?;
    let provider: crate::address::ProviderConfig = text("provider")?.parse().ok()?;
    let schema = registry.resource_schema(&provider.source, address.resource.mode, &address.resource.type_name)?;
    let previous_address = match text("previous") {
        Some(previous) => Some(previous.parse().ok()?),
        None => None,
    };
    let before = value(json.get("before")?)?;
    let after = match json.get("after")? {
        Json::Null => before.clone(),
        after => value(after)?,
    };
    Some(ResourceChange {
        previous_address,
        deposed: text("deposed").map(str::to_owned),
        provider,
        action: by_name(ACTIONS, json.get("action"))?,
        reason: text("reason").and_then(|r| REASONS.iter().copied().find(|known| known.as_str() == r)),
        before,
        after,
        replace_paths: json.get("replace_paths")?.as_array()?.iter().map(read_path).collect::<Option<_>>()?,
        importing: text("importing").map(str::to_owned),
        planned_private: STANDARD.decode(text("private")?).ok()?,
        schema,
        address,
    })
}

fn read_generated(json: &Json) -> Option<Generated> {
    Some(Generated {
        address: json.get(0)?.as_str()?.parse().ok()?,
        id: json.get(1)?.as_str()?.to_owned(),
        block: serde_json::from_value(json.get(2)?.clone()).ok()?,
    })
}

fn read_check(json: &Json) -> Option<CheckResult> {
    let object = |o: &Json| {
        let messages =
            o.get(2)?.as_array()?.iter().map(|m| m.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
        Some((o.get(0)?.as_str()?.to_owned(), by_name(STATUSES, o.get(1))?, messages))
    };
    Some(CheckResult {
        kind: by_name(KINDS, json.get("kind"))?,
        config_address: json.get("address")?.as_str()?.to_owned(),
        status: by_name(STATUSES, json.get("status"))?,
        objects: json.get("objects")?.as_array()?.iter().map(object).collect::<Option<_>>()?,
    })
}

fn read_path(json: &Json) -> Option<Path> {
    let step = |s: &Json| match (s.get("a"), s.get("i")) {
        (Some(name), _) => Some(PathStep::Attr(name.as_str()?.into())),
        (None, Some(key)) => Some(PathStep::Index(value(key)?)),
        (None, None) => None,
    };
    json.as_array()?.iter().map(step).collect::<Option<Vec<_>>>().map(Path)
}
