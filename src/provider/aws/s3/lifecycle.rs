//! `aws_s3_bucket_lifecycle_configuration`.
//!
//! The original provider polls after each write until ten answers in a row agree, some 50 seconds; here the first agreeing answer ends
//! the wait, and a time-out tells what differs.

use super::super::attrs::{Absent, Attrs};
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use super::super::wait::Look;
use super::calls::{self, PATIENCE, named, predict_id, remove, split, write};
use super::lifecycle_rules::{self as rules, meaning};
use async_trait::async_trait;
use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;
use aws_sdk_s3::types::{BucketLifecycleConfiguration, TransitionDefaultMinimumObjectSize};
use std::time::Duration;

pub struct Lifecycle;

const GONE: &[&str] = &["NoSuchLifecycleConfiguration", "NoSuchBucket", "NotFound"];
const MINIMUM: &str = "transition_default_minimum_object_size";

async fn get(cx: &Cx<'_>, bucket: &str, owner: Option<&str>) -> Outcome<Option<GetBucketLifecycleConfigurationOutput>> {
    let call = cx.aws.s3().get_bucket_lifecycle_configuration().bucket(bucket);
    call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await.or_gone(GONE)
}

async fn put(cx: &Cx<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let id = calls::id(plan);
    let (bucket, owner) = split(&id);
    let wanted = rules::wanted(&plan.blocks("rule"))?;
    let config = BucketLifecycleConfiguration::builder().set_rules(Some(wanted.clone())).build()?;
    let minimum = plan.opt(MINIMUM).map(TransitionDefaultMinimumObjectSize::from);
    write(cx, bucket, || async {
        let call = cx.aws.s3().put_bucket_lifecycle_configuration().bucket(bucket);
        let call = call.set_expected_bucket_owner(owner.map(str::to_owned));
        let call = call.set_transition_default_minimum_object_size(minimum.clone());
        call.lifecycle_configuration(config.clone()).send().await?;
        Ok(())
    })
    .await?;
    let want = meaning(&wanted);
    let timeout = cx.timeout.max(Duration::from_secs(10));
    cx.wait_until("the lifecycle configuration to be in force", timeout, || async {
        let Some(now) = get(cx, bucket, owner).await? else {
            return Ok(Look::NotYet("S3 does not show it yet".into()));
        };
        let got = meaning(now.rules());
        if got == want {
            return Ok(Look::Done(()));
        }
        let missing: Vec<&str> = want.difference(&got).map(String::as_str).collect();
        let extra: Vec<&str> = got.difference(&want).map(String::as_str).collect();
        Ok(Look::NotYet(format!("S3 shows another one; wanted [{}], got [{}]", missing.join("; "), extra.join("; "))))
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Lifecycle {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_lifecycle_configuration"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_lifecycle_configuration.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: minutes(3), update: minutes(3), ..Timeouts::default() }
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if config.value("rule").is_some_and(|r| r.elements().is_some_and(<[_]>::is_empty)) {
            checks.wrong("rule", "Missing rule", "At least one `rule` block is required.");
        }
        for (i, rule) in config.blocks("rule").iter().enumerate() {
            if rule.has("prefix") && rule.has("filter") {
                let detail = format!(
                    "2 attributes specified when one (and only one) of [rule[{i}].filter,rule[{i}].prefix] is required"
                );
                checks.wrong("rule", "Invalid Attribute Combination", detail);
            }
            let Some(filter) = rule.block("filter") else { continue };
            let names = ["and", "object_size_greater_than", "object_size_less_than", "prefix", "tag"];
            let set: Vec<&str> = names.into_iter().filter(|n| filter.has(n)).collect();
            if set.len() > 1 {
                let detail = format!(
                    "Only one of {} may stand in rule[{i}].filter; put several into an `and` block.",
                    set.join(", ")
                );
                checks.wrong("rule", "Invalid Attribute Combination", detail);
            }
        }
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        predict_id(change);
        if let Some(config) = change.config.value("rule") {
            let planned = rules::planned(config);
            change.set("rule", planned);
        }
        if change.is_create()
            && change.config.known("expected_bucket_owner")
            && change.config.opt("expected_bucket_owner").is_none()
        {
            change.set_str("expected_bucket_owner", "");
            predict_id(change);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        made.id(calls::id(plan));
        match put(cx, plan).await {
            // Nothing was written: there is nothing to remember.
            Err(failure @ Failure::Call(_)) => {
                *made = Made::default();
                Err(failure)
            }
            other => other,
        }
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let (bucket, owner) = split(id);
        let Some(found) = get(cx, bucket, owner).await? else { return Ok(None) };
        let mut attrs =
            Attrs::new().str("id", id).str("bucket", bucket).str("expected_bucket_owner", owner.unwrap_or_default());
        if let Some(minimum) = &found.transition_default_minimum_object_size {
            attrs = attrs.str(MINIMUM, minimum.as_str());
        }
        let now = found.rules.unwrap_or_default();
        let before = rules::wanted(&prior.blocks("rule")).map(|r| meaning(&r)).unwrap_or_default();
        if before != meaning(&now) {
            attrs = attrs.blocks("rule", rules::shown(now));
        }
        Ok(Some(attrs))
    }

    async fn update(&self, cx: &Cx<'_>, _prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (bucket, owner) = split(prior.str("id"));
        remove(cx, bucket, || async {
            let call = cx.aws.s3().delete_bucket_lifecycle().bucket(bucket);
            call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await?;
        cx.wait_until("the lifecycle configuration to be gone", PATIENCE, || async {
            Ok(match get(cx, bucket, owner).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("S3 still shows it".into()),
            })
        })
        .await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(named(id))
    }

    /// Version 0 kept some numbers as text, empty when unset.
    fn upgrade(&self, _version: u64, mut attributes: serde_json::Value) -> serde_json::Value {
        fn walk(json: &mut serde_json::Value) {
            match json {
                serde_json::Value::Array(items) => items.iter_mut().for_each(walk),
                serde_json::Value::Object(fields) => {
                    for (name, value) in fields.iter_mut() {
                        let number =
                            name.starts_with("object_size_") || name == "newer_noncurrent_versions" || name == "date";
                        if number && value.as_str() == Some("") {
                            *value = serde_json::Value::Null;
                        } else {
                            walk(value);
                        }
                    }
                }
                _ => {}
            }
        }
        walk(&mut attributes);
        attributes
    }
}
