//! `aws_secretsmanager_secret`: a secret without its value.

use super::{is_gone, replicas};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::naming;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tags::{TagChange, Tags};
use crate::provider::aws::wait::{IAM_PROPAGATION, Look};
use async_trait::async_trait;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretOutput;
use aws_sdk_secretsmanager::operation::create_secret::builders::CreateSecretFluentBuilder;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::Tag;
use std::time::{Duration, SystemTime};

/// The type.
pub struct Secret;

const GONE: &[&str] = &["ResourceNotFoundException"];

/// A secret deleted without a recovery window goes within this time.
const GOING: Duration = Duration::from_secs(60 * 60);

fn sdk_tags(tags: Tags) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> = tags.into_iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect();
    Some(tags).filter(|t| !t.is_empty())
}

/// The policy, unless it says nothing.
fn policy(plan: &Obj<'_>) -> Option<String> {
    let text = plan.opt("policy").filter(|p| !p.is_empty() && *p != "{}")?;
    Some(normal_json(text).unwrap_or_else(|| text.to_owned()))
}

/// An earlier secret of this name is not gone yet.
fn still_going(failure: &Failure) -> Option<&'static str> {
    let going = failure.says("InvalidRequestException", "scheduled for deletion")
        || failure.says("InvalidRequestException", "was deleted");
    going.then_some("an earlier secret of this name is being deleted")
}

/// Makes the secret; where an earlier one of its name waits for its recovery window to end, there is no use in trying again.
async fn make(cx: &Cx<'_>, name: &str, call: CreateSecretFluentBuilder) -> Outcome<CreateSecretOutput> {
    let failure = match call.send().await {
        Ok(made) => return Ok(made),
        Err(error) => Failure::from(error),
    };
    if still_going(&failure).is_none() {
        return Err(failure);
    }
    let earlier = cx.aws.secrets_manager().describe_secret().secret_id(name).send().await.or_gone(GONE)?;
    let goes = earlier.and_then(|e| e.deleted_date).and_then(|date| SystemTime::try_from(date).ok());
    match goes.filter(|goes| *goes > SystemTime::now() + GOING) {
        None => Err(failure),
        Some(_) => Err(failure
            .diagnostic(&cx.doing)
            .hint(format!(
                "A deleted secret keeps its name until its recovery window ends. Restore it (aws secretsmanager restore-secret --secret-id {name}) and import it, delete it for good (delete-secret --force-delete-without-recovery), or choose another name."
            ))
            .into()),
    }
}

async fn find(cx: &Cx<'_>, id: &str) -> Outcome<Option<DescribeSecretOutput>> {
    let found = cx.aws.secrets_manager().describe_secret().secret_id(id).send().await.or_gone(GONE)?;
    Ok(found.filter(|s| s.deleted_date.is_none()))
}

async fn put_policy(cx: &Cx<'_>, id: &str, text: &str) -> Outcome<()> {
    let unknown = |f: &Failure| {
        f.says("MalformedPolicyDocumentException", "unsupported principal")
            .then_some("a principal of the policy is not known everywhere yet")
    };
    cx.retry(IAM_PROPAGATION, unknown, || async {
        cx.aws.secrets_manager().put_resource_policy().secret_id(id).resource_policy(text).send().await?;
        Ok(())
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Secret {
    fn name(&self) -> &'static str {
        "aws_secretsmanager_secret"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_secretsmanager_secret.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(days) = config.int("recovery_window_in_days").filter(|d| *d != 0 && !(7..=30).contains(d)) {
            let detail = format!("It must be 0 (no recovery) or 7 to 30, not {days}.");
            checks.wrong("recovery_window_in_days", "Invalid recovery window", detail);
        }
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        change.name_or_prefix();
        if change.is_create() && change.config.known("policy") && change.config.opt("policy").is_none() {
            change.set_str("policy", "");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        let call = cx
            .aws
            .secrets_manager()
            .create_secret()
            .name(&name)
            .description(plan.str("description"))
            .force_overwrite_replica_secret(plan.bool("force_overwrite_replica_secret"))
            .set_kms_key_id(plan.string("kms_key_id"))
            .set_add_replica_regions(replicas::wanted(plan))
            .set_tags(sdk_tags(plan.string_map("tags_all")));
        let answer = cx.retry(IAM_PROPAGATION, still_going, || make(cx, &name, call.clone())).await?;
        let arn = answer.arn.unwrap_or_default();
        made.id(&arn);
        cx.wait_until("the new secret to be known", IAM_PROPAGATION, || async {
            Ok(match find(cx, &arn).await? {
                Some(_) => Look::Done(()),
                None => Look::NotYet("Secrets Manager does not show it yet".into()),
            })
        })
        .await?;
        match policy(plan) {
            Some(text) => put_policy(cx, &arn, &text).await,
            None => Ok(()),
        }
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let Some(found) = find(cx, id).await? else { return Ok(None) };
        let policy = cx.aws.secrets_manager().get_resource_policy().secret_id(id).send().await.or_gone(GONE)?;
        let policy = policy.and_then(|p| p.resource_policy).unwrap_or_default();
        let name = found.name().unwrap_or_default().to_owned();
        let tags = found.tags().iter().filter_map(|t| Some((t.key()?.to_owned(), t.value()?.to_owned()))).collect();
        let attrs = Attrs::new()
            .str("id", id)
            .opt("arn", found.arn())
            .opt("description", found.description())
            .opt("kms_key_id", found.kms_key_id())
            .str("name_prefix", naming::prefix_of(&name).unwrap_or_default())
            .str("name", name)
            .str("policy", normal_json(&policy).unwrap_or(policy))
            .blocks(replicas::REPLICA, replicas::shown(found.replication_status()));
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (client, id) = (cx.aws.secrets_manager(), prior.str("id"));
        if plan.differs(prior, replicas::REPLICA) {
            replicas::change(cx, id, prior, plan).await?;
        }
        if plan.differs_any(prior, &["description", "kms_key_id"]) {
            let call = client.update_secret().secret_id(id).description(plan.str("description"));
            call.set_kms_key_id(plan.string("kms_key_id")).send().await?;
        }
        if plan.differs(prior, "policy") {
            match policy(plan) {
                Some(text) => put_policy(cx, id, &text).await?,
                None => {
                    client.delete_resource_policy().secret_id(id).send().await?;
                }
            }
        }
        let change = TagChange::between(prior, plan);
        if !change.remove.is_empty() {
            client.untag_resource().secret_id(id).set_tag_keys(Some(change.remove)).send().await?;
        }
        if !change.set.is_empty() {
            client.tag_resource().secret_id(id).set_tags(sdk_tags(change.set)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let id = prior.str("id");
        replicas::remove_all(cx, id, prior).await?;
        let call = cx.aws.secrets_manager().delete_secret().secret_id(id);
        let call = match prior.int("recovery_window_in_days").unwrap_or(30) {
            0 => call.force_delete_without_recovery(true),
            days => call.recovery_window_in_days(days),
        };
        match call.send().await.map_err(Failure::from) {
            Err(failure) if !is_gone(&failure) => return Err(failure),
            _ => {}
        }
        cx.wait_until("the secret to be gone", IAM_PROPAGATION, || async {
            Ok(match find(cx, id).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("Secrets Manager still shows it".into()),
            })
        })
        .await
    }
}
