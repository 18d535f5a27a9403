//! `aws_codebuild_project`: a build project.

use super::{expand, flatten, predict};
use crate::lang::value::Value;
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tags::Tags;
use crate::provider::aws::wait::IAM_PROPAGATION;
use async_trait::async_trait;
use aws_sdk_codebuild::types as t;

/// The type.
pub struct Project;

/// Attributes an UpdateProject carries; it replaces the tags each time.
const DECLARED: &[&str] = &[
    "artifacts",
    "badge_enabled",
    "build_batch_config",
    "build_timeout",
    "cache",
    "concurrent_build_limit",
    "description",
    "encryption_key",
    "environment",
    "file_system_locations",
    "logs_config",
    "queued_timeout",
    "secondary_artifacts",
    "secondary_sources",
    "secondary_source_version",
    "service_role",
    "source",
    "source_version",
    "tags_all",
    "vpc_config",
];

#[async_trait(?Send)]
impl ResourceType for Project {
    fn name(&self) -> &'static str {
        "aws_codebuild_project"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codebuild_project.json")
    }

    fn same(&self, path: &str, prior: &Value, next: &Value, config: &Obj<'_>) -> bool {
        let unset = || next.is_null() || next.as_str() == Some("");
        let artifacts = || config.block("artifacts").map_or("", |a| a.str("type"));
        match path {
            "artifacts.name" => unset() && prior.as_str() == Some(config.str("name")),
            "artifacts.namespace_type" => artifacts() == "S3" && unset() && prior.as_str() == Some("NONE"),
            "artifacts.packaging" => {
                unset() && (artifacts() == "CODEPIPELINE" || (artifacts() == "S3" && prior.as_str() == Some("NONE")))
            }
            "build_timeout" | "queued_timeout" => {
                let kind = config.block("environment").map_or("", |e| e.str("type"));
                matches!(kind, "ARM_LAMBDA_CONTAINER" | "LINUX_LAMBDA_CONTAINER")
            }
            _ => false,
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        predict::project(aws, change);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let mut call = cx
            .aws
            .codebuild()
            .create_project()
            .name(plan.str("name"))
            .service_role(plan.str("service_role"))
            .logs_config(expand::logs(plan)?)
            .badge_enabled(plan.bool("badge_enabled"))
            .set_description(plan.string("description"))
            .set_encryption_key(plan.string("encryption_key"))
            .set_source_version(plan.string("source_version"))
            .set_concurrent_build_limit(plan.int32("concurrent_build_limit").filter(|n| *n != 0))
            .set_timeout_in_minutes(plan.int32("build_timeout").filter(|n| *n != 0))
            .set_queued_timeout_in_minutes(plan.int32("queued_timeout").filter(|n| *n != 0))
            .set_environment(expand::environment(plan)?)
            .set_artifacts(plan.block("artifacts").map(|b| expand::artifacts(&b)).transpose()?)
            .set_source(plan.block("source").map(|b| expand::source(&b)).transpose()?)
            .set_tags(Some(sdk_tags(plan.string_map("tags_all"))).filter(|t| !t.is_empty()));
        if plan.has("cache") {
            call = call.cache(expand::cache(plan)?);
        }
        if plan.has("vpc_config") {
            call = call.vpc_config(expand::vpc(plan));
        }
        if plan.has("build_batch_config") {
            call = call.build_batch_config(expand::batch(plan));
        }
        if plan.has("file_system_locations") {
            call = call.set_file_system_locations(Some(expand::file_systems(plan)));
        }
        if plan.has("secondary_artifacts") {
            call = call.set_secondary_artifacts(Some(secondary_artifacts(plan)?));
        }
        if plan.has("secondary_sources") {
            call = call.set_secondary_sources(Some(secondary_sources(plan)?));
        }
        if plan.has("secondary_source_version") {
            call = call.set_secondary_source_versions(Some(expand::source_versions(plan)?));
        }
        let answer = cx.retry(IAM_PROPAGATION, not_allowed_yet, || {
            let call = call.clone();
            async move { Ok(call.send().await?) }
        });
        let project = answer.await?.project;
        let arn = project.as_ref().and_then(t::Project::arn).unwrap_or(plan.str("name")).to_owned();
        made.id(arn.as_str());
        if plan.str("project_visibility") == "PUBLIC_READ" {
            set_visibility(cx, &arn, plan).await?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let live = match cx.aws.bulk::<Answers<t::Project>>().take(id) {
            Some(known) => known,
            None => {
                let answer = cx.aws.codebuild().batch_get_projects().names(id).send().await?;
                answer.projects.unwrap_or_default().into_iter().next()
            }
        };
        let Some(live) = live else { return Ok(None) };
        let tags =
            live.tags().iter().filter_map(|t| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned())));
        Ok(Some(cx.aws.with_tags(flatten::project(&live), tags.collect(), prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if plan.differs_any(prior, &["project_visibility", "resource_access_role"]) {
            set_visibility(cx, prior.str("id"), plan).await?;
        }
        if !plan.differs_any(prior, DECLARED) {
            return Ok(());
        }
        let changed = |name: &str| plan.differs(prior, name);
        let mut call = cx
            .aws
            .codebuild()
            .update_project()
            .name(plan.str("name"))
            .set_tags(Some(sdk_tags(plan.string_map("tags_all"))));
        if changed("artifacts") {
            call = call.set_artifacts(plan.block("artifacts").map(|b| expand::artifacts(&b)).transpose()?);
        }
        if changed("badge_enabled") {
            call = call.badge_enabled(plan.bool("badge_enabled"));
        }
        if changed("build_batch_config") {
            call = call.build_batch_config(expand::batch(plan));
        }
        if changed("build_timeout") {
            call = call.set_timeout_in_minutes(plan.int32("build_timeout"));
        }
        if changed("cache") {
            call = call.cache(expand::cache(plan)?);
        }
        if changed("concurrent_build_limit") {
            // -1 takes the limit away.
            let limit = plan.int32("concurrent_build_limit").filter(|n| *n != 0).unwrap_or(-1);
            call = call.concurrent_build_limit(limit);
        }
        if changed("description") {
            call = call.description(plan.str("description"));
        }
        if changed("encryption_key") {
            call = call.encryption_key(plan.str("encryption_key"));
        }
        if changed("environment") {
            call = call.set_environment(expand::environment(plan)?);
        }
        if changed("file_system_locations") {
            call = call.set_file_system_locations(Some(expand::file_systems(plan)));
        }
        if changed("logs_config") {
            call = call.logs_config(expand::logs(plan)?);
        }
        if changed("queued_timeout") {
            call = call.set_queued_timeout_in_minutes(plan.int32("queued_timeout"));
        }
        if changed("secondary_artifacts") {
            call = call.set_secondary_artifacts(Some(secondary_artifacts(plan)?));
        }
        if changed("secondary_sources") {
            call = call.set_secondary_sources(Some(secondary_sources(plan)?));
        }
        if changed("secondary_source_version") {
            call = call.set_secondary_source_versions(Some(expand::source_versions(plan)?));
        }
        if changed("service_role") {
            call = call.service_role(plan.str("service_role"));
        }
        if changed("source") {
            call = call.set_source(plan.block("source").map(|b| expand::source(&b)).transpose()?);
        }
        if changed("source_version") {
            call = call.source_version(plan.str("source_version"));
        }
        if changed("vpc_config") {
            call = call.vpc_config(expand::vpc(plan));
        }
        cx.retry(IAM_PROPAGATION, not_allowed_yet, || {
            let call = call.clone();
            async move { Ok(call.send().await?) }
        })
        .await?;
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codebuild().delete_project().name(prior.opt("name").unwrap_or(prior.str("id")));
        call.send().await.or_gone(&["ResourceNotFoundException"])?;
        Ok(())
    }

    async fn import(&self, cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let arn = cx.aws.arn("codebuild", &format!("project/{id}"));
        Ok(Attrs::new()
            .str("id", if id.starts_with("arn:") { id.to_owned() } else { arn.unwrap_or_else(|| id.to_owned()) }))
    }
}

/// The project's role or its permissions in the network are not known to CodeBuild yet.
fn not_allowed_yet(failure: &Failure) -> Option<&'static str> {
    failure.says("InvalidInputException", "ot authorized to perform").then_some("CodeBuild cannot use the role yet")
}

fn sdk_tags(tags: Tags) -> Vec<t::Tag> {
    tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect()
}

fn secondary_artifacts(plan: &Obj<'_>) -> Outcome<Vec<t::ProjectArtifacts>> {
    plan.blocks("secondary_artifacts").iter().map(expand::artifacts).collect()
}

fn secondary_sources(plan: &Obj<'_>) -> Outcome<Vec<t::ProjectSource>> {
    plan.blocks("secondary_sources").iter().map(expand::source).collect()
}

async fn set_visibility(cx: &Cx<'_>, arn: &str, plan: &Obj<'_>) -> Outcome<()> {
    let call = cx.aws.codebuild().update_project_visibility().project_arn(arn);
    let visibility = plan.opt("project_visibility").unwrap_or("PRIVATE");
    call.project_visibility(visibility.into())
        .set_resource_access_role(plan.string("resource_access_role"))
        .send()
        .await?;
    Ok(())
}
