//! `aws_sqs_queue`: a queue, standard or FIFO.

use super::attributes::{self, GONE, Live, QUEUE, REUSE_PERIOD};
use super::url;
use crate::lang::value::Value;
use crate::provider::Mirror;
use crate::provider::aws::attribute_map;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::naming;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use crate::provider::aws::wait::Look;
use async_trait::async_trait;

/// The type.
pub struct Queue;

const FIFO: &str = ".fifo";

#[async_trait(?Send)]
impl ResourceType for Queue {
    fn name(&self) -> &'static str {
        "aws_sqs_queue"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_sqs_queue.json")
    }

    fn mirrors(&self) -> &'static [Mirror] {
        &[
            Mirror { attribute: "policy", of: &["aws_sqs_queue_policy"] },
            Mirror { attribute: "redrive_policy", of: &["aws_sqs_queue_redrive_policy"] },
            Mirror { attribute: "redrive_allow_policy", of: &["aws_sqs_queue_redrive_allow_policy"] },
        ]
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: minutes(3), read: None, update: minutes(3), delete: minutes(3) }
    }

    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        matches!(path, "redrive_policy" | "redrive_allow_policy")
            && prior.as_str().zip(next.as_str()).is_some_and(|(a, b)| attributes::same_redrive(a, b))
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        change.name_or_prefix();
        check(change);
        predict_encryption(change);
        if !change.is_create() {
            return;
        }
        if let Some(name) = change.config.string("name") {
            change.set_some("arn", aws.arn("sqs", &name));
            if let Some(url) = url::predicted(aws, &name) {
                change.set_str("url", &url);
                change.set_str("id", url);
            }
        }
        if change.planned().known("fifo_queue") && !change.planned().bool("fifo_queue") {
            for name in ["deduplication_scope", "fifo_throughput_limit"] {
                if change.config.value(name).is_none_or(Value::is_null) {
                    change.set_str(name, "");
                }
            }
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let mut name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        if plan.bool("fifo_queue") && !name.ends_with(FIFO) {
            name.push_str(FIFO);
        }
        let wanted = wanted(cx, plan);
        let deleted = |f: &Failure| {
            f.is(&["QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"])
                .then_some("a queue of this name was deleted less than 60 s ago")
                .or_else(|| attributes::unknown_principal(f))
        };
        let tags = plan.string_map("tags_all").into_iter().collect::<std::collections::HashMap<_, _>>();
        let call = cx.aws.sqs().create_queue().queue_name(&name).set_attributes(Some(attributes::sdk(&wanted)));
        let call = call.set_tags(Some(tags).filter(|t| !t.is_empty()));
        let answer = cx.retry(cx.timeout / 2, deleted, || {
            let call = call.clone();
            async move { Ok(call.send().await?) }
        });
        let url = answer.await?.queue_url.unwrap_or_default();
        made.id(url.as_str());
        attributes::settled(cx, &url, &wanted).await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let name = url::name(id)?;
        let Some(live) = attributes::find(cx, id).await? else { return Ok(None) };
        let arn = live.get("QueueArn").map(String::as_str).unwrap_or_default();
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, id).await?,
        };
        let fifo = live.get("FifoQueue").is_some_and(|f| f == "true");
        let stem = if fifo { name.strip_suffix(FIFO).unwrap_or(name) } else { name };
        let mut attrs = attribute_map::read(QUEUE, &live)
            .str("id", id)
            .str("url", id)
            .str("name", name)
            .opt("name_prefix", naming::prefix_of(stem));
        let period = live.get("KmsDataKeyReusePeriodSeconds").and_then(|p| p.parse::<i64>().ok()).filter(|p| *p != 0);
        attrs = attrs.int("kms_data_key_reuse_period_seconds", Some(period.unwrap_or(REUSE_PERIOD)));
        if let Some(policy) = live.get("Policy").and_then(|p| normal_json(p)) {
            attrs = attrs.str("policy", policy);
        }
        // SQS shows the numbers of a redrive policy as it likes: the same policy stays as it was written.
        for (name, api) in [("redrive_policy", "RedrivePolicy"), ("redrive_allow_policy", "RedriveAllowPolicy")] {
            if let (Some(shown), Some(before)) = (live.get(api), prior.opt(name))
                && attributes::same_redrive(shown, before)
            {
                attrs = attrs.str(name, before);
            }
        }
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let url = prior.str("id");
        let changes = attribute_map::for_update(QUEUE, prior, plan).into_iter();
        let mut changes: Live = changes.map(|(row, value)| (row.api.to_owned(), value)).collect();
        // Follows from the key: SQS turns its own encryption off by itself.
        if cx.config.get("sqs_managed_sse_enabled").is_none_or(Value::is_null) {
            changes.remove("SqsManagedSseEnabled");
        }
        attributes::put(cx, url, &changes).await?;
        let change = TagChange::between(prior, plan);
        if !change.remove.is_empty() {
            cx.aws.sqs().untag_queue().queue_url(url).set_tag_keys(Some(change.remove)).send().await?;
        }
        if !change.set.is_empty() {
            let tags = change.set.into_iter().collect();
            cx.aws.sqs().tag_queue().queue_url(url).set_tags(Some(tags)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let url = prior.str("id");
        if cx.aws.sqs().delete_queue().queue_url(url).send().await.or_gone(GONE)?.is_none() {
            return Ok(());
        }
        cx.wait_until("the queue to go", cx.timeout, || async {
            Ok(match attributes::find(cx, url).await? {
                Some(_) => Look::NotYet("SQS still shows it".into()),
                None => Look::Done(()),
            })
        })
        .await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        url::name(id)?;
        Ok(Attrs::new().str("id", id))
    }
}

