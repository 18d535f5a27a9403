//! Patterns that match, and texts that can be made.

use super::alert;
use super::words::{Slip, idle_values, in_pattern, misspelt_pipelines, of_nobody};
use crate::domain::catalog::events;
use crate::domain::pattern::{MAX_CHARACTERS, MAX_OR_COMBINATIONS, Pattern, Verdict};
use crate::domain::pipeline::{Action, Occurrence, Pipeline, Stage, occurrences};
use crate::lang::eval::did_you_mean;
use crate::lang::value::symbol;
use crate::lint::finding::{Fix, Level};
use crate::lint::model::{EventRule, Object};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Failures.
pub const EV001: Rule = Rule {
    id: "EV001",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Nobody is told when the pipeline fails",
    rationale: "A pipeline that fails silently is found out by whoever waits for the release.",
    source: "CodePipeline User Guide: monitoring with EventBridge",
    bad: pipeline!(source!(), build!()),
    good: concat!(
        pipeline!(source!(), build!()),
        "\n",
        alert!(
            "{\n    source        = [\"aws.codepipeline\"]\n    \"detail-type\" = [\"CodePipeline Pipeline Execution State Change\"]\n    detail        = { state = [\"FAILED\"] }\n  }",
            "  arn  = aws_sns_topic.alerts.arn\n"
        )
    ),
    check: failures,
};

fn failures(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        match pipeline.is_told(|o| o.state == "FAILED", "failed") {
            Verdict::Yes => {}
            Verdict::Maybe => {
                found.note(pipeline.object, "whether a rule tells of failures depends on what is not known yet")
            }
            Verdict::No => {
                found.on(
                    pipeline.object,
                    "Nobody is told when the pipeline fails",
                    "Add an event rule for CodePipeline Pipeline Execution State Change with state FAILED, and a target such as an SNS topic; or an aws_codestarnotifications_notification_rule.",
                );
            }
        }
    }
}

/// Patterns that never match.
pub const EV002: Rule = Rule {
    id: "EV002",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "An event pattern can never match",
    rationale: "A wrong spelling of a state, field or detail-type gives a rule that looks configured and never fires. EventBridge checks only the form of a pattern.",
    source: "CodePipeline User Guide: monitoring with EventBridge; EventBridge User Guide: event patterns",
    bad: alert!(
        "{\n    source        = [\"aws.codepipeline\"]\n    \"detail-type\" = [\"CodePipeline Pipeline Execution State Change\"]\n    detail        = { state = [\"CANCELLED\"] }\n  }",
        "  arn  = aws_sns_topic.alerts.arn\n"
    ),
    good: alert!(
        "{\n    source        = [\"aws.codepipeline\"]\n    \"detail-type\" = [\"CodePipeline Pipeline Execution State Change\"]\n    detail        = { state = [\"CANCELED\"] }\n  }",
        "  arn  = aws_sns_topic.alerts.arn\n"
    ),
    check: never,
};

/// Everything that any pipeline can send: names are open.
fn anything() -> Vec<Occurrence> {
    let text = |t: &str| Some(t.to_owned());
    let action = |category: &str| Action {
        category: text(category),
        run_order: Some(1),
        inputs: vec![None],
        outputs: vec![None],
        ..Action::default()
    };
    let categories = ["Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"];
    let stages = vec![Stage { actions: categories.iter().map(|c| action(c)).collect(), ..Stage::default() }];
    occurrences(&Arc::new(Pipeline { stages, ..Pipeline::default() }), None, None)
}

/// Whether a pattern is about events of CodePipeline and nothing else.
fn is_about_pipelines(pattern: &Pattern) -> bool {
    let leaves = pattern.leaves();
    let of = |name: &str| leaves.iter().find(|(path, _)| path.as_slice() == [name]).map(|(_, m)| *m);
    let all = |name: &str, test: &dyn Fn(&str) -> bool| {
        of(name).is_some_and(|matchers| {
            matchers.iter().all(|m| match m {
                crate::domain::pattern::Matcher::Exact(Json::String(text)) => test(text),
                _ => false,
            })
        })
    };
    all("source", &|s| s == "aws.codepipeline")
        || of("source").is_none() && all("detail-type", &|d| d.to_ascii_lowercase().starts_with("codepipeline "))
}

