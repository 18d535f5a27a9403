//! `aws_codedeploy_app`: an application. Its name can change in place; its id is made of CodeDeploy's id and the name.

use super::{NO_APP, tags};
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tags::TagChange;
use async_trait::async_trait;
use aws_sdk_codedeploy::types as t;

/// The type.
pub struct App;

#[async_trait(?Send)]
impl ResourceType for App {
    fn name(&self) -> &'static str {
        "aws_codedeploy_app"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codedeploy_app.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() && !change.changed("name") {
            return;
        }
        let Some(name) = change.config.string("name") else {
            change.unknown("arn");
            change.unknown("id");
            return;
        };
        change.set_some("arn", arn(aws, &name));
        if change.is_create() {
            change.set_str("github_account_name", "");
            change.set("linked_to_github", crate::lang::value::Value::bool(false));
        } else {
            let id = renamed(change.prior.str("id"), change.prior.str("application_id"), &name);
            change.set_str("id", id);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = plan.str("name");
        let answer = cx
            .aws
            .codedeploy()
            .create_application()
            .application_name(name)
            .set_compute_platform(plan.opt("compute_platform").map(t::ComputePlatform::from))
            .set_tags(tags::sdk(plan.string_map("tags_all")))
            .send()
            .await?;
        made.id(format!("{}:{name}", answer.application_id.unwrap_or_default()));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let name = prior.opt("name").unwrap_or_else(|| id.split_once(':').map_or(id, |(_, name)| name));
        let Some(live) = find(cx, name).await? else { return Ok(None) };
        let (name, application) = (live.application_name().unwrap_or(name), live.application_id().unwrap_or_default());
        let arn = arn(cx.aws, name);
        let tags = tags::read(cx, arn.as_deref().unwrap_or_default(), prior).await?;
        let attrs = Attrs::new()
            .str("id", renamed(id, application, name))
            .opt("arn", arn)
            .str("application_id", application)
            .opt("compute_platform", live.compute_platform().map(t::ComputePlatform::as_str))
            .opt("github_account_name", live.git_hub_account_name())
            .bool("linked_to_github", live.linked_to_git_hub())
            .str("name", name);
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let name = plan.str("name");
        if plan.differs(prior, "name") {
            let call = cx.aws.codedeploy().update_application().application_name(prior.str("name"));
            call.new_application_name(name).send().await?;
        }
        let arn = arn(cx.aws, name).unwrap_or_else(|| prior.str("arn").to_owned());
        tags::write(cx, &arn, TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codedeploy().delete_application().application_name(prior.str("name"));
        call.send().await.or_gone(&[NO_APP])?;
        Ok(())
    }

    /// A name, or the id as it is stored.
    async fn import(&self, cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let name = id.split_once(':').map_or(id, |(_, name)| name);
        if id != name {
            return Ok(Attrs::new().str("id", id).str("name", name));
        }
        let Some(live) = find(cx, name).await? else {
            return Err(Failure::said(
                "Cannot import a non-existent object",
                format!("There is no CodeDeploy application {name:?} in {}.", cx.aws.region()),
            ));
        };
        Ok(Attrs::new().str("id", format!("{}:{name}", live.application_id().unwrap_or_default())).str("name", name))
    }
}

fn arn(aws: &Aws, name: &str) -> Option<String> {
    aws.arn("codedeploy", &format!("application:{name}"))
}

/// The id an application has under a name: the old one where the name already stands in it, as the original provider has it.
fn renamed(id: &str, application: &str, name: &str) -> String {
    if id.contains(name) { id.to_owned() } else { format!("{application}:{name}") }
}

async fn find(cx: &Cx<'_>, name: &str) -> Outcome<Option<t::ApplicationInfo>> {
    if let Some(known) = cx.aws.bulk::<Answers<t::ApplicationInfo>>().take(name) {
        return Ok(known);
    }
    let found = cx.aws.codedeploy().get_application().application_name(name).send().await.or_gone(&[NO_APP])?;
    Ok(found.and_then(|f| f.application))
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn an_id_follows_a_new_name() {
        assert_eq!(renamed("1-2:old", "1-2", "new"), "1-2:new");
        assert_eq!(renamed("1-2:new", "1-2", "new"), "1-2:new");
    }
}
