//! Proves offline which event rule fires for what can happen to a pipeline, and what its targets are told.

use crate::domain::pattern::{Pattern, Verdict, transform};
use crate::domain::pipeline::{Level, Occurrence};
use crate::lang::value::symbol;
use crate::lint::model::{Delivery, EventRule, Found, Model, Object};
use serde_json::Value as Json;

/// What is looked at: what people ask about.
const ASKED: &[(&str, &[Level], &str)] = &[
    ("failed", &[Level::Pipeline, Level::Stage, Level::Action], "FAILED"),
    ("cancelled", &[Level::Pipeline, Level::Stage, Level::Action], "CANCELED"),
    ("stopped", &[Level::Pipeline, Level::Stage], "STOPPED"),
    ("abandoned", &[Level::Action], "ABANDONED"),
    ("superseded", &[Level::Pipeline], "SUPERSEDED"),
    ("waiting for approval", &[Level::Action], "STARTED"),
    ("succeeded", &[Level::Pipeline, Level::Stage, Level::Action], "SUCCEEDED"),
];

/// A target that hears of something.
#[derive(Debug, Clone)]
pub struct Told {
    /// Address of the rule.
    pub rule: String,
    /// Address of the target.
    pub target: String,
    /// What the target is: the address of a topic, queue or function made here, else its ARN.
    pub to: String,
    /// Whether it fires for certain.
    pub certain: bool,
    /// What it gets: the text of the input transformer or input, else nothing (the event itself).
    pub text: Option<Result<String, String>>,
}

/// Something that can happen, and who hears of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// `failed`
    pub what: &'static str,
    /// `pipeline`, `stage` or `action`
    pub level: Level,
    /// `FAILED`
    pub state: String,
    /// Name of the stage, and of the action.
    pub subject: String,
    /// Who hears.
    pub told: Vec<Told>,
}

/// A pipeline's alerts.
#[derive(Debug, Clone)]
pub struct Alerts {
    /// Address of the pipeline.
    pub pipeline: String,
    /// One per thing that can happen.
    pub rows: Vec<Row>,
    /// Notification rules about the pipeline with their event ids: these have no pattern to test.
    pub notifications: Vec<(String, Vec<String>)>,
    /// Rules whose pattern is not known yet.
    pub open: Vec<String>,
}

impl Alerts {
    /// States nobody is told of at any level: the word, and `certain` when no rule may fire either.
    pub fn untold(&self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = Vec::new();
        for (what, ..) in ASKED {
            let mut rows = self.rows.iter().filter(|r| r.what == *what).peekable();
            let noted = self.notifications.iter().any(|(_, ids)| ids.iter().any(|id| notifies(id, what)));
            if rows.peek().is_some() && rows.all(|r| r.told.is_empty()) && !noted {
                words.push(what);
            }
        }
        words
    }
}

fn notifies(id: &str, what: &str) -> bool {
    match what {
        "failed" => id.ends_with("-failed"),
        "cancelled" => id.ends_with("-canceled"),
        "superseded" => id.ends_with("-superseded"),
        "waiting for approval" => id.ends_with("manual-approval-needed"),
        "succeeded" => id.ends_with("-succeeded"),
        "stopped" => id.ends_with("-stopped"),
        _ => false,
    }
}

