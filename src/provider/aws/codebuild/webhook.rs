//! `aws_codebuild_webhook`: builds a project when its repository changes. It is part of its project, and read with it.

use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;
use aws_sdk_codebuild::types as t;

/// The type.
pub struct Webhook;

#[async_trait(?Send)]
impl ResourceType for Webhook {
    fn name(&self) -> &'static str {
        "aws_codebuild_webhook"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codebuild_webhook.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let project = change.config.string("project_name").filter(|_| change.is_create());
        change.set_some("id", project);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let scope = plan.block("scope_configuration").map(|s| {
            let scope = t::ScopeConfiguration::builder().name(s.str("name")).scope(s.str("scope").into());
            scope.set_domain(s.string("domain")).build()
        });
        let answer = cx
            .aws
            .codebuild()
            .create_webhook()
            .project_name(plan.str("project_name"))
            .set_branch_filter(plan.string("branch_filter"))
            .set_build_type(plan.opt("build_type").map(t::WebhookBuildType::from))
            .set_filter_groups(Some(filter_groups(plan)?).filter(|g| !g.is_empty()))
            .set_manual_creation(Some(plan.bool("manual_creation")).filter(|manual| *manual))
            .set_scope_configuration(scope.transpose()?)
            .send()
            .await?;
        made.id(plan.str("project_name"));
        // CodeBuild tells the secret this once.
        made.set(Attrs::new().opt("secret", answer.webhook.and_then(|w| w.secret)));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let project = prior.str("id");
        let live = match cx.aws.bulk::<Answers<t::Webhook>>().take(project) {
            Some(known) => known,
            None => {
                let answer = cx.aws.codebuild().batch_get_projects().names(project).send().await?;
                answer.projects.unwrap_or_default().into_iter().next().and_then(|p| p.webhook)
            }
        };
        Ok(live.map(|live| {
            attributes(&live)
                .str("id", project)
                .str("project_name", project)
                .str("secret", prior.str("secret"))
                .bool("manual_creation", prior.bool("manual_creation"))
        }))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let groups = filter_groups(plan)?;
        // A branch filter and filter groups exclude each other: an empty branch filter takes both away.
        let branches = Some(plan.str("branch_filter").to_owned()).filter(|_| groups.is_empty());
        cx.aws
            .codebuild()
            .update_webhook()
            .project_name(prior.str("id"))
            .rotate_secret(false)
            .set_build_type(plan.opt("build_type").map(t::WebhookBuildType::from))
            .set_branch_filter(branches)
            .set_filter_groups(Some(groups).filter(|g| !g.is_empty()))
            .send()
            .await?;
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codebuild().delete_webhook().project_name(prior.str("id"));
        call.send().await.or_gone(&["ResourceNotFoundException"])?;
        Ok(())
    }
}

fn filter_groups(plan: &Obj<'_>) -> Outcome<Vec<Vec<t::WebhookFilter>>> {
    let filter = |f: &Obj<'_>| {
        let filter = t::WebhookFilter::builder().r#type(f.str("type").into()).pattern(f.str("pattern"));
        Ok(filter.exclude_matched_pattern(f.bool("exclude_matched_pattern")).build()?)
    };
    plan.blocks("filter_group").iter().map(|group| group.blocks("filter").iter().map(filter).collect()).collect()
}

fn attributes(live: &t::Webhook) -> Attrs {
    let filter = |f: &t::WebhookFilter| {
        Attrs::new()
            .str("type", f.r#type().as_str())
            .str("pattern", f.pattern())
            .bool("exclude_matched_pattern", f.exclude_matched_pattern().unwrap_or_default())
    };
    let groups = live.filter_groups().iter().map(|group| Attrs::new().blocks("filter", group.iter().map(filter)));
    let scope = live
        .scope_configuration()
        .map(|s| Attrs::new().str("name", s.name()).str("scope", s.scope().as_str()).opt("domain", s.domain()));
    Attrs::new()
        .opt("branch_filter", live.branch_filter())
        .opt("build_type", live.build_type().map(t::WebhookBuildType::as_str))
        .blocks("filter_group", groups)
        .opt("payload_url", live.payload_url())
        .block("scope_configuration", scope)
        .opt("url", live.url())
}
