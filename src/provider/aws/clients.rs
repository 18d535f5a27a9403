//! One SDK client per service, made when first used, all over one HTTP client and one set of credentials.

use super::aws::Aws;
use super::retries::GiveUpEarly;
use std::sync::OnceLock;

/// The clients made so far.
#[derive(Default)]
pub struct Clients {
    cloudtrail: OnceLock<aws_sdk_cloudtrail::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    codebuild: OnceLock<aws_sdk_codebuild::Client>,
    codecommit: OnceLock<aws_sdk_codecommit::Client>,
    codeconnections: OnceLock<aws_sdk_codeconnections::Client>,
    codedeploy: OnceLock<aws_sdk_codedeploy::Client>,
    codepipeline: OnceLock<aws_sdk_codepipeline::Client>,
    codestar: OnceLock<aws_sdk_codestarconnections::Client>,
    notifications: OnceLock<aws_sdk_codestarnotifications::Client>,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    events: OnceLock<aws_sdk_eventbridge::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
    lambda: OnceLock<aws_sdk_lambda::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    secrets_manager: OnceLock<aws_sdk_secretsmanager::Client>,
    sfn: OnceLock<aws_sdk_sfn::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    tagging: OnceLock<aws_sdk_resourcegroupstagging::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
}

/// A client method: the field, the crate, and the keys of the service in the `endpoints` block.
macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $krate:ident, [$($key:literal),+]) => {
        $(#[$doc])*
        pub fn $name(&self) -> &$krate::Client {
            self.clients.$name.get_or_init(|| {
                let mut config = $krate::config::Builder::from(self.sdk()).interceptor(GiveUpEarly);
                if let Some(url) = self.settings().endpoint(&[$($key),+]) {
                    config = config.endpoint_url(url);
                }
                $krate::Client::from_conf(config.build())
            })
        }
    };
}

impl Aws {
    client!(
        /// CloudTrail.
        cloudtrail, aws_sdk_cloudtrail, ["cloudtrail"]
    );
    client!(
        /// CloudWatch.
        cloudwatch, aws_sdk_cloudwatch, ["cloudwatch"]
    );
    client!(
        /// CloudWatch Logs.
        logs, aws_sdk_cloudwatchlogs, ["logs", "cloudwatchlog", "cloudwatchlogs"]
    );
    client!(
        /// CodeBuild.
        codebuild, aws_sdk_codebuild, ["codebuild"]
    );
    client!(
        /// CodeCommit.
        codecommit, aws_sdk_codecommit, ["codecommit"]
    );
    client!(
        /// CodeConnections.
        codeconnections, aws_sdk_codeconnections, ["codeconnections"]
    );
    client!(
        /// CodeDeploy.
        codedeploy, aws_sdk_codedeploy, ["codedeploy", "deploy"]
    );
    client!(
        /// CodePipeline.
        codepipeline, aws_sdk_codepipeline, ["codepipeline"]
    );
    client!(
        /// CodeStar connections.
        codestar, aws_sdk_codestarconnections, ["codestarconnections"]
    );
    client!(
        /// CodeStar notifications.
        notifications, aws_sdk_codestarnotifications, ["codestarnotifications"]
    );
    client!(
        /// Elastic Container Registry.
        ecr, aws_sdk_ecr, ["ecr"]
    );
    client!(
        /// EventBridge.
        events, aws_sdk_eventbridge, ["events", "eventbridge", "cloudwatchevents"]
    );
    client!(
        /// IAM.
        iam, aws_sdk_iam, ["iam"]
    );
    client!(
        /// KMS.
        kms, aws_sdk_kms, ["kms"]
    );
    client!(
        /// Lambda.
        lambda, aws_sdk_lambda, ["lambda"]
    );
    client!(
        /// Secrets Manager.
        secrets_manager, aws_sdk_secretsmanager, ["secretsmanager"]
    );
    client!(
        /// Step Functions.
        sfn, aws_sdk_sfn, ["sfn", "stepfunctions"]
    );
    client!(
        /// SQS.
        sqs, aws_sdk_sqs, ["sqs"]
    );
    client!(
        /// Systems Manager.
        ssm, aws_sdk_ssm, ["ssm"]
    );
    client!(
        /// Resource Groups Tagging API.
        tagging, aws_sdk_resourcegroupstagging, ["resourcegroupstaggingapi", "resourcegroupstagging"]
    );
    client!(
        /// SNS.
        sns, aws_sdk_sns, ["sns"]
    );

    /// S3.
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        self.clients.s3.get_or_init(|| {
            let mut config = aws_sdk_s3::config::Builder::from(self.sdk())
                .interceptor(GiveUpEarly)
                .force_path_style(self.settings().s3_path_style);
            if let Some(url) = self.settings().endpoint(&["s3", "s3api"]) {
                config = config.endpoint_url(url);
            }
            if let Some(http) = self.sdk().http_client() {
                config = config.http_client(super::s3::compatible::client(http));
            }
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }

    /// STS.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.clients.sts.get_or_init(|| super::credentials::sts_client(self.sdk(), self.settings()))
    }
}
