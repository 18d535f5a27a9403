//! From an `aws_cloudwatch_event_target` object to the target EventBridge takes.

use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use aws_sdk_eventbridge::types as t;
use std::collections::HashMap;

/// The target with this id.
pub fn target(plan: &Obj<'_>, id: &str) -> Outcome<t::Target> {
    let mut out = t::Target::builder()
        .id(id)
        .arn(plan.str("arn"))
        .set_role_arn(plan.string("role_arn"))
        .set_input(plan.string("input"))
        .set_input_path(plan.string("input_path"));
    if let Some(block) = block(plan, "input_transformer") {
        out = out.input_transformer(
            t::InputTransformer::builder()
                .input_template(block.str("input_template"))
                .set_input_paths_map(Some(block.string_map("input_paths").into_iter().collect()))
                .build()?,
        );
    }
    if plan.has("run_command_targets") {
        let commands = plan.blocks("run_command_targets");
        let commands = commands.iter().map(|c| {
            Ok(t::RunCommandTarget::builder().key(c.str("key")).set_values(Some(c.strings("values"))).build()?)
        });
        let commands = commands.collect::<Outcome<Vec<_>>>()?;
        out = out.run_command_parameters(
            t::RunCommandParameters::builder().set_run_command_targets(Some(commands)).build()?,
        );
    }
    if let Some(block) = block(plan, "ecs_target") {
        out = out.ecs_parameters(ecs(&block)?);
    }
    if let Some(block) = block(plan, "batch_target") {
        out = out.batch_parameters(batch(&block)?);
    }
    if let Some(block) = block(plan, "kinesis_target") {
        let path = block.str("partition_key_path");
        out = out.kinesis_parameters(t::KinesisParameters::builder().partition_key_path(path).build()?);
    }
    if let Some(block) = block(plan, "sqs_target") {
        let group = block.string("message_group_id");
        out = out.sqs_parameters(t::SqsParameters::builder().set_message_group_id(group).build());
    }
    if let Some(block) = block(plan, "http_target") {
        out = out.http_parameters(
            t::HttpParameters::builder()
                .set_header_parameters(map(&block, "header_parameters"))
                .set_query_string_parameters(map(&block, "query_string_parameters"))
                .set_path_parameter_values(Some(block.strings("path_parameter_values")).filter(|p| !p.is_empty()))
                .build(),
        );
    }
    if let Some(block) = block(plan, "redshift_target") {
        out = out.redshift_data_parameters(redshift(&block)?);
    }
    if let Some(block) = block(plan, "sagemaker_pipeline_target") {
        let parameters = block.blocks("pipeline_parameter_list");
        let parameters = parameters
            .iter()
            .map(|p| Ok(t::SageMakerPipelineParameter::builder().name(p.str("name")).value(p.str("value")).build()?));
        let parameters = parameters.collect::<Outcome<Vec<_>>>()?;
        out = out.sage_maker_pipeline_parameters(
            t::SageMakerPipelineParameters::builder()
                .set_pipeline_parameter_list(Some(parameters).filter(|p| !p.is_empty()))
                .build(),
        );
    }
    if let Some(block) = block(plan, "appsync_target") {
        let operation = block.string("graphql_operation");
        out = out.app_sync_parameters(t::AppSyncParameters::builder().set_graph_ql_operation(operation).build());
    }
    if let Some(block) = block(plan, "retry_policy") {
        out = out.retry_policy(
            t::RetryPolicy::builder()
                .maximum_event_age_in_seconds(block.int32("maximum_event_age_in_seconds").unwrap_or_default())
                .maximum_retry_attempts(block.int32("maximum_retry_attempts").unwrap_or_default())
                .build(),
        );
    }
    if let Some(block) = block(plan, "dead_letter_config") {
        out = out.dead_letter_config(t::DeadLetterConfig::builder().set_arn(block.string("arn")).build());
    }
    Ok(out.build()?)
}

fn block<'a>(plan: &Obj<'a>, name: &str) -> Option<Obj<'a>> {
    plan.block(name).filter(|b| !b.is_null())
}

