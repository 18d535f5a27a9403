//! The provider block as plain data. Nothing here looks at the environment or the network.

use super::object::Obj;
use super::tags::{IgnoreTags, Tags};
use crate::diagnostics::{AttributeStep, Diagnostic, Diagnostics};
use crate::lang::value::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// A role to assume.
#[derive(Debug, Clone, Default)]
pub struct AssumeRole {
    /// ARN.
    pub role_arn: String,
    /// How long a session lasts.
    pub duration: Option<Duration>,
    /// Shared secret of a third party.
    pub external_id: Option<String>,
    /// Session policy.
    pub policy: Option<String>,
    /// Managed session policies.
    pub policy_arns: Vec<String>,
    /// Name of the session.
    pub session_name: Option<String>,
    /// Who is behind it.
    pub source_identity: Option<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
    /// Session tags handed on along a chain.
    pub transitive_tag_keys: Vec<String>,
}

/// A role to assume with a token.
#[derive(Debug, Clone, Default)]
pub struct WebIdentity {
    /// ARN.
    pub role_arn: String,
    /// How long a session lasts.
    pub duration: Option<Duration>,
    /// Session policy.
    pub policy: Option<String>,
    /// Managed session policies.
    pub policy_arns: Vec<String>,
    /// Name of the session.
    pub session_name: Option<String>,
    /// The token itself.
    pub token: Option<String>,
    /// Or the file that holds it.
    pub token_file: Option<String>,
}

/// Everything the provider block says.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `region`.
    pub region: Option<String>,
    /// `profile`.
    pub profile: Option<String>,
    /// `access_key`, `secret_key`, `token`.
    pub keys: Option<(String, String, Option<String>)>,
    /// `shared_config_files`.
    pub config_files: Vec<String>,
    /// `shared_credentials_files`.
    pub credentials_files: Vec<String>,
    /// The chain of `assume_role` blocks, in order.
    pub assume_role: Vec<AssumeRole>,
    /// `assume_role_with_web_identity`.
    pub web_identity: Option<WebIdentity>,
    /// `default_tags`.
    pub default_tags: Tags,
    /// `ignore_tags`.
    pub ignore_tags: IgnoreTags,
    /// `endpoints`, by the service's key.
    pub endpoints: BTreeMap<String, String>,
    /// `allowed_account_ids`.
    pub allowed_accounts: Vec<String>,
    /// `forbidden_account_ids`.
    pub forbidden_accounts: Vec<String>,
    /// `max_retries`.
    pub max_retries: Option<u32>,
    /// `retry_mode = "adaptive"`.
    pub adaptive: Option<bool>,
    /// `http_proxy`.
    pub http_proxy: Option<String>,
    /// `https_proxy`.
    pub https_proxy: Option<String>,
    /// `no_proxy`.
    pub no_proxy: Option<String>,
    /// `custom_ca_bundle`.
    pub ca_bundle: Option<String>,
    /// `skip_credentials_validation`.
    pub skip_credentials_validation: bool,
    /// `skip_requesting_account_id`.
    pub skip_account: bool,
    /// `skip_region_validation`.
    pub skip_region_validation: bool,
    /// `skip_metadata_api_check`.
    pub skip_metadata: bool,
    /// `ec2_metadata_service_endpoint`.
    pub metadata_endpoint: Option<String>,
    /// `s3_use_path_style`.
    pub s3_path_style: bool,
    /// `sts_region`.
    pub sts_region: Option<String>,
    /// `use_fips_endpoint`.
    pub fips: Option<bool>,
    /// `use_dualstack_endpoint`.
    pub dualstack: Option<bool>,
}

impl Settings {
    /// Reads the provider block.
    pub fn from_config(config: &Value) -> Self {
        let c = Obj::new(config);
        let keys = match (c.string("access_key"), c.string("secret_key")) {
            (Some(id), Some(secret)) => Some((id, secret, c.string("token"))),
            _ => None,
        };
        let assume_role = c.blocks("assume_role").iter().filter_map(role).collect();
        let web_identity = c.block("assume_role_with_web_identity").and_then(|b| web_identity(&b));
        let ignore = c.block("ignore_tags");
        let ignore_tags = ignore
            .map(|b| IgnoreTags { keys: b.strings("keys"), prefixes: b.strings("key_prefixes") })
            .unwrap_or_default();
        let mut endpoints = BTreeMap::new();
        for block in c.blocks("endpoints") {
            endpoints.extend(block.string_map_of_attributes());
        }
        Settings {
            region: c.string("region"),
            profile: c.string("profile"),
            keys,
            config_files: c.strings("shared_config_files"),
            credentials_files: c.strings("shared_credentials_files"),
            assume_role,
            web_identity,
            default_tags: c.block("default_tags").map(|b| b.string_map("tags")).unwrap_or_default(),
            ignore_tags,
            endpoints,
            allowed_accounts: c.strings("allowed_account_ids"),
            forbidden_accounts: c.strings("forbidden_account_ids"),
            max_retries: c.int("max_retries").and_then(|n| u32::try_from(n).ok()),
            adaptive: c.opt("retry_mode").map(|m| m == "adaptive"),
            http_proxy: c.string("http_proxy"),
            https_proxy: c.string("https_proxy"),
            no_proxy: c.string("no_proxy"),
            ca_bundle: c.string("custom_ca_bundle"),
            skip_credentials_validation: c.bool("skip_credentials_validation"),
            skip_account: c.bool("skip_requesting_account_id"),
            skip_region_validation: c.bool("skip_region_validation"),
            skip_metadata: c.str("skip_metadata_api_check") == "true",
            metadata_endpoint: c.string("ec2_metadata_service_endpoint"),
            s3_path_style: c.bool("s3_use_path_style"),
            sts_region: c.string("sts_region"),
            fips: c.opt_bool("use_fips_endpoint"),
            dualstack: c.opt_bool("use_dualstack_endpoint"),
        }
    }

