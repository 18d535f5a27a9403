//! `aws_codestarconnections_connection`: a connection to a Git host. It starts PENDING; a person completes it in the console.

use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use async_trait::async_trait;
use aws_sdk_codestarconnections::types as t;

/// The type.
pub struct Connection;

#[async_trait(?Send)]
impl ResourceType for Connection {
    fn name(&self) -> &'static str {
        "aws_codestarconnections_connection"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codestarconnections_connection.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            change.set_str("connection_status", "PENDING");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let call = cx.aws.codestar().create_connection().connection_name(plan.str("name"));
        let tags = sdk_tags(plan.string_map("tags_all"))?;
        let answer = call
            .set_host_arn(plan.string("host_arn"))
            .set_provider_type(plan.opt("provider_type").map(t::ProviderType::from))
            .set_tags(Some(tags).filter(|t| !t.is_empty()))
            .send()
            .await?;
        made.id(answer.connection_arn());
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let arn = prior.str("id");
        let live = match cx.aws.bulk::<Answers<t::Connection>>().take(arn) {
            Some(known) => known,
            None => {
                let call = cx.aws.codestar().get_connection().connection_arn(arn);
                call.send().await.or_gone(&["ResourceNotFoundException"])?.and_then(|f| f.connection)
            }
        };
        let Some(live) = live else { return Ok(None) };
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, arn).await?,
        };
        Ok(Some(cx.aws.with_tags(attributes(&live), tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let change = TagChange::between(prior, plan);
        let (client, arn) = (cx.aws.codestar(), prior.str("id"));
        if !change.remove.is_empty() {
            client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove.clone())).send().await?;
        }
        if !change.set.is_empty() {
            client.tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(change.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codestar().delete_connection().connection_arn(prior.str("id"));
        call.send().await.or_gone(&["ResourceNotFoundException"])?;
        Ok(())
    }
}

/// A live connection's attributes.
pub fn attributes(live: &t::Connection) -> Attrs {
    Attrs::new()
        .opt("id", live.connection_arn())
        .opt("arn", live.connection_arn())
        .opt("name", live.connection_name())
        .opt("host_arn", live.host_arn())
        .opt("provider_type", live.provider_type().map(t::ProviderType::as_str))
        .opt("connection_status", live.connection_status().map(t::ConnectionStatus::as_str))
}

fn sdk_tags(tags: Tags) -> Outcome<Vec<t::Tag>> {
    Ok(tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<_, _>>()?)
}

/// A connection's tags.
pub async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let answer = cx.aws.codestar().list_tags_for_resource().resource_arn(arn).send().await?;
    Ok(answer.tags().iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect())
}
