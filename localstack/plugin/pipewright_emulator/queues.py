"""SQS: an empty RedriveAllowPolicy removes it, as at AWS; LocalStack would keep the empty text."""

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response


def note_response(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Response handler: forgets what was set to nothing."""
    if context.service_operation != ("sqs", "SetQueueAttributes") or context.service_exception is not None:
        return
    request = context.service_request
    if request["Attributes"].get("RedriveAllowPolicy") != "":
        return
    from localstack.services.sqs.models import sqs_stores

    queues = sqs_stores[context.account_id][context.region].queues
    queue = queues.get(request["QueueUrl"].rsplit("/", 1)[-1])
    if queue is not None:
        queue.attributes.pop("RedriveAllowPolicy", None)
