//! What a set of policies decides about a request: AWS's order of evaluation, with the statements that decided.

use super::document::{Policy, Principals};
use super::request::{Caller, Request};
use super::statement::Naming;
use super::truth::Truth;

/// A policy with the name by which it is reported.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// `aws_iam_role_policy.build`, an ARN: whatever people know it by.
    pub name: &'a str,
    /// The document.
    pub policy: &'a Policy,
}

/// What the resource is, as far as it changes which policies count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResourceKind {
    /// In one account, identity policy or resource policy is enough.
    #[default]
    Ordinary,
    /// A KMS key or a role's trust: the resource policy must name the caller or hand the decision to the account.
    Guarded,
}

/// All policies that have a say.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// Of the role or user, inline and attached.
    pub identity: Vec<Named<'a>>,
    /// Permission boundary.
    pub boundary: Option<Named<'a>>,
    /// Session policies; none at all is different from one that allows nothing.
    pub session: Vec<Named<'a>>,
    /// Service control policies, by level from the root; each level must allow.
    pub service_control: Vec<Vec<Named<'a>>>,
    /// Of the resource.
    pub resource: Option<Named<'a>>,
    /// What the resource is.
    pub kind: ResourceKind,
    /// The resource's account; `None` where it is the caller's, or where the caller has none.
    pub resource_account: Option<&'a str>,
    /// Whether some of the caller's policies could not be read: what is not granted by the others may still be.
    pub identity_partial: bool,
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Some statement allows it and none denies it.
    Allowed,
    /// A statement denies it.
    Denied,
    /// Nothing allows it.
    NotAllowed,
    /// It depends on what is not known.
    Unknown,
}

/// A statement that took part in the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deciding<'a> {
    /// The policy's name.
    pub policy: &'a str,
    /// Which of its statements, from 0.
    pub statement: usize,
    /// `No` never stands here; `Unknown` means that it may match.
    pub matches: Truth,
}

/// A decision with its reasons: the statements that deny, or those that allow, or those that might.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The decision.
    pub verdict: Verdict,
    /// The statements behind it; empty when nothing is about the request.
    pub deciding: Vec<Deciding<'a>>,
}

/// What one kind of policies says.
#[derive(Debug, Clone, Default)]
struct Say<'a> {
    allow: Vec<Deciding<'a>>,
    deny: Vec<Deciding<'a>>,
    naming: Vec<Naming>,
}

fn certain(found: &[Deciding<'_>]) -> Truth {
    Truth::any(found.iter().map(|d| d.matches))
}

/// Whether policy variables are active in the document.
fn has_variables(policy: &Policy) -> bool {
    policy.version.as_deref() == Some("2012-10-17")
}

/// `as_resource`: whether principals count.
fn say<'a>(policies: &[Named<'a>], request: &Request, as_resource: bool) -> Say<'a> {
    let mut out = Say::default();
    for named in policies {
        let variables = has_variables(named.policy);
        for (index, statement) in named.policy.statements.iter().enumerate() {
            let mut matches = statement.matches(request, variables);
            let mut naming = Naming::Itself;
            if as_resource && !matches.is_no() {
                let (who, how) = statement.matches_caller(&request.caller);
                matches = matches.and(who);
                naming = how;
            }
            if matches.is_no() {
                continue;
            }
            let deciding = Deciding { policy: named.name, statement: index, matches };
            if statement.denies() {
                out.deny.push(deciding);
            } else if statement.allows() {
                out.allow.push(deciding);
                out.naming.push(naming);
            }
        }
    }
    out
}

