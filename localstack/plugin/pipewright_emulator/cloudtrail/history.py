"""Event history: every management call the emulator served, for LookupEvents."""

import base64
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response

from ..api import Request, refuse
from ..moments import now
from . import identity, resources
from .redaction import redacted
from .store import API, STORES, store_of

PAGE = 50

_READING = (
    "Get", "List", "Describe", "Lookup", "BatchGet", "Head", "Simulate", "Search", "Scan", "Query", "Test", "Verify",
    "Validate", "Preview", "Check", "Estimate", "AssumeRole", "Decode", "Poll",
)  # fmt: skip

# Calls CloudTrail counts as data events, which the event history leaves out: by service, and for S3 every operation
# that names an object.
_DATA = {
    "sqs": {"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch",
            "ChangeMessageVisibility", "ChangeMessageVisibilityBatch"},
    "sns": {"Publish", "PublishBatch"},
    "lambda": {"Invoke", "InvokeAsync"},
    "events": {"PutEvents"},
    "logs": {"PutLogEvents", "GetLogEvents", "FilterLogEvents"},
    "cloudwatch": {"PutMetricData"},
    "dynamodb": {"GetItem", "PutItem", "DeleteItem", "UpdateItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem"},
    "kinesis": {"PutRecord", "PutRecords", "GetRecords", "GetShardIterator"},
    "firehose": {"PutRecord", "PutRecordBatch"},
    "s3": {"ListObjects", "ListObjectsV2", "ListObjectVersions", "DeleteObjects"},
}  # fmt: skip

# Names S3 logs its calls under where they differ from the operation.
_S3_NAMES = {
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
}

# IAM is one for all Regions and logs here.
_GLOBAL_SERVICES = {"iam": "us-east-1", "route53": "us-east-1", "organizations": "us-east-1"}


def record(_chain: HandlerChain, context: RequestContext, response: Response) -> None:
    """Response handler: adds the call that was just answered to the history."""
    if not context.service or not context.operation or not context.account_id:
        return
    internal = context.internal_request_params
    if internal is not None and not internal.get("service_principal"):
        return
    # What is not emulated was not served.
    if response.status_code == 501 or _is_data(context):
        return
    region = _GLOBAL_SERVICES.get(context.service.service_name, context.region)
    event = _event(context, region)
    with API.lock:
        STORES[context.account_id][region].history.append(event)


@API.operation("LookupEvents")
def lookup_events(context: RequestContext, request: Request) -> dict[str, Any]:
    attributes = request.get("LookupAttributes", [])
    if len(attributes) > 1:
        refuse("InvalidLookupAttributesException", "You can only specify one lookup attribute.")
    if request.get("EventCategory") == "insight":
        return {"Events": []}
    start, end = request.get("StartTime"), request.get("EndTime")
    if start and end and _aware(start) > _aware(end):
        refuse("InvalidTimeRangeException", "The start time is after the end time.")
    found = [
        event
        for event in reversed(store_of(context).history)
        if all(_matches(event, attribute) for attribute in attributes)
        and (not start or event["EventTime"] >= _aware(start).replace(microsecond=0))
        and (not end or event["EventTime"] <= _aware(end))
    ]
    # A token names the last event shown: calls made meanwhile do not shift the pages.
    ids = [event["EventId"] for event in found]
    first = _after(ids, request["NextToken"]) if request.get("NextToken") else 0
    last = first + request.get("MaxResults", PAGE)
    response: dict[str, Any] = {"Events": found[first:last]}
    if last < len(found):
        response["NextToken"] = base64.urlsafe_b64encode(ids[last - 1].encode()).decode()
    return response


def _event(context: RequestContext, region: str) -> dict[str, Any]:
    operation, error = context.operation, context.service_exception
    user_identity, user = identity.of(context)
    moment = now().replace(microsecond=0)
    read_only = operation.name.startswith(_READING)
    name = _S3_NAMES.get(operation.name, operation.name)
    source = f"{context.service.endpoint_prefix}.amazonaws.com"
    request = redacted(operation.input_shape, context.service_request)
    answer = None if read_only or error else redacted(operation.output_shape, context.service_response)
    described: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": user_identity,
        "eventTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": user_identity.get("invokedBy") or context.request.remote_addr or "127.0.0.1",
        "userAgent": user_identity.get("invokedBy") or context.request.headers.get("User-Agent", ""),
        "requestParameters": request,
        "responseElements": answer,
        "requestID": context.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": context.account_id,
        "eventCategory": "Management",
    }
    if error is not None:
        described |= {"errorCode": error.code, "errorMessage": getattr(error, "message", None) or str(error)}
    event = {
        "EventId": described["eventID"],
        "EventName": name,
        "ReadOnly": "true" if read_only else "false",
        "EventTime": moment,
        "EventSource": source,
        "Resources": resources.of(context, answer or {}),
        "CloudTrailEvent": json.dumps(described, default=str),
    }
    if user is not None:
        event["Username"] = user
        event["AccessKeyId"] = user_identity["accessKeyId"]
    return event


def _is_data(context: RequestContext) -> bool:
    service, operation = context.service.service_name, context.operation.name
    if operation in _DATA.get(service, ()):
        return True
    shape = context.operation.input_shape
    return service == "s3" and shape is not None and "Key" in shape.members


def _matches(event: dict[str, Any], attribute: dict[str, str]) -> bool:
    key, value = attribute["AttributeKey"], attribute["AttributeValue"]
    if key in ("ResourceType", "ResourceName"):
        return any(resource[key] == value for resource in event["Resources"])
    return event.get(key) == value


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _after(ids: list[str], token: str) -> int:
    try:
        return ids.index(base64.urlsafe_b64decode(token.encode()).decode()) + 1
    except ValueError:
        refuse("InvalidNextTokenException", "The next token is not valid.")
