//! What CodePipeline has and the original schema lacks, passed through: the argument `unmodeled`, a JSON text in the API's own field names
//! that holds, by stage and action, commands, output variables, environment variables and the files of output artifacts.
//!
//! It extends the schema as `region` does: an object that does not set it is stored, planned and shown without it. What was not passed
//! through stays as it is on the live pipeline ([`super::carry`]); what is no longer passed through goes.

use crate::diagnostics::{AttributeStep, Diagnostic};
use crate::lang::value::{Type, Value};
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::schema::{Parsed, Rule};
use crate::provider::schema::{Attribute, Schema};
use aws_sdk_codepipeline::types as t;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The argument.
pub const ARGUMENT: &str = "unmodeled";

/// Gives the schema of pipelines the argument.
pub fn extend(parsed: &mut Parsed) {
    let mut block = parsed.schema.block.clone();
    let argument = Attribute {
        ty: Type::String,
        required: false,
        optional: true,
        computed: false,
        sensitive: false,
        write_only: false,
        deprecated: false,
    };
    block.attributes.insert(ARGUMENT.into(), argument);
    block.extensions.insert(ARGUMENT.into());
    parsed.schema = Arc::new(Schema { version: parsed.schema.version, block });
    parsed.rules.attributes.insert(ARGUMENT.into(), Rule { json: true, ..Rule::default() });
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Passed {
    stages: Vec<Stage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stage {
    name: String,
    actions: Vec<Action>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Action {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    commands: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_variables: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_variables: Option<Vec<Variable>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_artifacts: Option<Vec<Artifact>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    name: String,
    value: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Artifact {
    name: String,
    files: Vec<String>,
}

fn parse(text: &str) -> Result<Passed, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

/// What an object passes through; nothing where it sets nothing.
fn of(object: &Obj<'_>) -> Outcome<Passed> {
    let Some(text) = object.opt(ARGUMENT) else { return Ok(Passed::default()) };
    parse(text).map_err(|why| Failure::said("Invalid JSON in unmodeled", format!("{why}.")).attribute(ARGUMENT))
}

/// Checks the text: its shape, and that its stages and actions are there.
pub fn check(config: &Obj<'_>, checks: &mut Checks) {
    let Some(text) = config.opt(ARGUMENT) else { return };
    let passed = match parse(text) {
        Ok(passed) => passed,
        Err(why) => {
            let detail = format!(
                "{why}. It is a JSON object such as {{\"stages\": [{{\"name\": …, \"actions\": [{{\"name\": …, \"commands\": [\"make\"]}}]}}]}}, with commands, outputVariables, environmentVariables and outputArtifacts of actions."
            );
            return checks.wrong(ARGUMENT, "Invalid JSON in unmodeled", detail);
        }
    };
    checks.push(
        Diagnostic::warning(
            "Fields of the pipeline are passed through",
            "`unmodeled` is sent to CodePipeline as it is, without the checks that other arguments get; hashicorp/aws does not have it.",
        )
        .attribute(vec![AttributeStep::Name(ARGUMENT.to_owned())]),
    );
    if !config.value("stage").is_some_and(Value::is_known) {
        return;
    }
    let stages = config.blocks("stage");
    for stage in &passed.stages {
        let Some(block) = stages.iter().find(|s| s.str("name") == stage.name) else {
            if stages.iter().all(|s| s.known("name")) {
                let detail = format!("The pipeline has no stage {:?}.", stage.name);
                checks.wrong(ARGUMENT, "Unknown stage in unmodeled", detail);
            }
            continue;
        };
        let actions = block.blocks("action");
        let known = block.value("action").is_some_and(Value::is_known) && actions.iter().all(|a| a.known("name"));
        for action in stage.actions.iter().filter(|_| known) {
            if !actions.iter().any(|a| a.str("name") == action.name) {
                let detail = format!("Stage {:?} has no action {:?}.", stage.name, action.name);
                checks.wrong(ARGUMENT, "Unknown action in unmodeled", detail);
            }
        }
    }
}

/// Puts into a declaration what the planned object passes through, and takes out what only the prior one did.
pub fn write(prior: Option<&Obj<'_>>, plan: &Obj<'_>, declaration: &mut t::PipelineDeclaration) -> Outcome<()> {
    if let Some(prior) = prior {
        for (action, before) in pairs(&of(prior)?, declaration) {
            clear(action, &before);
        }
    }
    for (action, wanted) in pairs(&of(plan)?, declaration) {
        set(action, &wanted)?;
    }
    Ok(())
}

/// The text as the live pipeline has it: the known one where it means the same.
pub fn read(prior: &Obj<'_>, live: &t::PipelineDeclaration) -> Option<String> {
    let known = prior.opt(ARGUMENT)?;
    let Ok(passed) = parse(known) else { return Some(known.to_owned()) };
    let now = shown(&passed, live);
    if now == passed {
        return Some(known.to_owned());
    }
    serde_json::to_string(&now).ok()
}

/// The actions of a declaration that are named, each with what is said of it.
fn pairs<'a>(
    passed: &Passed,
    declaration: &'a mut t::PipelineDeclaration,
) -> Vec<(&'a mut t::ActionDeclaration, Action)> {
    let mut out = Vec::new();
    for stage in &mut declaration.stages {
        let Some(named) = passed.stages.iter().find(|s| s.name == stage.name) else { continue };
        for action in &mut stage.actions {
            if let Some(said) = named.actions.iter().find(|a| a.name == action.name) {
                out.push((action, said.clone()));
            }
        }
    }
    out
}

fn clear(action: &mut t::ActionDeclaration, before: &Action) {
    if before.commands.is_some() {
        action.commands = None;
    }
    if before.output_variables.is_some() {
        action.output_variables = None;
    }
    if before.environment_variables.is_some() {
        action.environment_variables = None;
    }
    for said in before.output_artifacts.iter().flatten() {
        for artifact in action.output_artifacts.iter_mut().flatten().filter(|a| a.name == said.name) {
            artifact.files = None;
        }
    }
}

fn set(action: &mut t::ActionDeclaration, wanted: &Action) -> Outcome<()> {
    if let Some(commands) = &wanted.commands {
        action.commands = Some(commands.clone());
    }
    if let Some(names) = &wanted.output_variables {
        action.output_variables = Some(names.clone());
    }
    if let Some(variables) = &wanted.environment_variables {
        let variable = |v: &Variable| {
            let kind = v.kind.as_deref().map(t::EnvironmentVariableType::from);
            t::EnvironmentVariable::builder().name(&v.name).value(&v.value).set_type(kind).build()
        };
        action.environment_variables = Some(variables.iter().map(variable).collect::<Result<_, _>>()?);
    }
    for said in wanted.output_artifacts.iter().flatten() {
        let mut artifacts = action.output_artifacts.iter_mut().flatten();
        let Some(artifact) = artifacts.find(|a| a.name == said.name) else {
            let detail = format!("Action {:?} has no output artifact {:?}.", action.name, said.name);
            return Err(Failure::said("Unknown artifact in unmodeled", detail).attribute(ARGUMENT));
        };
        artifact.files = Some(said.files.clone());
    }
    Ok(())
}

/// What of the live pipeline the text is about.
fn shown(passed: &Passed, live: &t::PipelineDeclaration) -> Passed {
    let action = |said: &Action, found: &t::ActionDeclaration| Action {
        name: said.name.clone(),
        commands: said.commands.as_ref().map(|_| found.commands().to_vec()),
        output_variables: said.output_variables.as_ref().map(|_| found.output_variables().to_vec()),
        environment_variables: said.environment_variables.as_ref().map(|before| {
            let kind = |name: &str| before.iter().find(|v| v.name == name).and_then(|v| v.kind.clone());
            let variable = |v: &t::EnvironmentVariable| {
                // Plain is what is not said.
                let live = v.r#type().map(|k| k.as_str().to_owned());
                let live = live.filter(|k| k != "PLAINTEXT" || kind(v.name()).is_some());
                Variable { name: v.name().to_owned(), value: v.value().to_owned(), kind: live }
            };
            found.environment_variables().iter().map(variable).collect()
        }),
        output_artifacts: said.output_artifacts.as_ref().map(|before| {
            let of = |said: &Artifact| {
                let found = found.output_artifacts().iter().find(|a| a.name == said.name)?;
                Some(Artifact { name: said.name.clone(), files: found.files().to_vec() })
            };
            before.iter().filter_map(of).collect()
        }),
    };
    let stage = |said: &Stage| {
        let found = live.stages().iter().find(|s| s.name == said.name)?;
        let actions = said.actions.iter().filter_map(|a| {
            let found = found.actions().iter().find(|f| f.name == a.name)?;
            Some(action(a, found))
        });
        Some(Stage { name: said.name.clone(), actions: actions.collect() })
    };
    Passed { stages: passed.stages.iter().filter_map(stage).collect() }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(text: Option<&serde_json::Value>) -> Value {
        let value = text.map_or_else(|| Value::null(Type::String), |t| Value::string(t.to_string()));
        Value::object_of([(ARGUMENT, value)])
    }

    fn pipeline() -> t::PipelineDeclaration {
        let kind = t::ActionTypeId::builder()
            .category(t::ActionCategory::Compute)
            .owner(t::ActionOwner::Aws)
            .provider("Commands")
            .version("1")
            .build()
            .unwrap();
        let artifact = t::OutputArtifact::builder().name("out").build().unwrap();
        let action = t::ActionDeclaration::builder()
            .name("make")
            .action_type_id(kind)
            .output_artifacts(artifact)
            .build()
            .unwrap();
        let stage = t::StageDeclaration::builder().name("Build").actions(action).build().unwrap();
        t::PipelineDeclaration::builder().name("p").role_arn("r").stages(stage).build().unwrap()
    }

    fn full() -> serde_json::Value {
        json!({ "stages": [{ "name": "Build", "actions": [{
            "name": "make", "commands": ["make", "make test"], "outputVariables": ["VERSION"],
            "environmentVariables": [{ "name": "LEVEL", "value": "3" }],
            "outputArtifacts": [{ "name": "out", "files": ["dist/**"] }],
        }] }] })
    }

    #[test]
    fn fields_the_schema_lacks_reach_the_declaration_and_come_back_as_written() {
        let (plan, mut live) = (object(Some(&full())), pipeline());
        write(None, &Obj::new(&plan), &mut live).unwrap();
        let action = &live.stages()[0].actions()[0];
        assert_eq!(action.commands(), ["make".to_owned(), "make test".to_owned()]);
        assert_eq!(action.environment_variables()[0].value(), "3");
        assert_eq!(action.output_artifacts()[0].files(), ["dist/**".to_owned()]);
        assert_eq!(read(&Obj::new(&plan), &live), Some(full().to_string()));
    }

    #[test]
    fn a_change_by_hand_shows_and_an_object_that_passes_nothing_through_has_nothing() {
        let (plan, mut live) = (object(Some(&full())), pipeline());
        write(None, &Obj::new(&plan), &mut live).unwrap();
        live.stages[0].actions[0].commands = Some(vec!["rm -r /".into()]);
        let now = read(&Obj::new(&plan), &live).unwrap();
        assert!(now.contains("rm -r /") && now.contains("VERSION"), "{now}");
        assert_eq!(read(&Obj::new(&object(None)), &live), None);
    }

    #[test]
    fn what_is_no_longer_passed_through_goes() {
        let (before, mut live) = (object(Some(&full())), pipeline());
        write(None, &Obj::new(&before), &mut live).unwrap();
        let less = object(Some(
            &json!({ "stages": [{ "name": "Build", "actions": [{ "name": "make", "commands": ["make"] }] }] }),
        ));
        write(Some(&Obj::new(&before)), &Obj::new(&less), &mut live).unwrap();
        let action = &live.stages()[0].actions()[0];
        assert_eq!(action.commands(), ["make".to_owned()]);
        assert!(action.output_variables().is_empty() && action.output_artifacts()[0].files().is_empty());
    }

    #[test]
    fn a_field_that_nobody_knows_is_an_error() {
        let wrong = json!({ "stages": [{ "name": "Build", "actions": [{ "name": "make", "command": ["make"] }] }] });
        let mut checks = Checks::new();
        check(&Obj::new(&object(Some(&wrong))), &mut checks);
        let said: Vec<_> = checks.into_diagnostics().iter().map(|d| d.detail.clone()).collect();
        assert!(said[0].contains("unknown field `command`"), "{said:?}");
    }
}
