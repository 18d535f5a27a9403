"""Whether CloudTrail may use the bucket, topic, key and log group a trail names: read from those services' stores."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from localstack.aws.api import RequestContext

from .. import roles
from ..api import refuse

SERVICE_PRINCIPAL = "cloudtrail.amazonaws.com"


def check_bucket(context: RequestContext, trail: dict[str, Any]) -> None:
    """The bucket exists and its policy lets CloudTrail look at it and write below AWSLogs/ACCOUNT."""
    from localstack.services.s3.models import s3_stores

    name = trail["S3BucketName"]
    store = s3_stores[context.account_id][context.region]
    owner = store.global_bucket_map.get(name)
    if owner is None:
        refuse("S3BucketDoesNotExistException", f"S3 bucket {name} does not exist!")
    bucket = s3_stores[owner][context.region].buckets[name]
    prefix = f"{trail['S3KeyPrefix']}/" if trail.get("S3KeyPrefix") else ""
    needed = (
        ("s3:GetBucketAcl", f"arn:aws:s3:::{name}"),
        ("s3:PutObject", f"arn:aws:s3:::{name}/{prefix}AWSLogs/{context.account_id}/CloudTrail/log.json.gz"),
    )
    policy = bucket.policy
    if not all(_allows(policy, action, resource, trail["TrailARN"], context.account_id) for action, resource in needed):
        refuse("InsufficientS3BucketPolicyException", f"Incorrect S3 bucket policy is detected for bucket: {name}")


def check_topic(context: RequestContext, trail: dict[str, Any]) -> None:
    """The topic, if any, exists and its policy lets CloudTrail publish."""
    from localstack.services.sns.models import sns_stores

    arn = trail.get("SnsTopicARN")
    if not arn:
        return
    region, account = arn.split(":")[3:5]
    topic = sns_stores[account][region].topics.get(arn)
    policy = topic and topic["attributes"].get("Policy")
    if not topic or not _allows(policy, "sns:Publish", arn, trail["TrailARN"], context.account_id):
        refuse(
            "InsufficientSnsTopicPolicyException",
            "SNS Topic does not exist or the topic policy is incorrect!",
        )


def check_key(context: RequestContext, trail: dict[str, Any]) -> None:
    """The key, if any, exists and its policy lets CloudTrail encrypt with it; the trail then names it by ARN."""
    from localstack.services.kms.models import kms_stores

    given = trail.get("KmsKeyId")
    if not given:
        return
    store = kms_stores[context.account_id][context.region]
    name = given.rpartition(":")[2]
    alias = store.aliases.get(name)
    key_id = alias.metadata["TargetKeyId"] if alias else name.removeprefix("key/")
    key = store.keys.get(key_id)
    if key is None:
        refuse("KmsKeyNotFoundException", f"KMS key {given} does not exist or is in another Region")
    arn = key.metadata["Arn"]
    policy = key.policy
    if not _allows(policy, "kms:GenerateDataKey", arn, trail["TrailARN"], context.account_id):
        refuse(
            "InsufficientEncryptionPolicyException",
            f"Insufficient permissions to access S3 bucket {trail['S3BucketName']} or KMS key {arn}.",
        )
    trail["KmsKeyId"] = arn


def check_log_group(context: RequestContext, trail: dict[str, Any]) -> None:
    """The log group and its role, if any, are both given, exist, and the role trusts CloudTrail."""
    from moto.logs.models import logs_backends

    group, role = trail.get("CloudWatchLogsLogGroupArn"), trail.get("CloudWatchLogsRoleArn")
    if not group and not role:
        return
    group_error, role_error = "InvalidCloudWatchLogsLogGroupArnException", "InvalidCloudWatchLogsRoleArnException"
    if not group:
        refuse(group_error, "CloudTrail cannot validate the specified log group ARN.")
    if not role:
        refuse(role_error, "CloudTrail cannot validate the specified role ARN.")
    name = group.split(":")[6] if group.count(":") >= 6 else ""
    if name not in logs_backends[context.account_id][context.region].groups:
        refuse(group_error, "CloudTrail cannot validate the specified log group ARN.")
    if not roles.assumable_by_service(role, SERVICE_PRINCIPAL):
        refuse(role_error, "Access denied. Check the trust relationships for your role.")


def _allows(policy: Any, action: str, resource: str, trail: str, account: str) -> bool:
    """Whether a resource policy allows CloudTrail the action for this trail. Denials are not looked at."""
    if not policy:
        return False
    document = policy if isinstance(policy, dict) else json.loads(policy)
    return any(
        _matches(statement.get("Action"), action, ignore_case=True)
        and _matches(statement.get("Resource"), resource)
        and _conditions_hold(statement.get("Condition") or {}, trail, account)
        for statement in _statements(document)
    )


def _statements(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    listed = document.get("Statement", [])
    for statement in listed if isinstance(listed, list) else [listed]:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        trusted = principal == "*" or SERVICE_PRINCIPAL in ([services] if isinstance(services, str) else services)
        if trusted and statement.get("Effect") == "Allow":
            yield statement


def _conditions_hold(conditions: dict[str, Any], trail: str, account: str) -> bool:
    """Looks at the conditions that tell trails apart; others (s3:x-amz-acl) CloudTrail itself satisfies."""
    known = {"aws:sourcearn": trail, "aws:sourceaccount": account}
    return all(
        _matches(wanted, known[key.lower()])
        for tests in conditions.values()
        for key, wanted in tests.items()
        if key.lower() in known
    )


def _matches(patterns: Any, value: str, *, ignore_case: bool = False) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns or []
    if ignore_case:
        return any(fnmatchcase(value.lower(), pattern.lower()) for pattern in listed)
    return any(fnmatchcase(value, pattern) for pattern in listed)