fn never(context: &Context<'_>, found: &mut Reporter<'_>) {
    let all = anything();
    // Of pipelines whose names are all known.
    let names: Option<BTreeSet<&str>> = context.pipelines().map(|p| p.name().known()).collect();
    for rule in context.model.event_rules() {
        let attr = rule.object.get("event_pattern");
        let pattern = match rule.pattern() {
            None => continue,
            Some(Err(errors)) => {
                // Quotas are another rule's matter.
                for error in errors.iter().filter(|error| !error.is_quota) {
                    found.at_part(
                        &attr,
                        &error.to_string(),
                        format!("EventBridge refuses the pattern of {}", rule.title()),
                        format!("{error}."),
                    );
                }
                continue;
            }
            Some(Ok(pattern)) => pattern,
        };
        if let Some((detail, slip)) = of_nobody(pattern) {
            let fix = slip.and_then(|slip| {
                let edit = in_pattern(&attr, &slip.path, &slip.given, &slip.right);
                Fix::one(format!("Write \"{}\"", slip.right), edit)
            });
            found.at(&attr, format!("The pattern of {} matches no event", rule.title()), detail).fix = fix;
            continue;
        }
        if is_about_pipelines(pattern) && pattern.or_combinations() <= 1 {
            idle_values(&attr, pattern, found);
            if let Some(names) = &names {
                misspelt_pipelines(names, &attr, pattern, found);
            }
        }
        if !is_about_pipelines(pattern) || all.iter().any(|o| o.matched_by(pattern).is_possible()) {
            continue;
        }
        let (detail, slip) = why(pattern, &all);
        let fix = slip.and_then(|slip| {
            let edit = in_pattern(&attr, &slip.path, &slip.given, &slip.right);
            Fix::one(format!("Write \"{}\"", slip.right), edit)
        });
        found.at(&attr, format!("The pattern of {} matches no event of CodePipeline", rule.title()), detail).fix = fix;
    }
}

/// The first condition that no event fulfils, or all of them together; and the slip, if it is one.
fn why(pattern: &Pattern, all: &[Occurrence]) -> (String, Option<Slip>) {
    let at = |event: &Json, path: &[&str]| -> Vec<Json> {
        let found = path.iter().try_fold(event, |at, step| at.get(step));
        match found {
            Some(Json::Array(items)) => items.clone(),
            Some(Json::Object(_)) | None => Vec::new(),
            Some(scalar) => vec![scalar.clone()],
        }
    };
    // The detail-types that the rest of the pattern leaves.
    let wanted: Vec<&Occurrence> = {
        let leaves = pattern.leaves();
        let kinds = leaves.iter().find(|(path, _)| path.as_slice() == ["detail-type"]);
        let fits = |o: &&Occurrence| {
            kinds.is_none_or(|(_, m)| {
                m.iter().any(|m| o.event().get("detail-type").is_some_and(|t| m.fits(t).is_possible()))
            })
        };
        all.iter().filter(fits).collect()
    };
    for (path, matchers) in pattern.leaves() {
        let values: Vec<Json> =
            if path.as_slice() == ["detail-type"] { all.iter().collect::<Vec<_>>() } else { wanted.clone() }
                .iter()
                .flat_map(|o| at(o.event(), &path))
                .collect();
        let possible = matchers.iter().any(|m| match m {
            crate::domain::pattern::Matcher::Exists(false) => true,
            m => values.iter().any(|v| m.fits(v).is_possible()),
        });
        if possible {
            continue;
        }
        let name = path.join(".");
        if values.is_empty() {
            return (format!("These events have no field {name}. {}", field_hint(&path)), None);
        }
        let mut known: Vec<&str> = values.iter().filter_map(Json::as_str).filter(|v| !symbol::has_symbol(v)).collect();
        known.sort_unstable();
        known.dedup();
        let given = matchers.iter().find_map(|m| match m {
            crate::domain::pattern::Matcher::Exact(Json::String(text)) => Some(text.as_str()),
            _ => None,
        });
        if known.is_empty() {
            let text = format!(
                "No event has such a value of {name}: numbers are printed with a decimal point, as 7.0, so use {{\"numeric\": [\"=\", 7]}}."
            );
            return (text, None);
        }
        let upper = given.map(str::to_uppercase).unwrap_or_default();
        let near = given
            .and_then(|g| {
                known
                    .iter()
                    .copied()
                    .find(|k| k.eq_ignore_ascii_case(g))
                    .or_else(|| did_you_mean(g, known.iter().copied()))
            })
            .or_else(|| did_you_mean(&upper, known.iter().copied()));
        let slip = given.zip(near).map(|(given, right)| Slip {
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            given: given.to_owned(),
            right: right.to_owned(),
        });
        let near = near.map(|n| format!(" It is spelt {n}.")).unwrap_or_default();
        let text = format!(
            "{name} is never {}. It can be {}.{near}",
            given.map_or_else(|| "that".to_owned(), |g| format!("\"{g}\"")),
            known.join(", ")
        );
        return (text, slip);
    }
    let text = "Each condition can be fulfilled, but not all of them by one event: a state, stage or action belongs to another detail-type.";
    (text.into(), None)
}

