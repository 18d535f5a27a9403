//! From the project CodeBuild returns to the attributes of `aws_codebuild_project`.

use crate::provider::aws::attrs::Attrs;
use aws_sdk_codebuild::types as t;

/// The project's attributes without its tags.
pub fn project(live: &t::Project) -> Attrs {
    let badge = live.badge();
    let versions = live.secondary_source_versions().iter().map(|v| {
        Attrs::new().str("source_identifier", v.source_identifier()).str("source_version", v.source_version())
    });
    Attrs::new()
        .opt("id", live.arn())
        .opt("arn", live.arn())
        .opt("name", live.name())
        .opt("description", live.description())
        .opt("service_role", live.service_role())
        .opt("encryption_key", live.encryption_key())
        .opt("source_version", live.source_version())
        .int("build_timeout", live.timeout_in_minutes())
        .int("queued_timeout", live.queued_timeout_in_minutes())
        .int("concurrent_build_limit", live.concurrent_build_limit())
        .bool("badge_enabled", badge.is_some_and(t::ProjectBadge::badge_enabled))
        .opt("badge_url", badge.and_then(t::ProjectBadge::badge_request_url))
        .str("project_visibility", live.project_visibility().map_or("PRIVATE", t::ProjectVisibilityType::as_str))
        .opt("public_project_alias", live.public_project_alias())
        .opt("resource_access_role", live.resource_access_role())
        .block("artifacts", live.artifacts().map(artifacts))
        .blocks("secondary_artifacts", live.secondary_artifacts().iter().map(artifacts))
        .block("source", live.source().map(source))
        .blocks("secondary_sources", live.secondary_sources().iter().map(source))
        .blocks("secondary_source_version", versions)
        .block("cache", live.cache().map(cache))
        .block("environment", live.environment().map(environment))
        .block("logs_config", live.logs_config().map(logs))
        .block("vpc_config", live.vpc_config().filter(|v| v.vpc_id().is_some_and(|id| !id.is_empty())).map(vpc))
        .block("build_batch_config", live.build_batch_config().map(batch))
        .blocks("file_system_locations", live.file_system_locations().iter().map(file_system))
}

fn artifacts(live: &t::ProjectArtifacts) -> Attrs {
    Attrs::new()
        .str("type", live.r#type().as_str())
        .opt("artifact_identifier", live.artifact_identifier())
        .opt("bucket_owner_access", live.bucket_owner_access().map(t::BucketOwnerAccess::as_str))
        .bool("encryption_disabled", live.encryption_disabled())
        .opt("location", live.location())
        .opt("name", live.name())
        .opt("namespace_type", live.namespace_type().map(t::ArtifactNamespace::as_str))
        .bool("override_artifact_name", live.override_artifact_name())
        .opt("packaging", live.packaging().map(t::ArtifactPackaging::as_str))
        .opt("path", live.path())
}

fn source(live: &t::ProjectSource) -> Attrs {
    let auth = live.auth().map(|a| Attrs::new().str("type", a.r#type().as_str()).opt("resource", a.resource()));
    let status =
        live.build_status_config().map(|s| Attrs::new().opt("context", s.context()).opt("target_url", s.target_url()));
    let submodules = live.git_submodules_config().map(|g| Attrs::new().bool("fetch_submodules", g.fetch_submodules()));
    Attrs::new()
        .str("type", live.r#type().as_str())
        .opt("buildspec", live.buildspec())
        .opt("location", live.location())
        .int("git_clone_depth", live.git_clone_depth())
        .bool("insecure_ssl", live.insecure_ssl())
        .bool("report_build_status", live.report_build_status())
        .opt("source_identifier", live.source_identifier())
        .block("auth", auth)
        .block("build_status_config", status)
        .block("git_submodules_config", submodules)
}

fn cache(live: &t::ProjectCache) -> Attrs {
    Attrs::new()
        .str("type", live.r#type().as_str())
        .opt("location", live.location())
        .strings("modes", live.modes().iter().map(t::CacheMode::as_str))
}

fn environment(live: &t::ProjectEnvironment) -> Attrs {
    let variables = live.environment_variables().iter().map(|v| {
        let kind = v.r#type().map_or("PLAINTEXT", t::EnvironmentVariableType::as_str);
        Attrs::new().str("name", v.name()).str("value", v.value()).str("type", kind)
    });
    let credential = live.registry_credential().map(|c| {
        Attrs::new().str("credential", c.credential()).str("credential_provider", c.credential_provider().as_str())
    });
    Attrs::new()
        .str("type", live.r#type().as_str())
        .str("image", live.image())
        .str("compute_type", live.compute_type().as_str())
        .bool("privileged_mode", live.privileged_mode())
        .opt("certificate", live.certificate())
        .opt("image_pull_credentials_type", live.image_pull_credentials_type().map(t::ImagePullCredentialsType::as_str))
        .blocks("environment_variable", variables)
        .block("registry_credential", credential)
        .block("fleet", live.fleet().map(|f| Attrs::new().opt("fleet_arn", f.fleet_arn())))
}

fn logs(live: &t::LogsConfig) -> Attrs {
    let off = || Attrs::new().str("status", "DISABLED");
    let cloudwatch = live.cloud_watch_logs().map_or_else(off, |l| {
        Attrs::new()
            .str("status", l.status().as_str())
            .opt("group_name", l.group_name())
            .opt("stream_name", l.stream_name())
    });
    let s3 = live.s3_logs().map_or_else(off, |l| {
        Attrs::new()
            .str("status", l.status().as_str())
            .opt("location", l.location())
            .bool("encryption_disabled", l.encryption_disabled())
            .opt("bucket_owner_access", l.bucket_owner_access().map(t::BucketOwnerAccess::as_str))
    });
    Attrs::new().block("cloudwatch_logs", Some(cloudwatch)).block("s3_logs", Some(s3))
}

fn vpc(live: &t::VpcConfig) -> Attrs {
    Attrs::new()
        .opt("vpc_id", live.vpc_id())
        .strings("subnets", live.subnets())
        .strings("security_group_ids", live.security_group_ids())
}

fn batch(live: &t::ProjectBuildBatchConfig) -> Attrs {
    let restrictions = live.restrictions().map(|r| {
        Attrs::new()
            .strings("compute_types_allowed", r.compute_types_allowed())
            .int("maximum_builds_allowed", r.maximum_builds_allowed())
    });
    Attrs::new()
        .opt("service_role", live.service_role())
        .bool("combine_artifacts", live.combine_artifacts())
        .int("timeout_in_mins", live.timeout_in_mins())
        .block("restrictions", restrictions)
}

fn file_system(live: &t::ProjectFileSystemLocation) -> Attrs {
    Attrs::new()
        .opt("type", live.r#type().map(t::FileSystemType::as_str))
        .opt("identifier", live.identifier())
        .opt("location", live.location())
        .opt("mount_options", live.mount_options())
        .opt("mount_point", live.mount_point())
}
