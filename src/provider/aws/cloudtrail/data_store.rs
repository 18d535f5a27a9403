//! `aws_cloudtrail_event_data_store`: keeps events for queries in CloudTrail Lake.

use super::selectors;
use super::tags::{read_tags, sdk_tags, write_tags};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use crate::provider::aws::tags::TagChange;
use crate::provider::aws::wait::Look;
use async_trait::async_trait;
use aws_sdk_cloudtrail::operation::get_event_data_store::GetEventDataStoreOutput;
use aws_sdk_cloudtrail::types as t;

/// The type.
pub struct DataStore;

/// What CloudTrail answers when there is no such store.
const GONE: &[&str] = &["EventDataStoreNotFoundException"];
/// Attributes an UpdateEventDataStore carries.
const DECLARED: &[&str] = &[
    "advanced_event_selector",
    "billing_mode",
    "multi_region_enabled",
    "organization_enabled",
    "retention_period",
    "termination_protection_enabled",
];

#[async_trait(?Send)]
impl ResourceType for DataStore {
    fn name(&self) -> &'static str {
        "aws_cloudtrail_event_data_store"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudtrail_event_data_store.json")
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: minutes(5), read: None, update: minutes(5), delete: minutes(5) }
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(text) = config.opt("suspend").filter(|text| go_bool(text).is_none()) {
            let summary = format!("suspend: cannot parse '{text}' as boolean");
            checks.wrong("suspend", summary, "Give true or false.");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let selectors = selectors::advanced(plan)?;
        let tags = sdk_tags(plan.string_map("tags_all"))?;
        let answer = cx
            .aws
            .cloudtrail()
            .create_event_data_store()
            .name(plan.str("name"))
            .set_billing_mode(plan.opt("billing_mode").map(t::BillingMode::from))
            .set_multi_region_enabled(plan.opt_bool("multi_region_enabled"))
            .set_organization_enabled(plan.opt_bool("organization_enabled"))
            .set_retention_period(plan.int32("retention_period"))
            .set_termination_protection_enabled(plan.opt_bool("termination_protection_enabled"))
            .set_advanced_event_selectors(Some(selectors).filter(|s| !s.is_empty()))
            .set_kms_key_id(plan.string("kms_key_id"))
            .set_start_ingestion(plan.opt("suspend").and_then(go_bool).map(|suspended| !suspended))
            .set_tags_list(Some(tags).filter(|t| !t.is_empty()))
            .send()
            .await?;
        let arn = answer.event_data_store_arn.unwrap_or_default();
        made.id(arn.as_str());
        use t::EventDataStoreStatus::{Enabled, StoppedIngestion};
        settled(cx, &arn, &[Enabled, StoppedIngestion]).await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let arn = prior.str("id");
        let Some(live) = find(cx, arn).await? else { return Ok(None) };
        let attrs = Attrs::new()
            .str("id", arn)
            .opt("arn", live.event_data_store_arn())
            .opt("name", live.name())
            .opt("billing_mode", live.billing_mode().map(t::BillingMode::as_str))
            .opt("kms_key_id", live.kms_key_id())
            .bool("multi_region_enabled", live.multi_region_enabled())
            .bool("organization_enabled", live.organization_enabled())
            .int("retention_period", live.retention_period())
            .bool("termination_protection_enabled", live.termination_protection_enabled())
            .blocks("advanced_event_selector", selectors::advanced_attrs(live.advanced_event_selectors()));
        let tags = read_tags(cx, arn).await?;
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        if plan.differs_any(prior, DECLARED) {
            let changed = |name: &str| plan.differs(prior, name);
            let flag = |name: &str| changed(name).then(|| plan.bool(name));
            let selectors = selectors::advanced(plan)?;
            cx.aws
                .cloudtrail()
                .update_event_data_store()
                .event_data_store(arn)
                .set_advanced_event_selectors(changed("advanced_event_selector").then_some(selectors))
                .set_billing_mode(
                    plan.opt("billing_mode").filter(|_| changed("billing_mode")).map(t::BillingMode::from),
                )
                .set_multi_region_enabled(flag("multi_region_enabled"))
                .set_organization_enabled(flag("organization_enabled"))
                .set_retention_period(plan.int32("retention_period").filter(|_| changed("retention_period")))
                .set_termination_protection_enabled(flag("termination_protection_enabled"))
                .send()
                .await?;
            use t::EventDataStoreStatus::{Enabled, StoppedIngestion};
            settled(cx, arn, &[Enabled, StoppedIngestion]).await?;
        }
        if plan.differs(prior, "suspend") {
            match plan.opt("suspend").and_then(go_bool) {
                Some(true) => {
                    cx.aws.cloudtrail().stop_event_data_store_ingestion().event_data_store(arn).send().await?;
                    settled(cx, arn, &[t::EventDataStoreStatus::StoppedIngestion]).await?;
                }
                Some(false) => {
                    cx.aws.cloudtrail().start_event_data_store_ingestion().event_data_store(arn).send().await?;
                    settled(cx, arn, &[t::EventDataStoreStatus::Enabled]).await?;
                }
                None => {}
            }
        }
        write_tags(cx, arn, TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        let deleted = cx.aws.cloudtrail().delete_event_data_store().event_data_store(arn).send().await;
        match deleted.map_err(Failure::from) {
            Ok(_) => {}
            // One that is already to be deleted cannot be deleted again.
            Err(failure) if failure.is(GONE) || failure.is(&["InactiveEventDataStoreException"]) => return Ok(()),
            Err(failure) if failure.is(&["EventDataStoreTerminationProtectedException"]) => {
                return Err(failure
                    .diagnostic("deleting the event data store")
                    .hint("Set termination_protection_enabled = false and apply before it is destroyed.")
                    .into());
            }
            Err(failure) => return Err(failure),
        }
        cx.wait_until("the event data store to go", cx.timeout, || async {
            Ok(match find(cx, arn).await? {
                Some(_) => Look::NotYet("CloudTrail still shows it".into()),
                None => Look::Done(()),
            })
        })
        .await
    }
}

/// A store; one that is kept for a week only because it was deleted is gone.
async fn find(cx: &Cx<'_>, arn: &str) -> Outcome<Option<GetEventDataStoreOutput>> {
    let answer = cx.aws.cloudtrail().get_event_data_store().event_data_store(arn).send().await.or_gone(GONE)?;
    Ok(answer.filter(|live| live.status() != Some(&t::EventDataStoreStatus::PendingDeletion)))
}

async fn settled(cx: &Cx<'_>, arn: &str, wanted: &[t::EventDataStoreStatus]) -> Outcome<()> {
    cx.wait_until("the event data store", cx.timeout, || async {
        let status = find(cx, arn).await?.and_then(|live| live.status().cloned());
        Ok(match status {
            Some(status) if wanted.contains(&status) => Look::Done(()),
            Some(status) => Look::NotYet(format!("it is {}", status.as_str())),
            None => Look::NotYet("CloudTrail does not show it yet".into()),
        })
    })
    .await
}

/// A truth value as Go's ParseBool reads it.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspend_takes_what_go_takes() {
        assert_eq!(go_bool("true"), Some(true));
        assert_eq!(go_bool("0"), Some(false));
        assert_eq!(go_bool("yes"), None);
    }
}
