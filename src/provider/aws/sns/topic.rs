//! `aws_sns_topic`: a topic, standard or FIFO.

use super::attributes::TOPIC;
use crate::provider::Mirror;
use crate::provider::aws::attribute_map::{self, Row};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::naming;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use crate::provider::aws::wait::{IAM_PROPAGATION, Look};
use crate::provider::aws::written::Guarded;
use async_trait::async_trait;
use aws_sdk_sns::types as t;
use std::collections::HashMap;

/// The type.
pub struct Topic;

const FIFO: &str = ".fifo";

#[async_trait(?Send)]
impl ResourceType for Topic {
    fn name(&self) -> &'static str {
        "aws_sns_topic"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_sns_topic.json")
    }

    fn mirrors(&self) -> &'static [Mirror] {
        &[Mirror { attribute: "policy", of: &["aws_sns_topic_policy"] }]
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        change.name_or_prefix();
        check(change);
        if !change.is_create() {
            return;
        }
        let name = change.config.string("name");
        if let Some(arn) = name.and_then(|name| aws.arn("sns", &name)) {
            change.set_str("arn", &arn);
            change.set_str("id", &arn);
        }
        change.set_some("owner", aws.account());
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let mut name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        if plan.bool("fifo_topic") && !name.ends_with(FIFO) {
            name.push_str(FIFO);
        }
        let mut sent = attribute_map::for_create(TOPIC, plan);
        let (at_once, later): (Vec<_>, Vec<_>) =
            sent.drain(..).partition(|(row, _)| matches!(row.name, "fifo_topic" | "fifo_throughput_scope"));
        let at_once: HashMap<_, _> = at_once.into_iter().map(|(row, value)| (row.api.to_owned(), value)).collect();
        let tags = sdk_tags(plan.string_map("tags_all"))?;
        let call = cx.aws.sns().create_topic().name(&name);
        let answer = call
            .set_attributes(Some(at_once).filter(|a| !a.is_empty()))
            .set_tags(Some(tags).filter(|t| !t.is_empty()))
            .send()
            .await?;
        let arn = answer.topic_arn.unwrap_or_default();
        made.id(arn.as_str());
        for (row, value) in later {
            put(cx, &arn, row, &value).await?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let arn = prior.str("id");
        let Some(live) = find(cx, arn).await? else { return Ok(None) };
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, arn).await?,
        };
        let name = arn.rsplit_once(':').map_or(arn, |(_, name)| name);
        let prefix = naming::prefix_of(name.strip_suffix(FIFO).unwrap_or(name));
        let mut attrs = attribute_map::read(TOPIC, &live).str("id", arn).str("name", name).opt("name_prefix", prefix);
        if let Some(policy) = live.get("Policy").and_then(|p| normal_json(p)) {
            attrs = attrs.str("policy", policy);
        }
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        for (row, value) in attribute_map::for_update(TOPIC, prior, plan) {
            put(cx, arn, row, &value).await?;
        }
        let change = TagChange::between(prior, plan);
        if !change.remove.is_empty() {
            cx.aws.sns().untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove)).send().await?;
        }
        if !change.set.is_empty() {
            cx.aws.sns().tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(change.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws
            .sns()
            .delete_topic()
            .topic_arn(prior.str("id"))
            .send()
            .await
            .or_gone(&["NotFound", "NotFoundException"])?;
        Ok(())
    }
}

/// What SNS would refuse at apply: names, and settings only FIFO topics have.
fn check(change: &mut Change<'_>) {
    let planned = change.planned();
    if !planned.known("fifo_topic") {
        return;
    }
    let fifo = planned.bool("fifo_topic");
    let scope = change.config.opt("fifo_throughput_scope").is_some();
    let (archive, dedup) = (planned.opt("archive_policy").is_some(), planned.bool("content_based_deduplication"));
    let name = change.config.string("name").filter(|_| change.is_create());
    if let Some(name) = name {
        let stem = name.strip_suffix(FIFO);
        let (part, longest) = if fifo { (stem, 251) } else { (Some(name.as_str()), 256) };
        let fits = part.is_some_and(|p| {
            (1..=longest).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        });
        if !fits {
            let rule = if fifo {
                "up to 251 letters, digits, hyphens and underscores, then .fifo"
            } else {
                "up to 256 letters, digits, hyphens and underscores"
            };
            change.checks.wrong(
                "name",
                "Invalid topic name",
                format!("invalid topic name: {name}. It must be {rule}."),
            );
        }
    }
    if fifo {
        return;
    }
    for (name, set, what) in [
        ("archive_policy", archive, "A message archive policy"),
        ("fifo_throughput_scope", scope, "A FIFO throughput scope"),
        ("content_based_deduplication", dedup, "Content-based deduplication"),
    ] {
        if set {
            change.checks.wrong(
                name,
                "Only for FIFO topics",
                format!("{what} can only be set for FIFO topics: set fifo_topic = true."),
            );
        }
    }
}

