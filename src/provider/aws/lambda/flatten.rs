//! From what Lambda shows to the attributes that `aws_lambda_function` has as a resource and as data.

use crate::provider::aws::attrs::Attrs;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types as t;

/// Everything GetFunction tells but ARNs, version and tags.
pub fn function(answer: &GetFunctionOutput, live: &t::FunctionConfiguration) -> Attrs {
    let reserved = answer.concurrency().and_then(t::Concurrency::reserved_concurrent_executions);
    configuration(live)
        .opt("image_uri", answer.code().and_then(t::FunctionCodeLocation::image_uri))
        .int("reserved_concurrent_executions", Some(reserved.unwrap_or(-1)))
}

fn configuration(live: &t::FunctionConfiguration) -> Attrs {
    let letters = live.dead_letter_config().and_then(t::DeadLetterConfig::target_arn).filter(|arn| !arn.is_empty());
    let environment = live.environment().map(|e| match e.variables() {
        Some(variables) => Attrs::new().map("variables", variables.clone()),
        None => Attrs::new(),
    });
    let files = live.file_system_configs().iter();
    let files = files.map(|f| Attrs::new().str("arn", f.arn()).str("local_mount_path", f.local_mount_path()));
    let tracing = live.tracing_config().and_then(|t| t.mode()).map_or("PassThrough", t::TracingMode::as_str);
    Attrs::new()
        .strings("architectures", live.architectures().iter().map(t::Architecture::as_str))
        .opt("code_sha256", live.code_sha256())
        .opt("description", live.description())
        .opt("handler", live.handler())
        .opt("kms_key_arn", live.kms_key_arn())
        .opt("last_modified", live.last_modified())
        .strings("layers", live.layers().iter().filter_map(t::Layer::arn))
        .int("memory_size", live.memory_size())
        .opt("role", live.role())
        .opt("runtime", live.runtime().map(t::Runtime::as_str))
        .opt("signing_job_arn", live.signing_job_arn())
        .opt("signing_profile_version_arn", live.signing_profile_version_arn())
        .int("source_code_size", Some(live.code_size()))
        .int("timeout", live.timeout())
        .block("dead_letter_config", letters.map(|arn| Attrs::new().str("target_arn", arn)))
        .block("environment", environment)
        .block("ephemeral_storage", live.ephemeral_storage().map(|s| Attrs::new().int("size", Some(s.size()))))
        .blocks("file_system_config", files)
        .block("logging_config", live.logging_config().map(logging))
        .block("tracing_config", Some(Attrs::new().str("mode", tracing)))
        .block("vpc_config", live.vpc_config().and_then(vpc))
}

/// What only the resource has.
pub fn resource_only(live: &t::FunctionConfiguration) -> Attrs {
    let image = live.image_config_response().filter(|r| r.error().is_none()).and_then(|r| r.image_config());
    let image = image.map(|i| {
        Attrs::new()
            .strings("command", i.command())
            .strings("entry_point", i.entry_point())
            .opt("working_directory", i.working_directory())
    });
    let snap = live.snap_start().filter(|s| s.apply_on() != Some(&t::SnapStartApplyOn::None)).map(|s| {
        Attrs::new()
            .opt("apply_on", s.apply_on().map(t::SnapStartApplyOn::as_str))
            .opt("optimization_status", s.optimization_status().map(t::SnapStartOptimizationStatus::as_str))
    });
    Attrs::new()
        .opt("package_type", live.package_type().map(t::PackageType::as_str))
        .block("image_config", image)
        .block("snap_start", snap)
}

fn logging(config: &t::LoggingConfig) -> Attrs {
    Attrs::new()
        .opt("application_log_level", config.application_log_level().map(t::ApplicationLogLevel::as_str))
        .opt("log_format", config.log_format().map(t::LogFormat::as_str))
        .opt("log_group", config.log_group())
        .opt("system_log_level", config.system_log_level().map(t::SystemLogLevel::as_str))
}

fn vpc(config: &t::VpcConfigResponse) -> Option<Attrs> {
    let id = config.vpc_id().unwrap_or_default();
    if id.is_empty() && config.subnet_ids().is_empty() && config.security_group_ids().is_empty() {
        return None;
    }
    Some(
        Attrs::new()
            .bool("ipv6_allowed_for_dual_stack", config.ipv6_allowed_for_dual_stack())
            .strings("security_group_ids", config.security_group_ids())
            .strings("subnet_ids", config.subnet_ids())
            .str("vpc_id", id),
    )
}
