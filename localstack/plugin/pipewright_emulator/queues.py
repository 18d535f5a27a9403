"""SQS: an empty RedriveAllowPolicy removes it, and a key of KMS takes the place of SQS's own encryption, as at AWS."""

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response


def note_response(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Response handler: what LocalStack keeps although AWS does not."""
    service, operation = context.service_operation or ("", "")
    if service != "sqs" or operation not in ("CreateQueue", "SetQueueAttributes") or context.service_exception:
        return
    request = context.service_request
    given = request.get("Attributes") or {}
    name = request.get("QueueName") or request["QueueUrl"].rsplit("/", 1)[-1]
    from localstack.services.sqs.models import sqs_stores

    queue = sqs_stores[context.account_id][context.region].queues.get(name)
    if queue is None:
        return
    if given.get("RedriveAllowPolicy") == "":
        queue.attributes.pop("RedriveAllowPolicy", None)
    if given.get("KmsMasterKeyId"):
        queue.attributes["SqsManagedSseEnabled"] = "false"