/// The attributes a new queue is given.
fn wanted(cx: &Cx<'_>, plan: &Obj<'_>) -> Live {
    let set = attribute_map::for_create(QUEUE, plan).into_iter();
    let mut set: Live = set.map(|(row, value)| (row.api.to_owned(), value)).collect();
    // Without a key there is nothing it could apply to; what follows from the key SQS sets by itself.
    if plan.opt("kms_master_key_id").is_none() {
        set.remove("KmsDataKeyReusePeriodSeconds");
    }
    match cx.config.get("sqs_managed_sse_enabled").and_then(Value::as_bool) {
        Some(wanted) => set.insert("SqsManagedSseEnabled".into(), wanted.to_string()),
        None => set.remove("SqsManagedSseEnabled"),
    };
    set
}

/// What SQS would refuse at apply.
fn check(change: &mut Change<'_>) {
    if !change.planned().known("fifo_queue") {
        return;
    }
    let fifo = change.planned().bool("fifo_queue");
    let name = change.config.string("name").filter(|_| change.is_create());
    if let Some(name) = name {
        let (part, longest) = if fifo { (name.strip_suffix(FIFO), 75) } else { (Some(name.as_str()), 80) };
        let fits = part.is_some_and(|p| {
            (1..=longest).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        });
        if !fits {
            let rule = if fifo {
                "up to 75 letters, digits, hyphens and underscores, then .fifo"
            } else {
                "up to 80 letters, digits, hyphens and underscores"
            };
            let detail = format!("invalid queue name: {name}. It must be {rule}.");
            change.checks.wrong("name", "Invalid queue name", detail);
        }
    }
    if !fifo && change.planned().bool("content_based_deduplication") {
        change.checks.wrong(
            "content_based_deduplication",
            "Only for FIFO queues",
            "content-based deduplication can only be set for FIFO queue: set fifo_queue = true.",
        );
    }
}

/// A queue has a key, or SQS's own encryption unless that is turned off; the reuse period belongs to the key.
fn predict_encryption(change: &mut Change<'_>) {
    if !change.planned().known("kms_master_key_id") {
        return;
    }
    let keyed = change.planned().opt("kms_master_key_id").is_some();
    let chosen = change.config.value("sqs_managed_sse_enabled").is_some_and(|v| !v.is_null());
    if !chosen && (change.is_create() || (keyed && change.changed("kms_master_key_id"))) {
        change.set("sqs_managed_sse_enabled", Value::bool(!keyed));
    }
    let period = "kms_data_key_reuse_period_seconds";
    let unset = change.config.value(period).is_none_or(Value::is_null);
    if !keyed && !change.is_create() {
        change.keep(period);
    } else if !keyed || (unset && change.is_create()) {
        change.set(period, Value::number(REUSE_PERIOD));
    }
}

/// A queue's tags.
pub async fn read_tags(cx: &Cx<'_>, url: &str) -> Outcome<Tags> {
    let answer = cx.aws.sqs().list_queue_tags().queue_url(url).send().await?;
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}
