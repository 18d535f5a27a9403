//! Events of CodePipeline: detail-types, their states and fields; samples with patterns that are known to match them or not.

use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One detail-type of CodePipeline.
#[derive(Debug, Clone, Deserialize)]
pub struct DetailType {
    /// `CodePipeline Pipeline Execution State Change`.
    pub detail_type: String,
    /// The states its events have.
    pub states: Vec<String>,
    /// Fields of `detail`, with a few words on each.
    pub detail_fields: BTreeMap<String, String>,
}

/// What is known of events.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EventCatalog {
    /// Of CodePipeline.
    pub detail_types: Vec<DetailType>,
    /// By name.
    pub sample_events: BTreeMap<String, Json>,
    /// By name.
    pub example_patterns: BTreeMap<String, Json>,
    /// Name of a pattern to the names of exactly the samples it matches.
    pub expected_matches: BTreeMap<String, Vec<String>>,
}

/// What is known of events.
pub fn events() -> &'static EventCatalog {
    static ALL: OnceLock<EventCatalog> = OnceLock::new();
    ALL.get_or_init(|| serde_json::from_str(include_str!("events.json")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read() {
        assert_eq!(events().detail_types.len(), 3);
        assert!(events().detail_types.iter().all(|d| d.states.contains(&"FAILED".to_owned())));
    }
}
