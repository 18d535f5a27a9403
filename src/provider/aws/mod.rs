//! The native AWS provider: hashicorp/aws 5.100.0 in schema, state and behaviour, without its binary.
//!
//! | file | what it is for |
//! |---|---|
//! | [`resource`] | what a type is: the traits a type implements |
//! | [`services`] | the list of services, and in each the list of its types |
//! | `schema/` | embedded schemas and rules |
//! | [`object`], [`attrs`], [`attribute_map`] | reading and writing attributes without ceremony |
//! | [`planner`], [`settle`], [`validate`], [`equivalence`], [`tags`] | everything that follows from schema and rules alone |
//! | [`aws`], [`clients`], [`credentials`], [`sign_in`], [`settings`], [`http`], [`retries`] | account, region, credentials, SDK clients |
//! | [`failure`], [`wait`] | errors, retries, waits: one place each |
//! | `written` | the policies this run wrote, for which waiting is worth it |
//! | `answers` | what bulk reads found |
//! | `companions` | what waits for the policies of its role or bucket |
//! | `ec2_query` | the one call to EC2, without its SDK |
//! | `read_back` | the read after a change |
//! | `functions` | `provider::aws::…` |
//! | `regional` | the `region` argument of each type |
//! | [`native`] | the [`crate::provider::Provider`] made of all this |
//!
//! A new type is one file implementing [`resource::ResourceType`], one schema file, and one line in its service's list.

mod answers;
pub mod attribute_map;
pub mod attrs;
// The type at the centre has the name of what it is.
#[allow(clippy::module_inception)]
pub mod aws;
pub mod checks;
pub mod clients;
mod companions;
mod credentials;
mod ec2_query;
pub mod equivalence;
pub mod failure;
mod functions;
mod http;
mod json_syntax;
pub mod naming;
pub mod native;
pub mod object;
pub mod partition;
pub mod planner;
mod principals;
mod private;
mod read_back;
mod regional;
pub mod resource;
mod retries;
pub mod schema;
pub mod services;
pub mod settings;
pub mod settle;
mod sign_in;
pub mod tags;
pub mod time;
pub mod validate;
pub mod wait;
mod written;

mod cloudtrail;
mod cloudwatch;
mod codebuild;
mod codecommit;
mod codeconnections;
mod codedeploy;
mod codepipeline;
mod codestarconnections;
mod codestarnotifications;
mod data;
mod discover;
mod ecr;
mod ephemeral;
mod eventbridge;
mod iam;
mod kms;
mod lambda;
mod logs;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod recorded;
mod s3;
mod secretsmanager;
mod sfn;
mod sns;
mod sqs;
mod ssm;
mod tagging;

pub use native::AwsFactory;
