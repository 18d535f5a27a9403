//! The services this provider knows.

use super::resource::Service;
use super::{
    cloudtrail, cloudwatch, codebuild, codecommit, codeconnections, codedeploy, codepipeline, codestarconnections,
    codestarnotifications, data, ecr, eventbridge, iam, kms, lambda, logs, s3, secretsmanager, sfn, sns, sqs, ssm,
    tagging,
};

/// All of them.
pub static SERVICES: &[&Service] = &[
    &cloudtrail::SERVICE,
    &cloudwatch::SERVICE,
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
    &lambda::SERVICE,
    &logs::SERVICE,
    &s3::SERVICE,
    &secretsmanager::SERVICE,
    &sfn::SERVICE,
    &sns::SERVICE,
    &sqs::SERVICE,
    &ssm::SERVICE,
    &tagging::SERVICE,
];