fn field_hint(path: &[&str]) -> String {
    let fields: Vec<&str> =
        events().detail_types.iter().flat_map(|d| d.detail_fields.keys().map(String::as_str)).collect();
    match path {
        ["detail", name, ..] => match did_you_mean(name, fields.iter().copied()) {
            Some(near) if near != *name => format!("Did you mean detail.{near}? Names must be written exactly."),
            _ => "Stage and action are fields of stage and action events only; the detail-type decides.".into(),
        },
        _ => "Fields of the pipeline are in detail.".into(),
    }
}

/// Limits.
pub const EV009: Rule = Rule {
    id: "EV009",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A rule has more than 5 targets, or a pattern that is too long",
    rationale: "EventBridge takes 5 targets per rule, patterns of 2048 characters, and at most 1000 combinations of $or.",
    source: "EventBridge User Guide: quotas",
    bad: "resource \"aws_cloudwatch_event_rule\" \"alert\" {\n  name          = \"alert\"\n  event_pattern = jsonencode({ source = [\"aws.codepipeline\"] })\n}\n\nresource \"aws_cloudwatch_event_target\" \"alert\" {\n  count = 6\n  rule  = aws_cloudwatch_event_rule.alert.name\n  arn   = aws_sns_topic.alerts.arn\n}\n",
    good: "resource \"aws_cloudwatch_event_rule\" \"alert\" {\n  name          = \"alert\"\n  event_pattern = jsonencode({ source = [\"aws.codepipeline\"] })\n}\n\nresource \"aws_cloudwatch_event_target\" \"alert\" {\n  count = 5\n  rule  = aws_cloudwatch_event_rule.alert.name\n  arn   = aws_sns_topic.alerts.arn\n}\n",
    check: limits,
};

fn limits(context: &Context<'_>, found: &mut Reporter<'_>) {
    for rule in context.model.event_rules() {
        if rule.targets.len() > 5 {
            found.on(
                rule.object,
                format!("The rule has {} targets", rule.targets.len()),
                "EventBridge takes at most 5 per rule. Use a second rule, or a topic that hands on.",
            );
        }
        let attr = rule.object.get("event_pattern");
        for error in rule.pattern().and_then(Result::err).into_iter().flatten().filter(|error| error.is_quota) {
            found.at_part(
                &attr,
                "combinations",
                format!("In the pattern of {} {error}", rule.title()),
                format!("EventBridge takes {MAX_OR_COMBINATIONS}: the product of the numbers of alternatives. Use lists of values, or several rules."),
            );
        }
        let length = attr.known().map_or(0, |t| t.chars().count());
        if length > MAX_CHARACTERS {
            found.at(
                &attr,
                format!("The pattern has {length} characters"),
                format!("EventBridge takes {MAX_CHARACTERS} unless the quota was raised. Use prefix or wildcard for long lists, or several rules."),
            );
        }
    }
}

