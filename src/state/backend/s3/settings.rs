//! The arguments of `backend "s3"`, checked and resolved with the environment.

use super::layout::{DEFAULT_PREFIX, Layout};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::value::{Fields, Value};
use crate::state::backend::arguments::Arguments;
use aws_sdk_s3::types::ObjectCannedAcl;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};
use std::sync::Arc;

/// Everything the backend needs to know. Holds secrets, so it cannot be printed.
pub struct Settings {
    /// `bucket`
    pub bucket: String,
    /// `key` and `workspace_key_prefix`
    pub(super) layout: Layout,
    /// `encrypt`, `kms_key_id`, `sse_customer_key`
    pub encryption: Encryption,
    /// `acl`
    pub acl: Option<ObjectCannedAcl>,
    /// Whether uploads carry a SHA-256 checksum (`skip_s3_checksum` turns it off).
    pub checksum: bool,
    /// `use_lockfile`
    pub lock: bool,
    /// Region, credentials, endpoints, proxies, retries and account checks: an object with the arguments of the AWS provider's
    /// block, which are the same.
    pub connection: Value,
}

/// How objects are encrypted at rest.
#[derive(Clone, PartialEq, Eq)]
pub enum Encryption {
    /// As the bucket says.
    Bucket,
    /// With keys of S3.
    S3,
    /// With a key of KMS: its id or ARN.
    Kms(String),
    /// With a key of the customer that S3 does not keep.
    Customer(CustomerKey),
}

/// A key as its headers want it.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerKey {
    /// 32 bytes in base64.
    pub key: String,
    /// The MD5 of those bytes in base64.
    pub md5: String,
}

/// Reads an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Arguments that mean the same in a provider block under the same name.
const SHARED: &[&str] = &[
    "access_key",
    "allowed_account_ids",
    "assume_role",
    "assume_role_with_web_identity",
    "custom_ca_bundle",
    "ec2_metadata_service_endpoint",
    "forbidden_account_ids",
    "http_proxy",
    "https_proxy",
    "max_retries",
    "no_proxy",
    "profile",
    "region",
    "retry_mode",
    "secret_key",
    "shared_config_files",
    "shared_credentials_files",
    "skip_credentials_validation",
    "skip_region_validation",
    "skip_requesting_account_id",
    "sts_region",
    "token",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
];

/// Arguments that gave way to others: the old one, the object the new one stands in, its name there, and a variable of the
/// environment that is as old.
const DEPRECATED_ENDPOINTS: &[(&str, &str, &str)] = &[
    ("dynamodb_endpoint", "dynamodb", "AWS_DYNAMODB_ENDPOINT"),
    ("iam_endpoint", "iam", "AWS_IAM_ENDPOINT"),
    ("endpoint", "s3", "AWS_S3_ENDPOINT"),
    ("sts_endpoint", "sts", "AWS_STS_ENDPOINT"),
];

/// Tries after the first one, unless `max_retries` says otherwise.
const MAX_RETRIES: i64 = 5;

impl Settings {
    /// Checks the arguments. `block` is the header of the block, when there is one. Warnings come along.
    ///
    /// # Errors
    /// Missing, malformed and conflicting arguments, in Terraform's words, and those this program cannot honour.
    pub fn new(
        arguments: &Arguments,
        block: Option<Span>,
        environment: Environment<'_>,
    ) -> Result<(Settings, Diagnostics), Diagnostics> {
        let mut reading = Reading { arguments, block, environment, found: Diagnostics::new() };
        let bucket = reading.required("bucket", false);
        let key = reading.required("key", true);
        let prefix = reading.string("workspace_key_prefix").unwrap_or(DEFAULT_PREFIX.into());
        if prefix.starts_with('/') || prefix.ends_with('/') {
            reading.invalid("workspace_key_prefix", "The value must not start or end with \"/\"");
        }
        reading.refused();
        reading.conflicts();
        reading.roles();
        let encryption = reading.encryption();
        let connection = reading.connection();
        let settings = Settings {
            bucket,
            layout: Layout { key, prefix },
            encryption,
            acl: reading.text("acl").map(ObjectCannedAcl::from),
            checksum: !reading.flag("skip_s3_checksum"),
            lock: reading.flag("use_lockfile"),
            connection,
        };
        reading.found.into_result(settings)
    }
}