/// The alerts of a pipeline.
pub fn of(pipeline: &Delivery<'_>) -> Alerts {
    let model = pipeline.model;
    let rules = model.listening_rules();
    let all = pipeline.occurrences();
    let mut rows = Vec::new();
    for (what, levels, state) in ASKED {
        let asked = |o: &&Occurrence| {
            let waiting = *what != "waiting for approval" || o.category() == Some("Approval");
            o.state == *state && levels.contains(&o.level) && waiting
        };
        for occurrence in all.iter().filter(asked) {
            let told = hearers(model, &rules, occurrence.event());
            let names = [occurrence.stage(), occurrence.action()].into_iter().flatten().map(symbol::readable);
            rows.push(Row {
                what,
                level: occurrence.level,
                state: occurrence.state.to_owned(),
                subject: names.collect::<Vec<_>>().join(" / "),
                told,
            });
        }
    }
    let notifications = model
        .all("aws_codestarnotifications_notification_rule")
        .filter(|rule| model.resolve(&["aws_codepipeline"], &rule.get("resource")).is(pipeline.object))
        .map(|rule| {
            let ids = rule.get("event_type_ids").elements().iter().map(|id| id.str().to_owned()).collect();
            (rule.address().to_owned(), ids)
        })
        .collect();
    let open = model.event_rules().iter().filter(|r| r.is_open()).map(|r| r.title().to_owned()).collect();
    Alerts { pipeline: pipeline.object.address().to_owned(), rows, notifications, open }
}

/// Who hears of an event that somebody brings along.
pub fn of_event(model: &Model<'_>, event: &Json) -> Vec<Told> {
    hearers(model, &model.listening_rules(), event)
}

fn hearers(model: &Model<'_>, rules: &[(EventRule<'_>, &Pattern)], event: &Json) -> Vec<Told> {
    let mut told = Vec::new();
    for (rule, pattern) in rules {
        let verdict = pattern.matches(event);
        if !verdict.is_possible() {
            continue;
        }
        for target in &rule.targets {
            told.push(Told {
                rule: rule.title().to_owned(),
                target: target.address().to_owned(),
                to: destination(model, target),
                certain: verdict == Verdict::Yes,
                text: text(rule, target, event),
            });
        }
    }
    told
}

fn destination(model: &Model<'_>, target: &Object<'_>) -> String {
    const TYPES: &[&str] = &[
        "aws_sns_topic",
        "aws_sqs_queue",
        "aws_lambda_function",
        "aws_codepipeline",
        "aws_codebuild_project",
        "aws_cloudwatch_log_group",
        "aws_sfn_state_machine",
    ];
    let arn = target.get("arn");
    match model.resolve(TYPES, &arn) {
        Found::Here(object) => object.address().to_owned(),
        _ => arn.text().map_or_else(|| "a target that is not known yet".into(), |t| t.readable()),
    }
}

/// What the target gets, with parts that only a run tells as `<execution-id>`.
fn text(rule: &EventRule<'_>, target: &Object<'_>, event: &Json) -> Option<Result<String, String>> {
    let shown = |text: &str| {
        symbol::pieces(text)
            .into_iter()
            .map(|piece| match piece {
                symbol::Piece::Text(t) => t.to_owned(),
                symbol::Piece::Symbol(s) if s.address == "event" => format!("<{}>", s.attribute),
                symbol::Piece::Symbol(s) if s.address.starts_with("event") => "1.0".to_owned(),
                symbol::Piece::Symbol(s) => s.to_string(),
            })
            .collect::<String>()
    };
    let transformer = target.root().block("input_transformer");
    if let Some(template) = transformer.get("input_template").text() {
        let paths: Vec<(String, String)> = transformer
            .get("input_paths")
            .entries()
            .into_iter()
            .filter_map(|(name, path)| Some((name.to_owned(), path.known()?.to_owned())))
            .collect();
        let name = rule.object.get("name");
        let name = name.text().map_or_else(|| "rule".to_owned(), |t| t.readable());
        return Some(transform::render(template.0, &transform::values(&paths, event, &name)).map(|t| shown(&t)));
    }
    let input = target.get("input");
    if let Some(text) = input.text().filter(|t| !t.0.is_empty()) {
        return Some(Ok(shown(text.0)));
    }
    let path = target.get("input_path");
    let steps = transform::steps(path.known()?)?;
    Some(match transform::find(event, &steps) {
        Some(found) => Ok(shown(&found.to_string())),
        None => Err("the event has nothing at input_path".into()),
    })
}
