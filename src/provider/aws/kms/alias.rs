//! `aws_kms_alias`. Its id is its name, `alias/…`.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::naming;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::IAM_PROPAGATION;
use super::GONE;
use crate::lang::value::Value;
use async_trait::async_trait;

pub struct Alias;

const PREFIX: &str = "alias/";

/// The key id at the end of a key's ARN; a bare id is itself.
fn key_id(key: &str) -> &str {
    key.rsplit_once(":key/").map_or(key, |(_, id)| id)
}

/// Checks the form of an alias' name, or of the beginning of one (`name_prefix`).
pub fn check_name(config: &Obj<'_>, attribute: &str, checks: &mut Checks) {
    let Some(name) = config.opt(attribute) else { return };
    let rest = name.strip_prefix(PREFIX);
    let valid = rest.is_some_and(|r| {
        (!r.is_empty() || attribute == "name_prefix")
            && r.chars().all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c))
    });
    if !valid {
        let summary = format!("\"{attribute}\" must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]");
        checks.wrong(attribute, summary, format!("Write it as \"alias/NAME\"; it is \"{name}\"."));
    }
}

#[async_trait(?Send)]
impl ResourceType for Alias {
    fn name(&self) -> &'static str {
        "aws_kms_alias"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_kms_alias.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        for attribute in ["name", "name_prefix"] {
            check_name(config, attribute, checks);
            if config.opt(attribute).is_some_and(|name| name.starts_with("alias/aws/")) {
                checks.wrong(attribute, "name must not begin with reserved prefix 'alias/aws/'", "");
            }
        }
    }

    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        let (Some(a), Some(b)) = (prior.as_str(), next.as_str()) else { return false };
        path == "target_key_id" && key_id(a) == key_id(b)
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create()
            && let Some(name) = change.planned().string("name")
        {
            change.set_some("arn", aws.arn("kms", &name));
            change.set_str("name_prefix", naming::prefix_of(&name).unwrap_or_default());
            change.set_str("id", name);
        }
        if !change.is_create() && !change.changed("target_key_id") {
            return;
        }
        change.unknown("target_key_arn");
        if let Some(key) = change.planned().string("target_key_id") {
            let arn = if key.starts_with("arn:") { Some(key) } else { aws.arn("kms", &format!("key/{key}")) };
            change.set_some("target_key_arn", arn);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let prefix = plan.opt("name_prefix").unwrap_or(PREFIX);
        let name = naming::name(plan.opt("name"), Some(prefix));
        cx.retry(
            IAM_PROPAGATION,
            |f: &Failure| f.is(GONE).then_some("the key is not known everywhere yet"),
            || async {
                cx.aws.kms().create_alias().alias_name(&name).target_key_id(plan.str("target_key_id")).send().await?;
                Ok(())
            },
        )
        .await?;
        made.id(&name);
        made.set(Attrs::new().str("name", name));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let name = prior.str("id");
        let answer = cx.aws.kms().describe_key().key_id(name).send().await.or_gone(GONE)?;
        let Some(key) = answer.and_then(|a| a.key_metadata) else { return Ok(None) };
        let arn = key.arn.unwrap_or_default();
        let owner = arn.rsplit_once(':').map(|(owner, _)| owner).unwrap_or_default();
        let attrs = Attrs::new()
            .str("id", name)
            .str("name", name)
            .opt("name_prefix", naming::prefix_of(name))
            .str("arn", format!("{owner}:{name}"))
            .str("target_key_id", key.key_id)
            .str("target_key_arn", &arn);
        Ok(Some(attrs))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.kms().update_alias().alias_name(prior.str("id"));
        call.target_key_id(plan.str("target_key_id")).send().await?;
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.kms().delete_alias().alias_name(prior.str("id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}