    /// The endpoint configured for a service, by any of its keys.
    pub fn endpoint(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.endpoints.get(*key)).map(String::as_str)
    }
}

fn role(block: &Obj<'_>) -> Option<AssumeRole> {
    Some(AssumeRole {
        role_arn: block.string("role_arn")?,
        duration: block.opt("duration").and_then(go_duration),
        external_id: block.string("external_id"),
        policy: block.string("policy"),
        policy_arns: block.strings("policy_arns"),
        session_name: block.string("session_name"),
        source_identity: block.string("source_identity"),
        tags: block.string_map("tags"),
        transitive_tag_keys: block.strings("transitive_tag_keys"),
    })
}

fn web_identity(block: &Obj<'_>) -> Option<WebIdentity> {
    Some(WebIdentity {
        role_arn: block.string("role_arn")?,
        duration: block.opt("duration").and_then(go_duration),
        policy: block.string("policy"),
        policy_arns: block.strings("policy_arns"),
        session_name: block.string("session_name"),
        token: block.string("web_identity_token"),
        token_file: block.string("web_identity_token_file"),
    })
}

/// Checks the block without credentials; unknowns pass.
pub fn check(config: &Value) -> Diagnostics {
    let mut out = Diagnostics::new();
    let c = Obj::new(config);
    let at = |name: &str| vec![AttributeStep::Name(name.to_owned())];
    if c.has("allowed_account_ids") && c.has("forbidden_account_ids") {
        out.push(
            Diagnostic::error(
                "Conflicting configuration arguments",
                "\"allowed_account_ids\": conflicts with forbidden_account_ids",
            )
            .attribute(at("allowed_account_ids")),
        );
    }
    if let Some(mode) = c.opt("retry_mode")
        && !matches!(mode, "standard" | "adaptive" | "legacy")
    {
        out.push(
            Diagnostic::error(format!("expected retry_mode to be one of [\"standard\" \"adaptive\"], got {mode}"), "")
                .attribute(at("retry_mode")),
        );
    }
    if c.bool("insecure") {
        out.push(
            Diagnostic::error(
                "Certificates cannot go unchecked",
                "`insecure = true` asks to accept any certificate. This provider always checks certificates.",
            )
            .hint("Name the certificate authority in `custom_ca_bundle` or AWS_CA_BUNDLE instead.")
            .attribute(at("insecure")),
        );
    }
    for (name, other) in [("access_key", "secret_key"), ("secret_key", "access_key")] {
        if c.has(name) && c.known(other) && !c.has(other) {
            out.push(
                Diagnostic::error(
                    "Missing required argument",
                    format!("\"{name}\": all of `{name},{other}` must be specified"),
                )
                .attribute(at(name)),
            );
        }
    }
    if let Some(region) = c.opt("region")
        && !c.bool("skip_region_validation")
        && super::partition::of_region(region).is_none()
    {
        out.push(
            Diagnostic::error("Invalid AWS Region", format!("invalid AWS Region: {region}"))
                .hint("Check the spelling; for a region newer than this program set skip_region_validation = true.")
                .attribute(at("region")),
        );
    }
    for block in c.blocks("assume_role").iter().chain(&c.blocks("assume_role_with_web_identity")) {
        if let Some(text) = block.opt("duration")
            && go_duration(text).is_none()
        {
            out.push(Diagnostic::error(
                "Invalid duration",
                format!("`duration = \"{text}\"` is not a time such as 1h or 30m."),
            ));
        }
    }
    out
}

/// A duration as Go writes it: `1h30m`, `90s`, `250ms`.
pub fn go_duration(text: &str) -> Option<Duration> {
    let mut total = 0f64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit_length = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(unit_length)?;
        let factor = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = tail;
    }
    Duration::try_from_secs_f64(total).ok()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_in_go() {
        assert_eq!(go_duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(go_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(go_duration("15"), None);
        assert_eq!(go_duration("soon"), None);
    }

    #[test]
    fn half_a_key_pair_is_refused() {
        let config = Value::object_of([
            ("access_key", Value::string("AKIA")),
            ("secret_key", Value::null(crate::lang::value::Type::String)),
        ]);
        let found = check(&config);
        assert!(found.iter().any(|d| d.detail.contains("all of `access_key,secret_key` must be specified")));
    }
}
