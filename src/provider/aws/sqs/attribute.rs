//! `aws_sqs_queue_policy`, `aws_sqs_queue_redrive_policy` and `aws_sqs_queue_redrive_allow_policy`: one attribute of a queue, managed apart
//! from it.

use super::attributes::{self, GONE, Live, same_redrive};
use crate::lang::value::Value;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;
use serde_json::Value as Json;

/// A type that stands for one attribute.
pub struct OneAttribute {
    type_name: &'static str,
    schema: &'static str,
    /// Ours.
    attribute: &'static str,
    /// SQS's.
    api: &'static str,
}

/// `aws_sqs_queue_policy`.
pub static POLICY: OneAttribute = OneAttribute {
    type_name: "aws_sqs_queue_policy",
    schema: include_str!("../schema/aws_sqs_queue_policy.json"),
    attribute: "policy",
    api: "Policy",
};

/// `aws_sqs_queue_redrive_policy`.
pub static REDRIVE_POLICY: OneAttribute = OneAttribute {
    type_name: "aws_sqs_queue_redrive_policy",
    schema: include_str!("../schema/aws_sqs_queue_redrive_policy.json"),
    attribute: "redrive_policy",
    api: "RedrivePolicy",
};

/// `aws_sqs_queue_redrive_allow_policy`.
pub static REDRIVE_ALLOW_POLICY: OneAttribute = OneAttribute {
    type_name: "aws_sqs_queue_redrive_allow_policy",
    schema: include_str!("../schema/aws_sqs_queue_redrive_allow_policy.json"),
    attribute: "redrive_allow_policy",
    api: "RedriveAllowPolicy",
};

impl OneAttribute {
    async fn put(&self, cx: &Cx<'_>, url: &str, plan: &Obj<'_>) -> Outcome<()> {
        let text = normal_json(plan.str(self.attribute)).ok_or_else(|| {
            Failure::said("Invalid JSON", format!("`{}` must be a JSON document.", self.attribute))
                .attribute(self.attribute)
        })?;
        attributes::put(cx, url, &Live::from([(self.api.to_owned(), text)])).await
    }
}

#[async_trait(?Send)]
impl ResourceType for OneAttribute {
    fn name(&self) -> &'static str {
        self.type_name
    }

    fn schema(&self) -> &'static str {
        self.schema
    }

    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        path.starts_with("redrive") && prior.as_str().zip(next.as_str()).is_some_and(|(a, b)| same_redrive(a, b))
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            let url = change.planned().string("queue_url");
            change.set_some("id", url);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let url = plan.str("queue_url");
        self.put(cx, url, plan).await?;
        made.id(url);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let url = prior.str("id");
        let live = attributes::find(cx, url).await?;
        let Some(text) = live.and_then(|mut l| l.remove(self.api)).filter(|t| !t.is_empty()) else { return Ok(None) };
        let text = match prior.opt(self.attribute) {
            Some(before) if self.api != "Policy" && same_redrive(&text, before) => before.to_owned(),
            _ => normal_json(&text).unwrap_or(text),
        };
        Ok(Some(Attrs::new().str("id", url).str("queue_url", url).str(self.attribute, text)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        self.put(cx, prior.str("id"), plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let empty = Live::from([(self.api.to_owned(), String::new())]);
        match attributes::put(cx, prior.str("id"), &empty).await {
            Err(failure) if failure.is(GONE) => Ok(()),
            other => other,
        }
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        super::url::name(id)?;
        Ok(Attrs::new().str("id", id).str("queue_url", id))
    }

    /// Policies of version 0 had an id of their own.
    fn upgrade(&self, version: u64, mut attributes: Json) -> Json {
        if version == 0
            && let Some(url) = attributes.get("queue_url").cloned()
            && let Some(fields) = attributes.as_object_mut()
        {
            fields.insert("id".into(), url);
        }
        attributes
    }
}
