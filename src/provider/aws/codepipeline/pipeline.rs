//! `aws_codepipeline`: a whole pipeline, V1 or V2.

use super::{carry, expand, flatten, predict, tags, token, unmodeled};
use crate::diagnostics::Diagnostic;
use crate::lang::value::{Path, PathStep, Value};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::TagChange;
use crate::provider::aws::wait::IAM_PROPAGATION;
use async_trait::async_trait;
use aws_sdk_codepipeline::types as t;
use std::sync::Arc;

/// The type.
pub struct Pipeline;

/// Longest key and longest value of an action's configuration.
const LONGEST_KEY: usize = 50;
const LONGEST_VALUE: usize = 1000;
/// Attributes an UpdatePipeline carries.
const DECLARED: &[&str] =
    &["role_arn", "artifact_store", "stage", "execution_mode", "pipeline_type", "trigger", "variable"];

#[async_trait(?Send)]
impl ResourceType for Pipeline {
    fn name(&self) -> &'static str {
        "aws_codepipeline"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codepipeline.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_stores(config, checks);
        check_actions(config, checks);
        unmodeled::check(config, checks);
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        predict::pipeline(aws, change);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let mut declaration = expand::declaration(plan)?;
        unmodeled::write(None, plan, &mut declaration)?;
        token::refuse_masked(&declaration)?;
        let tags = tags::sdk(plan.string_map("tags_all"))?;
        cx.retry(IAM_PROPAGATION, not_assumable, || {
            let call = cx.aws.codepipeline().create_pipeline().pipeline(declaration.clone());
            let call = call.set_tags(Some(tags.clone()).filter(|t| !t.is_empty()));
            async move { Ok(call.send().await?) }
        })
        .await?;
        made.id(plan.str("name"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.codepipeline().get_pipeline().name(prior.str("id"));
        let Some(found) = call.send().await.or_gone(&["PipelineNotFoundException"])? else { return Ok(None) };
        let Some(live) = found.pipeline() else { return Ok(None) };
        let arn = found.metadata().and_then(t::PipelineMetadata::pipeline_arn).unwrap_or_default();
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => tags::read(cx, arn).await?,
        };
        let attrs = flatten::pipeline(live, prior).str("id", live.name()).str("arn", arn);
        let attrs = match unmodeled::read(prior, live) {
            Some(text) => attrs.str(unmodeled::ARGUMENT, text),
            None => attrs.null(unmodeled::ARGUMENT),
        };
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if plan.differs_any(prior, DECLARED) || plan.differs(prior, unmodeled::ARGUMENT) {
            let live = cx.aws.codepipeline().get_pipeline().name(prior.str("id")).send().await?;
            let mut declaration = expand::declaration(plan)?;
            token::refuse_masked(&declaration)?;
            if let Some(live) = live.pipeline() {
                declaration = carry::unmodelled(declaration, live);
            }
            unmodeled::write(Some(prior), plan, &mut declaration)?;
            cx.retry(IAM_PROPAGATION, not_assumable, || {
                let call = cx.aws.codepipeline().update_pipeline().pipeline(declaration.clone());
                async move { Ok(call.send().await?) }
            })
            .await?;
        }
        tags::write(cx, prior.str("arn"), &TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codepipeline().delete_pipeline().name(prior.str("id"));
        call.send().await.or_gone(&["PipelineNotFoundException"])?;
        Ok(())
    }
}

/// A role made a moment ago is not known to CodePipeline yet.
fn not_assumable(failure: &Failure) -> Option<&'static str> {
    failure.says("InvalidStructureException", "not authorized").then_some("CodePipeline cannot assume the role yet")
}

/// What CodePipeline would refuse at apply: regions of artifact stores.
fn check_stores(config: &Obj<'_>, checks: &mut Checks) {
    if !config.known("artifact_store") {
        return;
    }
    let regions: Vec<_> = config.blocks("artifact_store").iter().map(|s| s.str("region")).collect();
    let mut sorted = regions.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let detail = match regions.as_slice() {
        [] => return,
        [""] => return,
        [_] => "The region of the only artifact store cannot be set: it is the pipeline's own. Remove `region`.",
        many if many.iter().any(|r| r.is_empty()) => {
            "A pipeline with several artifact stores needs `region` in each of them."
        }
        many if sorted.len() != many.len() => "There can be only one artifact store per region.",
        _ => return,
    };
    checks.wrong("artifact_store", "Invalid artifact stores", detail);
}