fn map(block: &Obj<'_>, name: &str) -> Option<HashMap<String, String>> {
    Some(block.string_map(name).into_iter().collect::<HashMap<_, _>>()).filter(|m| !m.is_empty())
}

fn ecs(block: &Obj<'_>) -> Outcome<t::EcsParameters> {
    let network = match block.block("network_configuration") {
        Some(network) => {
            let public = if network.bool("assign_public_ip") { "ENABLED" } else { "DISABLED" };
            let vpc = t::AwsVpcConfiguration::builder()
                .set_subnets(Some(network.strings("subnets")))
                .set_security_groups(Some(network.strings("security_groups")))
                .assign_public_ip(public.into())
                .build()?;
            Some(t::NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
        }
        None => None,
    };
    let strategy = block.blocks("capacity_provider_strategy");
    let strategy = strategy.iter().map(|s| {
        Ok(t::CapacityProviderStrategyItem::builder()
            .capacity_provider(s.str("capacity_provider"))
            .base(s.int32("base").unwrap_or_default())
            .weight(s.int32("weight").unwrap_or_default())
            .build()?)
    });
    let strategy = strategy.collect::<Outcome<Vec<_>>>()?;
    let constraints = block.blocks("placement_constraint");
    let constraints = constraints.iter().map(|c| {
        t::PlacementConstraint::builder()
            .set_type(c.opt("type").map(t::PlacementConstraintType::from))
            .set_expression(c.string("expression"))
            .build()
    });
    let constraints: Vec<_> = constraints.collect();
    let placement = block.blocks("ordered_placement_strategy");
    let placement = placement.iter().map(|p| {
        t::PlacementStrategy::builder()
            .set_type(p.opt("type").map(t::PlacementStrategyType::from))
            .set_field(p.string("field"))
            .build()
    });
    let placement: Vec<_> = placement.collect();
    let tags = block.string_map("tags").into_iter();
    let tags = tags.map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<Vec<_>, _>>()?;
    Ok(t::EcsParameters::builder()
        .task_definition_arn(block.str("task_definition_arn"))
        .task_count(block.int32("task_count").filter(|n| *n > 0).unwrap_or(1))
        .enable_ecs_managed_tags(block.bool("enable_ecs_managed_tags"))
        .enable_execute_command(block.bool("enable_execute_command"))
        .set_launch_type(block.opt("launch_type").map(t::LaunchType::from))
        .set_platform_version(block.string("platform_version"))
        .set_group(block.string("group"))
        .set_propagate_tags(block.opt("propagate_tags").map(t::PropagateTags::from))
        .set_network_configuration(network)
        .set_capacity_provider_strategy(Some(strategy).filter(|s| !s.is_empty()))
        .set_placement_constraints(Some(constraints).filter(|c| !c.is_empty()))
        .set_placement_strategy(Some(placement).filter(|p| !p.is_empty()))
        .set_tags(Some(tags).filter(|t| !t.is_empty()))
        .build()?)
}

fn batch(block: &Obj<'_>) -> Outcome<t::BatchParameters> {
    let size = block.int32("array_size").filter(|n| *n > 1);
    let attempts = block.int32("job_attempts").filter(|n| *n > 0);
    Ok(t::BatchParameters::builder()
        .job_definition(block.str("job_definition"))
        .job_name(block.str("job_name"))
        .set_array_properties(size.map(|n| t::BatchArrayProperties::builder().size(n).build()))
        .set_retry_strategy(attempts.map(|n| t::BatchRetryStrategy::builder().attempts(n).build()))
        .build()?)
}

fn redshift(block: &Obj<'_>) -> Outcome<t::RedshiftDataParameters> {
    Ok(t::RedshiftDataParameters::builder()
        .database(block.str("database"))
        .set_db_user(block.string("db_user"))
        .set_secret_manager_arn(block.string("secrets_manager_arn"))
        .set_sql(block.string("sql"))
        .set_statement_name(block.string("statement_name"))
        .with_event(block.bool("with_event"))
        .build()?)
}
