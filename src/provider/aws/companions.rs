//! What works only with the permissions of a role or bucket, and so is made after its policies: a pipeline starts its first run the
//! moment it exists, and CloudTrail refuses a bucket it may not write to.

use crate::provider::Companion;

/// Whatever gives a role permissions.
const ROLE_POLICIES: &[(&str, &str)] = &[
    ("aws_iam_policy_attachment", "roles"),
    ("aws_iam_role_policies_exclusive", "role_name"),
    ("aws_iam_role_policy", "role"),
    ("aws_iam_role_policy_attachment", "role"),
    ("aws_iam_role_policy_attachments_exclusive", "role_name"),
];

const fn with_role(type_name: &'static str, attribute: &'static str) -> Companion {
    Companion { type_name, attribute, shared: "aws_iam_role", waits_for: ROLE_POLICIES }
}

/// All of them.
pub static COMPANIONS: &[Companion] = &[
    with_role("aws_codepipeline", "role_arn"),
    with_role("aws_codebuild_project", "service_role"),
    with_role("aws_codedeploy_deployment_group", "service_role_arn"),
    with_role("aws_cloudtrail", "cloud_watch_logs_role_arn"),
    Companion {
        type_name: "aws_cloudtrail",
        attribute: "s3_bucket_name",
        shared: "aws_s3_bucket",
        waits_for: &[("aws_s3_bucket_policy", "bucket")],
    },
];
