//! A request as policies see it: who, what, on what, and the facts about it.

use super::truth::Truth;
use std::collections::BTreeMap;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// An AWS service: `codepipeline.amazonaws.com`.
    Service(String),
    /// A session of a role.
    Role {
        /// `arn:aws:iam::123456789012:role/name`
        arn: String,
        /// The session's name, where known.
        session: Option<String>,
    },
    /// A user: `arn:aws:iam::123456789012:user/name`
    User(String),
    /// Somebody who came through an identity provider: its ARN or host name.
    Federated(String),
    /// Nobody in particular.
    Anonymous,
}

impl Caller {
    /// The ARN of role or user.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Caller::Role { arn, .. } | Caller::User(arn) => Some(arn),
            _ => None,
        }
    }

    /// The account of role or user.
    pub fn account(&self) -> Option<&str> {
        account_of(self.arn()?)
    }
}

/// The account in an ARN, which may be a symbol; `None` where the ARN has none.
pub fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|a| !a.is_empty())
}

/// What is known of one key of the request's context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The request does not carry it.
    Absent,
    /// It may carry it, and with any value.
    Unknown,
    /// It carries these values; most keys have one.
    Values(Vec<String>),
}

/// The facts about a request, by condition key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    facts: BTreeMap<String, Fact>,
    partial: bool,
}

impl Context {
    /// All facts are given: a key that is not set is absent.
    pub fn complete() -> Self {
        Self::default()
    }

    /// Some facts are given: a key that is not set may be there.
    pub fn partial() -> Self {
        Context { facts: BTreeMap::new(), partial: true }
    }

    /// Sets a key, whatever its case.
    #[must_use]
    pub fn with(mut self, key: &str, values: &[&str]) -> Self {
        self.set(key, Fact::Values(values.iter().map(|v| (*v).to_owned()).collect()));
        self
    }

    /// Sets what is known of a key.
    pub fn set(&mut self, key: &str, fact: Fact) {
        self.facts.insert(key.to_lowercase(), fact);
    }

    /// What is known of a key.
    pub fn get(&self, key: &str) -> &Fact {
        let unset = if self.partial { &Fact::Unknown } else { &Fact::Absent };
        self.facts.get(&key.to_lowercase()).unwrap_or(unset)
    }

    /// Whether the request carries the key.
    pub fn has(&self, key: &str) -> Truth {
        match self.get(key) {
            Fact::Absent => Truth::No,
            Fact::Unknown => Truth::Unknown,
            Fact::Values(_) => Truth::Yes,
        }
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// `s3:GetObject`. With wildcards it stands for all actions they match.
    pub action: String,
    /// An ARN; `*` for an action that has no resource. With wildcards it stands for all resources they match.
    pub resource: String,
    /// The facts.
    pub context: Context,
}
