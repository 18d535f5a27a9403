//! What AWS offers, as data: action types of CodePipeline, its limits and events; IAM's actions, resource types, condition keys and
//! managed policies. The files carry how sure each fact is; one of low confidence never makes an error.

mod actions;
mod events;
pub mod iam;
mod limits;

pub use actions::{ActionType, Certainty, Key, Need, actions, find};
pub use events::{DetailType, EventCatalog, events};
pub use limits::{Limits, NameRule, limits};

/// Keys of an action's configuration whose values are secrets whatever they hold.
pub const SECRET_KEYS: &[&str] = &["OAuthToken", "ClientSecret", "RefreshToken"];
