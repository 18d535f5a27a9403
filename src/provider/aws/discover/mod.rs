//! Everything that belongs to a live pipeline, found by following references from object to object.
//!
//! The pipeline names its role, artifact stores and actions; these name projects, keys, topics and further roles, and so on. Each object
//! is looked at once. What may not be read is told and the search goes on: a caller without some permission still gets the rest.
//!
//! In the wider [`Scope`] the search then goes on to what has to do with the pipeline without belonging to it: rules and trails about
//! everything, functions, settings that every bucket has.

mod actions;
mod audit;
mod buckets;
mod builds;
mod deliveries;
mod events;
mod keys;
mod logs;
mod messages;
mod notifications;
mod pipelines;
mod roles;

use super::aws::Aws;
use super::failure::{Failure, Outcome};
use crate::provider::Progress;
use crate::provider::discovery::{Discovery, Found, Missing, Scope, lasting};
use std::collections::{BTreeSet, VecDeque};

/// Something to look at, with how it was come upon.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lead {
    Pipeline(String),
    /// By ARN.
    Role(String),
    Bucket(String),
    /// By id, ARN, alias or alias ARN.
    Key(String),
    /// By name.
    Project(String),
    /// By ARN.
    Topic(String),
    /// By ARN.
    Queue(String),
    LogGroup(String),
    /// By ARN.
    Connection(String),
    Repository(String),
    Registry(String),
    Application(String),
    DeploymentGroup(String, String),
    DeploymentConfig(String),
    /// By ARN.
    StateMachine(String),
    /// Name or ARN.
    Function(String),
    /// Category, provider, version.
    ActionType(String, String, String),
}

/// A search under way.
struct Search<'a> {
    aws: &'a Aws,
    scope: Scope,
    discovery: Discovery,
    seen: BTreeSet<Lead>,
    leads: VecDeque<(Lead, String)>,
    /// Names that event rules may mention, by the field of an event that has them.
    mentions: BTreeSet<(&'static str, String)>,
    /// ARNs of buckets and pipelines: what trails and rules may name.
    arns: BTreeSet<String>,
    /// Event rules about pipelines in general, with their bus.
    general: Vec<(String, aws_sdk_eventbridge::types::Rule)>,
}

/// Finds everything that belongs to the pipeline of this name. Only that the pipeline itself cannot be read is an error.
pub async fn pipeline(aws: &Aws, name: &str, scope: Scope, progress: &dyn Progress) -> Outcome<Discovery> {
    let mut search = Search {
        aws,
        scope,
        discovery: Discovery::default(),
        seen: BTreeSet::new(),
        leads: VecDeque::new(),
        mentions: BTreeSet::new(),
        arns: BTreeSet::new(),
        general: Vec::new(),
    };
    search.pipeline(name).await?;
    search.seen.insert(Lead::Pipeline(name.to_owned()));
    search.follow(progress).await?;
    search.event_rules().await;
    search.notification_rules().await;
    search.follow(progress).await?;
    // Trails are looked for when all buckets are known, and have buckets, keys and roles of their own.
    search.trails().await;
    search.alarms().await;
    search.follow(progress).await?;
    for (bus, rule) in std::mem::take(&mut search.general) {
        search.rule(&bus, &rule, "hears of all pipelines").await;
    }
    search.follow(progress).await?;
    Ok(search.discovery)
}

impl Search<'_> {
    async fn follow(&mut self, progress: &dyn Progress) -> Outcome<()> {
        while let Some((lead, because)) = self.leads.pop_front() {
            if progress.interrupted() {
                return Err(Failure::said("Interrupted", "The search was stopped before everything was found."));
            }
            match &lead {
                Lead::Pipeline(name) => self.pipeline(name).await?,
                Lead::Role(arn) => self.role(arn, &because).await,
                Lead::Bucket(name) => self.bucket(name, &because).await,
                Lead::Key(id) => self.key(id, &because).await,
                Lead::Project(name) => self.project(name, &because).await,
                Lead::Topic(arn) => self.topic(arn, &because).await,
                Lead::Queue(arn) => self.queue(arn, &because).await,
                Lead::LogGroup(name) => self.log_group(name, &because).await,
                Lead::Connection(arn) => self.connection(arn, &because).await,
                Lead::Repository(name) => self.repository(name, &because).await,
                Lead::Registry(name) => self.registry(name, &because).await,
                Lead::Application(name) => self.application(name, &because).await,
                Lead::DeploymentGroup(app, group) => self.deployment_group(app, group, &because).await,
                Lead::DeploymentConfig(name) => self.deployment_config(name, &because).await,
                Lead::StateMachine(arn) => self.state_machine(arn, &because).await,
                Lead::Function(name) => self.function(name, &because).await,
                Lead::ActionType(category, provider, version) => {
                    let id = format!("{category}/{provider}/{version}");
                    self.found("aws_codepipeline_custom_action_type", id, provider, &because);
                }
            }
        }
        Ok(())
    }

    /// Looks at something later, unless it was already.
    fn lead(&mut self, lead: Lead, because: impl Into<String>) {
        if self.seen.insert(lead.clone()) {
            self.leads.push_back((lead, because.into()));
        }
    }

    fn found(&mut self, type_name: &'static str, id: impl Into<String>, name: &str, because: &str) {
        let found = Found { type_name, id: id.into(), name: name.to_owned(), because: because.to_owned() };
        let known = |f: &Found| f.type_name == found.type_name && f.id == found.id;
        if !self.discovery.found.iter().any(known) {
            self.discovery.found.push(found);
        }
    }

    fn missing(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.miss(Missing { what: what.into(), why: why.into(), denied: None, types: Vec::new() });
    }

    fn miss(&mut self, missing: Missing) {
        if !self.discovery.missing.contains(&missing) {
            self.discovery.missing.push(missing);
        }
    }

    /// Whether what does not belong to the pipeline alone is looked for, too.
    fn is_wide(&self) -> bool {
        self.scope == Scope::Concerning
    }

    /// The answer; a failure is told and gives nothing.
    fn read<T>(&mut self, what: impl Into<String>, answer: Outcome<T>) -> Option<T> {
        self.list(what, &[], answer)
    }

    /// The same for an answer that lists objects of these types: after a failure there may be some.
    fn list<T>(&mut self, what: impl Into<String>, types: &[&'static str], answer: Outcome<T>) -> Option<T> {
        match answer {
            Ok(value) => Some(value),
            Err(failure) => {
                let what = what.into();
                let denied = failure.call().filter(|_| failure.is_denied()).map(|call| call.action());
                let said = failure.diagnostic("reading it");
                let why = match &denied {
                    Some(action) => format!("These credentials may not call {action}."),
                    None if said.detail.is_empty() => said.summary,
                    None => lasting(&said.detail).to_owned(),
                };
                self.miss(Missing { what, why, denied, types: types.to_vec() });
                None
            }
        }
    }

    /// Whether an ARN is of this account and region (or of no region).
    fn is_here(&self, arn: &str) -> bool {
        let mut parts = arn.split(':').skip(3);
        let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        (region.is_empty() || region == self.aws.region())
            && (account.is_empty() || self.aws.account().is_none_or(|own| own == account))
    }

    /// Whether an ARN can be looked at; if not, that is told.
    fn reachable(&mut self, what: &str, arn: &str) -> bool {
        let here = self.is_here(arn);
        if !here {
            self.missing(
                format!("{what} {arn}"),
                "It is of another account or region than the provider. Import it with a provider configuration of its own.",
            );
        }
        here
    }
}

/// The part of an ARN behind its account.
fn resource_of(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

/// The last name of an ARN or path.
fn last_name(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}
