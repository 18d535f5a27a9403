//! The events a pipeline can send, each once.

use super::{Action, Pipeline, Stage};
use crate::domain::catalog::events;
use crate::domain::pattern::Verdict;
use crate::lang::value::symbol::Symbol;
use serde_json::{Map, Value as Json, json};
use std::sync::{Arc, OnceLock};

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The execution of the pipeline.
    Pipeline,
    /// The execution of a stage.
    Stage,
    /// The execution of an action.
    Action,
}

impl Level {
    /// `pipeline`, `stage` or `action`.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Pipeline => "pipeline",
            Level::Stage => "stage",
            Level::Action => "action",
        }
    }
}

/// Something that can happen.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// What it is about.
    pub level: Level,
    /// `FAILED`; for an approval that waits for review `STARTED`.
    pub state: &'static str,
    maker: Arc<Maker>,
    detail_type: &'static str,
    /// Number of the stage, and of the action within it.
    at: Option<(usize, Option<usize>)>,
    event: OnceLock<Json>,
}

impl Occurrence {
    /// Name of the stage.
    pub fn stage(&self) -> Option<&str> {
        self.maker.place(self.at).0?.name.as_deref()
    }

    /// Name of the action.
    pub fn action(&self) -> Option<&str> {
        self.maker.place(self.at).1?.name.as_deref()
    }

    /// Category of the action.
    pub fn category(&self) -> Option<&str> {
        self.maker.place(self.at).1?.category.as_deref()
    }

    /// The event, with symbols for what only a run tells; made when it is asked for first, as most are never looked at.
    pub fn event(&self) -> &Json {
        self.event.get_or_init(|| self.maker.event(self))
    }

    /// Whether a pattern matches it.
    pub fn matched_by(&self, pattern: &crate::domain::pattern::Pattern) -> Verdict {
        pattern.matches(self.event())
    }
}

/// An unknown number of an event, printed as `1.0`.
fn number() -> Json {
    json!(Symbol::new(crate::domain::pattern::OPEN_NUMBER, "").text())
}

fn open(what: &str) -> Json {
    json!(Symbol::new("event", what).text())
}

/// Makes the events of a pipeline.
#[derive(Debug)]
struct Maker {
    name: Json,
    account: Json,
    region: Json,
    arn: String,
    pipeline: Arc<Pipeline>,
}

impl Maker {
    fn new(pipeline: &Arc<Pipeline>, account: Option<&str>, region: Option<&str>) -> Self {
        let name = pipeline.name.as_ref().map_or_else(|| open("pipeline"), |n| json!(n));
        let account = account.map_or_else(|| open("account"), |a| json!(a));
        let region = region.map_or_else(|| open("region"), |r| json!(r));
        let arn = format!(
            "arn:aws:codepipeline:{}:{}:{}",
            region.as_str().unwrap_or_default(),
            account.as_str().unwrap_or_default(),
            name.as_str().unwrap_or_default()
        );
        Maker { name, account, region, arn, pipeline: Arc::clone(pipeline) }
    }

    fn place(&self, at: Option<(usize, Option<usize>)>) -> (Option<&Stage>, Option<&Action>) {
        let stage = at.and_then(|(stage, _)| self.pipeline.stages.get(stage));
        (stage, at.and_then(|(_, action)| stage?.actions.get(action?)))
    }

    fn event(&self, of: &Occurrence) -> Json {
        let mut detail = Map::new();
        detail.insert("pipeline".into(), self.name.clone());
        detail.insert("execution-id".into(), open("execution-id"));
        detail.insert("start-time".into(), open("start-time"));
        detail.insert("version".into(), number());
        detail.insert("pipeline-execution-attempt".into(), number());
        detail.insert("state".into(), json!(of.state));
        detail.extend(match self.place(of.at) {
            (Some(stage), Some(action)) => action_fields(stage.name.as_ref(), action, of.state, &self.region),
            (Some(stage), None) => stage_fields(stage.name.as_ref()),
            _ => pipeline_fields(of.state),
        });
        json!({
            "version": "0",
            "id": open("id"),
            "detail-type": of.detail_type,
            "source": "aws.codepipeline",
            "account": self.account,
            "time": open("time"),
            "region": self.region,
            "resources": [self.arn],
            "detail": detail,
        })
    }
}

