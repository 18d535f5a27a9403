"""Webhooks of build projects."""

import copy
import secrets
from typing import Any

from localstack.aws.api import RequestContext

from ..api import Request, refuse
from ..moments import now
from .store import API, project_named

_SETTINGS = (
    "branchFilter",
    "filterGroups",
    "buildType",
    "manualCreation",
    "scopeConfiguration",
    "pullRequestBuildPolicy",
)


@API.operation("CreateWebhook")
def create_webhook(context: RequestContext, request: Request) -> dict[str, Any]:
    project = project_named(context, request["projectName"])
    if "webhook" in project:
        refuse("ResourceAlreadyExistsException", f"Webhook already exists for project {project['name']}")
    source = project["source"]
    if source["type"] not in ("GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED"):
        refuse("InvalidInputException", f"Webhooks are not supported for source type {source['type']}")
    key = secrets.token_hex(16)
    project["webhook"] = {
        "url": f"{source.get('location', '').removesuffix('.git')}/hooks/1",
        "payloadUrl": f"https://codebuild.{context.region}.amazonaws.com/webhooks?t={key}&v=1",
        "secret": key,
        "lastModifiedSecret": now(),
        "status": "ACTIVE",
        "filterGroups": [],
        **_given(request),
    }
    return {"webhook": copy.deepcopy(project["webhook"])}


@API.operation("UpdateWebhook")
def update_webhook(context: RequestContext, request: Request) -> dict[str, Any]:
    webhook = _webhook(context, request)
    webhook.update(_given(request))
    # A branch filter and filter groups exclude one another: the one given wins.
    if "filterGroups" in request:
        webhook.pop("branchFilter", None)
    elif "branchFilter" in request:
        webhook["filterGroups"] = []
    if request.get("rotateSecret"):
        webhook.update(secret=secrets.token_hex(16), lastModifiedSecret=now())
    return {"webhook": copy.deepcopy(webhook)}


@API.operation("DeleteWebhook")
def delete_webhook(context: RequestContext, request: Request) -> None:
    _webhook(context, request)
    del project_named(context, request["projectName"])["webhook"]


def _webhook(context: RequestContext, request: Request) -> dict[str, Any]:
    project = project_named(context, request["projectName"])
    if "webhook" not in project:
        refuse("ResourceNotFoundException", f"Webhook does not exist for project {project['name']}")
    return project["webhook"]


def _given(request: Request) -> dict[str, Any]:
    return {key: copy.deepcopy(request[key]) for key in _SETTINGS if key in request}
