//! `aws_codedeploy_deployment_config`: how fast a deployment goes on, and how much must stay healthy meanwhile.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;
use aws_sdk_codedeploy::types as t;

/// The type.
pub struct DeploymentConfig;

const GONE: &[&str] = &["DeploymentConfigDoesNotExistException"];

#[async_trait(?Send)]
impl ResourceType for DeploymentConfig {
    fn name(&self) -> &'static str {
        "aws_codedeploy_deployment_config"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codedeploy_deployment_config.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        let name = change.config.string("deployment_config_name").filter(|_| change.is_create());
        if let Some(name) = name {
            change.set_some("arn", arn(aws, &name));
            change.set_str("id", name);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = plan.str("deployment_config_name");
        cx.aws
            .codedeploy()
            .create_deployment_config()
            .deployment_config_name(name)
            .set_compute_platform(plan.opt("compute_platform").map(Into::into))
            .set_minimum_healthy_hosts(plan.block("minimum_healthy_hosts").map(healthy))
            .set_traffic_routing_config(plan.block("traffic_routing_config").map(routing))
            .set_zonal_config(plan.block("zonal_config").map(zonal))
            .send()
            .await?;
        made.id(name);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.codedeploy().get_deployment_config().deployment_config_name(prior.str("id"));
        let found = call.send().await.or_gone(GONE)?.and_then(|f| f.deployment_config_info);
        Ok(found.map(|live| {
            let name = live.deployment_config_name().unwrap_or_default();
            attributes(&live).str("id", name).opt("arn", arn(cx.aws, name))
        }))
    }

    /// Every attribute needs a new object.
    async fn update(&self, _cx: &Cx<'_>, _prior: &Obj<'_>, _plan: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codedeploy().delete_deployment_config().deployment_config_name(prior.str("id"));
        call.send().await.or_gone(GONE)?;
        Ok(())
    }
}

fn arn(aws: &Aws, name: &str) -> Option<String> {
    aws.arn("codedeploy", &format!("deploymentconfig:{name}"))
}

fn healthy(block: Obj<'_>) -> t::MinimumHealthyHosts {
    t::MinimumHealthyHosts::builder()
        .set_type(block.opt("type").map(Into::into))
        .set_value(block.int32("value"))
        .build()
}

fn routing(block: Obj<'_>) -> t::TrafficRoutingConfig {
    let canary = block.block("time_based_canary").map(|b| {
        t::TimeBasedCanary::builder()
            .set_canary_interval(b.int32("interval"))
            .set_canary_percentage(b.int32("percentage"))
            .build()
    });
    let linear = block.block("time_based_linear").map(|b| {
        t::TimeBasedLinear::builder()
            .set_linear_interval(b.int32("interval"))
            .set_linear_percentage(b.int32("percentage"))
            .build()
    });
    t::TrafficRoutingConfig::builder()
        .set_type(block.opt("type").map(Into::into))
        .set_time_based_canary(canary)
        .set_time_based_linear(linear)
        .build()
}

fn zonal(block: Obj<'_>) -> t::ZonalConfig {
    let hosts = block.block("minimum_healthy_hosts_per_zone").map(|b| {
        t::MinimumHealthyHostsPerZone::builder()
            .set_type(b.opt("type").map(Into::into))
            .set_value(b.int32("value"))
            .build()
    });
    let seconds = |name: &str| block.int(name).filter(|n| *n != 0);
    t::ZonalConfig::builder()
        .set_first_zone_monitor_duration_in_seconds(seconds("first_zone_monitor_duration_in_seconds"))
        .set_monitor_duration_in_seconds(seconds("monitor_duration_in_seconds"))
        .set_minimum_healthy_hosts_per_zone(hosts)
        .build()
}

fn attributes(live: &t::DeploymentConfigInfo) -> Attrs {
    let healthy = live.minimum_healthy_hosts().map(|h| {
        Attrs::new().opt("type", h.r#type().map(t::MinimumHealthyHostsType::as_str)).int("value", Some(h.value()))
    });
    let routing = live.traffic_routing_config().map(|r| {
        let canary = r.time_based_canary().map(|c| {
            Attrs::new().int("interval", Some(c.canary_interval())).int("percentage", Some(c.canary_percentage()))
        });
        let linear = r.time_based_linear().map(|l| {
            Attrs::new().int("interval", Some(l.linear_interval())).int("percentage", Some(l.linear_percentage()))
        });
        Attrs::new()
            .opt("type", r.r#type().map(t::TrafficRoutingType::as_str))
            .block("time_based_canary", canary)
            .block("time_based_linear", linear)
    });
    let zonal = live.zonal_config().map(|z| {
        let hosts = z.minimum_healthy_hosts_per_zone().map(|h| {
            Attrs::new()
                .opt("type", h.r#type().map(t::MinimumHealthyHostsPerZoneType::as_str))
                .int("value", Some(h.value()))
        });
        Attrs::new()
            .int("first_zone_monitor_duration_in_seconds", z.first_zone_monitor_duration_in_seconds())
            .int("monitor_duration_in_seconds", z.monitor_duration_in_seconds())
            .block("minimum_healthy_hosts_per_zone", hosts)
    });
    Attrs::new()
        .opt("compute_platform", live.compute_platform().map(t::ComputePlatform::as_str))
        .opt("deployment_config_id", live.deployment_config_id())
        .opt("deployment_config_name", live.deployment_config_name())
        .block("minimum_healthy_hosts", healthy)
        .block("traffic_routing_config", routing)
        .block("zonal_config", zonal)
}
