//! From an `aws_lambda_function` object to what Lambda takes.

use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use aws_sdk_lambda::types as t;

/// The environment's variables; `None` when there are none.
pub fn environment(plan: &Obj<'_>) -> Option<t::Environment> {
    let variables = plan.block("environment")?.string_map("variables");
    let built = t::Environment::builder().set_variables(Some(variables.clone().into_iter().collect())).build();
    Some(built).filter(|_| !variables.is_empty())
}

/// No environment, for updates.
pub fn no_environment() -> t::Environment {
    t::Environment::builder().set_variables(Some(std::collections::HashMap::new())).build()
}

/// The target of events that could not be processed.
pub fn dead_letters(plan: &Obj<'_>) -> Option<t::DeadLetterConfig> {
    let block = plan.block("dead_letter_config")?;
    Some(t::DeadLetterConfig::builder().target_arn(block.str("target_arn")).build())
}

/// The size of `/tmp`.
pub fn storage(plan: &Obj<'_>) -> Outcome<Option<t::EphemeralStorage>> {
    let Some(size) = plan.block("ephemeral_storage").and_then(|b| b.int32("size")) else { return Ok(None) };
    Ok(Some(t::EphemeralStorage::builder().size(size).build()?))
}

/// Mounted file systems.
pub fn file_systems(plan: &Obj<'_>) -> Outcome<Vec<t::FileSystemConfig>> {
    let blocks = plan.blocks("file_system_config");
    let one = |b: &Obj<'_>| {
        let built = t::FileSystemConfig::builder().arn(b.str("arn")).local_mount_path(b.str("local_mount_path"));
        Ok(built.build()?)
    };
    blocks.iter().map(one).collect()
}

/// What replaces parts of an image's configuration.
pub fn image(plan: &Obj<'_>) -> Option<t::ImageConfig> {
    let block = plan.block("image_config")?;
    let some = |name: &str| Some(block.strings(name)).filter(|s| !s.is_empty());
    Some(
        t::ImageConfig::builder()
            .set_entry_point(some("entry_point"))
            .set_command(some("command"))
            .working_directory(block.str("working_directory"))
            .build(),
    )
}

/// Where and how logs are written.
pub fn logging(plan: &Obj<'_>) -> Option<t::LoggingConfig> {
    let block = plan.block("logging_config")?;
    Some(
        t::LoggingConfig::builder()
            .set_application_log_level(block.opt("application_log_level").map(t::ApplicationLogLevel::from))
            .set_log_format(block.opt("log_format").map(t::LogFormat::from))
            .set_log_group(block.string("log_group"))
            .set_system_log_level(block.opt("system_log_level").map(t::SystemLogLevel::from))
            .build(),
    )
}

/// Snapshots of published versions.
pub fn snap_start(plan: &Obj<'_>) -> Option<t::SnapStart> {
    let block = plan.block("snap_start")?;
    Some(t::SnapStart::builder().apply_on(block.str("apply_on").into()).build())
}

/// Tracing.
pub fn tracing(plan: &Obj<'_>) -> Option<t::TracingConfig> {
    let block = plan.block("tracing_config")?;
    Some(t::TracingConfig::builder().mode(block.str("mode").into()).build())
}

/// The network.
pub fn vpc(plan: &Obj<'_>) -> Option<t::VpcConfig> {
    let block = plan.block("vpc_config")?;
    Some(
        t::VpcConfig::builder()
            .ipv6_allowed_for_dual_stack(block.bool("ipv6_allowed_for_dual_stack"))
            .set_security_group_ids(Some(block.strings("security_group_ids")))
            .set_subnet_ids(Some(block.strings("subnet_ids")))
            .build(),
    )
}

/// No network, for updates.
pub fn no_vpc() -> t::VpcConfig {
    t::VpcConfig::builder()
        .ipv6_allowed_for_dual_stack(false)
        .set_security_group_ids(Some(Vec::new()))
        .set_subnet_ids(Some(Vec::new()))
        .build()
}

/// The processor architecture.
pub fn architectures(plan: &Obj<'_>) -> Option<Vec<t::Architecture>> {
    let all: Vec<_> = plan.strings("architectures").iter().map(|a| t::Architecture::from(a.as_str())).collect();
    Some(all).filter(|a| !a.is_empty())
}
