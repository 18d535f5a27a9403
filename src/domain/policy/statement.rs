//! Whether one statement is about a request.

use super::condition;
use super::document::{Principals, Statement};
use super::glob::{covers, covers_ignoring_case, overlap, overlap_ignoring_case, same};
use super::request::{Caller, Request, account_of};
use super::symbol;
use super::truth::Truth;
use super::variables::{Expanded, expand};

/// How a resource policy names the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The role or user itself, everyone, or a service: a grant to them needs nothing more in their account.
    Itself,
    /// The session of a role, which not even a permission boundary limits.
    Session,
    /// The account: it may hand the permission on by identity policies.
    Account,
}

impl Statement {
    /// Whether the statement's effect is `Deny`.
    pub fn denies(&self) -> bool {
        self.effect.eq_ignore_ascii_case("deny")
    }

    /// Whether the statement's effect is `Allow`.
    pub fn allows(&self) -> bool {
        self.effect.eq_ignore_ascii_case("allow")
    }

    /// Whether it is about the action. For an action with wildcards: about all actions that it stands for; about some is unknown.
    pub fn matches_action(&self, action: &str) -> Truth {
        if !self.not_actions.is_empty() {
            return !Truth::any(self.not_actions.iter().map(|p| about_action(p, action)));
        }
        Truth::any(self.actions.iter().map(|p| about_action(p, action)))
    }

    /// Whether it is about the resource. A statement without any is about what it is attached to.
    pub fn matches_resource(&self, request: &Request, variables: bool) -> Truth {
        let about = |pattern: &String| match expand(pattern, &request.context, variables) {
            Expanded::Texts(texts) => Truth::any(texts.iter().map(|p| about_resource(p, &request.resource))),
            Expanded::Nothing => Truth::No,
            Expanded::Unknown => Truth::Unknown,
        };
        if !self.not_resources.is_empty() {
            return !Truth::any(self.not_resources.iter().map(about));
        }
        if self.resources.is_empty() {
            return Truth::Yes;
        }
        Truth::any(self.resources.iter().map(about))
    }

    /// Whether its conditions hold.
    pub fn matches_condition(&self, request: &Request, variables: bool) -> Truth {
        condition::holds(&self.conditions, &request.context, variables)
    }

    /// Action, resource and conditions together.
    pub fn matches(&self, request: &Request, variables: bool) -> Truth {
        let action = self.matches_action(&request.action);
        if action.is_no() {
            return Truth::No;
        }
        let both = action.and(self.matches_resource(request, variables));
        if both.is_no() { Truth::No } else { both.and(self.matches_condition(request, variables)) }
    }

    /// Whether its principals include the caller, and how they name it. A statement without principals is about everyone that the
    /// policy is attached to.
    pub fn matches_caller(&self, caller: &Caller) -> (Truth, Naming) {
        if let Some(not) = &self.not_principals {
            return (!all_named(not, caller), Naming::Itself);
        }
        match &self.principals {
            None => (Truth::Yes, Naming::Itself),
            Some(principals) => named(principals, caller),
        }
    }
}

fn about_action(pattern: &str, action: &str) -> Truth {
    let found = covers_ignoring_case(pattern, action);
    if found.is_no() && action.contains(['*', '?']) && overlap_ignoring_case(pattern, action) {
        return Truth::Unknown;
    }
    found
}

/// `*` as a resource is that of an action without resources, which only `*` matches.
fn about_resource(pattern: &str, resource: &str) -> Truth {
    let found = covers(pattern, resource);
    if found.is_no() && resource != "*" && resource.contains(['*', '?']) && overlap(pattern, resource) {
        return Truth::Unknown;
    }
    found
}

