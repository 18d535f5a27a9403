//! `aws_iam_user_policy` and `aws_iam_group_policy`: one inline policy of a user or a group. Their ids are `OWNER:NAME`.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, Outcome};
use super::super::naming;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::principal::Principal;
use super::role::check_name;
use async_trait::async_trait;

/// Both types.
pub struct InlinePolicy(pub Principal);

fn split<'a>(id: &'a str, owner: &str) -> Outcome<(&'a str, &'a str)> {
    id.split_once(':').filter(|(owner, name)| !owner.is_empty() && !name.is_empty()).ok_or_else(|| {
        let wanted = format!("{}_NAME:POLICY_NAME", owner.to_ascii_uppercase());
        Failure::said("Invalid id of an inline policy", format!("\"{id}\" is not of the form {wanted}."))
    })
}

impl InlinePolicy {
    fn split<'a>(&self, id: &'a str) -> Outcome<(&'a str, &'a str)> {
        split(id, self.0.attribute())
    }
}

#[async_trait(?Send)]
impl ResourceType for InlinePolicy {
    fn name(&self) -> &'static str {
        match self.0 {
            Principal::User => "aws_iam_user_policy",
            Principal::Group => "aws_iam_group_policy",
        }
    }

    fn schema(&self) -> &'static str {
        match self.0 {
            Principal::User => include_str!("../schema/aws_iam_user_policy.json"),
            Principal::Group => include_str!("../schema/aws_iam_group_policy.json"),
        }
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_name(config, "name", 128, checks);
        check_name(config, "name_prefix", 102, checks);
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        let Some(name) = change.planned().string("name") else { return };
        change.set_str("name_prefix", naming::prefix_of(&name).unwrap_or_default());
        if let Some(owner) = change.planned().string(self.0.attribute()) {
            change.set_str("id", format!("{owner}:{name}"));
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        let owner = plan.str(self.0.attribute());
        self.0.put_inline(cx, owner, &name, plan.str("policy")).await?;
        made.id(format!("{owner}:{name}"));
        made.set(Attrs::new().str("name", name));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (owner, name) = self.split(prior.str("id"))?;
        let Some(document) = self.0.inline_document(cx, owner, name).await? else { return Ok(None) };
        Ok(Some(
            Attrs::new()
                .str("id", prior.str("id"))
                .str(self.0.attribute(), owner)
                .str("name", name)
                .opt("name_prefix", naming::prefix_of(name))
                .str("policy", document),
        ))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (owner, name) = self.split(prior.str("id"))?;
        self.0.put_inline(cx, owner, name, plan.str("policy")).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (owner, name) = self.split(prior.str("id"))?;
        self.0.delete_inline(cx, owner, name).await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        self.split(id)?;
        Ok(Attrs::new().str("id", id))
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

    #[test]
    fn an_id_names_the_owner_and_the_policy() {
        assert_eq!(split("ann:run", "user").unwrap(), ("ann", "run"));
        let said = split("ann", "user").unwrap_err().diagnostic("");
        assert_eq!(said.detail, "\"ann\" is not of the form USER_NAME:POLICY_NAME.");
    }
}
