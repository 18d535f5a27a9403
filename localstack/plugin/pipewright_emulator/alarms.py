"""CloudWatch alarms: the tags a new alarm is made with, which LocalStack drops, and which go when it goes."""

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response


def note_response(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Response handler: an alarm that has no tags yet gets those it was put with; AWS ignores them for all others."""
    service, operation = context.service_operation or ("", "")
    if service != "cloudwatch" or context.service_exception is not None:
        return
    from localstack.aws.connect import connect_to

    client = connect_to(aws_access_key_id=context.account_id, region_name=context.region).cloudwatch
    if operation == "PutMetricAlarm" and context.service_request.get("Tags"):
        arn = _arn(context, context.service_request["AlarmName"])
        _hide(context, arn)
        if not client.list_tags_for_resource(ResourceARN=arn)["Tags"]:
            client.tag_resource(ResourceARN=arn, Tags=context.service_request["Tags"])
    elif operation == "DeleteAlarms":
        for name in context.service_request["AlarmNames"]:
            tags = client.list_tags_for_resource(ResourceARN=_arn(context, name))["Tags"]
            if tags:
                client.untag_resource(ResourceARN=_arn(context, name), TagKeys=[tag["Key"] for tag in tags])


def _hide(context: RequestContext, arn: str) -> None:
    """Tags are no part of an alarm: DescribeAlarms fails over them in CBOR."""
    from localstack.services.cloudwatch.models import cloudwatch_stores

    kept = cloudwatch_stores[context.account_id][context.region].alarms.get(arn)
    if kept is not None:
        kept.alarm.pop("Tags", None)


def _arn(context: RequestContext, name: str) -> str:
    return f"arn:{context.partition}:cloudwatch:{context.region}:{context.account_id}:alarm:{name}"