/// The strongest way in which the principals name the caller.
fn named(principals: &Principals, caller: &Caller) -> (Truth, Naming) {
    let kinds = match principals {
        Principals::Everyone => return (Truth::Yes, Naming::Itself),
        Principals::Some(kinds) => kinds,
    };
    let of = |kind: &str| kinds.get(kind).into_iter().flatten().map(String::as_str);
    match caller {
        Caller::Service(name) => (Truth::any(of("Service").map(|p| service(p, name))), Naming::Itself),
        Caller::Federated(provider) => {
            (Truth::any(of("Federated").map(|p| if p == "*" { Truth::Yes } else { same(p, provider) })), Naming::Itself)
        }
        Caller::Anonymous => (Truth::any(of("AWS").map(|p| (p == "*").into())), Naming::Itself),
        Caller::User(_) | Caller::Role { .. } => {
            let mut best = (Truth::No, Naming::Account);
            for pattern in of("AWS") {
                for (truth, naming) in aws(pattern, caller) {
                    let stronger = truth > best.0 || (truth == best.0 && naming != Naming::Account);
                    if !truth.is_no() && stronger {
                        best = (truth, naming);
                    }
                }
            }
            best
        }
    }
}

/// `*`, the ARN of the role or user, of the session, or of the account.
fn aws(pattern: &str, caller: &Caller) -> Vec<(Truth, Naming)> {
    if pattern == "*" {
        return vec![(Truth::Yes, Naming::Itself)];
    }
    let Some(arn) = caller.arn() else { return Vec::new() };
    let mut found = vec![(same(pattern, arn), Naming::Itself)];
    if let Some(session) = session_arn(caller) {
        found.push((same(pattern, &session), Naming::Session));
    }
    if symbol::is_known(pattern) {
        // Only texts that name an account: a symbol alone is the role itself or another, never taken for an account.
        let account = pattern.strip_suffix(":root").and_then(account_of).unwrap_or(pattern);
        if let Some(own) = caller.account() {
            found.push((same(account, own), Naming::Account));
        }
    } else if let Some(account) = pattern.strip_suffix(":root").and_then(account_of)
        && let Some(own) = caller.account()
    {
        found.push((same(account, own), Naming::Account));
    }
    found
}

/// `arn:aws:sts::123456789012:assumed-role/name/session`; roles lose their path there.
fn session_arn(caller: &Caller) -> Option<String> {
    let Caller::Role { arn, session: Some(session) } = caller else { return None };
    let (before, name) = arn.split_once(":role/")?;
    let name = name.rsplit('/').next()?;
    Some(format!("{}:assumed-role/{name}/{session}", before.replacen(":iam:", ":sts:", 1)))
}

fn service(pattern: &str, name: &str) -> Truth {
    if pattern == "*" {
        return Truth::Yes;
    }
    same(pattern, name)
}

/// Whether `NotPrincipal` takes the caller out. A session is taken out when its account, its role and itself are listed; when only
/// some of them are, AWS decides by what the caller is seen as, and so it is unknown.
fn all_named(principals: &Principals, caller: &Caller) -> Truth {
    let Principals::Some(kinds) = principals else { return Truth::Yes };
    if !matches!(caller, Caller::Role { .. } | Caller::User(_)) {
        return named(principals, caller).0;
    }
    let found =
        |want: Naming| {
            Truth::any(
                kinds.get("AWS").into_iter().flatten().flat_map(|p| {
                    aws(p, caller).into_iter().filter(|(_, naming)| *naming == want).map(|(truth, _)| truth)
                }),
            )
        };
    let everyone = kinds.get("AWS").is_some_and(|who| who.contains("*"));
    let needed = match caller {
        Caller::Role { session: Some(_), .. } => {
            vec![found(Naming::Account), found(Naming::Itself), found(Naming::Session)]
        }
        _ => vec![found(Naming::Account), found(Naming::Itself)],
    };
    if everyone || needed.iter().all(|n| n.is_yes()) {
        Truth::Yes
    } else if needed.iter().all(|n| n.is_no()) {
        Truth::No
    } else {
        Truth::Unknown
    }
}
