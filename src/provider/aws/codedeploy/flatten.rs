//! From what CodeDeploy tells of a deployment group to the attributes of `aws_codedeploy_deployment_group`.

use crate::provider::aws::attrs::Attrs;
use aws_sdk_codedeploy::types as t;

/// The group's attributes, without id, ARN and tags.
pub fn group(live: &t::DeploymentGroupInfo) -> Attrs {
    let style = live.deployment_style().map(|s| {
        Attrs::new()
            .opt("deployment_option", s.deployment_option().map(t::DeploymentOption::as_str))
            .opt("deployment_type", s.deployment_type().map(t::DeploymentType::as_str))
    });
    let sets = live.ec2_tag_set().map(t::Ec2TagSet::ec2_tag_set_list).unwrap_or_default();
    let services = live
        .ecs_services()
        .iter()
        .map(|s| Attrs::new().opt("cluster_name", s.cluster_name()).opt("service_name", s.service_name()));
    Attrs::new()
        .opt("app_name", live.application_name())
        .opt("deployment_group_name", live.deployment_group_name())
        .opt("deployment_group_id", live.deployment_group_id())
        .opt("deployment_config_name", live.deployment_config_name())
        .opt("compute_platform", live.compute_platform().map(t::ComputePlatform::as_str))
        .opt("service_role_arn", live.service_role_arn())
        .opt(
            "outdated_instances_strategy",
            live.outdated_instances_strategy().map(t::OutdatedInstancesStrategy::as_str),
        )
        .bool("termination_hook_enabled", live.termination_hook_enabled())
        .strings("autoscaling_groups", live.auto_scaling_groups().iter().filter_map(t::AutoScalingGroup::name))
        .block("deployment_style", style)
        .blocks("ec2_tag_filter", live.ec2_tag_filters().iter().map(ec2_filter))
        .blocks("ec2_tag_set", sets.iter().map(|s| Attrs::new().blocks("ec2_tag_filter", s.iter().map(ec2_filter))))
        .blocks("on_premises_instance_tag_filter", live.on_premises_instance_tag_filters().iter().map(on_premises))
        .blocks("ecs_service", services)
        .blocks("trigger_configuration", live.trigger_configurations().iter().map(trigger))
        .block("auto_rollback_configuration", live.auto_rollback_configuration().and_then(rollback))
        .block("alarm_configuration", live.alarm_configuration().and_then(alarms))
        .block("load_balancer_info", live.load_balancer_info().and_then(load_balancers))
        .block("blue_green_deployment_config", live.blue_green_deployment_configuration().map(blue_green))
}

fn ec2_filter(filter: &t::Ec2TagFilter) -> Attrs {
    Attrs::new()
        .opt("key", filter.key())
        .opt("value", filter.value())
        .opt("type", filter.r#type().map(t::Ec2TagFilterType::as_str))
}

fn on_premises(filter: &t::TagFilter) -> Attrs {
    Attrs::new()
        .opt("key", filter.key())
        .opt("value", filter.value())
        .opt("type", filter.r#type().map(t::TagFilterType::as_str))
}

fn trigger(trigger: &t::TriggerConfig) -> Attrs {
    Attrs::new()
        .opt("trigger_name", trigger.trigger_name())
        .opt("trigger_target_arn", trigger.trigger_target_arn())
        .strings("trigger_events", trigger.trigger_events().iter().map(t::TriggerEventType::as_str))
}

/// What is off and names nothing is no configuration; what is off and names events was switched off for a time.
fn rollback(live: &t::AutoRollbackConfiguration) -> Option<Attrs> {
    (live.enabled() || !live.events().is_empty()).then(|| {
        Attrs::new()
            .bool("enabled", live.enabled())
            .strings("events", live.events().iter().map(t::AutoRollbackEvent::as_str))
    })
}

/// The same for alarms.
fn alarms(live: &t::AlarmConfiguration) -> Option<Attrs> {
    (live.enabled() || !live.alarms().is_empty()).then(|| {
        Attrs::new()
            .bool("enabled", live.enabled())
            .bool("ignore_poll_alarm_failure", live.ignore_poll_alarm_failure())
            .strings("alarms", live.alarms().iter().filter_map(t::Alarm::name))
    })
}

/// One that names nothing was taken away.
fn load_balancers(live: &t::LoadBalancerInfo) -> Option<Attrs> {
    (*live != t::LoadBalancerInfo::builder().build()).then(|| {
        Attrs::new()
            .blocks("elb_info", live.elb_info_list().iter().map(|e| Attrs::new().opt("name", e.name())))
            .blocks("target_group_info", live.target_group_info_list().iter().map(target_group))
            .blocks("target_group_pair_info", live.target_group_pair_info_list().iter().map(target_group_pair))
    })
}

fn target_group(live: &t::TargetGroupInfo) -> Attrs {
    Attrs::new().opt("name", live.name())
}

fn target_group_pair(live: &t::TargetGroupPairInfo) -> Attrs {
    let route = |route: &t::TrafficRoute| Attrs::new().strings("listener_arns", route.listener_arns());
    Attrs::new()
        .block("prod_traffic_route", live.prod_traffic_route().map(route))
        .blocks("target_group", live.target_groups().iter().map(target_group))
        .block("test_traffic_route", live.test_traffic_route().map(route))
}

fn blue_green(live: &t::BlueGreenDeploymentConfiguration) -> Attrs {
    let ready = live.deployment_ready_option().map(|o| {
        Attrs::new()
            .opt("action_on_timeout", o.action_on_timeout().map(t::DeploymentReadyAction::as_str))
            .int("wait_time_in_minutes", Some(o.wait_time_in_minutes()))
    });
    let green = live
        .green_fleet_provisioning_option()
        .map(|o| Attrs::new().opt("action", o.action().map(t::GreenFleetProvisioningAction::as_str)));
    let blue = live.terminate_blue_instances_on_deployment_success().map(|o| {
        Attrs::new()
            .opt("action", o.action().map(t::InstanceAction::as_str))
            .int("termination_wait_time_in_minutes", Some(o.termination_wait_time_in_minutes()))
    });
    Attrs::new()
        .block("deployment_ready_option", ready)
        .block("green_fleet_provisioning_option", green)
        .block("terminate_blue_instances_on_deployment_success", blue)
}
