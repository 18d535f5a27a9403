//! What resource policies grant to services, and roles to their holders: the plain questions that need no evaluation of conditions.

use super::{Attr, Found, Model, Object, Text};
use crate::domain::pattern::Verdict;
use crate::domain::policy::{Policy, Principals, Statement};
use crate::lang::value::symbol;

/// Whether a statement is about a service principal.
pub fn names_service(statement: &Statement, service: &str) -> bool {
    match &statement.principals {
        Some(Principals::Everyone) => true,
        Some(Principals::Some(kinds)) => {
            kinds.get("Service").is_some_and(|s| s.iter().any(|p| p == service || p == "*"))
        }
        None => false,
    }
}

/// Whether one of a statement's actions covers `action`, with wildcards.
pub fn covers_action(statement: &Statement, action: &str) -> bool {
    if statement.actions.is_empty() {
        return !statement.not_actions.is_empty()
            && !statement.not_actions.iter().any(|a| glob(&a.to_lowercase(), &action.to_lowercase()));
    }
    statement.actions.iter().any(|a| glob(&a.to_lowercase(), &action.to_lowercase()))
}

/// Whether a pattern with `*` and `?` fits a text.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut i, mut j) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while j < t.len() {
        match p.get(i) {
            Some('*') => {
                back = Some((i, j));
                i += 1;
            }
            Some(c) if *c == '?' || Some(c) == t.get(j) => {
                i += 1;
                j += 1;
            }
            _ => match back {
                Some((star, at)) => {
                    back = Some((star, at + 1));
                    i = star + 1;
                    j = at + 1;
                }
                None => return false,
            },
        }
    }
    p.iter().skip(i).all(|c| *c == '*')
}

/// Whether a statement limits the callers by a key such as `aws:SourceArn`.
pub fn has_condition(statement: &Statement, keys: &[&str]) -> bool {
    statement.conditions.values().any(|c| c.keys().any(|k| keys.iter().any(|key| k.eq_ignore_ascii_case(key))))
}

/// A policy document of an attribute: `None` when it is not known or no policy.
pub fn policy_of(attr: &Attr<'_>) -> Option<Policy> {
    Policy::parse(attr.text()?.0)
}

impl<'c> Model<'c> {
    /// The policy of a key made here, wherever it is set.
    pub fn key_policy<'a>(&'a self, key: &'a Object<'c>) -> Attr<'a> {
        let own = self.owned_by("aws_kms_key_policy", "key_id", key);
        own.first().map_or_else(|| key.get("policy"), |policy| policy.get("policy"))
    }

    /// The policies of a role made here: inline, attached and those in its own block; and whether there may be others.
    pub fn role_policies<'a>(&'a self, role: &'a Object<'c>) -> (Vec<(Attr<'a>, Policy)>, bool) {
        let mut found = Vec::new();
        let mut open = false;
        let mut take = |attr: Attr<'a>| match policy_of(&attr) {
            Some(policy) => found.push((attr, policy)),
            None => open |= attr.value().is_some(),
        };
        for own in role.blocks("inline_policy") {
            take(own.get("policy"));
        }
        for policy in self.owned_by("aws_iam_role_policy", "role", role) {
            take(policy.get("policy"));
        }
        let mut attached = role.get("managed_policy_arns").elements();
        for attachment in self.owned_by("aws_iam_role_policy_attachment", "role", role) {
            attached.push(attachment.get("policy_arn"));
        }
        for list in self.owned_by("aws_iam_role_policy_attachments_exclusive", "role_name", role) {
            attached.extend(list.get("policy_arns").elements());
        }
        attached.extend(self.listing(role).into_iter().map(|attachment| attachment.get("policy_arn")));
        for arn in attached {
            match self.resolve(&["aws_iam_policy"], &arn) {
                Found::Here(policy) => match policy_of(&policy.get("policy")) {
                    Some(parsed) => found.push((policy.get("policy"), parsed)),
                    None => open = true,
                },
                _ => open = true,
            }
        }
        let vague = ["aws_iam_role_policy", "aws_iam_role_policy_attachment"];
        open |= vague.iter().any(|t| self.may_be_owned(t, "role", role));
        (found, open)
    }

    /// Whether a role made here may do something to a resource, as far as its statements' actions and resources tell.
    pub fn role_may(&self, role: &Object<'c>, action: &str, resource: Option<Text<'_>>) -> Verdict {
        let (policies, open) = self.role_policies(role);
        let mut verdict = if open { Verdict::Maybe } else { Verdict::No };
        for statement in policies.iter().flat_map(|(_, p)| &p.statements).filter(|s| s.effect == "Allow") {
            if covers_action(statement, action) {
                verdict = verdict.or(match resource {
                    None => Verdict::Yes,
                    Some(resource) => covers_resource(statement, resource),
                });
            }
        }
        verdict
    }
}

fn covers_resource(statement: &Statement, resource: Text<'_>) -> Verdict {
    if statement.resources.is_empty() {
        return Verdict::Maybe;
    }
    statement.resources.iter().fold(Verdict::No, |v, pattern| {
        v.or(match (symbol::has_symbol(pattern), resource.known()) {
            _ if resource.is(pattern) || pattern == "*" => Verdict::Yes,
            (false, Some(known)) => Verdict::of(glob(pattern, known)),
            _ => match resource.may_be(pattern) || pattern.contains('*') {
                true => Verdict::Maybe,
                false => Verdict::No,
            },
        })
    })
}
