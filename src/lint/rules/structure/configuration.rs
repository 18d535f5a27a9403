//! Keys and values of action configurations.

use crate::domain::catalog::{self, ActionType, Certainty, Need};
use crate::lang::eval::{did_you_mean, references};
use crate::lint::finding::{Fix, Level};
use crate::lint::model::{Action, Attr, Delivery, Origin};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use serde_json::Value as Json;

const REFERENCE: &str = "CodePipeline User Guide: action structure reference";

/// Missing keys.
pub const CP009: Rule = Rule {
    id: "CP009",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "An action lacks a configuration key it needs",
    rationale: "CodePipeline refuses an action without its required keys. Keys that are needed only in one mode are not checked by it: the action fails when it runs.",
    source: REFERENCE,
    bad: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        BatchEnabled = \"true\"\n      }\n"
            )
        )
    ),
    good: pipeline!(source!(), build!()),
    check: missing,
};

fn kind(action: &Action<'_>) -> Option<&'static ActionType> {
    catalog::find(action.category(), action.owner(), action.provider(), action.version())
}

fn missing(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            let Some(kind) = kind(action) else { continue };
            let map = action.attr.get("configuration");
            if map.value().is_some_and(|v| !v.is_known()) {
                found.note(pipeline.object, format!("the configuration of {} is not known yet", action.title()));
                continue;
            }
            let lacks = |key: &str| action.setting(key).value().is_none();
            for key in kind.configuration.iter().filter(|k| k.required == Need::Yes && lacks(&k.name)) {
                let finding = found.at_part(
                    &map,
                    &key.name,
                    format!("{} lacks the configuration key {}", action.title(), key.name),
                    format!("Actions of type {} need it; CodePipeline refuses the pipeline without.", kind.title()),
                );
                let default = is_default(context, &action.setting(&key.name));
                if key.confidence == Certainty::Low || kind.confidence == Certainty::Low || default {
                    finding.with_severity(Level::Warning);
                }
            }
            if action.provider() == "Commands" && lacks_commands(pipeline, action) {
                found.at_part(
                    &action.attr,
                    "commands",
                    format!("{} has no commands", action.title()),
                    "CodePipeline refuses a Commands action without. Name them in the argument unmodeled of the pipeline: the schema of aws_codepipeline has no place for them.",
                );
            }
            for (key, why) in conditional(action, kind).into_iter().filter(|(key, _)| lacks(key)) {
                found.at_part(
                    &map,
                    key,
                    format!("{} lacks the configuration key {key}", action.title()),
                    format!("It is needed {why}. CodePipeline does not check that: the action fails when it runs."),
                );
            }
        }
    }
}

/// Whether a value that is missing or empty is what variables give when nobody sets them: a caller or a file of values may still do.
fn is_default(context: &Context<'_>, attr: &Attr<'_>) -> bool {
    let written = attr.expr().is_some_and(|expr| !references(expr).is_empty());
    let made = attr.expr().is_none() && attr.value().is_some();
    context.model.origin() == Origin::Configuration && (written || made)
}

/// Whether nothing is passed through as the commands of an action. Live pipelines may have them where nothing shows them.
fn lacks_commands(pipeline: &Delivery<'_>, action: &Action<'_>) -> bool {
    let passed = pipeline.object.get("unmodeled");
    let stage = pipeline.stages.get(action.stage).map(|s| s.name());
    let (Some(stage), Some(name)) = (stage.and_then(|s| s.known()), action.name().known()) else { return false };
    if pipeline.model.origin() == Origin::Live || passed.value().is_some() && passed.known().is_none() {
        return false;
    }
    let is_it = |(of, passed): &(&str, &Json)| *of == stage && passed.get("name").and_then(Json::as_str) == Some(name);
    let found = pipeline.passed_actions().find(is_it);
    found.and_then(|(_, action)| action.get("commands")?.as_array().map(Vec::is_empty)).unwrap_or(true)
}

