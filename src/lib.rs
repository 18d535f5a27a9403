//! Pipewright: infrastructure as code for AWS delivery pipelines, in the Terraform language.
//!
//! The rooms, in order; each may use those above it and none below (`tests/architecture.rs` checks it):
//!
//! | room | what it is for |
//! |---|---|
//! | [`diagnostics`] | messages with their place in the source |
//! | [`address`] | module, resource, instance and provider addresses |
//! | [`lang`] | the language: syntax, values, evaluation, functions |
//! | [`config`] | blocks to a typed module tree; variables; modules |
//! | [`domain`] | delivery pipelines, IAM policies, event patterns: pure knowledge |
//! | [`remote`] | commands and files on other machines over SSH |
//! | [`provider`] | the provider interface, the native AWS provider, builtins |
//! | [`state`] | Terraform's state v4, backends and locks |
//! | [`engine`] | graph, refresh, plan, apply |
//! | [`lint`] | best-practice rules over a survey, a plan or live objects |
//! | [`operate`] | working with what was provisioned: who is told of what |
//! | [`view`] | one file per output format |
//! | [`cli`] | arguments, settings, commands |

pub mod address;
pub mod cli;
pub mod config;
pub mod diagnostics;
pub mod domain;
pub mod engine;
pub mod lang;
pub mod lint;
pub mod maps;
pub mod operate;
pub mod parallel;
pub mod provider;
pub mod remote;
pub mod state;
pub mod view;
