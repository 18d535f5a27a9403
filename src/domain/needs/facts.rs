//! The facts of a pipeline that its permissions follow from. Texts may hold symbols.

use crate::domain::policy::Truth;
use crate::domain::policy::symbol;
use std::collections::BTreeMap;

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `aws`
    pub partition: String,
    /// `eu-central-1`
    pub region: String,
    /// `123456789012`
    pub account: String,
}

/// An artifact store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFacts {
    /// The bucket's name.
    pub bucket: String,
    /// ARN of the customer managed key.
    pub key: Option<String>,
    /// Its region, where several stores are told apart by it.
    pub region: Option<String>,
}

/// The configuration of an action or rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Values by key.
    pub values: BTreeMap<String, String>,
    /// Whether there may be keys that are not known.
    pub partial: bool,
}

impl Settings {
    /// The value of a key that is set to something.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// Whether a key is set.
    pub fn has(&self, key: &str) -> Truth {
        match self.get(key) {
            Some(_) => Truth::Yes,
            None if self.partial => Truth::Unknown,
            None => Truth::No,
        }
    }

    /// Whether a key has one of these values.
    pub fn is_one_of(&self, key: &str, values: &[String]) -> Truth {
        match self.get(key) {
            Some(value) if values.iter().any(|v| v == value) => Truth::Yes,
            Some(value) if symbol::is_known(value) && !value.contains("#{") => Truth::No,
            Some(_) => Truth::Unknown,
            None if self.partial => Truth::Unknown,
            None => Truth::No,
        }
    }
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionFacts {
    /// Name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// `Build/AWS/CodeBuild/1`; `None` when not known.
    pub kind: Option<String>,
    /// A role of its own.
    pub role: Option<String>,
    /// Its region, if it is set.
    pub region: Option<String>,
    /// Its configuration.
    pub settings: Settings,
    /// Whether it has input artifacts.
    pub inputs: bool,
    /// Whether it has output artifacts.
    pub outputs: bool,
}

/// A rule of a stage's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFacts {
    /// Name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// `CloudWatchAlarm`; `None` when not known.
    pub provider: Option<String>,
    /// A role of its own.
    pub role: Option<String>,
    /// Its region, if it is set.
    pub region: Option<String>,
    /// Its configuration.
    pub settings: Settings,
}

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineFacts {
    /// Its name.
    pub name: String,
    /// Its service role.
    pub role: String,
    /// Where it is.
    pub place: Place,
    /// Its stores.
    pub stores: Vec<StoreFacts>,
    /// Its actions in order.
    pub actions: Vec<ActionFacts>,
    /// Rules of conditions in order.
    pub rules: Vec<RuleFacts>,
    /// Whether all stages and actions are known.
    pub complete: bool,
}
