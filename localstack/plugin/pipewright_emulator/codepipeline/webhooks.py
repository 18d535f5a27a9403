"""Webhooks that start pipelines. They are kept and checked; nothing listens at their addresses."""

import copy
import re
import secrets
from typing import Any

from localstack.aws.api import RequestContext

from .. import tags
from ..api import Request, refuse
from ..paging import paged
from .store import API, pipeline_named, store_of

MAXIMUM = 300

# The one member of authenticationConfiguration each way of authentication has.
_WANTED = {"GITHUB_HMAC": "SecretToken", "IP": "AllowedIPRange", "UNAUTHENTICATED": None}


@API.operation("PutWebhook")
def put_webhook(context: RequestContext, request: Request) -> dict[str, Any]:
    store, definition = store_of(context), copy.deepcopy(dict(request["webhook"]))
    name = definition["name"]
    pipeline = pipeline_named(context, definition["targetPipeline"])
    first_stage = pipeline.declaration["stages"][0]["actions"]
    if definition["targetAction"] not in (action["name"] for action in first_stage):
        # text unknown
        refuse("ValidationException", f"Pipeline {pipeline.name} has no source action {definition['targetAction']}")
    _check_authentication(definition)
    for entry in definition["filters"]:
        if not re.match(r"\$[.\[]", entry["jsonPath"]):
            refuse("InvalidWebhookFilterPatternException", f"Invalid JSON path: {entry['jsonPath']}")  # text unknown
    arn = f"arn:aws:codepipeline:{context.region}:{context.account_id}:webhook:{name}"
    if name not in store.webhooks and len(store.webhooks) >= MAXIMUM:
        refuse("LimitExceededException", f"The number of webhooks has reached the limit of {MAXIMUM}")  # text unknown
    present = store.webhooks.get(name, {})
    address = f"https://{context.region}.webhooks.aws/trigger?t={secrets.token_hex(16)}&v=1"
    store.webhooks[name] = {"definition": definition, "arn": arn, "url": present.get("url") or address}
    given = tags.merged(
        store.tags.get(arn, {}),
        tags.from_list(request.get("tags")),
        too_many="TooManyTagsException",
        invalid="InvalidTagsException",
    )
    store.tags[arn] = given
    return {"webhook": _shown(context, name)}


@API.operation("ListWebhooks")
def list_webhooks(context: RequestContext, request: Request) -> dict[str, Any]:
    names = sorted(store_of(context).webhooks)
    return paged("webhooks", [_shown(context, name) for name in names], request, limit="MaxResults", token="NextToken")


@API.operation("DeleteWebhook")
def delete_webhook(context: RequestContext, request: Request) -> None:
    store = store_of(context)
    webhook = store.webhooks.pop(request["name"], None)
    if webhook is not None:
        del store.tags[webhook["arn"]]


@API.operation("RegisterWebhookWithThirdParty")
def register_webhook(context: RequestContext, request: Request) -> None:
    _known(context, request)


@API.operation("DeregisterWebhookWithThirdParty")
def deregister_webhook(context: RequestContext, request: Request) -> None:
    _known(context, request)


def _known(context: RequestContext, request: Request) -> None:
    name = request.get("webhookName", "")
    if name not in store_of(context).webhooks:
        refuse("WebhookNotFoundException", f"The webhook {name} does not exist")  # text unknown


def _shown(context: RequestContext, name: str) -> dict[str, Any]:
    store = store_of(context)
    shown = copy.deepcopy(store.webhooks[name])
    return shown | {"tags": tags.lower(store.tags[shown["arn"]])}


def _check_authentication(definition: dict[str, Any]) -> None:
    given = {key for key, value in definition["authenticationConfiguration"].items() if value is not None}
    wanted = _WANTED[definition["authentication"]]
    if given == ({wanted} if wanted else set()):
        return
    text = f"only one property: '{wanted}'" if wanted else "no property"
    refuse(
        "InvalidWebhookAuthenticationParametersException",
        f"Optional['authenticationConfig' should contain {text}]",
    )
