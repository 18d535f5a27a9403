//! From the declaration CodePipeline returns to the attributes of `aws_codepipeline`.

use super::token;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::object::Obj;
use aws_sdk_codepipeline::types as t;

/// The declaration's attributes. `prior` tells the tokens, which CodePipeline never returns, and which triggers are configured.
pub fn pipeline(live: &t::PipelineDeclaration, prior: &Obj<'_>) -> Attrs {
    let triggers = live.triggers();
    Attrs::new()
        .str("name", live.name())
        .str("role_arn", live.role_arn())
        .opt("execution_mode", live.execution_mode().map(t::ExecutionMode::as_str))
        .opt("pipeline_type", live.pipeline_type().map(t::PipelineType::as_str))
        .blocks("artifact_store", artifact_stores(live))
        .blocks("stage", live.stages().iter().map(|s| stage(s, prior)))
        .blocks("variable", live.variables().iter().map(variable))
        .blocks("trigger", configured(triggers, prior).into_iter().map(trigger))
        .blocks("trigger_all", triggers.iter().map(trigger))
}

fn artifact_stores(live: &t::PipelineDeclaration) -> Vec<Attrs> {
    if let Some(store) = live.artifact_store() {
        return vec![artifact_store(store)];
    }
    let stores = live.artifact_stores().into_iter().flatten();
    stores.map(|(region, store)| artifact_store(store).str("region", region)).collect()
}

