//! The services this provider knows.

use super::resource::Service;
use super::{
    cloudtrail, codebuild, codecommit, codeconnections, codedeploy, codepipeline, codestarconnections,
    codestarnotifications, data, ecr, eventbridge, iam, kms, logs, s3, sns, tagging,
};

/// All of them.
pub static SERVICES: &[&Service] = &[
    &cloudtrail::SERVICE,
    &codebuild::SERVICE,
    &codecommit::SERVICE,
    &codeconnections::SERVICE,
    &codedeploy::SERVICE,
    &codepipeline::SERVICE,
    &codestarconnections::SERVICE,
    &codestarnotifications::SERVICE,
    &data::SERVICE,
    &ecr::SERVICE,
    &eventbridge::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &logs::SERVICE,
    &s3::SERVICE,
    &sns::SERVICE,
    &tagging::SERVICE,
];
