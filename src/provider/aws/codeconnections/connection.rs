//! `aws_codeconnections_connection`: a connection to a Git host, the successor of `aws_codestarconnections_connection`. It starts PENDING;
//! a person completes it in the console.

use super::{GONE, tags};
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::{Absent, Attrs};
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use crate::provider::aws::tags::TagChange;
use crate::provider::aws::wait::Look;
use async_trait::async_trait;
use aws_sdk_codeconnections::types as t;

/// The type.
pub struct Connection;

#[async_trait(?Send)]
impl ResourceType for Connection {
    fn name(&self) -> &'static str {
        "aws_codeconnections_connection"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codeconnections_connection.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: minutes(30), update: minutes(30), delete: minutes(30), ..Timeouts::default() }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            change.set_str("connection_status", "PENDING");
            change.set_some("owner_account_id", aws.account());
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let tags = tags::sdk(plan.string_map("tags_all"))?;
        let call = cx.aws.codeconnections().create_connection().connection_name(plan.str("name"));
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
            None => find(cx, arn).await?,
        };
        let Some(live) = live else { return Ok(None) };
        let tags = tags::read(cx, arn, prior).await?;
        Ok(Some(cx.aws.with_tags(attributes(&live), tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        tags::write(cx, prior.str("id"), TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        let deleted = cx.aws.codeconnections().delete_connection().connection_arn(arn).send().await.or_gone(GONE)?;
        if deleted.is_none() {
            return Ok(());
        }
        cx.wait_until("the connection to be deleted", cx.timeout, || async {
            Ok(match find(cx, arn).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("it is still there".into()),
            })
        })
        .await
    }
}

async fn find(cx: &Cx<'_>, arn: &str) -> Outcome<Option<t::Connection>> {
    let found = cx.aws.codeconnections().get_connection().connection_arn(arn).send().await.or_gone(GONE)?;
    Ok(found.and_then(|f| f.connection))
}

fn attributes(live: &t::Connection) -> Attrs {
    Attrs::new()
        .opt("id", live.connection_arn())
        .opt("arn", live.connection_arn())
        .opt("name", live.connection_name())
        .opt("host_arn", live.host_arn())
        .opt("owner_account_id", live.owner_account_id())
        .opt("provider_type", live.provider_type().map(t::ProviderType::as_str))
        .opt("connection_status", live.connection_status().map(t::ConnectionStatus::as_str))
}
