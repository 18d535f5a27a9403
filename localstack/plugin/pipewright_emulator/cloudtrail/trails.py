"""Trails: create, read, update, delete, start and stop, and their tags."""

import re
from typing import Any

from localstack.aws.api import RequestContext

from .. import tags
from ..api import Request, refuse
from ..moments import now
from ..paging import paged
from . import access, selectors
from .store import API, all_trails, store_of, trail_arn, trail_named

INVALID_NAME = "InvalidTrailNameException"
MAXIMUM_TRAILS = 5

_SETTINGS = {
    "S3BucketName": "S3BucketName",
    "S3KeyPrefix": "S3KeyPrefix",
    "SnsTopicName": "SnsTopicName",
    "IncludeGlobalServiceEvents": "IncludeGlobalServiceEvents",
    "IsMultiRegionTrail": "IsMultiRegionTrail",
    "EnableLogFileValidation": "LogFileValidationEnabled",
    "CloudWatchLogsLogGroupArn": "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn": "CloudWatchLogsRoleArn",
    "KmsKeyId": "KmsKeyId",
    "IsOrganizationTrail": "IsOrganizationTrail",
}
_ONLY_WHEN_DESCRIBED = ("HomeRegion", "HasCustomEventSelectors", "HasInsightSelectors")


@API.operation("CreateTrail")
def create_trail(context: RequestContext, request: Request) -> dict[str, Any]:
    store, name = store_of(context), request["Name"]
    _check_name(name)
    if name in store.trails:
        refuse("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {context.account_id}")
    if len(store.trails) >= MAXIMUM_TRAILS:
        refuse(
            "MaximumNumberOfTrailsExceededException",
            f"User: {context.account_id} already has {MAXIMUM_TRAILS} trails in {context.region}.",
        )
    trail = {
        "Name": name,
        "TrailARN": trail_arn(context, name),
        "HomeRegion": context.region,
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": False,
        "LogFileValidationEnabled": False,
        "IsOrganizationTrail": False,
    }
    _apply(context, trail, request)
    given = _merged({}, request.get("TagsList"))
    store.trails[name] = {"trail": trail, "tags": given, "status": {"IsLogging": False}, **selectors.initial()}
    return _answer(trail)


@API.operation("UpdateTrail")
def update_trail(context: RequestContext, request: Request) -> dict[str, Any]:
    entry = trail_named(context, request["Name"])
    changed = dict(entry["trail"])
    _apply(context, changed, request)
    entry["trail"] = changed
    return _answer(changed)


@API.operation("GetTrail")
def get_trail(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"Trail": _described(trail_named(context, request["Name"]))}


@API.operation("DescribeTrails")
def describe_trails(context: RequestContext, request: Request) -> dict[str, Any]:
    wanted = {trail_arn(context, name) for name in request.get("trailNameList", [])}
    shadows = request.get("includeShadowTrails", True)
    shown = []
    for entry in all_trails(context):
        trail = entry["trail"]
        here = trail["HomeRegion"] == context.region
        visible = here or (shadows and trail["IsMultiRegionTrail"])
        if visible and (not wanted or trail["TrailARN"] in wanted):
            shown.append(_described(entry))
    return {"trailList": shown}


@API.operation("ListTrails")
def list_trails(context: RequestContext, request: Request) -> dict[str, Any]:
    trails = [{key: entry["trail"][key] for key in ("TrailARN", "Name", "HomeRegion")} for entry in all_trails(context)]
    return paged("Trails", trails, request, limit="-", token="NextToken")


@API.operation("DeleteTrail")
def delete_trail(context: RequestContext, request: Request) -> None:
    trail = trail_named(context, request["Name"])["trail"]
    _check_home(context, trail)
    del store_of(context).trails[trail["Name"]]


@API.operation("StartLogging")
def start_logging(context: RequestContext, request: Request) -> None:
    entry = trail_named(context, request["Name"])
    _check_home(context, entry["trail"])
    moment = now()
    entry["status"] |= {
        "IsLogging": True,
        "StartLoggingTime": moment,
        "LatestDeliveryTime": moment,
        "TimeLoggingStarted": _text(moment),
        "LatestDeliveryAttemptTime": _text(moment),
        "LatestDeliveryAttemptSucceeded": _text(moment),
    }


