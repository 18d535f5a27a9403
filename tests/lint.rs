//! Lint over real configuration texts: loaded, surveyed and checked as the command does it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "lint/examples.rs"]
mod examples;
#[path = "lint/fixture.rs"]
mod fixture;
#[path = "lint/model.rs"]
mod model;
#[path = "lint/near_misses.rs"]
mod near_misses;
#[path = "lint/outputs.rs"]
mod outputs;
#[path = "lint/permissions.rs"]
mod permissions;
