//! From an `aws_codedeploy_deployment_group` object to what CodeDeploy takes.

use crate::provider::aws::object::Obj;
use aws_sdk_codedeploy::operation::create_deployment_group::builders::CreateDeploymentGroupFluentBuilder as Create;
use aws_sdk_codedeploy::operation::update_deployment_group::builders::UpdateDeploymentGroupFluentBuilder as Update;
use aws_sdk_codedeploy::types as t;

/// Everything that is set.
pub fn create(call: Create, plan: &Obj<'_>) -> Create {
    let has = |name: &str| plan.has(name);
    call.application_name(plan.str("app_name"))
        .deployment_group_name(plan.str("deployment_group_name"))
        .service_role_arn(plan.str("service_role_arn"))
        .set_deployment_config_name(plan.string("deployment_config_name"))
        .set_outdated_instances_strategy(plan.opt("outdated_instances_strategy").map(Into::into))
        .set_termination_hook_enabled(plan.opt_bool("termination_hook_enabled"))
        .set_deployment_style(style(plan))
        .set_auto_scaling_groups(has("autoscaling_groups").then(|| plan.strings("autoscaling_groups")))
        .set_ec2_tag_filters(has("ec2_tag_filter").then(|| ec2_filters(plan)))
        .set_ec2_tag_set(has("ec2_tag_set").then(|| ec2_tag_set(plan)))
        .set_on_premises_instance_tag_filters(has("on_premises_instance_tag_filter").then(|| on_premises(plan)))
        .set_ecs_services(has("ecs_service").then(|| ecs_services(plan)))
        .set_trigger_configurations(has("trigger_configuration").then(|| triggers(plan)))
        .set_auto_rollback_configuration(has("auto_rollback_configuration").then(|| rollback(plan)))
        .set_alarm_configuration(has("alarm_configuration").then(|| alarms(plan)))
        .set_load_balancer_info(has("load_balancer_info").then(|| load_balancers(plan)))
        .set_blue_green_deployment_configuration(blue_green(plan))
}

/// Only what changes: CodeDeploy keeps what a request does not name. What is set no more is sent empty.
pub fn update(call: Update, prior: &Obj<'_>, plan: &Obj<'_>) -> Update {
    let changed = |name: &str| plan.differs(prior, name);
    let name = plan.string("deployment_group_name");
    // A change between blue/green and in place must name the groups of instances again; ECS has none.
    let instances = changed("autoscaling_groups")
        || (changed("blue_green_deployment_config") && !plan.has("ecs_service") && plan.has("autoscaling_groups"));
    call.application_name(plan.str("app_name"))
        .current_deployment_group_name(prior.str("deployment_group_name"))
        .set_new_deployment_group_name(name.filter(|_| changed("deployment_group_name")))
        .service_role_arn(plan.str("service_role_arn"))
        .set_deployment_config_name(plan.string("deployment_config_name").filter(|_| changed("deployment_config_name")))
        .set_outdated_instances_strategy(
            plan.opt("outdated_instances_strategy").filter(|_| changed("outdated_instances_strategy")).map(Into::into),
        )
        .set_termination_hook_enabled(
            changed("termination_hook_enabled").then(|| plan.bool("termination_hook_enabled")),
        )
        .set_deployment_style(style(plan).filter(|_| changed("deployment_style")))
        .set_auto_scaling_groups(instances.then(|| plan.strings("autoscaling_groups")))
        .set_ec2_tag_filters(changed("ec2_tag_filter").then(|| ec2_filters(plan)))
        .set_ec2_tag_set(changed("ec2_tag_set").then(|| ec2_tag_set(plan)))
        .set_on_premises_instance_tag_filters(changed("on_premises_instance_tag_filter").then(|| on_premises(plan)))
        .set_ecs_services(changed("ecs_service").then(|| ecs_services(plan)))
        .set_trigger_configurations(changed("trigger_configuration").then(|| triggers(plan)))
        .set_auto_rollback_configuration(changed("auto_rollback_configuration").then(|| rollback(plan)))
        .set_alarm_configuration(changed("alarm_configuration").then(|| alarms(plan)))
        .set_load_balancer_info(changed("load_balancer_info").then(|| load_balancers(plan)))
        .set_blue_green_deployment_configuration(blue_green(plan).filter(|_| changed("blue_green_deployment_config")))
}

fn style(plan: &Obj<'_>) -> Option<t::DeploymentStyle> {
    plan.block("deployment_style").map(|style| {
        t::DeploymentStyle::builder()
            .set_deployment_option(style.opt("deployment_option").map(Into::into))
            .set_deployment_type(style.opt("deployment_type").map(Into::into))
            .build()
    })
}

fn ec2_filters(block: &Obj<'_>) -> Vec<t::Ec2TagFilter> {
    let one = |filter: Obj<'_>| {
        t::Ec2TagFilter::builder()
            .set_key(filter.string("key"))
            .set_value(filter.string("value"))
            .set_type(filter.opt("type").map(Into::into))
            .build()
    };
    block.blocks("ec2_tag_filter").into_iter().map(one).collect()
}

fn ec2_tag_set(plan: &Obj<'_>) -> t::Ec2TagSet {
    let groups = plan.blocks("ec2_tag_set").iter().map(ec2_filters).collect();
    t::Ec2TagSet::builder().set_ec2_tag_set_list(Some(groups)).build()
}