/// Decides a request.
pub fn evaluate<'a>(policies: &Policies<'a>, request: &Request) -> Decision<'a> {
    let identity = say(&policies.identity, request, false);
    let boundary = policies.boundary.map(|b| say(&[b], request, false));
    let session = (!policies.session.is_empty()).then(|| say(&policies.session, request, false));
    let control: Vec<Say<'a>> = policies.service_control.iter().map(|level| say(level, request, false)).collect();
    let resource = policies.resource.map(|r| say(&[r], request, true));

    let all = [Some(&identity), boundary.as_ref(), session.as_ref(), resource.as_ref()];
    let denying: Vec<Deciding<'a>> =
        all.into_iter().flatten().chain(&control).flat_map(|s| s.deny.iter().copied()).collect();
    let denied = certain(&denying);
    if denied.is_yes() {
        let deciding = denying.into_iter().filter(|d| d.matches.is_yes()).collect();
        return Decision { verdict: Verdict::Denied, deciding };
    }

    let by_identity = {
        let own = certain(&identity.allow);
        if own.is_no() && policies.identity_partial { Truth::Unknown } else { own }
    };
    let limits = Limits {
        boundary: boundary.as_ref().map_or(Truth::Yes, |s| certain(&s.allow)),
        session: session.as_ref().map_or(Truth::Yes, |s| certain(&s.allow)),
        control: Truth::all(control.iter().map(|s| certain(&s.allow))),
    };
    let allowed = allowed(policies, request, by_identity, resource.as_ref(), &limits);

    let mut deciding: Vec<Deciding<'a>> = identity.allow.clone();
    deciding.extend(resource.iter().flat_map(|r| r.allow.iter().copied()));
    let verdict = match (allowed, denied) {
        (Truth::No, _) => Verdict::NotAllowed,
        (Truth::Yes, Truth::No) => Verdict::Allowed,
        (_, Truth::Unknown) => {
            deciding = denying;
            Verdict::Unknown
        }
        _ => Verdict::Unknown,
    };
    if verdict == Verdict::Allowed {
        deciding.retain(|d| d.matches.is_yes());
    }
    Decision { verdict, deciding }
}

struct Limits {
    boundary: Truth,
    session: Truth,
    control: Truth,
}

fn allowed(
    policies: &Policies<'_>,
    request: &Request,
    by_identity: Truth,
    resource: Option<&Say<'_>>,
    limits: &Limits,
) -> Truth {
    let granted = |want: fn(Naming) -> bool| {
        resource.map_or(Truth::No, |r| {
            Truth::any(r.allow.iter().zip(&r.naming).filter(|(_, n)| want(**n)).map(|(d, _)| d.matches))
        })
    };
    let own_limits = limits.boundary.and(limits.session);
    let has_account = matches!(request.caller, Caller::Role { .. } | Caller::User(_));
    if !has_account {
        // Services and strangers have no identity policies.
        return granted(|_| true);
    }
    let by_limited_identity = by_identity.and(own_limits);
    let foreign = match (policies.resource_account, request.caller.account()) {
        (Some(resource), Some(caller)) => !super::glob::same(resource, caller),
        _ => Truth::No,
    };
    let across = by_limited_identity.and(granted(|_| true));
    let within = match policies.kind {
        ResourceKind::Ordinary => by_limited_identity
            .or(granted(|n| n == Naming::Itself).and(direct_limits(&request.caller, limits)))
            .or(granted(|n| n == Naming::Session)),
        ResourceKind::Guarded => granted(|n| n == Naming::Itself)
            .and(direct_limits(&request.caller, limits))
            .or(granted(|n| n == Naming::Session))
            .or(granted(|n| n == Naming::Account).and(by_limited_identity)),
    };
    let decided = match foreign {
        Truth::Yes => across,
        Truth::No => within,
        Truth::Unknown if across == within => across,
        Truth::Unknown => Truth::Unknown,
    };
    decided.and(limits.control)
}

/// A resource policy that names a user is not limited by the user's boundary; one that names a role is.
fn direct_limits(caller: &Caller, limits: &Limits) -> Truth {
    match caller {
        Caller::Role { .. } => limits.boundary.and(limits.session),
        _ => Truth::Yes,
    }
}

/// Whether a trust policy lets the caller take the role with `sts:AssumeRole`. A service needs nothing else; a role or user of the same
/// account named itself neither; of others their own policies must allow it too, which is not judged here.
pub fn trusts(trust: &Policy, caller: &Caller, context: &super::request::Context) -> Truth {
    let request = Request {
        caller: caller.clone(),
        action: "sts:AssumeRole".into(),
        resource: String::new(),
        context: context.clone(),
    };
    let said = say(&[Named { name: "trust", policy: trust }], &request, true);
    certain(&said.allow).and(!certain(&said.deny))
}

/// Whether the document names principals as a resource policy does.
pub fn is_resource_policy(policy: &Policy) -> bool {
    policy.statements.iter().any(|s| s.principals.is_some() || s.not_principals.is_some())
}

/// Everyone: `"*"`, alone or among others.
pub fn names_everyone(principals: &Principals) -> bool {
    match principals {
        Principals::Everyone => true,
        Principals::Some(kinds) => kinds.get("AWS").is_some_and(|who| who.contains("*")),
    }
}