/// Keys that other keys make necessary, and in which case.
fn conditional(action: &Action<'_>, kind: &'static ActionType) -> Vec<(&'static str, String)> {
    let setting = |key: &str| action.setting(key).known();
    let mut needed: Vec<(&'static str, String)> = Vec::new();
    if let Some((mode, keys)) = setting("ActionMode").and_then(|mode| kind.modes.get_key_value(mode)) {
        let optional = |key: &&String| kind.key(key).is_some_and(|k| k.required != Need::Yes);
        needed.extend(keys.iter().filter(optional).map(|key| (key.as_str(), format!("with ActionMode = \"{mode}\""))));
    }
    let is = |key: &str, value: &str| setting(key) == Some(value);
    let there = |key: &str| action.setting(key).value().is_some();
    match action.provider() {
        "CodeBuild" if action.inputs().len() > 1 => {
            needed.push(("PrimarySource", "when there is more than one input artifact".into()));
        }
        "S3" if action.category() == "Deploy" && is("Extract", "false") => {
            needed.push(("ObjectKey", "with Extract = \"false\"".into()));
        }
        "StepFunctions" if is("InputType", "FilePath") => {
            needed.push(("Input", "with InputType = \"FilePath\"".into()));
        }
        "InspectorScan" if is("InspectorRunMode", "ECRImageScan") => {
            needed.push(("ECRRepositoryName", "with InspectorRunMode = \"ECRImageScan\"".into()));
        }
        "ServiceCatalog" if action.setting("ConfigurationFilePath").value().is_none() => {
            let why = || "when there is no ConfigurationFilePath".to_owned();
            needed.extend([("TemplateFilePath", why()), ("ProductVersionName", why()), ("ProductType", why())]);
        }
        // Where the other way is chosen, or none.
        "EC2" if action.category() == "Deploy" && !there("DeploySpec") => {
            let why = || "when there is no DeploySpec".to_owned();
            needed.extend([("TargetDirectory", why()), ("PostScript", why())]);
        }
        "EKS" if !there("ManifestFiles") => {
            let why = || "when there are no ManifestFiles".to_owned();
            needed.extend([("HelmReleaseName", why()), ("HelmChartLocation", why())]);
        }
        "Lambda" if action.category() == "Deploy" && !action.attr.get("input_artifacts").is_set() => {
            needed.push(("PublishedTargetVersion", "when there is no input artifact".into()));
        }
        "CodeDeployToECS" => {
            const PAIRS: [(&str, &str); 4] = [
                ("Image1ArtifactName", "Image1ContainerName"),
                ("Image2ArtifactName", "Image2ContainerName"),
                ("Image3ArtifactName", "Image3ContainerName"),
                ("Image4ArtifactName", "Image4ContainerName"),
            ];
            for (artifact, container) in PAIRS {
                match (action.setting(artifact).value().is_some(), action.setting(container).value().is_some()) {
                    (true, false) => needed.push((container, format!("with {artifact}"))),
                    (false, true) => needed.push((artifact, format!("with {container}"))),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    needed
}

/// Unknown keys.
pub const CP010: Rule = Rule {
    id: "CP010",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "An action has a configuration key its type does not know",
    rationale: "The configuration is a map, so a misspelt key passes every check before the pipeline runs, and the setting that was meant is not there.",
    source: REFERENCE,
    bad: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ProjectName         = \"shop\"\n        EnvironmentVariable = \"[]\"\n      }\n"
            )
        )
    ),
    good: pipeline!(source!(), build!()),
    check: unknown,
};

fn unknown(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            // Of types without keys in the catalogue nothing is known.
            let Some(kind) = kind(action).filter(|k| !k.configuration.is_empty() && k.confidence > Certainty::Low)
            else {
                continue;
            };
            for (key, attr) in action.attr.get("configuration").entries() {
                if kind.key(key).is_some() {
                    continue;
                }
                let names = || kind.configuration.iter().map(|k| k.name.as_str());
                let near = names().find(|n| n.eq_ignore_ascii_case(key)).or_else(|| did_you_mean(key, names()));
                let advice = match near {
                    Some(near) => format!("Did you mean {near}?"),
                    None => format!("Its keys are {}.", names().collect::<Vec<_>>().join(", ")),
                };
                let free = near.filter(|near| action.setting(near).value().is_none());
                let fix = free.and_then(|near| Fix::one(format!("Write {near}"), rewrite::rename(&attr, near)));
                let finding = found.at(
                    &attr,
                    format!(
                        "{} has the configuration key {key}, which {} actions do not know",
                        action.title(),
                        kind.provider
                    ),
                    format!("The setting has no effect, or CodePipeline refuses it. {advice}")
                        .trim_end_matches('?')
                        .to_owned()
                        + if near.is_some() { "? See the action reference." } else { "" },
                );
                finding.fix = fix;
            }
        }
    }
}

