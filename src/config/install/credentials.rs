//! Tokens for registries: `TF_TOKEN_host`, then the CLI configuration, then its helper program, as Terraform finds them.

use super::cli_config::{CliConfig, host_name};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// Tokens by host. Cannot be printed.
pub(super) struct Credentials {
    environment: BTreeMap<String, String>,
    configured: BTreeMap<String, String>,
    helper: Option<(std::path::PathBuf, Vec<String>)>,
}

impl Credentials {
    /// From the environment's variables and the CLI configuration.
    pub fn new(environment: &[(String, String)], config: &mut CliConfig) -> Self {
        let named = environment.iter().filter_map(|(name, token)| {
            // `__` stands for a hyphen and `_` for a dot, which shells do not allow in names.
            let host = name.strip_prefix("TF_TOKEN_")?.replace("__", "-").replace('_', ".");
            Some((host_name(&host), token.clone())).filter(|(host, _)| !host.is_empty())
        });
        Credentials {
            environment: named.collect(),
            configured: std::mem::take(&mut config.tokens),
            helper: config.helper.take(),
        }
    }

    /// The token for a host, if there is one.
    pub fn token(&self, host: &str) -> Option<String> {
        let host = host_name(host);
        let known = self.environment.get(&host).or_else(|| self.configured.get(&host)).cloned();
        known.or_else(|| self.ask_helper(&host)).filter(|token| !token.is_empty())
    }

    fn ask_helper(&self, host: &str) -> Option<String> {
        let (program, arguments) = self.helper.as_ref()?;
        let output = Command::new(program).args(arguments).args(["get", host]).stdin(Stdio::null()).output().ok()?;
        let answer: serde_json::Value =
            serde_json::from_slice(&output.stdout).ok().filter(|_| output.status.success())?;
        answer.get("token")?.as_str().map(str::to_owned)
    }
}

/// The variable that holds the token for a host.
pub(super) fn variable(host: &str) -> String {
    format!("TF_TOKEN_{}", host_name(host).replace('-', "__").replace('.', "_"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_environment_counts_before_the_files() {
        let environment =
            [("TF_TOKEN_a_example_com", "env"), ("TF_TOKEN_my__host_example_com", "hyphen"), ("TF_TOKEN_", "none")];
        let environment = environment.map(|(n, v)| (n.to_owned(), v.to_owned()));
        let mut config = CliConfig::default();
        config.tokens.insert("a.example.com".into(), "file".into());
        config.tokens.insert("b.example.com".into(), "file".into());
        let credentials = Credentials::new(&environment, &mut config);
        let token = |host| credentials.token(host);
        assert_eq!(token("A.example.com:443").as_deref(), Some("env"));
        assert_eq!(token("b.example.com").as_deref(), Some("file"));
        assert_eq!(token("my-host.example.com").as_deref(), Some("hyphen"));
        assert_eq!(token("c.example.com"), None);
        assert_eq!(variable("my-host.example.com"), "TF_TOKEN_my__host_example_com");
    }

    #[test]
    fn the_helper_is_asked_last() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("helper");
        std::fs::write(&program, "#!/bin/sh\n[ \"$1 $2\" = 'arg get' ] && printf '{\"token\": \"for-%s\"}' \"$3\"\n")
            .unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut config = CliConfig { helper: Some((program, vec!["arg".into()])), ..CliConfig::default() };
        let credentials = Credentials::new(&[], &mut config);
        assert_eq!(credentials.token("a.example.com").as_deref(), Some("for-a.example.com"));
    }
}
