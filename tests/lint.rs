//! Lint over real configuration texts: loaded, surveyed and checked as the command does it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

#[path = "lint/cases.rs"]
mod cases;
#[path = "lint/docs.rs"]
mod docs;
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
#[path = "lint/owners.rs"]
mod owners;
#[path = "lint/permissions.rs"]
mod permissions;
#[path = "lint/repairs.rs"]
mod repairs;
#[path = "lint/sarif.rs"]
mod sarif;
#[path = "lint/secrets.rs"]
mod secrets;
#[path = "lint/tour.rs"]
mod tour;
#[path = "lint/variations.rs"]
mod variations;
