//! The arguments of `backend "s3"`: those of Terraform 1.11, with the deprecated ones, in the order of its schema.

use crate::state::backend::arguments::Argument;
use crate::state::backend::arguments::ArgumentKind::{self, Bool, Map, Number, Object, String, Strings};

const fn a(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, kind }
}

/// All of them.
pub const ARGUMENTS: &[Argument] = &[
    a("access_key", String),
    a("acl", String),
    a("allowed_account_ids", Strings),
    a("assume_role", Object(ASSUME_ROLE)),
    a("assume_role_with_web_identity", Object(WEB_IDENTITY)),
    a("bucket", String),
    a("custom_ca_bundle", String),
    a("dynamodb_endpoint", String),
    a("dynamodb_table", String),
    a("ec2_metadata_service_endpoint", String),
    a("ec2_metadata_service_endpoint_mode", String),
    a("encrypt", Bool),
    a("endpoint", String),
    a("endpoints", Object(ENDPOINTS)),
    a("forbidden_account_ids", Strings),
    a("force_path_style", Bool),
    a("http_proxy", String),
    a("https_proxy", String),
    a("iam_endpoint", String),
    a("insecure", Bool),
    a("key", String),
    a("kms_key_id", String),
    a("max_retries", Number),
    a("no_proxy", String),
    a("profile", String),
    a("region", String),
    a("retry_mode", String),
    a("secret_key", String),
    a("shared_config_files", Strings),
    a("shared_credentials_file", String),
    a("shared_credentials_files", Strings),
    a("skip_credentials_validation", Bool),
    a("skip_metadata_api_check", Bool),
    a("skip_region_validation", Bool),
    a("skip_requesting_account_id", Bool),
    a("skip_s3_checksum", Bool),
    a("sse_customer_key", String),
    a("sts_endpoint", String),
    a("sts_region", String),
    a("token", String),
    a("use_dualstack_endpoint", Bool),
    a("use_fips_endpoint", Bool),
    a("use_lockfile", Bool),
    a("use_path_style", Bool),
    a("workspace_key_prefix", String),
];

const ASSUME_ROLE: &[Argument] = &[
    a("duration", String),
    a("external_id", String),
    a("policy", String),
    a("policy_arns", Strings),
    a("role_arn", String),
    a("session_name", String),
    a("source_identity", String),
    a("tags", Map),
    a("transitive_tag_keys", Strings),
];

const WEB_IDENTITY: &[Argument] = &[
    a("duration", String),
    a("policy", String),
    a("policy_arns", Strings),
    a("role_arn", String),
    a("session_name", String),
    a("web_identity_token", String),
    a("web_identity_token_file", String),
];

const ENDPOINTS: &[Argument] =
    &[a("dynamodb", String), a("iam", String), a("s3", String), a("sso", String), a("sts", String)];
