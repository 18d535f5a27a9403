"""CodeStar notifications: rules on pipelines and projects, which really publish to their topics.

A pipeline's changes are delivered through `deliver`, called by CodePipeline. Targets that are not SNS topics (chat
clients) are kept and get nothing.
"""

import copy
import json
import logging
import uuid
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute

from .api import Api, Request, refuse
from .clock import DELIVERIES
from .moments import now
from .paging import paged
from .tags import merged

API = Api("codestar-notifications")
LOG = logging.getLogger(__name__)

MISSING, VALIDATION = "ResourceNotFoundException", "ValidationException"
_PAGES = {"limit": "MaxResults", "token": "NextToken"}


class Store(BaseStore):
    # Rules by ARN, as DescribeNotificationRule returns them, but with event type ids.
    rules: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    # Rules already made, by client request token.
    request_tokens: dict[str, str] = LocalAttribute(default=dict)


STORES: AccountRegionBundle[Store] = AccountRegionBundle("codestar-notifications", Store, validate=False)


def store_of(context: RequestContext) -> Store:
    return STORES[context.account_id][context.region]


def deliver(
    account: str,
    region: str,
    resource: str,
    kinds: list[str],
    detail_type: str,
    detail: dict[str, Any],
    moment: datetime,
) -> None:
    """Publishes a pipeline's change (kinds like `pipeline-execution-failed`) to the topics of its rules."""
    ids = {f"codepipeline-pipeline-{kind}" for kind in kinds}
    for rule in list(STORES[account][region].rules.values()):
        if rule["Resource"] != resource or rule["Status"] != "ENABLED" or not ids & set(rule["EventTypeIds"]):
            continue
        message = {
            "account": account,
            "detailType": detail_type,
            "region": region,
            "source": "aws.codepipeline",
            "time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "notificationRuleArn": rule["Arn"],
            "detail": detail,
            "resources": [resource],
            "additionalAttributes": {},
        }
        for target in rule["Targets"]:
            if target["TargetType"] == "SNS":
                address, text = target["TargetAddress"], json.dumps(message, default=str)
                DELIVERIES.later(0, lambda address=address, text=text: _publish(account, address, text))


def _publish(account: str, topic: str, text: str) -> None:
    from localstack.aws.connect import connect_to

    connect_to(aws_access_key_id=account, region_name=topic.split(":")[3]).sns.publish(TopicArn=topic, Message=text)


@cache
def event_types() -> dict[str, dict[str, str]]:
    """The event types rules may name, by id, as ListEventTypes returns them."""
    table = json.loads(files(__package__).joinpath("event_types.json").read_text())
    types = {}
    for service, resource, prefix, names in table:
        for name in names:
            event_id = f"{prefix}-{name}"
            words = name.replace("-", " ").capitalize()
            types[event_id] = {
                "EventTypeId": event_id,
                "ServiceName": service,
                "EventTypeName": words,
                "ResourceType": resource,
            }
    return types


@API.operation("CreateNotificationRule")
def create_rule(context: RequestContext, request: Request) -> dict[str, Any]:
    store, token = store_of(context), request.get("ClientRequestToken")
    if token in store.request_tokens:
        return {"Arn": store.request_tokens[token]}
    if any(rule["Name"] == request["Name"] for rule in store.rules.values()):
        refuse("ResourceAlreadyExistsException", "A resource with the same name or ID already exists.")
    _check_types(request["EventTypeIds"])
    arn = f"arn:aws:codestar-notifications:{context.region}:{context.account_id}:notificationrule/{uuid.uuid4().hex}"
    moment = now()
    store.rules[arn] = {
        "Arn": arn,
        "Name": request["Name"],
        "EventTypeIds": list(request["EventTypeIds"]),
        "Resource": request["Resource"],
        "Targets": _targets(request["Targets"]),
        "DetailType": request["DetailType"],
        "CreatedBy": f"arn:aws:iam::{context.account_id}:root",
        "Status": request.get("Status", "ENABLED"),
        "CreatedTimestamp": moment,
        "LastModifiedTimestamp": moment,
        "Tags": _merged({}, request.get("Tags") or {}),
    }
    if token:
        store.request_tokens[token] = arn
    return {"Arn": arn}


@API.operation("DescribeNotificationRule")
def describe_rule(context: RequestContext, request: Request) -> dict[str, Any]:
    shown = copy.deepcopy(_rule(context, request))
    shown["EventTypes"] = [event_types()[event_id] for event_id in shown.pop("EventTypeIds")]
    return shown


@API.operation("UpdateNotificationRule")
def update_rule(context: RequestContext, request: Request) -> None:
    rule = _rule(context, request)
    _check_types(request.get("EventTypeIds", []))
    for key in ("Name", "Status", "DetailType", "EventTypeIds"):
        if key in request:
            rule[key] = copy.deepcopy(request[key])
    if "Targets" in request:
        rule["Targets"] = _targets(request["Targets"])
    rule["LastModifiedTimestamp"] = now()


