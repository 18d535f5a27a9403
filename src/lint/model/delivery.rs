//! A pipeline with its stages and actions, and what belongs to it.

use super::{Attr, Found, Model, Object};
use crate::domain::pipeline::{self as paper, Gate, Pipeline, Where};
use crate::domain::pipeline::{Occurrence, occurrences};
use crate::lang::value::Value;
use serde_json::Value as Json;
use std::sync::{Arc, OnceLock};

/// A pipeline.
#[derive(Clone)]
pub struct Delivery<'m> {
    /// Everything around it.
    pub model: &'m Model<'m>,
    /// The pipeline.
    pub object: &'m Object<'m>,
    /// Its stages in order; those whose number is not known are missing, see [`Delivery::is_complete`].
    pub stages: Vec<Stage<'m>>,
    is_complete: bool,
    worked_out: Arc<WorkedOut>,
}

/// The elements of a list of a JSON object; none where it has no such list.
pub fn items<'j>(json: &'j Json, key: &str) -> &'j [Json] {
    json.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// What follows from the pipeline alone, worked out when a rule asks for it first; clones share it.
#[derive(Default)]
struct WorkedOut {
    paper: OnceLock<Arc<Pipeline>>,
    occurrences: OnceLock<Vec<Occurrence>>,
    passed: OnceLock<Json>,
}

/// A stage.
#[derive(Clone)]
pub struct Stage<'m> {
    /// Its block.
    pub attr: Attr<'m>,
    /// From 0.
    pub index: usize,
    /// Its actions in order.
    pub actions: Vec<Action<'m>>,
}

/// An action.
#[derive(Clone)]
pub struct Action<'m> {
    /// Its block.
    pub attr: Attr<'m>,
    /// Number of its stage, from 0.
    pub stage: usize,
    /// Number within the stage, from 0.
    pub index: usize,
    category: &'m str,
    owner: &'m str,
    provider: &'m str,
    version: &'m str,
}

impl<'m> Delivery<'m> {
    /// The pipeline an object describes.
    pub fn new(model: &'m Model<'m>, object: &'m Object<'m>) -> Self {
        let blocks = object.blocks("stage").into_iter().enumerate();
        let stages: Vec<Stage<'m>> = blocks.map(|(index, attr)| Stage::new(attr, index)).collect();
        let known = |blocks: Option<&Value>| blocks.is_none_or(Value::is_known);
        let is_complete = known(object.root().field("stage")) && stages.iter().all(|s| known(s.attr.field("action")));
        Delivery { model, object, stages, is_complete, worked_out: Arc::default() }
    }

    /// Whether all stages and actions are known: no block of them is made by something that is not known yet.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Its name.
    pub fn name(&self) -> Attr<'m> {
        self.object.get("name")
    }

    /// All actions in order.
    pub fn actions(&self) -> impl Iterator<Item = &Action<'m>> {
        self.stages.iter().flat_map(|s| s.actions.iter())
    }

    /// Whether it is of type V2; `None` when not known. Without type it is V1.
    pub fn is_v2(&self) -> Option<bool> {
        let kind = self.object.get("pipeline_type");
        match kind.value() {
            None => Some(false),
            Some(_) => kind.known().map(|k| k == "V2"),
        }
    }

    /// `SUPERSEDED`, `QUEUED` or `PARALLEL`; the first when not set, `None` when not known.
    pub fn execution_mode(&self) -> Option<&'m str> {
        let mode = self.object.get("execution_mode");
        if mode.value().is_none() { Some("SUPERSEDED") } else { mode.known() }
    }

    /// Its service role.
    pub fn role(&self) -> Found<'m> {
        self.model.resolve(&["aws_iam_role"], &self.object.get("role_arn"))
    }

    /// Its artifact stores.
    pub fn stores(&self) -> Vec<Attr<'m>> {
        self.object.blocks("artifact_store")
    }

    /// Artifact buckets made here.
    pub fn buckets(&self) -> Vec<&'m Object<'m>> {
        let found = self
            .stores()
            .into_iter()
            .filter_map(|store| self.model.resolve(&["aws_s3_bucket"], &store.get("location")).here());
        let mut buckets: Vec<&Object<'_>> = found.collect();
        buckets.dedup_by(|a, b| a.address() == b.address());
        buckets
    }

    /// Keys of the artifact stores, by the store they encrypt.
    pub fn keys(&self) -> Vec<(Attr<'m>, Found<'m>)> {
        self.stores()
            .into_iter()
            .filter_map(|store| {
                let id = store.block("encryption_key").get("id");
                let found = match self.model.resolve(&["aws_kms_key", "aws_kms_alias"], &id) {
                    Found::Here(alias) if alias.type_name() == "aws_kms_alias" => {
                        self.model.resolve(&["aws_kms_key"], &alias.get("target_key_id"))
                    }
                    found => found,
                };
                id.value().is_some().then_some((id, found))
            })
            .collect()
    }

    /// The region it is in, where known.
    pub fn region(&self) -> Option<&'m str> {
        self.object.region()
    }
}

