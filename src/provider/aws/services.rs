//! The services this provider knows.

use super::resource::Service;
use super::{
    cloudtrail, codebuild, codepipeline, codestarconnections, data, eventbridge, iam, kms, logs, s3, sns, tagging,
};

/// All of them.
pub static SERVICES: &[&Service] = &[
    &cloudtrail::SERVICE,
    &codebuild::SERVICE,
    &codepipeline::SERVICE,
    &codestarconnections::SERVICE,
    &data::SERVICE,
    &eventbridge::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &logs::SERVICE,
    &s3::SERVICE,
    &sns::SERVICE,
    &tagging::SERVICE,
];
