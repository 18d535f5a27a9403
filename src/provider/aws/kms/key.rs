//! `aws_kms_key`. Its id is the key id, a UUID.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::equivalence::normal_json;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType, Timeouts};
use super::super::tags::{TagChange, Tags};
use super::super::wait::{IAM_PROPAGATION, Look, propagating};
use super::super::written::Guarded;
use super::GONE;
use crate::domain::policy::equivalent;
use crate::lang::value::Value;
use async_trait::async_trait;
use aws_sdk_kms::types::{KeyMetadata, KeySpec, KeyState, KeyUsageType, OriginType, Tag};
use std::time::Duration;

pub struct Key;

/// The one policy a key has.
const POLICY_NAME: &str = "default";
/// Days until deletion when the configuration does not say.
const DELETION_WINDOW: i32 = 30;

fn tag_list(tags: &Tags) -> Outcome<Vec<Tag>> {
    tags.iter().map(|(k, v)| Ok(Tag::builder().tag_key(k).tag_value(v).build()?)).collect()
}

fn not_visible(failure: &Failure) -> Option<&'static str> {
    failure.is(GONE).then_some("the key is not known everywhere yet")
}

#[async_trait(?Send)]
impl ResourceType for Key {
    fn name(&self) -> &'static str {
        "aws_kms_key"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_kms_key.json")
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: Some(Duration::from_secs(120)), ..Timeouts::default() }
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if config.str("description").chars().count() > 8192 {
            checks.wrong("description", "expected length of description to be in the range (0 - 8192)", "");
        }
        if config.int("rotation_period_in_days").is_some()
            && config.known("enable_key_rotation")
            && config.opt_bool("enable_key_rotation").is_none()
        {
            let detail =
                "\"rotation_period_in_days\": all of `enable_key_rotation,rotation_period_in_days` must be specified";
            checks.wrong("rotation_period_in_days", "Missing required argument", detail);
        }
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            // AWS chooses the period anew when rotation is switched.
            if change.changed("enable_key_rotation") && change.config.int("rotation_period_in_days").is_none() {
                change.unknown("rotation_period_in_days");
            }
            return;
        }
        if change.config.known("multi_region") && change.config.opt_bool("multi_region").is_none() {
            change.set("multi_region", Value::bool(false));
        }
        if change.config.known("description") && change.config.opt("description").is_none() {
            change.set_str("description", "");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let tags = tag_list(&plan.string_map("tags_all"))?;
        let origin = match (plan.opt("xks_key_id"), plan.opt("custom_key_store_id")) {
            (Some(_), _) => Some(OriginType::ExternalKeyStore),
            (None, Some(_)) => Some(OriginType::AwsCloudhsm),
            (None, None) => None,
        };
        let answer = cx
            .retry(IAM_PROPAGATION, propagating, || async {
                let call = cx
                    .aws
                    .kms()
                    .create_key()
                    .bypass_policy_lockout_safety_check(plan.bool("bypass_policy_lockout_safety_check"))
                    .key_usage(KeyUsageType::from(plan.str("key_usage")))
                    .key_spec(KeySpec::from(plan.str("customer_master_key_spec")))
                    .set_origin(origin.clone())
                    .set_custom_key_store_id(plan.string("custom_key_store_id"))
                    .set_xks_key_id(plan.string("xks_key_id"))
                    .set_description(plan.string("description"))
                    .set_multi_region(plan.opt_bool("multi_region").filter(|m| *m))
                    .set_policy(plan.string("policy"))
                    .set_tags(Some(tags.clone()).filter(|t| !t.is_empty()));
                Ok(call.send().await?)
            })
            .await?;
        let id = answer.key_metadata.map(|k| k.key_id).unwrap_or_default();
        made.id(&id);
        made.set(Attrs::new().str("key_id", &id));
        if let Some(policy) = plan.opt("policy") {
            cx.aws.written().note(Guarded::Key, &id, policy);
        }
        if plan.bool("enable_key_rotation") {
            set_rotation(cx, &id, plan).await?;
        }
        if !plan.bool("is_enabled") {
            enable(cx, &id, false).await?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (kms, id) = (cx.aws.kms(), prior.str("id"));
        let Some(key) = describe(cx, id).await? else { return Ok(None) };
        let policy = async {
            let answer = kms.get_key_policy().key_id(id).policy_name(POLICY_NAME).send().await.or_gone(GONE)?;
            Ok::<_, Failure>(answer.and_then(|a| a.policy))
        };
        let rotation = async {
            let cannot = ["UnsupportedOperationException", "KMSInvalidStateException", "NotFoundException"];
            kms.get_key_rotation_status().key_id(id).send().await.or_gone(&cannot)
        };
        let (policy, rotation, tags) = futures::try_join!(policy, rotation, tags(cx, id))?;
        let enabled = rotation.as_ref().is_some_and(|r| r.key_rotation_enabled);
        let attrs = Attrs::new()
            .str("id", &key.key_id)
            .opt("arn", key.arn)
            .opt("custom_key_store_id", key.custom_key_store_id)
            .opt("customer_master_key_spec", key.key_spec.map(|s| s.as_str().to_owned()))
            .opt("description", key.description)
            .bool("enable_key_rotation", enabled)
            .bool("is_enabled", key.enabled)
            .str("key_id", key.key_id)
            .opt("key_usage", key.key_usage.map(|u| u.as_str().to_owned()))
            .bool("multi_region", key.multi_region)
            .opt("policy", policy.map(|p| normal_json(&p).unwrap_or(p)))
            .int("rotation_period_in_days", rotation.and_then(|r| r.rotation_period_in_days))
            .opt("xks_key_id", key.xks_key_configuration.and_then(|x| x.id));
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (kms, id) = (cx.aws.kms(), prior.str("id"));
        let switch = plan.differs(prior, "is_enabled");
        // A disabled key takes no other change: switch it on first and off last.
        if switch && plan.bool("is_enabled") {
            enable(cx, id, true).await?;
        }
        if plan.differs_any(prior, &["enable_key_rotation", "rotation_period_in_days"]) {
            set_rotation(cx, id, plan).await?;
        }
        if plan.differs(prior, "description") {
            kms.update_key_description().key_id(id).description(plan.str("description")).send().await?;
        }
        if plan.differs(prior, "policy") {
            put_policy(cx, id, plan).await?;
        }
        if switch && !plan.bool("is_enabled") {
            enable(cx, id, false).await?;
        }
        let tags = TagChange::between(prior, plan);
        if !tags.remove.is_empty() {
            kms.untag_resource().key_id(id).set_tag_keys(Some(tags.remove)).send().await?;
        }
        if !tags.set.is_empty() {
            kms.tag_resource().key_id(id).set_tags(Some(tag_list(&tags.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let id = prior.str("id");
        let days = prior.int32("deletion_window_in_days").filter(|d| *d > 0).unwrap_or(DELETION_WINDOW);
        let call = cx.aws.kms().schedule_key_deletion().key_id(id).pending_window_in_days(days);
        match call.send().await.or_gone(GONE) {
            Err(failure) if failure.says("KMSInvalidStateException", "is pending deletion") => return Ok(()),
            other => other?,
        };
        cx.wait_until("the key's deletion to be scheduled", Duration::from_secs(120), || async {
            Ok(match describe(cx, id).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("AWS still shows the key as usable".into()),
            })
        })
        .await
    }
}

/// The key; `None` when there is none or it waits for its deletion.
async fn describe(cx: &Cx<'_>, id: &str) -> Outcome<Option<KeyMetadata>> {
    let answer = cx.aws.kms().describe_key().key_id(id).send().await.or_gone(GONE)?;
    let key = answer.and_then(|a| a.key_metadata);
    Ok(key.filter(|k| !matches!(k.key_state, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))))
}

async fn tags(cx: &Cx<'_>, id: &str) -> Outcome<Tags> {
    let mut pages = cx.aws.kms().list_resource_tags().key_id(id).into_paginator().items().send();
    let mut tags = Tags::new();
    while let Some(Some(tag)) = pages.try_next().await.or_gone(GONE)? {
        tags.insert(tag.tag_key, tag.tag_value);
    }
    Ok(tags)
}

async fn enable(cx: &Cx<'_>, id: &str, on: bool) -> Outcome<()> {
    cx.retry(IAM_PROPAGATION, not_visible, || async {
        if on {
            cx.aws.kms().enable_key().key_id(id).send().await?;
        } else {
            cx.aws.kms().disable_key().key_id(id).send().await?;
        }
        Ok(())
    })
    .await
}

async fn set_rotation(cx: &Cx<'_>, id: &str, plan: &Obj<'_>) -> Outcome<()> {
    let passing = |f: &Failure| {
        not_visible(f).or_else(|| f.is(&["DisabledException"]).then_some("the key is not enabled everywhere yet"))
    };
    cx.retry(IAM_PROPAGATION, passing, || async {
        if plan.bool("enable_key_rotation") {
            let days = plan.int32("rotation_period_in_days").filter(|d| *d > 0);
            cx.aws.kms().enable_key_rotation().key_id(id).set_rotation_period_in_days(days).send().await?;
        } else {
            cx.aws.kms().disable_key_rotation().key_id(id).send().await?;
        }
        Ok(())
    })
    .await
}

async fn put_policy(cx: &Cx<'_>, id: &str, plan: &Obj<'_>) -> Outcome<()> {
    let (kms, policy) = (cx.aws.kms(), plan.str("policy"));
    let passing = |f: &Failure| propagating(f).or_else(|| not_visible(f));
    cx.retry(IAM_PROPAGATION, passing, || async {
        let call = kms.put_key_policy().key_id(id).policy_name(POLICY_NAME).policy(policy);
        call.bypass_policy_lockout_safety_check(plan.bool("bypass_policy_lockout_safety_check")).send().await?;
        Ok(())
    })
    .await?;
    cx.aws.written().note(Guarded::Key, id, policy);
    cx.wait_until("the key policy to be in force", IAM_PROPAGATION, || async {
        let now = kms.get_key_policy().key_id(id).policy_name(POLICY_NAME).send().await?.policy;
        Ok(match now {
            Some(now) if equivalent(&now, policy) => Look::Done(()),
            _ => Look::NotYet("AWS still shows the old one".into()),
        })
    })
    .await
}
