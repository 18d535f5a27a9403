//! From an `aws_codebuild_project` object to the parts of a CodeBuild request.

use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use aws_sdk_codebuild::types as t;

/// Sources whose build status can be reported back.
const REPORTING: &[&str] = &["BITBUCKET", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED"];
/// Sources that may have Git submodules.
const SUBMODULES: &[&str] = &["BITBUCKET", "CODECOMMIT", "GITHUB", "GITHUB_ENTERPRISE"];

/// A `source` or `secondary_sources` block.
pub fn source(block: &Obj<'_>) -> Outcome<t::ProjectSource> {
    let kind = block.str("type");
    let auth = match block.block("auth") {
        Some(auth) => Some(
            t::SourceAuth::builder().r#type(auth.str("type").into()).set_resource(auth.string("resource")).build()?,
        ),
        None => None,
    };
    let mut out = t::ProjectSource::builder()
        .r#type(kind.into())
        .buildspec(block.str("buildspec"))
        .git_clone_depth(block.int32("git_clone_depth").unwrap_or_default())
        .insecure_ssl(block.bool("insecure_ssl"))
        .set_location(block.string("location"))
        .set_source_identifier(block.string("source_identifier"))
        .set_auth(auth);
    if REPORTING.contains(&kind) {
        let status = block.block("build_status_config").map(|s| {
            t::BuildStatusConfig::builder()
                .set_context(s.string("context"))
                .set_target_url(s.string("target_url"))
                .build()
        });
        out = out.report_build_status(block.bool("report_build_status")).set_build_status_config(status);
    }
    if SUBMODULES.contains(&kind)
        && let Some(config) = block.block("git_submodules_config")
    {
        let config = t::GitSubmodulesConfig::builder().fetch_submodules(config.bool("fetch_submodules")).build()?;
        out = out.git_submodules_config(config);
    }
    Ok(out.build()?)
}

/// An `artifacts` or `secondary_artifacts` block.
pub fn artifacts(block: &Obj<'_>) -> Outcome<t::ProjectArtifacts> {
    let kind = block.str("type");
    // CodeBuild refuses any word on encryption for NO_ARTIFACTS.
    let encryption = matches!(kind, "S3" | "CODEPIPELINE").then(|| block.bool("encryption_disabled"));
    Ok(t::ProjectArtifacts::builder()
        .r#type(kind.into())
        .set_encryption_disabled(encryption)
        .set_artifact_identifier(block.string("artifact_identifier"))
        .set_bucket_owner_access(block.opt("bucket_owner_access").map(t::BucketOwnerAccess::from))
        .set_location(block.string("location"))
        .set_name(block.string("name"))
        .set_namespace_type(block.opt("namespace_type").map(t::ArtifactNamespace::from))
        .override_artifact_name(block.bool("override_artifact_name"))
        .set_packaging(block.opt("packaging").map(t::ArtifactPackaging::from))
        .set_path(block.string("path"))
        .build()?)
}

/// The `cache` block; without one: no cache.
pub fn cache(plan: &Obj<'_>) -> Outcome<t::ProjectCache> {
    let Some(block) = plan.block("cache") else {
        return Ok(t::ProjectCache::builder().r#type(t::CacheType::NoCache).build()?);
    };
    let kind = block.opt("type").unwrap_or("NO_CACHE");
    let modes = block.strings("modes").iter().map(|m| t::CacheMode::from(m.as_str())).collect();
    Ok(t::ProjectCache::builder()
        .r#type(kind.into())
        .set_location(block.string("location"))
        .set_modes(Some(modes).filter(|m: &Vec<_>| kind == "LOCAL" && !m.is_empty()))
        .build()?)
}

/// The `environment` block.
pub fn environment(plan: &Obj<'_>) -> Outcome<Option<t::ProjectEnvironment>> {
    let Some(block) = plan.block("environment") else { return Ok(None) };
    let mut out = t::ProjectEnvironment::builder()
        .r#type(block.str("type").into())
        .image(block.str("image"))
        .compute_type(block.str("compute_type").into())
        .privileged_mode(block.bool("privileged_mode"))
        .set_certificate(block.string("certificate"))
        .set_image_pull_credentials_type(
            block.opt("image_pull_credentials_type").map(t::ImagePullCredentialsType::from),
        )
        .set_fleet(
            block.block("fleet").map(|f| t::ProjectFleet::builder().set_fleet_arn(f.string("fleet_arn")).build()),
        );
    if let Some(credential) = block.block("registry_credential") {
        out = out.registry_credential(
            t::RegistryCredential::builder()
                .credential(credential.str("credential"))
                .credential_provider(credential.str("credential_provider").into())
                .build()?,
        );
    }
    for variable in block.blocks("environment_variable") {
        out = out.environment_variables(
            t::EnvironmentVariable::builder()
                .name(variable.str("name"))
                .value(variable.str("value"))
                .set_type(variable.opt("type").map(t::EnvironmentVariableType::from))
                .build()?,
        );
    }
    Ok(Some(out.build()?))
}

/// The `logs_config` block; without one: CloudWatch on, S3 off.
pub fn logs(plan: &Obj<'_>) -> Outcome<t::LogsConfig> {
    let block = plan.block("logs_config");
    let cloudwatch = block.and_then(|b| b.block("cloudwatch_logs"));
    let s3 = block.and_then(|b| b.block("s3_logs"));
    let cloudwatch = match cloudwatch {
        Some(logs) => t::CloudWatchLogsConfig::builder()
            .status(logs.opt("status").unwrap_or("ENABLED").into())
            .set_group_name(logs.string("group_name"))
            .set_stream_name(logs.string("stream_name")),
        None => t::CloudWatchLogsConfig::builder().status(t::LogsConfigStatusType::Enabled),
    };
    let s3 = match s3 {
        Some(logs) => t::S3LogsConfig::builder()
            .status(logs.opt("status").unwrap_or("DISABLED").into())
            .encryption_disabled(logs.bool("encryption_disabled"))
            .set_bucket_owner_access(logs.opt("bucket_owner_access").map(t::BucketOwnerAccess::from))
            .set_location(logs.string("location")),
        None => t::S3LogsConfig::builder().status(t::LogsConfigStatusType::Disabled),
    };
    Ok(t::LogsConfig::builder().cloud_watch_logs(cloudwatch.build()?).s3_logs(s3.build()?).build())
}

/// The `vpc_config` block; without one: no VPC.
pub fn vpc(plan: &Obj<'_>) -> t::VpcConfig {
    match plan.block("vpc_config") {
        Some(vpc) => t::VpcConfig::builder()
            .vpc_id(vpc.str("vpc_id"))
            .set_subnets(Some(vpc.strings("subnets")))
            .set_security_group_ids(Some(vpc.strings("security_group_ids")))
            .build(),
        None => t::VpcConfig::builder().build(),
    }
}

/// The `build_batch_config` block; without one: no batches.
pub fn batch(plan: &Obj<'_>) -> t::ProjectBuildBatchConfig {
    let Some(block) = plan.block("build_batch_config") else { return t::ProjectBuildBatchConfig::builder().build() };
    let restrictions = block.block("restrictions").map(|r| {
        t::BatchRestrictions::builder()
            .set_compute_types_allowed(Some(r.strings("compute_types_allowed")).filter(|c| !c.is_empty()))
            .set_maximum_builds_allowed(r.int32("maximum_builds_allowed").filter(|n| *n != 0))
            .build()
    });
    t::ProjectBuildBatchConfig::builder()
        .service_role(block.str("service_role"))
        .combine_artifacts(block.bool("combine_artifacts"))
        .set_restrictions(restrictions)
        .set_timeout_in_mins(block.int32("timeout_in_mins").filter(|n| *n != 0))
        .build()
}

/// The `file_system_locations` blocks.
pub fn file_systems(plan: &Obj<'_>) -> Vec<t::ProjectFileSystemLocation> {
    let one = |block: &Obj<'_>| {
        t::ProjectFileSystemLocation::builder()
            .r#type(block.opt("type").unwrap_or("EFS").into())
            .set_identifier(block.string("identifier"))
            .set_location(block.string("location"))
            .set_mount_options(block.string("mount_options"))
            .set_mount_point(block.string("mount_point"))
            .build()
    };
    plan.blocks("file_system_locations").iter().map(one).collect()
}

/// The `secondary_source_version` blocks.
pub fn source_versions(plan: &Obj<'_>) -> Outcome<Vec<t::ProjectSourceVersion>> {
    let one = |block: &Obj<'_>| {
        Ok(t::ProjectSourceVersion::builder()
            .source_identifier(block.str("source_identifier"))
            .source_version(block.str("source_version"))
            .build()?)
    };
    plan.blocks("secondary_source_version").iter().map(one).collect()
}