struct Reading<'a> {
    arguments: &'a Arguments,
    block: Option<Span>,
    environment: Environment<'a>,
    found: Diagnostics,
}

impl Reading<'_> {
    fn value(&self, name: &str) -> Option<&Value> {
        self.arguments.value.get(name).filter(|v| !v.is_null())
    }

    /// Set, perhaps to nothing.
    fn string(&self, name: &str) -> Option<String> {
        self.value(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// Set to something.
    fn text(&self, name: &str) -> Option<&str> {
        self.arguments.text(name)
    }

    fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or_default()
    }

    fn env(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|v| !v.is_empty())
    }

    fn say(&mut self, name: &str, diagnostic: Diagnostic) {
        let mut diagnostic = diagnostic.at_opt(self.arguments.spans.get(name).copied().or(self.block));
        if let Some(block) = self.block {
            diagnostic = diagnostic.within(block);
        }
        self.found.push(diagnostic);
    }

    fn invalid(&mut self, name: &str, detail: &str) {
        self.say(name, Diagnostic::error("Invalid Value", format!("`{name}`: {detail}.")));
    }

    fn required(&mut self, name: &str, path: bool) -> String {
        let Some(text) = self.string(name) else {
            let detail = format!("The attribute \"{name}\" is required by the backend.");
            let hint = format!("Set `{name}` in the backend block, or give -backend-config={name}=VALUE to init.");
            self.say(name, Diagnostic::error("Missing Required Value", detail).hint(hint));
            return String::new();
        };
        if text.trim().is_empty() {
            self.invalid(name, "The value cannot be empty or all whitespace");
        } else if path && (text.starts_with('/') || text.ends_with('/')) {
            self.invalid(name, "The value must not start or end with \"/\"");
        } else if path && text.contains("//") {
            self.invalid(name, "Value must not contain \"//\"");
        }
        text
    }

    /// What Terraform's backend can do and this one cannot; ignoring it would be worse than stopping.
    fn refused(&mut self) {
        let refusals = [
            (
                self.text("dynamodb_table").is_some(),
                "dynamodb_table",
                "Locking with DynamoDB is not supported",
                "`dynamodb_table` asks for locks and checksums in a DynamoDB table. This program keeps locks in the bucket itself; \
                 it would leave the table's checksum stale, and Terraform would then refuse the state.",
                "Replace `dynamodb_table` with `use_lockfile = true`, which Terraform 1.10 and newer understand too.",
            ),
            (
                self.flag("insecure"),
                "insecure",
                "Certificates cannot go unchecked",
                "`insecure = true` asks to accept any certificate. This program always checks certificates.",
                "Name the certificate authority in `custom_ca_bundle` or AWS_CA_BUNDLE instead.",
            ),
            (
                self.endpoint("sso").is_some(),
                "endpoints",
                "Endpoint cannot be set here",
                "`endpoints.sso` is not supported in this place.",
                "Set AWS_ENDPOINT_URL_SSO in the environment, or `endpoint_url` in the shared config file.",
            ),
            (
                self.text("ec2_metadata_service_endpoint_mode").is_some(),
                "ec2_metadata_service_endpoint_mode",
                "Metadata mode cannot be set here",
                "`ec2_metadata_service_endpoint_mode` is not supported in this place.",
                "Set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE in the environment instead.",
            ),
        ];
        for (applies, name, summary, detail, hint) in refusals {
            if applies {
                self.say(name, Diagnostic::error(summary, detail).hint(hint));
            }
        }
    }

    fn conflicts(&mut self) {
        const PAIRS: &[(&str, &str)] = &[
            ("kms_key_id", "sse_customer_key"),
            ("shared_credentials_file", "shared_credentials_files"),
            ("force_path_style", "use_path_style"),
            ("allowed_account_ids", "forbidden_account_ids"),
        ];
        for (a, b) in PAIRS {
            if self.value(a).is_some() && self.value(b).is_some() {
                let detail = format!("Only one of {a}, {b} can be set.");
                self.say(b, Diagnostic::error("Invalid Attribute Combination", detail));
            }
        }
        for (old, new) in
            [("force_path_style", "use_path_style"), ("shared_credentials_file", "shared_credentials_files")]
        {
            if self.value(old).is_some() {
                self.deprecated(old, new);
            }
        }
        for (old, new, _) in DEPRECATED_ENDPOINTS {
            if self.value(old).is_none() {
                continue;
            }
            self.deprecated(old, &format!("endpoints.{new}"));
            if self.value("endpoints").and_then(|e| e.get(new)).is_some_and(|v| !v.is_null()) {
                let detail = format!("The parameters \"{old}\" and \"endpoints.{new}\" cannot be configured together.");
                self.say(old, Diagnostic::error("Conflicting Parameters", detail));
            }
        }
        if let Some(mode) = self.string("retry_mode").filter(|m| !matches!(m.as_str(), "standard" | "adaptive")) {
            self.invalid("retry_mode", &format!("unknown RetryMode, {mode}; it is \"standard\" or \"adaptive\""));
        }
        if self.value("max_retries").is_some_and(|n| n.as_i64().is_none_or(|n| n < 0)) {
            self.invalid("max_retries", "The value must be a whole number, 0 or more");
        }
        for (a, b) in [("access_key", "secret_key"), ("secret_key", "access_key")] {
            if self.text(a).is_some() && self.text(b).is_none() {
                let detail = format!("`{a}` is set without `{b}`; the two belong together.");
                self.say(a, Diagnostic::error("Missing Required Value", detail));
            }
        }
    }

    fn deprecated(&mut self, old: &str, new: &str) {
        let detail = format!("The parameter \"{old}\" is deprecated. Use parameter \"{new}\" instead.");
        self.say(old, Diagnostic::warning("Deprecated Parameter", detail));
    }

    fn roles(&mut self) {
        for name in ["assume_role", "assume_role_with_web_identity"] {
            let Some(role) = self.value(name).cloned() else { continue };
            let text = |attribute: &str| role.get(attribute).and_then(Value::as_str).filter(|t| !t.is_empty());
            match text("role_arn") {
                None => {
                    let detail = format!("The attribute \"{name}.role_arn\" is required by the backend.");
                    self.say(name, Diagnostic::error("Missing Required Value", detail));
                }
                Some(arn) if !arn.starts_with("arn:") || arn.split(':').count() < 6 => {
                    let detail = format!("The value \"{arn}\" of {name}.role_arn cannot be parsed as an ARN.");
                    self.say(name, Diagnostic::error("Invalid ARN", detail));
                }
                Some(_) => {}
            }
            let tokens = [text("web_identity_token"), text("web_identity_token_file")];
            if name == "assume_role_with_web_identity" && tokens.iter().flatten().count() != 1 {
                let detail = "Exactly one of web_identity_token, web_identity_token_file must be set.";
                self.say(name, Diagnostic::error("Missing Required Value", detail));
            }
        }
    }

    /// As Terraform's backend does, keys count only together with `encrypt = true`; here that is said.
    fn encryption(&mut self) -> Encryption {
        let kms = self.text("kms_key_id").map(str::to_owned);
        if let Some(kms) = kms.as_ref().filter(|k| !is_kms_key(k)) {
            let detail = format!("Value must be a valid KMS Key ID, got \"{kms}\".");
            let error = Diagnostic::error("Invalid KMS Key ID", detail);
            self.say("kms_key_id", error.hint("Give the key's id or its ARN; aliases are not accepted."));
        }
        let own = self.text("sse_customer_key").map(|k| ("sse_customer_key", k.to_owned()));
        let own = own.or_else(|| Some(("AWS_SSE_CUSTOMER_KEY", self.env("AWS_SSE_CUSTOMER_KEY")?)));
        if let (Some(_), Some(("AWS_SSE_CUSTOMER_KEY", _))) = (&kms, &own) {
            let detail = "Only one of `kms_key_id` and the environment variable AWS_SSE_CUSTOMER_KEY can be set.";
            self.say("kms_key_id", Diagnostic::error("Invalid encryption configuration", detail));
        }
        let customer = own.and_then(|(name, key)| {
            let bytes = BASE64_STANDARD.decode(&key).ok().filter(|bytes| bytes.len() == 32);
            if bytes.is_none() {
                let detail = format!("{name} must be a key of 32 bytes in base64: 44 characters.");
                self.say("sse_customer_key", Diagnostic::error(format!("Invalid {name} value"), detail));
            }
            Some(CustomerKey { md5: BASE64_STANDARD.encode(Md5::digest(bytes?)), key })
        });
        if !self.flag("encrypt") {
            for name in ["kms_key_id", "sse_customer_key"] {
                if self.text(name).is_some() {
                    let detail = format!(
                        "`{name}` has no effect without `encrypt = true`: the state is stored as the bucket says."
                    );
                    self.say(name, Diagnostic::warning("Encryption is not turned on", detail));
                }
            }
            return Encryption::Bucket;
        }
        match (kms, customer) {
            (Some(kms), _) => Encryption::Kms(kms),
            (None, Some(key)) => Encryption::Customer(key),
            (None, None) => Encryption::S3,
        }
    }

    fn endpoint(&self, service: &str) -> Option<String> {
        let new = self.value("endpoints").and_then(|e| e.get(service)).and_then(Value::as_str);
        let old = DEPRECATED_ENDPOINTS.iter().find(|(_, new, _)| *new == service);
        new.filter(|u| !u.is_empty())
            .or_else(|| self.text(old?.0))
            .map(str::to_owned)
            // The SDK reads the newer AWS_ENDPOINT_URL_S3 and its like, which win.
            .or_else(|| {
                let newer = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
                old.filter(|_| self.env(&newer).is_none()).and_then(|(_, _, variable)| self.env(variable))
            })
            .map(|url| if url.contains("://") { url } else { format!("https://{url}") })
    }

    fn connection(&self) -> Value {
        let mut all = Fields::new();
        let mut put = |name: &str, value: Value| all.insert(Arc::from(name), value);
        for name in SHARED {
            if let Some(value) = self.value(name) {
                put(name, value.clone());
            }
        }
        if self.value("max_retries").is_none() && self.env("AWS_MAX_ATTEMPTS").is_none() {
            put("max_retries", Value::number(MAX_RETRIES));
        }
        if let Some(file) = self.text("shared_credentials_file") {
            put("shared_credentials_files", Value::tuple(vec![Value::string(file)]));
        }
        if let Some(skip) = self.value("skip_metadata_api_check").and_then(Value::as_bool) {
            put("skip_metadata_api_check", Value::string(skip.to_string()));
        }
        let path_style = self.flag("use_path_style") || self.flag("force_path_style");
        put("s3_use_path_style", Value::bool(path_style));
        let endpoints = ["s3", "sts", "iam"].map(|s| (s, self.endpoint(s)));
        let endpoints = endpoints.into_iter().filter_map(|(s, url)| Some((s, Value::string(url?))));
        put("endpoints", Value::object_of(endpoints));
        Value::object(all)
    }
}

