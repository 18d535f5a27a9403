//! The record of who holds a state: Terraform's lock info, its JSON, and the message shown to those who wait.

use crate::diagnostics::{Diagnostic, Diagnostics};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who holds a lock, and why. Field names and their order are Terraform's, in `.NAME.lock.info` and in S3 alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
pub struct LockInfo {
    /// A UUID.
    #[serde(rename = "ID")]
    pub id: String,
    /// `OperationTypePlan`, `OperationTypeApply`, `state-mv`, …
    pub operation: String,
    /// Free text, usually empty.
    pub info: String,
    /// `user@host`
    pub who: String,
    /// Version of the program.
    pub version: String,
    /// RFC 3339 with nanoseconds.
    pub created: String,
    /// The state, as its backend names it.
    pub path: String,
}

impl LockInfo {
    /// A new lock by this user on this machine, now.
    pub fn new(operation: &str, path: impl Into<String>) -> Self {
        LockInfo {
            id: uuid::Uuid::new_v4().to_string(),
            operation: operation.to_owned(),
            info: String::new(),
            who: who(),
            version: super::TERRAFORM_VERSION.to_owned(),
            created: jiff::Timestamp::now().to_string(),
            path: path.into(),
        }
    }

    /// One line of JSON, as Terraform writes it.
    pub fn to_json(&self) -> String {
        super::codec::json::compact(self)
    }
}

impl fmt::Display for LockInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Lock Info:")?;
        writeln!(f, "  ID:        {}", self.id)?;
        writeln!(f, "  Path:      {}", self.path)?;
        writeln!(f, "  Operation: {}", self.operation)?;
        writeln!(f, "  Who:       {}", self.who)?;
        writeln!(f, "  Version:   {}", self.version)?;
        writeln!(f, "  Created:   {}", self.created)?;
        write!(f, "  Info:      {}", self.info)
    }
}

fn who() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| {
        if rustix::process::getuid().is_root() { "root".into() } else { rustix::process::getuid().as_raw().to_string() }
    });
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{user}@{host}")
}

/// The lock is held by someone else.
pub fn held(info: Option<&LockInfo>, reason: &str) -> Diagnostics {
    let mut detail = format!("Error message: {reason}\n");
    if let Some(info) = info {
        detail.push_str(&info.to_string());
        detail.push('\n');
    }
    detail.push_str(
        "\nThe state is locked so that two runs never write it at once. Wait for the other run to end, or give \
         -lock-timeout to wait for it.",
    );
    let mut diagnostic = Diagnostic::error("Error acquiring the state lock", detail);
    if let Some(info) = info.filter(|i| !i.id.is_empty()) {
        diagnostic = diagnostic.hint(format!(
            "If that run is certainly dead, remove its lock with `pipewright force-unlock {}`.",
            info.id
        ));
    }
    diagnostic.into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_json_has_terraforms_fields_in_its_order() {
        let info = LockInfo {
            id: "x".into(),
            operation: "OperationTypePlan".into(),
            who: "root@vm".into(),
            version: "1.11.4".into(),
            created: "2026-11-23T02:26:14.372889966Z".into(),
            path: "a<b".into(),
            info: String::new(),
        };
        assert_eq!(
            info.to_json(),
            "{\"ID\":\"x\",\"Operation\":\"OperationTypePlan\",\"Info\":\"\",\"Who\":\"root@vm\",\"Version\":\"1.11.4\",\
             \"Created\":\"2026-11-23T02:26:14.372889966Z\",\"Path\":\"a\\u003cb\"}"
        );
        assert_eq!(serde_json::from_str::<LockInfo>(&info.to_json()).unwrap(), info);
    }
}
