"""CloudWatch Logs: tags of a log group that was made without any, which LocalStack drops; and all go when the group goes."""

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response


def note_response(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Response handler: LocalStack adds tags only to those a group has already, and keeps them for the next group of the name."""
    service, operation = context.service_operation or ("", "")
    wanted = ("TagResource", "TagLogGroup", "DeleteLogGroup")
    if service != "logs" or operation not in wanted or context.service_exception is not None:
        return
    from localstack.services.logs.models import logs_stores
    from moto.logs.models import logs_backends

    request = context.service_request
    prefix = f"arn:{context.partition}:logs:{context.region}:{context.account_id}:log-group:"
    arn = request.get("resourceArn") or prefix + request["logGroupName"]
    kept = logs_stores[context.account_id][context.region].TAGS
    if operation == "DeleteLogGroup":
        kept.pop(arn, None)
    elif arn not in kept and arn.removeprefix(prefix) in logs_backends[context.account_id][context.region].groups:
        kept[arn] = dict(request["tags"])
