//! From an `aws_codepipeline` object to the declaration CodePipeline takes.

use crate::diagnostics::{AttributeStep, Diagnostic};
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use aws_sdk_codepipeline::types as t;
use std::collections::HashMap;

/// The whole declaration.
pub fn declaration(plan: &Obj<'_>) -> Outcome<t::PipelineDeclaration> {
    let mut out = t::PipelineDeclaration::builder()
        .name(plan.str("name"))
        .role_arn(plan.str("role_arn"))
        .set_stages(Some(plan.blocks("stage").iter().map(stage).collect::<Outcome<_>>()?))
        .set_execution_mode(plan.opt("execution_mode").map(t::ExecutionMode::from))
        .set_pipeline_type(plan.opt("pipeline_type").map(t::PipelineType::from));
    if plan.has("trigger") {
        out = out.set_triggers(Some(plan.blocks("trigger").iter().map(trigger).collect::<Outcome<_>>()?));
    }
    if plan.has("variable") {
        out = out.set_variables(Some(plan.blocks("variable").iter().map(variable).collect::<Outcome<_>>()?));
    }
    let mut stores = Vec::new();
    for block in plan.blocks("artifact_store") {
        stores.push((block.str("region").to_owned(), artifact_store(&block)?));
    }
    if let [(region, store)] = stores.as_slice() {
        if !region.is_empty() {
            return Err(store_error(
                "The region of the only artifact store cannot be set: it is the pipeline's own. Remove `region`.",
            ));
        }
        return Ok(out.artifact_store(store.clone()).build()?);
    }
    if stores.iter().any(|(region, _)| region.is_empty()) {
        return Err(store_error("A pipeline with several artifact stores needs `region` in each of them."));
    }
    let count = stores.len();
    let by_region: HashMap<_, _> = stores.into_iter().collect();
    if by_region.len() != count {
        return Err(store_error("There can be only one artifact store per region."));
    }
    Ok(out.set_artifact_stores(Some(by_region)).build()?)
}

fn store_error(detail: &str) -> Failure {
    Diagnostic::error("Invalid artifact stores", detail)
        .attribute(vec![AttributeStep::Name("artifact_store".into())])
        .into()
}