fn check_actions(config: &Obj<'_>, checks: &mut Checks) {
    let stage_path =
        |i: usize| Path::attrs(["stage"]).join(PathStep::index(i)).join(PathStep::Attr(Arc::from("action")));
    let mut outdated = false;
    for (i, stage) in config.blocks("stage").iter().enumerate() {
        for (j, action) in stage.blocks("action").iter().enumerate() {
            let at = |name: &str| stage_path(i).join(PathStep::index(j)).join(PathStep::Attr(Arc::from(name)));
            outdated |= action.str("provider") == token::PROVIDER;
            for list in ["input_artifacts", "output_artifacts"] {
                check_artifacts(action.value(list), &at(list), checks);
            }
            check_configuration(action, &at("configuration"), checks);
            if token::is_masked(action.string_map("configuration").get(token::KEY).map_or("", |t| t.as_str())) {
                checks.wrong_at(
                    &at("configuration").join(PathStep::Index(Value::string(token::KEY))),
                    "The OAuth token is not known",
                    "This is the masked form of a token. Set the token itself, or better use a connection.",
                );
            }
        }
    }
    if outdated {
        checks.push(
            Diagnostic::warning(
                "The CodePipeline GitHub version 1 action provider is no longer recommended",
                "Actions of provider GitHub need an OAuth token, which is kept in clear in state.",
            )
            .hint("Use provider CodeStarSourceConnection with an aws_codestarconnections_connection."),
        );
    }
}

/// Keys of 1 to 50 and values of 1 to 1000 characters (API reference, ActionConfigurationMap).
fn check_configuration(action: &Obj<'_>, at: &Path, checks: &mut Checks) {
    for (key, value) in action.value("configuration").and_then(Value::fields).into_iter().flatten() {
        let at = at.join(PathStep::Index(Value::string(key.as_ref())));
        if key.is_empty() || key.chars().count() > LONGEST_KEY {
            let detail = format!("{key:?} is not a configuration key: it must have 1 to {LONGEST_KEY} characters.");
            checks.wrong_at(&at, "Invalid action configuration", detail);
        }
        let Some(text) = value.as_str() else { continue };
        let length = text.chars().count();
        if length == 0 || length > LONGEST_VALUE {
            let detail = format!(
                "The value of {key} has {length} characters; CodePipeline takes 1 to {LONGEST_VALUE}. Leave the key out where it has no value."
            );
            checks.wrong_at(&at, "Invalid action configuration", detail);
        }
    }
}

/// Names of artifacts: 1 to 100 of `A-Za-z0-9_-` (API reference, OutputArtifact). Empty ones are left out of the request.
fn check_artifacts(names: Option<&Value>, at: &Path, checks: &mut Checks) {
    for (i, name) in names.and_then(Value::elements).unwrap_or_default().iter().enumerate() {
        let Some(name) = name.as_str() else { continue };
        let fits = name.len() <= 100 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        if !fits {
            checks.wrong_at(
                &at.join(PathStep::index(i)),
                "Invalid artifact name",
                format!("{name:?} is not an artifact name: at most 100 letters, digits, underscores and hyphens."),
            );
        }
    }
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

    fn told(configuration: &[(&str, &str)]) -> Vec<String> {
        let fields = configuration.iter().map(|(k, v)| (Arc::from(*k), Value::string(*v))).collect();
        let action = Value::object_of([("configuration", Value::map(crate::lang::value::Type::String, fields))]);
        let mut checks = Checks::new();
        check_configuration(&Obj::new(&action), &Path::root(), &mut checks);
        checks.into_diagnostics().iter().map(|d| d.detail.clone()).collect()
    }

    #[test]
    fn a_configuration_that_codepipeline_would_refuse_is_told_of_before() {
        let (long, key) = ("x".repeat(1001), "k".repeat(51));
        assert!(told(&[("BranchName", "main")]).is_empty());
        assert!(told(&[("CustomData", &long)])[0].contains("has 1001 characters"));
        assert!(told(&[("BranchName", "")])[0].contains("has 0 characters"));
        assert!(told(&[(&key, "v")])[0].contains("is not a configuration key"));
    }

    #[test]
    fn the_names_of_artifacts_are_checked() {
        let names = Value::list(crate::lang::value::Type::String, vec![Value::string("a b"), Value::string("ok-1_A")]);
        let mut checks = Checks::new();
        check_artifacts(Some(&names), &Path::root(), &mut checks);
        assert_eq!(checks.into_diagnostics().iter().count(), 1);
    }
}