/// All events of a pipeline in this account and region (`None` where not known).
pub fn occurrences(pipeline: &Arc<Pipeline>, account: Option<&str>, region: Option<&str>) -> Vec<Occurrence> {
    let maker = Arc::new(Maker::new(pipeline, account, region));
    let mut out = Vec::new();
    for (level, kind) in [Level::Pipeline, Level::Stage, Level::Action].into_iter().zip(&events().detail_types) {
        for state in &kind.states {
            let mut push = |at: Option<(usize, Option<usize>)>| {
                out.push(Occurrence {
                    level,
                    state,
                    maker: Arc::clone(&maker),
                    detail_type: &kind.detail_type,
                    at,
                    event: OnceLock::new(),
                });
            };
            for (number, stage) in pipeline.stages.iter().enumerate().filter(|_| level != Level::Pipeline) {
                match level {
                    Level::Action => (0..stage.actions.len()).for_each(|action| push(Some((number, Some(action))))),
                    _ => push(Some((number, None))),
                }
            }
            if level == Level::Pipeline {
                push(None);
            }
        }
    }
    out
}

fn pipeline_fields(state: &str) -> Map<String, Json> {
    let mut more = Map::new();
    let trigger = json!({ "trigger-type": open("trigger-type"), "trigger-detail": open("trigger-detail") });
    more.insert("execution-trigger".into(), trigger);
    if state == "STOPPING" {
        more.insert("stop-execution-comments".into(), open("stop-execution-comments"));
    }
    more
}

fn stage_fields(stage: Option<&String>) -> Map<String, Json> {
    let mut more = Map::new();
    more.insert("stage".into(), stage.map_or_else(|| open("stage"), |s| json!(s)));
    more
}

fn action_fields(stage: Option<&String>, action: &Action, state: &str, region: &Json) -> Map<String, Json> {
    let text = |value: &Option<String>, what: &str| value.as_ref().map_or_else(|| open(what), |v| json!(v));
    let mut more = stage_fields(stage);
    more.insert("action".into(), text(&action.name, "action"));
    more.insert("action-execution-id".into(), open("action-execution-id"));
    more.insert("region".into(), region.clone());
    more.insert(
        "type".into(),
        json!({
            "owner": text(&action.owner, "owner"),
            "provider": text(&action.provider, "provider"),
            "category": text(&action.category, "category"),
            "version": text(&action.version, "version"),
        }),
    );
    let location = json!({ "bucket": open("bucket"), "key": open("key") });
    let artifacts = |names: &[Option<String>]| {
        let each = names.iter().map(|n| json!({ "name": text(n, "artifact"), "s3location": location }));
        Json::Array(each.collect())
    };
    more.insert("input-artifacts".into(), artifacts(&action.inputs));
    if state == "SUCCEEDED" {
        more.insert("output-artifacts".into(), artifacts(&action.outputs));
    }
    if matches!(state, "SUCCEEDED" | "FAILED") {
        let mut result = Map::new();
        for field in ["external-execution-url", "external-execution-summary", "external-execution-id"] {
            result.insert(field.into(), open(field));
        }
        if state == "FAILED" {
            result.insert("error-code".into(), open("error-code"));
        }
        more.insert("execution-result".into(), Json::Object(result));
    }
    more
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::domain::pattern::Pattern;

    fn shop() -> Arc<Pipeline> {
        let approve = Action { name: Some("Approve".into()), category: Some("Approval".into()), ..Action::default() };
        let stages = vec![Stage { name: Some("Gate".into()), actions: vec![approve], ..Stage::default() }];
        Arc::new(Pipeline { name: Some("shop".into()), stages, ..Pipeline::default() })
    }

    fn verdicts(pattern: &str) -> Vec<(Level, &'static str, Verdict)> {
        let pattern = Pattern::parse(pattern).unwrap();
        let all = occurrences(&shop(), None, Some("eu-west-1"));
        let hits = all.into_iter().map(|o| (o.level, o.state, o.matched_by(&pattern)));
        hits.filter(|(.., verdict)| verdict.is_possible()).collect()
    }

    #[test]
    fn every_state_of_every_level_is_there_once() {
        assert_eq!(occurrences(&shop(), None, None).len(), 8 + 7 + 5);
    }

    #[test]
    fn patterns_find_the_occurrences_they_are_about() {
        let failed =
            verdicts(r#"{"source": ["aws.codepipeline"], "detail": {"pipeline": ["shop"], "state": ["FAILED"]}}"#);
        assert_eq!(failed.len(), 3);
        assert!(failed.iter().all(|(.., verdict)| *verdict == Verdict::Yes));
        let waiting = verdicts(r#"{"detail": {"type": {"category": ["Approval"]}, "state": ["STARTED"]}}"#);
        assert_eq!(waiting, [(Level::Action, "STARTED", Verdict::Yes)]);
        assert!(verdicts(r#"{"detail": {"state": ["CANCELLED"]}}"#).is_empty());
        assert!(verdicts(r#"{"detail": {"version": [7]}}"#).is_empty());
        assert!(verdicts(r#"{"detail": {"execution-id": ["x"]}}"#).iter().all(|(.., v)| *v == Verdict::Maybe));
    }
}
