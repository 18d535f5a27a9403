//! Targets of notification rules. AWS makes one when a rule first names it and keeps it when the last rule lets go of it: so those that
//! no rule uses any more are deleted.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::Cx;
use aws_sdk_codestarnotifications::types as t;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a rule's subscription may outlive the rule (the window the original provider allows).
const SUBSCRIPTION_GONE: Duration = Duration::from_secs(30);

/// As the SDK takes them.
pub fn expand(plan: &Obj<'_>) -> Vec<t::Target> {
    let one = |target: Obj<'_>| {
        t::Target::builder().set_target_address(target.string("address")).set_target_type(target.string("type")).build()
    };
    plan.blocks("target").into_iter().map(one).collect()
}

/// A target's attributes.
pub fn flatten(live: &t::TargetSummary) -> Attrs {
    Attrs::new()
        .opt("address", live.target_address())
        .opt("type", live.target_type())
        .opt("status", live.target_status().map(t::TargetStatus::as_str))
}

/// Where a rule sends to, with the kind of each.
pub fn addresses(object: &Obj<'_>) -> BTreeSet<(String, String)> {
    let targets = object.blocks("target");
    targets.iter().map(|t| (t.str("address").to_owned(), t.str("type").to_owned())).collect()
}

/// Deletes those of the targets a rule let go of that no other rule uses.
pub async fn clean_up<'a>(
    cx: &Cx<'_>,
    rule: &str,
    left: impl IntoIterator<Item = &'a (String, String)>,
) -> Outcome<()> {
    for (address, _) in left {
        if another_uses(cx, rule, address).await {
            continue;
        }
        let deleted = cx.retry(SUBSCRIPTION_GONE.min(cx.timeout), still_subscribed, || {
            let call = cx.aws.notifications().delete_target().target_address(address).force_unsubscribe_all(false);
            async move { Ok(call.send().await?) }
        });
        match deleted.await {
            Ok(_) => {}
            // Another rule began to use it meanwhile.
            Err(failure) if still_subscribed(&failure).is_some() => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

fn still_subscribed(failure: &Failure) -> Option<&'static str> {
    failure
        .says("ValidationException", "subscribed to one or more notification rules")
        .then_some("the target is still subscribed")
}

/// Whether another rule names this target; no when that cannot be told, for then the delete itself tells.
async fn another_uses(cx: &Cx<'_>, rule: &str, address: &str) -> bool {
    let filter = t::ListNotificationRulesFilter::builder()
        .name(t::ListNotificationRulesFilterName::TargetAddress)
        .value(address)
        .build();
    let Ok(filter) = filter else { return false };
    let listed = cx.aws.notifications().list_notification_rules().filters(filter).send().await;
    let listed = listed.map(|page| page.notification_rules.unwrap_or_default()).unwrap_or_default();
    listed.iter().any(|other| other.arn() != Some(rule))
}