/// `1234abcd-12ab-34cd-56ef-1234567890ab`, `mrk-…`, or the ARN of a key.
fn is_kms_key(text: &str) -> bool {
    let id = match text.strip_prefix("arn:") {
        Some(rest) => match rest.split(':').collect::<Vec<_>>().as_slice() {
            [_, "kms", _, _, resource] => resource.strip_prefix("key/"),
            _ => None,
        },
        None => Some(text),
    };
    let multi_region =
        |id: &str| id.strip_prefix("mrk-").is_some_and(|h| h.len() == 32 && h.bytes().all(|b| b.is_ascii_hexdigit()));
    id.is_some_and(|id| multi_region(id) || (id.len() == 36 && uuid::Uuid::try_parse(id).is_ok()))
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
    use super::super::arguments::ARGUMENTS;
    use super::*;
    use crate::state::backend::arguments::tests::block;

    fn read(inside: &str) -> Result<(Settings, Diagnostics), Diagnostics> {
        let block = block(&format!("backend \"s3\" {{\n{inside}\n}}"));
        Settings::new(&Arguments::of_block(ARGUMENTS, &block)?, Some(block.span), &|_| None)
    }

    fn good(inside: &str) -> Settings {
        read(&format!("bucket = \"b\"\nkey = \"k\"\n{inside}")).map(|(s, _)| s).unwrap_or_else(|e| panic!("{e:?}"))
    }

    fn errors(inside: &str) -> Vec<String> {
        let Err(found) = read(inside) else { panic!("accepted: {inside}") };
        found.iter().filter(|d| d.is_error()).map(|d| format!("{}: {}", d.summary, d.detail)).collect()
    }

    fn only(inside: &str) -> String {
        let found = errors(&format!("bucket = \"b\"\nkey = \"k\"\n{inside}"));
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    #[test]
    fn bucket_and_key_are_required() {
        let found = errors("");
        assert_eq!(found[0], "Missing Required Value: The attribute \"bucket\" is required by the backend.");
        assert!(found[1].contains("\"key\""));
    }

    #[test]
    fn keys_and_prefixes_must_be_paths_without_slashes_at_the_ends() {
        assert!(errors("bucket = \"b\"\nkey = \"/a\"")[0].contains("start or end"));
        assert!(errors("bucket = \"b\"\nkey = \"a//b\"")[0].contains("\"//\""));
        assert!(only("workspace_key_prefix = \"x/\"").contains("start or end"));
        assert_eq!(good("workspace_key_prefix = \"\"").layout.prefix, "");
        assert_eq!(good("").layout.prefix, "env:");
    }

    #[test]
    fn locking_with_dynamodb_is_refused_with_the_way_out() {
        let Err(found) = read("bucket = \"b\"\nkey = \"k\"\ndynamodb_table = \"t\"\nuse_lockfile = true") else {
            panic!()
        };
        assert!(found.iter().next().unwrap().hint.as_ref().unwrap().contains("use_lockfile = true"));
        assert!(found.iter().next().unwrap().span.is_some());
    }

    #[test]
    fn a_key_counts_only_with_encrypt() {
        let id = "kms_key_id = \"1234abcd-12ab-34cd-56ef-1234567890ab\"";
        assert!(good(id).encryption == Encryption::Bucket);
        let (_, warnings) = read(&format!("bucket = \"b\"\nkey = \"k\"\n{id}")).unwrap_or_else(|_| panic!());
        assert_eq!(warnings.len(), 1);
        assert!(matches!(good(&format!("{id}\nencrypt = true")).encryption, Encryption::Kms(_)));
        assert!(good("encrypt = true").encryption == Encryption::S3);
        assert!(only("kms_key_id = \"alias/x\"").starts_with("Invalid KMS Key ID"));
    }

    #[test]
    fn a_customer_key_has_32_bytes() {
        let zeros = "sse_customer_key = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\nencrypt = true";
        let Encryption::Customer(key) = good(zeros).encryption else { panic!() };
        assert_eq!(key.md5, "cLyPS3KoaSFGi/joRB3OUQ==");
        assert!(only("sse_customer_key = \"AAAA\"").contains("44 characters"));
    }

    #[test]
    fn deprecated_arguments_work_with_a_warning() {
        let text = "bucket = \"b\"\nkey = \"k\"\nendpoint = \"http://127.0.0.1:1\"\nforce_path_style = true";
        let (settings, warnings) = read(text).unwrap_or_else(|_| panic!());
        assert_eq!(warnings.len(), 2);
        let endpoints = settings.connection.get("endpoints").unwrap();
        assert_eq!(endpoints.get("s3").unwrap().as_str(), Some("http://127.0.0.1:1"));
        assert_eq!(settings.connection.get("s3_use_path_style").unwrap().as_bool(), Some(true));
    }

    #[test]
    fn conflicting_arguments_are_refused() {
        assert!(only("allowed_account_ids = [\"1\"]\nforbidden_account_ids = [\"1\"]").contains("Only one of"));
        assert!(
            only("endpoint = \"http://a\"\nendpoints = { s3 = \"http://b\" }").starts_with("Conflicting Parameters")
        );
        assert!(only("access_key = \"a\"").contains("`secret_key`"));
    }

    #[test]
    fn roles_are_checked() {
        assert!(only("assume_role = {}").contains("assume_role.role_arn"));
        let arn = "role_arn = \"arn:aws:iam::111122223333:role/x\"";
        assert!(only(&format!("assume_role_with_web_identity = {{ {arn} }}")).contains("Exactly one of"));
        let role = good(&format!("assume_role = {{ {arn}, duration = \"1h\" }}")).connection;
        assert_eq!(role.get("assume_role").unwrap().get("duration").unwrap().as_str(), Some("1h"));
    }

    #[test]
    fn retries_are_five_unless_set() {
        assert_eq!(good("").connection.get("max_retries").unwrap().as_i64(), Some(5));
        assert_eq!(good("max_retries = 2").connection.get("max_retries").unwrap().as_i64(), Some(2));
        assert!(only("retry_mode = \"fast\"").contains("unknown RetryMode, fast"));
        assert!(only("max_retries = -1").contains("0 or more"));
    }
}