/// Values.
pub const CP011: Rule = Rule {
    id: "CP011",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A configuration value is empty, longer than 1000 characters, or none of those allowed",
    rationale: "CodePipeline takes configuration values of 1 to 1000 characters. A JSON text of environment variables grows past that easily.",
    source: "CodePipeline API: ActionConfigurationMap; User Guide: quotas",
    bad: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ProjectName       = \"shop\"\n        BuildspecOverride = \"\"\n      }\n"
            )
        )
    ),
    good: pipeline!(source!(), build!()),
    check: values,
};

fn values(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            let kind = kind(action);
            for (key, attr) in action.attr.get("configuration").entries() {
                let Some(text) = attr.text() else { continue };
                let least: usize = text
                    .pieces()
                    .iter()
                    .map(|p| match p {
                        crate::lang::value::symbol::Piece::Text(t) => t.chars().count(),
                        crate::lang::value::symbol::Piece::Symbol(_) => 0,
                    })
                    .sum();
                let allowed = kind.and_then(|k| k.key(key)).filter(|k| !k.allowed.is_empty());
                if text.0.is_empty() {
                    let needed = kind.and_then(|k| k.key(key)).is_none_or(|k| k.required != Need::No);
                    let edit = rewrite::remove(context.model, &attr).filter(|_| !needed);
                    let finding = found.at(
                        &attr,
                        format!("{key} of {} is empty", action.title()),
                        "CodePipeline refuses empty configuration values. Leave the key out, or give it a value.",
                    );
                    finding.fix = Fix::one(format!("Leave {key} out"), edit);
                    if is_default(context, &attr) {
                        finding.with_severity(Level::Warning);
                    }
                } else if least > 1000 {
                    found.at(
                        &attr,
                        format!("{key} of {} has {least} characters", action.title()),
                        "CodePipeline takes at most 1000 per configuration value. Move what is long into the build project, a parameter store or a file in the artifact.",
                    );
                } else if let (Some(known), Some(rule)) = (text.known(), allowed)
                    && !known.contains("#{")
                    && !rule.allowed.iter().any(|a| a == known)
                {
                    let finding = found.at(
                        &attr,
                        format!("{key} of {} is {}", action.title(), attr.shown()),
                        format!("It may be {}.", rule.allowed.join(", ")),
                    );
                    // Lists that are not AWS's word to the letter only warn.
                    let spelt = rule.allowed.iter().find(|a| a.eq_ignore_ascii_case(known));
                    finding.fix = spelt.and_then(|right| {
                        let edit = rewrite::set(context.model, &attr, &format!("\"{right}\""));
                        Fix::one(format!("Write \"{right}\""), edit)
                    });
                    if rule.confidence < Certainty::High || spelt.is_some() {
                        finding.with_severity(Level::Warning);
                    }
                }
            }
        }
    }
}