@API.operation("DeleteNotificationRule")
def delete_rule(context: RequestContext, request: Request) -> dict[str, Any]:
    # Deleting what is not there is no error at AWS.
    store_of(context).rules.pop(request["Arn"], None)
    return {"Arn": request["Arn"]}


@API.operation("ListNotificationRules")
def list_rules(context: RequestContext, request: Request) -> dict[str, Any]:
    found = [
        {"Id": rule["Arn"].rpartition("/")[2], "Arn": rule["Arn"]}
        for rule in store_of(context).rules.values()
        if all(_passes(rule, entry) for entry in request.get("Filters", []))
    ]
    return paged("NotificationRules", found, request, **_PAGES)


@API.operation("ListEventTypes")
def list_event_types(_context: RequestContext, request: Request) -> dict[str, Any]:
    keys = {"RESOURCE_TYPE": "ResourceType", "SERVICE_NAME": "ServiceName"}
    found = [
        kind
        for kind in event_types().values()
        if all(kind[keys[entry["Name"]]].lower() == entry["Value"].lower() for entry in request.get("Filters", []))
    ]
    return paged("EventTypes", found, request, **_PAGES)


@API.operation("ListTargets")
def list_targets(context: RequestContext, request: Request) -> dict[str, Any]:
    keys = {"TARGET_TYPE": "TargetType", "TARGET_ADDRESS": "TargetAddress", "TARGET_STATUS": "TargetStatus"}
    targets = {
        target["TargetAddress"]: target for rule in store_of(context).rules.values() for target in rule["Targets"]
    }
    found = [
        target
        for target in targets.values()
        if all(target[keys[entry["Name"]]] == entry["Value"] for entry in request.get("Filters", []))
    ]
    return paged("Targets", found, request, **_PAGES)


@API.operation("DeleteTarget")
def delete_target(context: RequestContext, request: Request) -> None:
    address = request["TargetAddress"]
    using = [
        rule
        for rule in store_of(context).rules.values()
        if any(target["TargetAddress"] == address for target in rule["Targets"])
    ]
    if using and not request.get("ForceUnsubscribeAll"):
        refuse(
            VALIDATION,
            "The target cannot be deleted because it is subscribed to one or more notification rules.",
        )
    for rule in using:
        rule["Targets"] = [target for target in rule["Targets"] if target["TargetAddress"] != address]


@API.operation("Subscribe")
def subscribe(context: RequestContext, request: Request) -> dict[str, Any]:
    rule = _rule(context, request)
    known = {target["TargetAddress"] for target in rule["Targets"]}
    rule["Targets"] += [target for target in _targets([request["Target"]]) if target["TargetAddress"] not in known]
    return {"Arn": rule["Arn"]}


@API.operation("Unsubscribe")
def unsubscribe(context: RequestContext, request: Request) -> dict[str, Any]:
    rule = _rule(context, request)
    rule["Targets"] = [target for target in rule["Targets"] if target["TargetAddress"] != request["TargetAddress"]]
    return {"Arn": rule["Arn"]}


@API.operation("ListTagsForResource")
def list_tags(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"Tags": _rule(context, request)["Tags"]}


@API.operation("TagResource")
def tag_resource(context: RequestContext, request: Request) -> dict[str, Any]:
    rule = _rule(context, request)
    rule["Tags"] = _merged(rule["Tags"], request["Tags"])
    return {"Tags": rule["Tags"]}


@API.operation("UntagResource")
def untag_resource(context: RequestContext, request: Request) -> None:
    rule = _rule(context, request)
    for key in request["TagKeys"]:
        rule["Tags"].pop(key, None)


def _rule(context: RequestContext, request: Request) -> dict[str, Any]:
    rule = store_of(context).rules.get(request["Arn"])
    if rule is None:
        refuse(MISSING, f"No notification rule found for ARN {request['Arn']}", status=404)
    return rule


def _check_types(ids: list[str]) -> None:
    unknown = [event_id for event_id in ids if event_id not in event_types()]
    if unknown:
        refuse(VALIDATION, f"Invalid event type ids: {', '.join(unknown)}")


def _targets(given: Any) -> list[dict[str, str]]:
    return [
        {
            "TargetAddress": target["TargetAddress"],
            "TargetType": target.get("TargetType", "SNS"),
            "TargetStatus": "ACTIVE",
        }
        for target in given
    ]


def _passes(rule: dict[str, Any], entry: dict[str, str]) -> bool:
    match entry["Name"]:
        case "EVENT_TYPE_ID":
            return entry["Value"] in rule["EventTypeIds"]
        case "TARGET_ADDRESS":
            return any(target["TargetAddress"] == entry["Value"] for target in rule["Targets"])
        case "RESOURCE":
            return rule["Resource"] == entry["Value"]
    return rule["CreatedBy"] == entry["Value"]


def _merged(present: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    return merged(present, given, too_many="LimitExceededException", invalid=VALIDATION)