impl<'m> Delivery<'m> {
    /// The action at a place.
    pub fn at(&self, place: Where) -> Option<&Action<'m>> {
        self.stages.get(place.stage)?.actions.get(place.action)
    }

    /// Everything that can happen to it.
    pub fn occurrences(&self) -> &[Occurrence] {
        self.worked_out.occurrences.get_or_init(|| occurrences(self.on_paper(), None, self.region()))
    }

    /// The pipeline as [`crate::domain::pipeline`] takes it.
    pub fn on_paper(&self) -> &Arc<Pipeline> {
        self.worked_out.paper.get_or_init(|| Arc::new(self.put_on_paper()))
    }

    /// What its `unmodeled` passes through for actions, as CodePipeline has them: the name of the stage, and the action. Nothing where it is
    /// not known.
    pub fn passed_actions(&self) -> impl Iterator<Item = (&str, &Json)> {
        let passed = self.worked_out.passed.get_or_init(|| {
            let text = self.object.root().str_of("unmodeled");
            serde_json::from_str(text).unwrap_or_default()
        });
        items(passed, "stages").iter().flat_map(|stage| {
            let name = stage.get("name").and_then(Json::as_str).unwrap_or_default();
            items(stage, "actions").iter().map(move |action| (name, action))
        })
    }

    fn put_on_paper(&self) -> Pipeline {
        let raw = |attr: &Attr<'m>| attr.text().map(|t| t.0.to_owned());
        let all = |list: Attr<'m>| match list.value() {
            Some(value) if !value.is_known() => vec![None],
            _ => list.elements().iter().map(raw).collect(),
        };
        let settings = |map: Attr<'m>| map.entries().into_iter().map(|(key, v)| (key.to_owned(), raw(&v))).collect();
        let action = |a: &Action<'m>| paper::Action {
            name: raw(&a.name()),
            category: raw(&a.attr.get("category")),
            owner: raw(&a.attr.get("owner")),
            provider: raw(&a.attr.get("provider")),
            version: raw(&a.attr.get("version")),
            run_order: a.run_order(),
            inputs: all(a.attr.get("input_artifacts")),
            outputs: all(a.attr.get("output_artifacts")),
            namespace: a.namespace().value().map(|_| raw(&a.namespace())),
            configuration: settings(a.attr.get("configuration")),
        };
        let rule = |(gate, number, r): (Gate, usize, Attr<'m>)| paper::ConditionRule {
            gate,
            number,
            provider: raw(&r.block("rule_type_id").get("provider")),
            inputs: all(r.get("input_artifacts")),
            configuration: settings(r.get("configuration")),
        };
        let stage = |s: &Stage<'m>| paper::Stage {
            name: raw(&s.name()),
            actions: s.actions.iter().map(action).collect(),
            rules: s.rules().into_iter().map(rule).collect(),
        };
        let variables = self.object.get("variable");
        let known = variables.value().is_none_or(Value::is_known);
        let names = || self.object.blocks("variable").iter().map(|v| raw(&v.get("name"))).collect::<Option<Vec<_>>>();
        Pipeline {
            name: raw(&self.name()),
            stages: self.stages.iter().map(stage).collect(),
            variables: if known { names() } else { None },
        }
    }
}

