"""The resources a call was about, as far as its parameters name them."""

from typing import Any

from localstack.aws.api import RequestContext

# Service, member of the request or response (in CloudTrail's spelling), resource type.
_NAMED = (
    ("s3", "bucket", "AWS::S3::Bucket"),
    ("iam", "roleName", "AWS::IAM::Role"),
    ("iam", "userName", "AWS::IAM::User"),
    ("iam", "groupName", "AWS::IAM::Group"),
    ("iam", "policyArn", "AWS::IAM::Policy"),
    ("sts", "roleArn", "AWS::IAM::Role"),
    ("codepipeline", "pipelineName", "AWS::CodePipeline::Pipeline"),
    ("codepipeline", "name", "AWS::CodePipeline::Pipeline"),
    ("codebuild", "projectName", "AWS::CodeBuild::Project"),
    ("codebuild", "name", "AWS::CodeBuild::Project"),
    ("cloudtrail", "name", "AWS::CloudTrail::Trail"),
    ("cloudtrail", "trailName", "AWS::CloudTrail::Trail"),
    ("cloudtrail", "trailARN", "AWS::CloudTrail::Trail"),
    ("codestar-connections", "connectionArn", "AWS::CodeStarConnections::Connection"),
    ("codeconnections", "connectionArn", "AWS::CodeConnections::Connection"),
    ("codestar-notifications", "arn", "AWS::CodeStarNotifications::NotificationRule"),
    ("codecommit", "repositoryName", "AWS::CodeCommit::Repository"),
    ("codedeploy", "applicationName", "AWS::CodeDeploy::Application"),
    ("ecr", "repositoryName", "AWS::ECR::Repository"),
    ("sns", "topicArn", "AWS::SNS::Topic"),
    ("sqs", "queueUrl", "AWS::SQS::Queue"),
    ("kms", "keyId", "AWS::KMS::Key"),
    ("logs", "logGroupName", "AWS::Logs::LogGroup"),
    ("events", "rule", "AWS::Events::Rule"),
    ("lambda", "functionName", "AWS::Lambda::Function"),
    ("ssm", "name", "AWS::SSM::Parameter"),
)

# Nested members that carry the name of what a call creates.
_NESTED = (
    ("codepipeline", ("pipeline", "name"), "AWS::CodePipeline::Pipeline"),
    ("codepipeline", ("webhook", "name"), "AWS::CodePipeline::Webhook"),
    ("kms", ("keyMetadata", "keyId"), "AWS::KMS::Key"),
    ("iam", ("policy", "arn"), "AWS::IAM::Policy"),
)

# Operations of EventBridge whose `name` is a rule.
_RULES = ("PutRule", "DescribeRule", "DeleteRule", "EnableRule", "DisableRule")


def of(context: RequestContext, answer: dict[str, Any]) -> list[dict[str, str]]:
    """[{ResourceType, ResourceName}] named by the request or, for what was just created, by the response."""
    service = context.service.service_name
    given = {name[:1].lower() + name[1:]: value for name, value in (context.service_request or {}).items()}
    found: dict[tuple[str, str], None] = {}
    for values in (given, answer):
        for owner, member, kind in _NAMED:
            if owner == service and isinstance(values.get(member), str):
                found[kind, values[member]] = None
        for owner, (outer, inner), kind in _NESTED:
            nested = values.get(outer)
            if owner == service and isinstance(nested, dict) and isinstance(nested.get(inner), str):
                found[kind, nested[inner]] = None
    if service == "events" and context.operation.name in _RULES and given.get("name"):
        found["AWS::Events::Rule", given["name"]] = None
    return [{"ResourceType": kind, "ResourceName": name} for kind, name in found]