fn artifact_store(block: &Obj<'_>) -> Outcome<t::ArtifactStore> {
    let key = match block.block("encryption_key") {
        Some(key) => Some(t::EncryptionKey::builder().id(key.str("id")).r#type(key.str("type").into()).build()?),
        None => None,
    };
    Ok(t::ArtifactStore::builder()
        .location(block.str("location"))
        .r#type(block.str("type").into())
        .set_encryption_key(key)
        .build()?)
}

fn stage(block: &Obj<'_>) -> Outcome<t::StageDeclaration> {
    let mut out = t::StageDeclaration::builder()
        .name(block.str("name"))
        .set_actions(Some(block.blocks("action").iter().map(action).collect::<Outcome<_>>()?));
    if let Some(entry) = block.block("before_entry").filter(|b| !b.is_null()) {
        out = out.before_entry(t::BeforeEntryConditions::builder().set_conditions(conditions(&entry)?).build()?);
    }
    if let Some(success) = block.block("on_success").filter(|b| !b.is_null()) {
        out = out.on_success(t::SuccessConditions::builder().set_conditions(conditions(&success)?).build()?);
    }
    if let Some(failure) = block.block("on_failure").filter(|b| !b.is_null()) {
        let retry = failure.block("retry_configuration").map(|retry| {
            t::RetryConfiguration::builder()
                .set_retry_mode(retry.opt("retry_mode").map(t::StageRetryMode::from))
                .build()
        });
        out = out.on_failure(
            t::FailureConditions::builder()
                .set_result(failure.opt("result").map(t::Result::from))
                .set_retry_configuration(retry)
                .set_conditions(conditions(&failure)?.filter(|c| !c.is_empty()))
                .build(),
        );
    }
    Ok(out.build()?)
}

fn action(block: &Obj<'_>) -> Outcome<t::ActionDeclaration> {
    let kind = t::ActionTypeId::builder()
        .category(block.str("category").into())
        .owner(block.str("owner").into())
        .provider(block.str("provider"))
        .version(block.str("version"))
        .build()?;
    Ok(t::ActionDeclaration::builder()
        .name(block.str("name"))
        .action_type_id(kind)
        .set_configuration(map(block, "configuration"))
        .set_input_artifacts(input_artifacts(block)?)
        .set_output_artifacts(output_artifacts(block)?)
        .set_role_arn(block.string("role_arn"))
        .set_region(block.string("region"))
        .set_namespace(block.string("namespace"))
        .set_run_order(positive(block, "run_order"))
        .set_timeout_in_minutes(positive(block, "timeout_in_minutes"))
        .build()?)
}

fn positive(block: &Obj<'_>, name: &str) -> Option<i32> {
    block.int32(name).filter(|n| *n > 0)
}

fn map(block: &Obj<'_>, name: &str) -> Option<HashMap<String, String>> {
    Some(block.string_map(name).into_iter().collect::<HashMap<_, _>>()).filter(|m| !m.is_empty())
}

fn names(block: &Obj<'_>, name: &str) -> Vec<String> {
    block.strings(name).into_iter().filter(|n| !n.is_empty()).collect()
}

fn input_artifacts(block: &Obj<'_>) -> Outcome<Option<Vec<t::InputArtifact>>> {
    let all = names(block, "input_artifacts");
    let all: Vec<_> = all.into_iter().map(|n| t::InputArtifact::builder().name(n).build()).collect::<Result<_, _>>()?;
    Ok(Some(all).filter(|a| !a.is_empty()))
}

fn output_artifacts(block: &Obj<'_>) -> Outcome<Option<Vec<t::OutputArtifact>>> {
    let all = names(block, "output_artifacts");
    let all: Vec<_> =
        all.into_iter().map(|n| t::OutputArtifact::builder().name(n).build()).collect::<Result<_, _>>()?;
    Ok(Some(all).filter(|a| !a.is_empty()))
}

fn conditions(block: &Obj<'_>) -> Outcome<Option<Vec<t::Condition>>> {
    let all = block.blocks("condition").into_iter().filter(|c| !c.is_null()).map(|condition| {
        let rules = condition.blocks("rule").iter().map(rule).collect::<Outcome<Vec<_>>>()?;
        Ok(t::Condition::builder()
            .set_result(condition.opt("result").map(t::Result::from))
            .set_rules(Some(rules).filter(|r| !r.is_empty()))
            .build())
    });
    Ok(Some(all.collect::<Outcome<_>>()?))
}

fn rule(block: &Obj<'_>) -> Outcome<t::RuleDeclaration> {
    let kind = match block.block("rule_type_id") {
        Some(kind) => Some(
            t::RuleTypeId::builder()
                .category(kind.str("category").into())
                .set_owner(kind.opt("owner").map(t::RuleOwner::from))
                .provider(kind.str("provider"))
                .set_version(kind.string("version"))
                .build()?,
        ),
        None => None,
    };
    Ok(t::RuleDeclaration::builder()
        .name(block.str("name"))
        .set_rule_type_id(kind)
        .set_configuration(map(block, "configuration"))
        .set_commands(Some(block.strings("commands")).filter(|c| !c.is_empty()))
        .set_input_artifacts(input_artifacts(block)?)
        .set_role_arn(block.string("role_arn"))
        .set_region(block.string("region"))
        .set_timeout_in_minutes(positive(block, "timeout_in_minutes"))
        .build()?)
}

fn variable(block: &Obj<'_>) -> Outcome<t::PipelineVariableDeclaration> {
    Ok(t::PipelineVariableDeclaration::builder()
        .name(block.str("name"))
        .set_default_value(block.string("default_value"))
        .set_description(block.string("description"))
        .build()?)
}

fn trigger(block: &Obj<'_>) -> Outcome<t::PipelineTriggerDeclaration> {
    let git = match block.block("git_configuration") {
        Some(git) => {
            let pushes: Vec<_> = git.blocks("push").iter().map(push).collect();
            let pulls: Vec<_> = git.blocks("pull_request").iter().map(pull_request).collect();
            let git = t::GitConfiguration::builder()
                .source_action_name(git.str("source_action_name"))
                .set_push(Some(pushes).filter(|p| !p.is_empty()))
                .set_pull_request(Some(pulls).filter(|p| !p.is_empty()));
            Some(git.build()?)
        }
        None => None,
    };
    Ok(t::PipelineTriggerDeclaration::builder()
        .provider_type(block.str("provider_type").into())
        .set_git_configuration(git)
        .build()?)
}

/// Patterns of one kind: what to include, what to exclude.
type Patterns = (Option<Vec<String>>, Option<Vec<String>>);

fn patterns(block: &Obj<'_>, name: &str) -> Option<Patterns> {
    let block = block.block(name).filter(|b| !b.is_null())?;
    let some = |name: &str| Some(block.strings(name)).filter(|s| !s.is_empty());
    Some((some("includes"), some("excludes")))
}

fn branches(block: &Obj<'_>) -> Option<t::GitBranchFilterCriteria> {
    let (includes, excludes) = patterns(block, "branches")?;
    Some(t::GitBranchFilterCriteria::builder().set_includes(includes).set_excludes(excludes).build())
}

fn file_paths(block: &Obj<'_>) -> Option<t::GitFilePathFilterCriteria> {
    let (includes, excludes) = patterns(block, "file_paths")?;
    Some(t::GitFilePathFilterCriteria::builder().set_includes(includes).set_excludes(excludes).build())
}

fn push(block: &Obj<'_>) -> t::GitPushFilter {
    let tags = patterns(block, "tags").map(|(includes, excludes)| {
        t::GitTagFilterCriteria::builder().set_includes(includes).set_excludes(excludes).build()
    });
    t::GitPushFilter::builder().set_branches(branches(block)).set_file_paths(file_paths(block)).set_tags(tags).build()
}

fn pull_request(block: &Obj<'_>) -> t::GitPullRequestFilter {
    let events = block.strings("events").iter().map(|e| t::GitPullRequestEventType::from(e.as_str())).collect();
    t::GitPullRequestFilter::builder()
        .set_events(Some(events).filter(|e: &Vec<_>| !e.is_empty()))
        .set_branches(branches(block))
        .set_file_paths(file_paths(block))
        .build()
}
