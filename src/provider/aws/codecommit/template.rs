//! `aws_codecommit_approval_rule_template`: who must approve pull requests, to be shared by repositories.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::time::rfc3339;
use async_trait::async_trait;
use aws_sdk_codecommit::types as t;

/// The type.
pub struct Template;

/// What CodeCommit answers when a template does not exist.
pub const NO_TEMPLATE: &str = "ApprovalRuleTemplateDoesNotExistException";

#[async_trait(?Send)]
impl ResourceType for Template {
    fn name(&self) -> &'static str {
        "aws_codecommit_approval_rule_template"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codecommit_approval_rule_template.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() || change.changed("name") {
            match change.config.string("name") {
                Some(name) => change.set_str("id", name),
                None => change.unknown("id"),
            }
        }
        if !change.is_create() && change.changed_any(&["name", "content", "description"]) {
            change.unknown("last_modified_date");
            change.unknown("last_modified_user");
        }
        if !change.is_create() && change.changed("content") {
            change.unknown("rule_content_sha256");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = plan.str("name");
        let call = cx.aws.codecommit().create_approval_rule_template().approval_rule_template_name(name);
        call.approval_rule_template_content(plan.str("content"))
            .set_approval_rule_template_description(plan.string("description"))
            .send()
            .await?;
        made.id(name);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        Ok(find(cx, prior.str("id")).await?.as_ref().map(attributes))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (client, name) = (cx.aws.codecommit(), prior.str("id"));
        if plan.differs(prior, "description") {
            let call = client.update_approval_rule_template_description().approval_rule_template_name(name);
            call.approval_rule_template_description(plan.str("description")).send().await?;
        }
        if plan.differs(prior, "content") {
            let call = client.update_approval_rule_template_content().approval_rule_template_name(name);
            call.new_rule_content(plan.str("content"))
                .set_existing_rule_content_sha256(prior.string("rule_content_sha256"))
                .send()
                .await?;
        }
        if plan.differs(prior, "name") {
            let call = client.update_approval_rule_template_name().old_approval_rule_template_name(name);
            call.new_approval_rule_template_name(plan.str("name")).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codecommit().delete_approval_rule_template().approval_rule_template_name(prior.str("id"));
        call.send().await.or_gone(&[NO_TEMPLATE])?;
        Ok(())
    }
}

/// A template by name. An update reads it back under the planned object's id, which is its new name.
pub async fn find(cx: &Cx<'_>, name: &str) -> Outcome<Option<t::ApprovalRuleTemplate>> {
    let call = cx.aws.codecommit().get_approval_rule_template().approval_rule_template_name(name);
    Ok(call.send().await.or_gone(&[NO_TEMPLATE])?.and_then(|f| f.approval_rule_template))
}

/// A template's attributes, as resource and as data.
pub fn attributes(live: &t::ApprovalRuleTemplate) -> Attrs {
    Attrs::new()
        .opt("id", live.approval_rule_template_name())
        .opt("name", live.approval_rule_template_name())
        .opt("approval_rule_template_id", live.approval_rule_template_id())
        .opt("content", live.approval_rule_template_content())
        .opt("creation_date", live.creation_date().map(rfc3339))
        .opt("description", live.approval_rule_template_description())
        .opt("last_modified_date", live.last_modified_date().map(rfc3339))
        .opt("last_modified_user", live.last_modified_user())
        .opt("rule_content_sha256", live.rule_content_sha256())
}
