//! The AWS managed policies that pipelines, builds and deployments attach.

use crate::domain::policy::Policy;
use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::LazyLock;

static MANAGED: LazyLock<BTreeMap<String, ManagedPolicy>> = LazyLock::new(|| {
    let mut text = String::new();
    let read = ZlibDecoder::new(include_bytes!("managed.bin").as_slice()).read_to_string(&mut text);
    let all: serde_json::Map<String, serde_json::Value> =
        read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_default();
    all.into_iter()
        .filter_map(|(path, document)| {
            let policy = Policy::from_json(&document)?;
            Some((path, ManagedPolicy { policy }))
        })
        .collect()
});

/// A managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Its document.
    pub policy: Policy,
}

/// The AWS managed policy with this ARN: `arn:aws:iam::aws:policy/AdministratorAccess`, in any partition. `None`: it is none, or not
/// one that is known here.
pub fn managed_policy(arn: &str) -> Option<&'static ManagedPolicy> {
    let mut parts = arn.splitn(6, ':');
    let (first, _, service, region, account, path) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if (first, service, region, account) != ("arn", "iam", "", "aws") {
        return None;
    }
    MANAGED.get(path)
}

/// All of them, by path and name: `policy/AdministratorAccess`.
pub fn managed_policies() -> impl Iterator<Item = (&'static str, &'static ManagedPolicy)> {
    MANAGED.iter().map(|(path, policy)| (path.as_str(), policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managed_policies_are_found_by_arn() {
        let arn = "arn:aws-us-gov:iam::aws:policy/AdministratorAccess";
        let actions = managed_policy(arn).and_then(|p| p.policy.statements.first()).map(|s| s.actions.clone());
        assert_eq!(actions, Some(["*".to_owned()].into()));
        assert!(managed_policy("arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole").is_some());
        assert!(managed_policy("arn:aws:iam::123456789012:policy/AdministratorAccess").is_none());
        assert!(managed_policies().count() > 80);
    }
}