@API.operation("StopLogging")
def stop_logging(context: RequestContext, request: Request) -> None:
    entry = trail_named(context, request["Name"])
    _check_home(context, entry["trail"])
    moment = now()
    entry["status"] |= {"IsLogging": False, "StopLoggingTime": moment, "TimeLoggingStopped": _text(moment)}


@API.operation("GetTrailStatus")
def get_trail_status(context: RequestContext, request: Request) -> dict[str, Any]:
    texts = (
        "LatestDeliveryAttemptTime", "LatestNotificationAttemptTime", "LatestNotificationAttemptSucceeded",
        "LatestDeliveryAttemptSucceeded", "TimeLoggingStarted", "TimeLoggingStopped",
    )  # fmt: skip
    return dict.fromkeys(texts, "") | trail_named(context, request["Name"])["status"]


@API.operation("ListTags")
def list_tags(context: RequestContext, request: Request) -> dict[str, Any]:
    listed = [{"ResourceId": arn, "TagsList": tags.upper(_tags_of(context, arn))} for arn in request["ResourceIdList"]]
    return {"ResourceTagList": listed}


@API.operation("AddTags")
def add_tags(context: RequestContext, request: Request) -> None:
    present = _tags_of(context, request["ResourceId"])
    present.update(_merged(present, request["TagsList"]))


@API.operation("RemoveTags")
def remove_tags(context: RequestContext, request: Request) -> None:
    present = _tags_of(context, request["ResourceId"])
    for tag in request["TagsList"]:
        present.pop(tag["Key"], None)


def _apply(context: RequestContext, trail: dict[str, Any], request: Request) -> None:
    for given, shown in _SETTINGS.items():
        if given in request:
            trail[shown] = request[given]
            if trail[shown] == "":
                del trail[shown]
    topic = trail.get("SnsTopicName")
    trail.pop("SnsTopicARN", None)
    if topic:
        prefix = f"arn:aws:sns:{context.region}:{context.account_id}:"
        trail["SnsTopicARN"] = topic if topic.startswith("arn:") else prefix + topic
    if trail["IsMultiRegionTrail"] and not trail["IncludeGlobalServiceEvents"]:
        refuse(
            "InvalidParameterCombinationException",
            "Multi-Region trail must include global service events.",
        )
    access.check_bucket(context, trail)
    access.check_topic(context, trail)
    access.check_key(context, trail)
    access.check_log_group(context, trail)


def _answer(trail: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in trail.items() if key not in _ONLY_WHEN_DESCRIBED}


def _described(entry: dict[str, Any]) -> dict[str, Any]:
    return entry["trail"] | {
        "HasCustomEventSelectors": selectors.custom(entry),
        "HasInsightSelectors": bool(entry["insights"]),
    }


def _check_name(name: str) -> None:
    given = f"Specified name length: {len(name)} characters."
    if len(name) < 3:
        refuse(INVALID_NAME, f"Trail name too short. Minimum allowed length: 3 characters. {given}")
    if len(name) > 128:
        refuse(INVALID_NAME, f"Trail name too long. Maximum allowed length: 128 characters. {given}")
    if not re.match(r"[0-9a-zA-Z]", name):
        refuse(INVALID_NAME, "Trail name must starts with a letter or number.")
    if not re.search(r"[0-9a-zA-Z]$", name):
        refuse(INVALID_NAME, "Trail name must ends with a letter or number.")
    if not re.fullmatch(r"[.\-_0-9a-zA-Z]+", name):
        refuse(
            INVALID_NAME,
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens "
            "(-), and underscores (_).",
        )


def _check_home(context: RequestContext, trail: dict[str, Any]) -> None:
    if trail["HomeRegion"] != context.region:
        refuse(
            "InvalidHomeRegionException",
            f"Trail {trail['TrailARN']} can be modified in its home region {trail['HomeRegion']} only.",
        )


def _tags_of(context: RequestContext, arn: str) -> dict[str, str]:
    if not arn.startswith("arn:"):
        refuse("CloudTrailARNInvalidException", f"ARN {arn} is not valid.")
    if arn in store_of(context).data_stores:
        return store_of(context).data_store_tags[arn]
    for entry in all_trails(context):
        if entry["trail"]["TrailARN"] == arn:
            return entry["tags"]
    refuse("ResourceNotFoundException", f"Resource {arn} does not exist.")


def _merged(present: dict[str, str], given: Any) -> dict[str, str]:
    return tags.merged(
        present, tags.from_list(given), too_many="TagsLimitExceededException", invalid="InvalidTagParameterException"
    )


def _text(moment: Any) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
