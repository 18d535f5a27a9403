//! Graph, refresh, plan, apply. Knows configuration, providers and state; never a particular cloud, and prints nothing.

pub mod event;
pub mod plan;