impl<'m> Stage<'m> {
    fn new(attr: Attr<'m>, index: usize) -> Self {
        let actions = attr.blocks("action").into_iter().enumerate();
        let actions = actions.map(|(number, attr)| Action::new(attr, index, number)).collect();
        Stage { attr, index, actions }
    }

    /// Its name.
    pub fn name(&self) -> Attr<'m> {
        self.attr.get("name")
    }

    /// The rules of its conditions: which condition, the number in it, and the block.
    pub fn rules(&self) -> Vec<(Gate, usize, Attr<'m>)> {
        let of = |gate: Gate| {
            let conditions = self.attr.block(gate.block()).blocks("condition");
            let rules = conditions.into_iter().flat_map(|c| c.blocks("rule"));
            rules.enumerate().map(move |(number, rule)| (gate, number, rule)).collect::<Vec<_>>()
        };
        Gate::ALL.into_iter().flat_map(of).collect()
    }

    /// Its name for messages.
    pub fn title(&self) -> String {
        self.name().text().map_or_else(|| format!("number {}", self.index + 1), |t| t.readable())
    }
}

impl<'m> Action<'m> {
    fn new(attr: Attr<'m>, stage: usize, index: usize) -> Self {
        // Asked for by nearly every rule.
        let [category, owner, provider, version] =
            ["category", "owner", "provider", "version"].map(|name| attr.str_of(name));
        Action { attr, stage, index, category, owner, provider, version }
    }

    /// Its name.
    pub fn name(&self) -> Attr<'m> {
        self.attr.get("name")
    }

    /// Its name for messages.
    pub fn title(&self) -> String {
        self.name().text().map_or_else(|| format!("number {}", self.index + 1), |t| t.readable())
    }

    /// `Source`, `Build`, …; empty when not known.
    pub fn category(&self) -> &'m str {
        self.category
    }

    /// `AWS`, `ThirdParty`, `Custom`; empty when not known.
    pub fn owner(&self) -> &'m str {
        self.owner
    }

    /// `CodeBuild`, …; empty when not known.
    pub fn provider(&self) -> &'m str {
        self.provider
    }

    /// `1`; empty when not known.
    pub fn version(&self) -> &'m str {
        self.version
    }

    /// `Build/AWS/CodeBuild/1`; `None` when a part is not known.
    pub fn key(&self) -> Option<String> {
        let parts = [self.category(), self.owner(), self.provider(), self.version()];
        parts.iter().all(|p| !p.is_empty()).then(|| parts.join("/"))
    }

    /// Whether it is of this category and provider.
    pub fn is(&self, category: &str, provider: &str) -> bool {
        self.category() == category && self.provider() == provider
    }

    /// Its place within the stage's order; 1 when not set, `None` when not known.
    pub fn run_order(&self) -> Option<i64> {
        let order = self.attr.get("run_order");
        if order.value().is_none() { Some(1) } else { order.int() }
    }

    /// Names of input artifacts.
    pub fn inputs(&self) -> Vec<Attr<'m>> {
        self.attr.get("input_artifacts").elements()
    }

    /// Names of output artifacts.
    pub fn outputs(&self) -> Vec<Attr<'m>> {
        self.attr.get("output_artifacts").elements()
    }

    /// One entry of its configuration.
    pub fn setting(&self, key: &str) -> Attr<'m> {
        self.attr.get("configuration").get(key)
    }

    /// Its variable namespace.
    pub fn namespace(&self) -> Attr<'m> {
        self.attr.get("namespace")
    }

    /// Whether it starts before `other`: in an earlier stage, or with a lower run order in the same; it may where an order is not known.
    pub fn is_before(&self, other: &Action<'_>) -> bool {
        let lower = match (self.run_order(), other.run_order()) {
            (Some(own), Some(other)) => own < other,
            _ => self.index != other.index,
        };
        self.stage < other.stage || self.stage == other.stage && lower
    }
}
