"""Source credentials: one per kind of Git server, whose secret is never shown again."""

from typing import Any

from localstack.aws.api import RequestContext

from ..api import Request, refuse
from .store import API, store_of

_NAMES = {"GITHUB": "github", "GITHUB_ENTERPRISE": "github_enterprise", "BITBUCKET": "bitbucket", "GITLAB": "gitlab"}


@API.operation("ImportSourceCredentials")
def import_source_credentials(context: RequestContext, request: Request) -> dict[str, Any]:
    credentials, server = store_of(context).credentials, request["serverType"]
    if server in credentials and request.get("shouldOverwrite") is False:
        refuse("ResourceAlreadyExistsException", f"Source credentials for {server} already exist")
    name = _NAMES.get(server, server.lower())
    info = {
        "arn": f"arn:aws:codebuild:{context.region}:{context.account_id}:token/{name}",
        "serverType": server,
        "authType": request["authType"],
    }
    if request["authType"] in ("CODECONNECTIONS", "SECRETS_MANAGER"):
        # Here the token is the ARN of a connection or secret, which is no secret itself.
        info["resource"] = request["token"]
    credentials[server] = info
    return {"arn": info["arn"]}


@API.operation("ListSourceCredentials")
def list_source_credentials(context: RequestContext, _request: Request) -> dict[str, Any]:
    return {"sourceCredentialsInfos": list(store_of(context).credentials.values())}


@API.operation("DeleteSourceCredentials")
def delete_source_credentials(context: RequestContext, request: Request) -> dict[str, Any]:
    credentials = store_of(context).credentials
    for server, info in credentials.items():
        if info["arn"] == request["arn"]:
            del credentials[server]
            return {"arn": request["arn"]}
    refuse("ResourceNotFoundException", f"Source credentials cannot be found: {request['arn']}")