fn on_premises(plan: &Obj<'_>) -> Vec<t::TagFilter> {
    let one = |filter: Obj<'_>| {
        t::TagFilter::builder()
            .set_key(filter.string("key"))
            .set_value(filter.string("value"))
            .set_type(filter.opt("type").map(Into::into))
            .build()
    };
    plan.blocks("on_premises_instance_tag_filter").into_iter().map(one).collect()
}

fn ecs_services(plan: &Obj<'_>) -> Vec<t::EcsService> {
    let one = |service: Obj<'_>| {
        t::EcsService::builder()
            .set_cluster_name(service.string("cluster_name"))
            .set_service_name(service.string("service_name"))
            .build()
    };
    plan.blocks("ecs_service").into_iter().map(one).collect()
}

fn triggers(plan: &Obj<'_>) -> Vec<t::TriggerConfig> {
    let one = |trigger: Obj<'_>| {
        let events = trigger.strings("trigger_events").iter().map(|e| e.as_str().into()).collect();
        t::TriggerConfig::builder()
            .set_trigger_name(trigger.string("trigger_name"))
            .set_trigger_target_arn(trigger.string("trigger_target_arn"))
            .set_trigger_events(Some(events))
            .build()
    };
    plan.blocks("trigger_configuration").into_iter().map(one).collect()
}

/// Without a block it is switched off.
fn rollback(plan: &Obj<'_>) -> t::AutoRollbackConfiguration {
    let block = plan.block("auto_rollback_configuration");
    let events = block.map(|b| b.strings("events")).unwrap_or_default();
    t::AutoRollbackConfiguration::builder()
        .enabled(block.is_some_and(|b| b.bool("enabled")))
        .set_events(Some(events.iter().map(|e| e.as_str().into()).collect()))
        .build()
}

/// Without a block they are switched off.
fn alarms(plan: &Obj<'_>) -> t::AlarmConfiguration {
    let block = plan.block("alarm_configuration");
    let alarms = block.map(|b| b.strings("alarms")).unwrap_or_default();
    t::AlarmConfiguration::builder()
        .enabled(block.is_some_and(|b| b.bool("enabled")))
        .ignore_poll_alarm_failure(block.is_some_and(|b| b.bool("ignore_poll_alarm_failure")))
        .set_alarms(Some(alarms.into_iter().map(|name| t::Alarm::builder().name(name).build()).collect()))
        .build()
}

/// Without a block there are none.
fn load_balancers(plan: &Obj<'_>) -> t::LoadBalancerInfo {
    let Some(block) = plan.block("load_balancer_info") else { return t::LoadBalancerInfo::builder().build() };
    let some = |name: &str| block.has(name);
    let elbs = || block.blocks("elb_info").iter().map(|b| t::ElbInfo::builder().name(b.str("name")).build()).collect();
    let pairs = || block.blocks("target_group_pair_info").iter().map(target_group_pair).collect();
    t::LoadBalancerInfo::builder()
        .set_elb_info_list(some("elb_info").then(elbs))
        .set_target_group_info_list(some("target_group_info").then(|| target_groups(&block, "target_group_info")))
        .set_target_group_pair_info_list(some("target_group_pair_info").then(pairs))
        .build()
}

fn target_groups(block: &Obj<'_>, name: &str) -> Vec<t::TargetGroupInfo> {
    block.blocks(name).iter().map(|b| t::TargetGroupInfo::builder().name(b.str("name")).build()).collect()
}

fn target_group_pair(block: &Obj<'_>) -> t::TargetGroupPairInfo {
    let route = |name: &str| {
        let block = block.block(name)?;
        Some(t::TrafficRoute::builder().set_listener_arns(Some(block.strings("listener_arns"))).build())
    };
    t::TargetGroupPairInfo::builder()
        .set_target_groups(Some(target_groups(block, "target_group")))
        .set_prod_traffic_route(route("prod_traffic_route"))
        .set_test_traffic_route(route("test_traffic_route"))
        .build()
}

fn blue_green(plan: &Obj<'_>) -> Option<t::BlueGreenDeploymentConfiguration> {
    let block = plan.block("blue_green_deployment_config").filter(|b| !b.is_null())?;
    let ready = block.block("deployment_ready_option").map(|b| {
        t::DeploymentReadyOption::builder()
            .set_action_on_timeout(b.opt("action_on_timeout").map(Into::into))
            .set_wait_time_in_minutes(b.int32("wait_time_in_minutes"))
            .build()
    });
    let green = block
        .block("green_fleet_provisioning_option")
        .map(|b| t::GreenFleetProvisioningOption::builder().set_action(b.opt("action").map(Into::into)).build());
    let blue = block.block("terminate_blue_instances_on_deployment_success").map(|b| {
        t::BlueInstanceTerminationOption::builder()
            .set_action(b.opt("action").map(Into::into))
            .set_termination_wait_time_in_minutes(b.int32("termination_wait_time_in_minutes"))
            .build()
    });
    Some(
        t::BlueGreenDeploymentConfiguration::builder()
            .set_deployment_ready_option(ready)
            .set_green_fleet_provisioning_option(green)
            .set_terminate_blue_instances_on_deployment_success(blue)
            .build(),
    )
}
