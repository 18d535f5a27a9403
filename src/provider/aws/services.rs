//! The services this provider knows.

use super::resource::Service;
use super::{cloudtrail, codebuild, codepipeline, codestarconnections, data, eventbridge, iam, logs, sns};

/// All of them.
pub static SERVICES: &[&Service] = &[
    &cloudtrail::SERVICE,
    &codebuild::SERVICE,
    &codepipeline::SERVICE,
    &codestarconnections::SERVICE,
    &data::SERVICE,
    &eventbridge::SERVICE,
    &iam::SERVICE,
    &logs::SERVICE,
    &sns::SERVICE,
];