fn artifact_store(store: &t::ArtifactStore) -> Attrs {
    let key = store.encryption_key().map(|k| Attrs::new().str("id", k.id()).str("type", k.r#type().as_str()));
    Attrs::new().str("location", store.location()).str("type", store.r#type().as_str()).block("encryption_key", key)
}

fn stage(stage: &t::StageDeclaration, prior: &Obj<'_>) -> Attrs {
    let failure = stage.on_failure().map(|f| {
        let retry = f
            .retry_configuration()
            .map(|r| Attrs::new().opt("retry_mode", r.retry_mode().map(t::StageRetryMode::as_str)));
        Attrs::new()
            .opt("result", f.result().map(t::Result::as_str))
            .block("retry_configuration", retry)
            .blocks("condition", f.conditions().iter().map(condition))
    });
    let entry = stage.before_entry().map(|c| Attrs::new().blocks("condition", c.conditions().iter().map(condition)));
    let success = stage.on_success().map(|c| Attrs::new().blocks("condition", c.conditions().iter().map(condition)));
    Attrs::new()
        .str("name", stage.name())
        .blocks("action", ordered(stage, prior).into_iter().map(|a| action(a, stage.name(), prior)))
        .block("before_entry", entry)
        .block("on_success", success)
        .block("on_failure", failure)
}

/// The actions of a stage in the order they were written in: only `run_order` says which runs first, so the same actions in another
/// order are the same stage.
fn ordered<'a>(stage: &'a t::StageDeclaration, prior: &Obj<'_>) -> Vec<&'a t::ActionDeclaration> {
    let before = prior.blocks("stage").into_iter().find(|s| s.str("name") == stage.name());
    let before = before.map(|s| s.blocks("action")).unwrap_or_default();
    let place = |action: &t::ActionDeclaration| before.iter().position(|b| b.str("name") == action.name());
    let mut actions: Vec<_> = stage.actions().iter().collect();
    if actions.len() == before.len() && actions.iter().all(|a| place(a).is_some()) {
        actions.sort_by_key(|a| place(a));
    }
    actions
}

fn action(action: &t::ActionDeclaration, stage: &str, prior: &Obj<'_>) -> Attrs {
    let kind = action.action_type_id();
    let mut configuration = action.configuration().cloned().unwrap_or_default();
    if let Some(secret) = configuration.get_mut(token::KEY)
        && kind.is_some_and(|k| k.provider() == token::PROVIDER)
    {
        *secret = token::of(prior, stage, action.name());
    }
    Attrs::new()
        .str("name", action.name())
        .opt("category", kind.map(|k| k.category().as_str()))
        .opt("owner", kind.map(|k| k.owner().as_str()))
        .opt("provider", kind.map(t::ActionTypeId::provider))
        .opt("version", kind.map(t::ActionTypeId::version))
        .map("configuration", configuration)
        .strings("input_artifacts", action.input_artifacts().iter().map(t::InputArtifact::name))
        .strings("output_artifacts", action.output_artifacts().iter().map(t::OutputArtifact::name))
        .opt("role_arn", action.role_arn())
        .opt("region", action.region())
        .opt("namespace", action.namespace())
        .int("run_order", action.run_order())
        .int("timeout_in_minutes", action.timeout_in_minutes())
}

fn condition(condition: &t::Condition) -> Attrs {
    Attrs::new()
        .opt("result", condition.result().map(t::Result::as_str))
        .blocks("rule", condition.rules().iter().map(rule))
}

fn rule(rule: &t::RuleDeclaration) -> Attrs {
    let kind = rule.rule_type_id().map(|k| {
        Attrs::new()
            .str("category", k.category().as_str())
            .opt("owner", k.owner().map(t::RuleOwner::as_str))
            .str("provider", k.provider())
            .opt("version", k.version())
    });
    Attrs::new()
        .str("name", rule.name())
        .block("rule_type_id", kind)
        .map("configuration", rule.configuration().cloned().unwrap_or_default())
        .strings("commands", rule.commands())
        .strings("input_artifacts", rule.input_artifacts().iter().map(t::InputArtifact::name))
        .opt("role_arn", rule.role_arn())
        .opt("region", rule.region())
        .int("timeout_in_minutes", rule.timeout_in_minutes())
}

fn variable(variable: &t::PipelineVariableDeclaration) -> Attrs {
    Attrs::new()
        .str("name", variable.name())
        .opt("default_value", variable.default_value())
        .opt("description", variable.description())
}

/// Of the live triggers those the configuration speaks of, in its order: CodePipeline adds one of its own for every
/// connection source that has none.
fn configured<'a>(
    live: &'a [t::PipelineTriggerDeclaration],
    prior: &Obj<'_>,
) -> Vec<&'a t::PipelineTriggerDeclaration> {
    if prior.opt("role_arn").is_none() {
        // An import: there is no configuration yet.
        return live.iter().collect();
    }
    let wanted = prior.blocks("trigger");
    let wanted = wanted.iter().filter_map(|t| t.block("git_configuration")).map(|g| g.str("source_action_name"));
    let source = |t: &t::PipelineTriggerDeclaration, name: &str| {
        t.git_configuration().is_some_and(|g| g.source_action_name() == name)
    };
    wanted.filter_map(|name| live.iter().find(|t| source(t, name))).collect()
}

fn trigger(trigger: &t::PipelineTriggerDeclaration) -> Attrs {
    let git = trigger.git_configuration().map(|g| {
        Attrs::new()
            .str("source_action_name", g.source_action_name())
            .blocks("push", g.push().iter().map(push))
            .blocks("pull_request", g.pull_request().iter().map(pull_request))
    });
    Attrs::new().str("provider_type", trigger.provider_type().as_str()).block("git_configuration", git)
}

fn patterns(includes: &[String], excludes: &[String]) -> Attrs {
    Attrs::new().strings("includes", includes).strings("excludes", excludes)
}

fn push(push: &t::GitPushFilter) -> Attrs {
    Attrs::new()
        .block("branches", push.branches().map(|b| patterns(b.includes(), b.excludes())))
        .block("file_paths", push.file_paths().map(|b| patterns(b.includes(), b.excludes())))
        .block("tags", push.tags().map(|b| patterns(b.includes(), b.excludes())))
}

fn pull_request(pull: &t::GitPullRequestFilter) -> Attrs {
    Attrs::new()
        .strings("events", pull.events().iter().map(t::GitPullRequestEventType::as_str))
        .block("branches", pull.branches().map(|b| patterns(b.includes(), b.excludes())))
        .block("file_paths", pull.file_paths().map(|b| patterns(b.includes(), b.excludes())))
}
