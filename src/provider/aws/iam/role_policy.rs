//! `aws_iam_role_policy`: one inline policy of a role. Its id is `ROLE:NAME`.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, Outcome};
use super::super::naming;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::document::decode;
use super::role::check_name;
use super::role_parts as parts;
use super::snapshot::Snapshot;
use async_trait::async_trait;

pub struct RolePolicy;

fn split(id: &str) -> Outcome<(&str, &str)> {
    id.split_once(':').filter(|(role, name)| !role.is_empty() && !name.is_empty()).ok_or_else(|| {
        Failure::said("Invalid id of an inline policy", format!("\"{id}\" is not of the form ROLE_NAME:POLICY_NAME."))
    })
}

#[async_trait(?Send)]
impl ResourceType for RolePolicy {
    fn name(&self) -> &'static str {
        "aws_iam_role_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_role_policy.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_name(config, "name", 128, checks);
        check_name(config, "name_prefix", 102, checks);
        if config.str("role").starts_with("arn:") {
            checks.wrong("role", "\"role\" must be the role's name not its ARN", "Use the `name` or `id` of the role.");
        }
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        let Some(name) = change.planned().string("name") else { return };
        change.set_str("name_prefix", naming::prefix_of(&name).unwrap_or_default());
        if let Some(role) = change.planned().string("role") {
            change.set_str("id", format!("{role}:{name}"));
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        let role = plan.str("role");
        parts::put_inline(cx, role, &name, plan.str("policy")).await?;
        made.id(format!("{role}:{name}"));
        made.set(Attrs::new().str("name", name));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (role, name) = split(prior.str("id"))?;
        let bulk = Snapshot::role(cx.aws, role).and_then(|(detail, _)| {
            let found = detail.role_policy_list().iter().find(|p| p.policy_name.as_deref() == Some(name))?;
            found.policy_document.as_deref().map(decode)
        });
        let document = match bulk {
            Some(document) => document,
            None => match parts::inline_document(cx, role, name).await? {
                Some(document) => document,
                None => return Ok(None),
            },
        };
        let attrs = Attrs::new().str("id", format!("{role}:{name}")).str("name", name).str("role", role);
        Ok(Some(attrs.opt("name_prefix", naming::prefix_of(name)).str("policy", document)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (role, name) = split(prior.str("id"))?;
        parts::put_inline(cx, role, name, plan.str("policy")).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (role, name) = split(prior.str("id"))?;
        parts::delete_inline(cx, role, name).await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        split(id)?;
        Ok(Attrs::new().str("id", id))
    }
}
