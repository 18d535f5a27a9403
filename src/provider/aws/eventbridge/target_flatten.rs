//! From the target EventBridge returns to the attributes of `aws_cloudwatch_event_target`.

use crate::provider::aws::attrs::Attrs;
use aws_sdk_eventbridge::types as t;

/// The target's attributes, without bus and rule.
pub fn target(live: &t::Target) -> Attrs {
    let transformer = live.input_transformer().map(|i| {
        Attrs::new()
            .str("input_template", i.input_template())
            .map("input_paths", i.input_paths_map().cloned().unwrap_or_default())
    });
    let commands = live.run_command_parameters().map(t::RunCommandParameters::run_command_targets).unwrap_or_default();
    let retry = live.retry_policy().map(|r| {
        Attrs::new()
            .int("maximum_event_age_in_seconds", r.maximum_event_age_in_seconds())
            .int("maximum_retry_attempts", r.maximum_retry_attempts())
    });
    let http = live.http_parameters().map(|h| {
        Attrs::new()
            .map("header_parameters", h.header_parameters().cloned().unwrap_or_default())
            .map("query_string_parameters", h.query_string_parameters().cloned().unwrap_or_default())
            .strings("path_parameter_values", h.path_parameter_values())
    });
    let sagemaker = live.sage_maker_pipeline_parameters().map(|s| {
        let parameters = s.pipeline_parameter_list().iter();
        let parameters = parameters.map(|p| Attrs::new().str("name", p.name()).str("value", p.value()));
        Attrs::new().blocks("pipeline_parameter_list", parameters)
    });
    Attrs::new()
        .str("target_id", live.id())
        .str("arn", live.arn())
        .opt("role_arn", live.role_arn())
        .opt("input", live.input())
        .opt("input_path", live.input_path())
        .block("input_transformer", transformer)
        .blocks(
            "run_command_targets",
            commands.iter().map(|c| Attrs::new().str("key", c.key()).strings("values", c.values())),
        )
        .block("ecs_target", live.ecs_parameters().map(ecs))
        .block("batch_target", live.batch_parameters().map(batch))
        .block(
            "kinesis_target",
            live.kinesis_parameters().map(|k| Attrs::new().str("partition_key_path", k.partition_key_path())),
        )
        .block("sqs_target", live.sqs_parameters().map(|s| Attrs::new().opt("message_group_id", s.message_group_id())))
        .block("http_target", http)
        .block("redshift_target", live.redshift_data_parameters().map(redshift))
        .block("sagemaker_pipeline_target", sagemaker)
        .block(
            "appsync_target",
            live.app_sync_parameters().map(|a| Attrs::new().opt("graphql_operation", a.graph_ql_operation())),
        )
        .block("retry_policy", retry)
        .block("dead_letter_config", live.dead_letter_config().map(|d| Attrs::new().opt("arn", d.arn())))
}

fn ecs(live: &t::EcsParameters) -> Attrs {
    let network = live.network_configuration().and_then(t::NetworkConfiguration::awsvpc_configuration).map(|v| {
        Attrs::new()
            .strings("subnets", v.subnets())
            .strings("security_groups", v.security_groups())
            .bool("assign_public_ip", v.assign_public_ip() == Some(&t::AssignPublicIp::Enabled))
    });
    let strategy = live.capacity_provider_strategy().iter().map(|s| {
        Attrs::new()
            .str("capacity_provider", s.capacity_provider())
            .int("base", Some(s.base()))
            .int("weight", Some(s.weight()))
    });
    let constraints = live.placement_constraints().iter().map(|c| {
        Attrs::new().opt("type", c.r#type().map(t::PlacementConstraintType::as_str)).opt("expression", c.expression())
    });
    let placement = live
        .placement_strategy()
        .iter()
        .map(|p| Attrs::new().opt("type", p.r#type().map(t::PlacementStrategyType::as_str)).opt("field", p.field()));
    Attrs::new()
        .str("task_definition_arn", live.task_definition_arn())
        .int("task_count", live.task_count())
        .bool("enable_ecs_managed_tags", live.enable_ecs_managed_tags())
        .bool("enable_execute_command", live.enable_execute_command())
        .opt("launch_type", live.launch_type().map(t::LaunchType::as_str))
        .opt("platform_version", live.platform_version())
        .opt("group", live.group())
        .opt("propagate_tags", live.propagate_tags().map(t::PropagateTags::as_str))
        .block("network_configuration", network)
        .blocks("capacity_provider_strategy", strategy)
        .blocks("placement_constraint", constraints)
        .blocks("ordered_placement_strategy", placement)
        .map("tags", live.tags().iter().map(|t| (t.key(), t.value())))
}

fn batch(live: &t::BatchParameters) -> Attrs {
    Attrs::new()
        .str("job_definition", live.job_definition())
        .str("job_name", live.job_name())
        .int("array_size", live.array_properties().map(t::BatchArrayProperties::size))
        .int("job_attempts", live.retry_strategy().map(t::BatchRetryStrategy::attempts))
}

fn redshift(live: &t::RedshiftDataParameters) -> Attrs {
    Attrs::new()
        .str("database", live.database())
        .opt("db_user", live.db_user())
        .opt("secrets_manager_arn", live.secret_manager_arn())
        .opt("sql", live.sql())
        .opt("statement_name", live.statement_name())
        .bool("with_event", live.with_event())
}