async fn put(cx: &Cx<'_>, arn: &str, row: Row, value: &str) -> Outcome<()> {
    match row.name {
        // There is no way to have no policy.
        "policy" if value.is_empty() => Ok(()),
        "policy" => put_policy(cx, arn, value).await,
        _ => put_attribute(cx, arn, row.api, value).await,
    }
}

/// Sets one attribute. What it names (a key, a role) may not be known everywhere yet.
pub async fn put_attribute(cx: &Cx<'_>, arn: &str, api: &str, value: &str) -> Outcome<()> {
    let passing = |failure: &Failure| {
        let denied = matches!(failure.code(), "AuthorizationError" | "AuthorizationErrorException")
            && (failure.message().contains("no identity-based policy allows")
                || failure.message().contains("is not authorized to perform"));
        let principal = matches!(failure.code(), "InvalidParameter" | "InvalidParameterException")
            && failure.message().to_ascii_lowercase().contains("principal");
        let role = matches!(failure.code(), "InvalidParameter" | "InvalidParameterException")
            && failure.message().contains("RoleArn");
        match () {
            () if denied => Some("SNS does not know the new permissions yet"),
            () if principal => Some("SNS does not know a principal of the policy yet"),
            () if role => Some("SNS does not know the role yet"),
            () => None,
        }
    };
    cx.retry(IAM_PROPAGATION, passing, || {
        let call = cx.aws.sns().set_topic_attributes().topic_arn(arn).attribute_name(api).attribute_value(value);
        async move { Ok(call.send().await?) }
    })
    .await?;
    Ok(())
}

/// A topic's attributes.
pub async fn find(cx: &Cx<'_>, arn: &str) -> Outcome<Option<HashMap<String, String>>> {
    let answer = cx.aws.sns().get_topic_attributes().topic_arn(arn).send().await;
    Ok(answer.or_gone(&["NotFound", "NotFoundException"])?.and_then(|a| a.attributes))
}

/// Sets the topic's policy and waits until SNS shows its principals: a new one appears as an internal id at first, which must not be
/// stored. One that was deleted stays so for ever; that is no error here.
pub async fn put_policy(cx: &Cx<'_>, arn: &str, policy: &str) -> Outcome<()> {
    put_attribute(cx, arn, "Policy", policy).await?;
    cx.aws.written().note(Guarded::Topic, arn, policy);
    let resolved = cx.wait_until("the topic's policy", IAM_PROPAGATION.min(cx.timeout), || async {
        let live = find(cx, arn).await?;
        Ok(match live.as_ref().and_then(|a| a.get("Policy")).and_then(|p| internal_principal(p)) {
            Some(id) => Look::NotYet(format!("principal {id} is not resolved yet")),
            None => Look::Done(()),
        })
    });
    match resolved.await {
        Err(failure @ Failure::Call(_)) => Err(failure),
        _ => Ok(()),
    }
}

/// The first AWS principal that is neither `*`, an account nor an ARN.
fn internal_principal(policy: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(policy).ok()?;
    let statements = match json.get("Statement")? {
        serde_json::Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let principals = statements.iter().filter_map(|s| s.get("Principal")?.get("AWS").cloned());
    let texts = principals.flat_map(|p| match p {
        serde_json::Value::Array(items) => items,
        one => vec![one],
    });
    let odd = |p: &str| p != "*" && !p.starts_with("arn:") && !(p.len() == 12 && p.bytes().all(|b| b.is_ascii_digit()));
    texts.filter_map(|t| t.as_str().map(str::to_owned)).find(|p| odd(p))
}

fn sdk_tags(tags: Tags) -> Outcome<Vec<t::Tag>> {
    Ok(tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<_, _>>()?)
}

/// A topic's tags.
pub async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let answer = cx.aws.sns().list_tags_for_resource().resource_arn(arn).send().await?;
    Ok(answer.tags().iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect())
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
    fn internal_ids_are_told_from_principals() {
        let policy = |p: &str| format!(r#"{{"Statement":[{{"Principal":{{"AWS":{p}}}}}]}}"#);
        assert_eq!(internal_principal(&policy(r#"["*","123456789012","arn:aws:iam::123456789012:root"]"#)), None);
        assert_eq!(internal_principal(&policy(r#""AROAXYZ""#)), Some("AROAXYZ".into()));
    }
}
