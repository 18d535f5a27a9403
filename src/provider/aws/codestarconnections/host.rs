//! `aws_codestarconnections_host`: where a self-managed Git provider runs. It starts PENDING; a person completes it in the console.

use crate::diagnostics::Diagnostic;
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use crate::provider::aws::wait::Look;
use async_trait::async_trait;
use aws_sdk_codestarconnections::types as t;

/// The type.
pub struct Host;

const GONE: &[&str] = &["ResourceNotFoundException"];

#[async_trait(?Send)]
impl ResourceType for Host {
    fn name(&self) -> &'static str {
        "aws_codestarconnections_host"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codestarconnections_host.json")
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: minutes(30), update: minutes(30), delete: minutes(30), ..Timeouts::default() }
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            change.set_str("status", "PENDING");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let answer = cx
            .aws
            .codestar()
            .create_host()
            .name(plan.str("name"))
            .provider_endpoint(plan.str("provider_endpoint"))
            .provider_type(plan.str("provider_type").into())
            .set_vpc_configuration(vpc(plan)?)
            .send()
            .await?;
        let arn = answer.host_arn.unwrap_or_default();
        made.id(arn.as_str());
        settled(cx, &arn).await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let arn = prior.str("id");
        let live = match cx.aws.bulk::<Answers<t::Host>>().take(arn) {
            Some(known) => known,
            None => find(cx, arn).await?,
        };
        Ok(live.map(|live| attributes(&live).str("id", arn).str("arn", arn)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if !plan.differs_any(prior, &["provider_endpoint", "vpc_configuration"]) {
            return Ok(());
        }
        let arn = prior.str("id");
        let call = cx.aws.codestar().update_host().host_arn(arn).provider_endpoint(plan.str("provider_endpoint"));
        call.set_vpc_configuration(vpc(plan)?).send().await?;
        settled(cx, arn).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.codestar().delete_host().host_arn(prior.str("id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}

/// Waits until the host's network is set up.
async fn settled(cx: &Cx<'_>, arn: &str) -> Outcome<()> {
    cx.wait_until("the host's network to be set up", cx.timeout, || async {
        let Some(host) = find(cx, arn).await? else { return Ok(Look::NotYet("AWS does not show it yet".into())) };
        match host.status().unwrap_or_default() {
            "AVAILABLE" | "PENDING" => Ok(Look::Done(())),
            status if status.ends_with("_FAILED_INITIALIZATION") => Err(Diagnostic::error(
                "The host's network could not be set up",
                format!("Host {:?} is {status}.", host.name().unwrap_or_default()),
            )
            .hint("Check the VPC, its subnets and security groups: they must reach provider_endpoint.")
            .into()),
            status => Ok(Look::NotYet(format!("it is {status}"))),
        }
    })
    .await
}

async fn find(cx: &Cx<'_>, arn: &str) -> Outcome<Option<t::Host>> {
    let found = cx.aws.codestar().get_host().host_arn(arn).send().await.or_gone(GONE)?;
    Ok(found.map(|host| {
        t::Host::builder()
            .host_arn(arn)
            .set_name(host.name)
            .set_status(host.status)
            .set_provider_type(host.provider_type)
            .set_provider_endpoint(host.provider_endpoint)
            .set_vpc_configuration(host.vpc_configuration)
            .build()
    }))
}

fn vpc(plan: &Obj<'_>) -> Outcome<Option<t::VpcConfiguration>> {
    let Some(block) = plan.block("vpc_configuration") else { return Ok(None) };
    Ok(Some(
        t::VpcConfiguration::builder()
            .vpc_id(block.str("vpc_id"))
            .set_subnet_ids(Some(block.strings("subnet_ids")))
            .set_security_group_ids(Some(block.strings("security_group_ids")))
            .set_tls_certificate(block.string("tls_certificate"))
            .build()?,
    ))
}

fn attributes(live: &t::Host) -> Attrs {
    let vpc = live.vpc_configuration().map(|v| {
        Attrs::new()
            .str("vpc_id", v.vpc_id())
            .strings("subnet_ids", v.subnet_ids())
            .strings("security_group_ids", v.security_group_ids())
            .opt("tls_certificate", v.tls_certificate())
    });
    Attrs::new()
        .opt("name", live.name())
        .opt("provider_endpoint", live.provider_endpoint())
        .opt("provider_type", live.provider_type().map(t::ProviderType::as_str))
        .opt("status", live.status())
        .block("vpc_configuration", vpc)
}