/// Texts.
pub const EV010: Rule = Rule {
    id: "EV010",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "An input transformer uses what the event does not have",
    rationale: "EventBridge does not check a transformer: a path that is not in the event leaves the variable empty, a placeholder that is not declared stays as it is, and an object inside a text breaks the JSON.",
    source: "EventBridge User Guide: input transformation",
    bad: alert!(
        "{\n    source        = [\"aws.codepipeline\"]\n    \"detail-type\" = [\"CodePipeline Pipeline Execution State Change\"]\n    detail        = { state = [\"FAILED\"] }\n  }",
        "  arn  = aws_sns_topic.alerts.arn\n  input_transformer {\n    input_paths    = { pipeline = \"$.detail.pipelineName\" }\n    input_template = \"\\\"<pipeline> failed\\\"\"\n  }\n"
    ),
    good: alert!(
        "{\n    source        = [\"aws.codepipeline\"]\n    \"detail-type\" = [\"CodePipeline Pipeline Execution State Change\"]\n    detail        = { state = [\"FAILED\"] }\n  }",
        "  arn  = aws_sns_topic.alerts.arn\n  input_transformer {\n    input_paths    = { pipeline = \"$.detail.pipeline\" }\n    input_template = \"\\\"<pipeline> failed\\\"\"\n  }\n"
    ),
    check: transformers,
};

fn transformers(context: &Context<'_>, found: &mut Reporter<'_>) {
    let all = anything();
    for rule in context.model.event_rules() {
        let transforms = |target: &&&Object<'_>| target.get("input_transformer").value().is_some();
        let targets: Vec<&&Object<'_>> = rule.targets.iter().filter(transforms).collect();
        if targets.is_empty() {
            continue;
        }
        let pattern = rule.pattern().and_then(Result::ok);
        let events: Vec<&Json> = match pattern {
            Some(p) if is_about_pipelines(p) => {
                all.iter().filter(|o| o.matched_by(p).is_possible()).map(Occurrence::event).collect()
            }
            _ => Vec::new(),
        };
        for target in targets {
            transformer(&rule, target, &events, found);
        }
    }
}

fn transformer(_: &EventRule<'_>, target: &Object<'_>, events: &[&Json], found: &mut Reporter<'_>) {
    use crate::domain::pattern::transform;
    let transformer = target.root().block("input_transformer");
    let (paths, template) = (transformer.get("input_paths"), transformer.get("input_template"));
    let Some(text) = template.text() else { return };
    let names: Vec<&str> = paths.entries().into_iter().map(|(name, _)| name).collect();
    for placeholder in transform::placeholders(text.0) {
        let predefined = placeholder.starts_with("aws.events.");
        if !predefined && !names.contains(&placeholder.as_str()) && !paths.is_unknown() {
            let near = did_you_mean(&placeholder, names.iter().copied())
                .map(|n| format!(" Did you mean <{n}>? Names must be written exactly."))
                .unwrap_or_default();
            found.at_part(
                &template,
                &placeholder,
                format!("The template uses <{placeholder}>, which input_paths does not declare"),
                format!("It stays in the text as it is. Declare it in input_paths.{near}"),
            );
        }
    }
    for (name, attr) in paths.entries() {
        let Some(path) = attr.known() else { continue };
        let Some(steps) = transform::steps(path) else {
            found.at(
                &attr,
                format!("The path {} of <{name}> is none that EventBridge understands", attr.shown()),
                "A path starts with $ and goes on with .field, such as $.detail.pipeline.",
            );
            continue;
        };
        if events.is_empty() {
            continue;
        }
        let values: Vec<Json> = events.iter().filter_map(|e| transform::find(e, &steps)).cloned().collect();
        if values.is_empty() {
            found.at(
                &attr,
                format!("No event that the rule matches has {}, which <{name}> is to be", attr.shown()),
                format!(
                    "The variable is left out of the text. {}",
                    field_hint(&steps.iter().map(String::as_str).collect::<Vec<_>>())
                ),
            );
        } else if values.iter().any(|v| v.is_object() || v.is_array()) && transform::is_inside_text(text.0, name) {
            found.at(
                &attr,
                format!("<{name}> is an object, and the template has it inside a text"),
                "The result is broken JSON. Use the object as a whole value, or take single fields of it.",
            );
        }
    }
    let tried = names.iter().map(|n| ((*n).to_owned(), json!("x"))).collect();
    if text.known().is_some()
        && text.0.trim_start().starts_with(['{', '[', '"'])
        && transform::render(text.0, &tried).is_err()
    {
        found.at(
            &template,
            "The template gives no JSON",
            "It begins as JSON, but is none when its placeholders are filled in. Check quotes and commas; a bare <name> is quoted by EventBridge itself.",
        );
    }
}
