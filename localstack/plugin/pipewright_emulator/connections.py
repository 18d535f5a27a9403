"""CodeStar connections and their newer name, CodeConnections: connections and hosts, which stay PENDING.

Both services show the same things, as at AWS; the ARN keeps the name of the service it was created through.
A connection becomes available by a person's confirmation in the console only, so here it never does.
"""

import uuid
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute

from . import tags
from .api import Api, Request, refuse
from .paging import paged

MISSING = "ResourceNotFoundException"


class Store(BaseStore):
    # Connections and hosts by ARN, as Get returns them, and the tags of both.
    connections: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    hosts: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    tags: dict[str, dict[str, str]] = LocalAttribute(default=dict)


STORES: AccountRegionBundle[Store] = AccountRegionBundle("codestar-connections", Store, validate=False)


def store_of(context: RequestContext) -> Store:
    return STORES[context.account_id][context.region]


def api(service: str) -> Api:
    """The operations under one of the two names."""
    result = Api(service)
    for name, function in _OPERATIONS.items():
        result.operation(name)(function)
    return result


def create_connection(context: RequestContext, request: Request) -> dict[str, Any]:
    store = store_of(context)
    host = request.get("HostArn")
    if host and host not in store.hosts:
        refuse(MISSING, f"Host not found: {host}")
    if bool(host) == bool(request.get("ProviderType")):
        refuse("InvalidInputException", "Exactly one of ProviderType and HostArn must be given")  # text unknown
    arn = _arn(context, "connection", str(uuid.uuid4()))
    connection = {
        "ConnectionName": request["ConnectionName"],
        "ConnectionArn": arn,
        "ProviderType": request.get("ProviderType") or store.hosts[host]["ProviderType"],
        "OwnerAccountId": context.account_id,
        "ConnectionStatus": "PENDING",
    }
    if host:
        connection["HostArn"] = host
    store.connections[arn] = connection
    store.tags[arn] = _checked_tags({}, request.get("Tags"))
    return {"ConnectionArn": arn, "Tags": tags.upper(store.tags[arn])}


def get_connection(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"Connection": _connection(context, request["ConnectionArn"])}


def list_connections(context: RequestContext, request: Request) -> dict[str, Any]:
    wanted, host = request.get("ProviderTypeFilter"), request.get("HostArnFilter")
    shown = [
        connection
        for connection in store_of(context).connections.values()
        if (not wanted or connection["ProviderType"] == wanted) and (not host or connection.get("HostArn") == host)
    ]
    return paged("Connections", shown, request, limit="MaxResults", token="NextToken", error="InvalidInputException")


def delete_connection(context: RequestContext, request: Request) -> None:
    arn = _connection(context, request["ConnectionArn"])["ConnectionArn"]
    del store_of(context).connections[arn], store_of(context).tags[arn]


def create_host(context: RequestContext, request: Request) -> dict[str, Any]:
    store = store_of(context)
    arn = _arn(context, "host", f"{request['Name']}/{uuid.uuid4().hex[:8]}")
    store.hosts[arn] = {"HostArn": arn, "Status": "PENDING"} | {
        key: request[key] for key in ("Name", "ProviderType", "ProviderEndpoint", "VpcConfiguration") if key in request
    }
    store.tags[arn] = _checked_tags({}, request.get("Tags"))
    return {"HostArn": arn, "Tags": tags.upper(store.tags[arn])}


def get_host(context: RequestContext, request: Request) -> dict[str, Any]:
    return {key: value for key, value in _host(context, request["HostArn"]).items() if key != "HostArn"}


def list_hosts(context: RequestContext, request: Request) -> dict[str, Any]:
    hosts = list(store_of(context).hosts.values())
    return paged("Hosts", hosts, request, limit="MaxResults", token="NextToken", error="InvalidInputException")


def update_host(context: RequestContext, request: Request) -> None:
    host = _host(context, request["HostArn"])
    host.update({key: request[key] for key in ("ProviderEndpoint", "VpcConfiguration") if key in request})


def delete_host(context: RequestContext, request: Request) -> None:
    store, arn = store_of(context), _host(context, request["HostArn"])["HostArn"]
    if any(connection.get("HostArn") == arn for connection in store.connections.values()):
        refuse("ResourceUnavailableException", f"Host {arn} still has connections")  # text unknown
    del store.hosts[arn], store.tags[arn]


def list_tags(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"Tags": tags.upper(_tags(context, request))}


def tag_resource(context: RequestContext, request: Request) -> None:
    present = _tags(context, request)
    present.update(_checked_tags(present, request["Tags"]))


def untag_resource(context: RequestContext, request: Request) -> None:
    present = _tags(context, request)
    for key in request["TagKeys"]:
        present.pop(key, None)


def _arn(context: RequestContext, kind: str, name: str) -> str:
    return f"arn:aws:{context.service.service_name}:{context.region}:{context.account_id}:{kind}/{name}"


def _connection(context: RequestContext, arn: str) -> dict[str, Any]:
    connection = store_of(context).connections.get(arn)
    if connection is None:
        refuse(MISSING, f"Connection not found: {arn}")
    return connection


def _host(context: RequestContext, arn: str) -> dict[str, Any]:
    host = store_of(context).hosts.get(arn)
    if host is None:
        refuse(MISSING, f"Host not found: {arn}")
    return host


def _tags(context: RequestContext, request: Request) -> dict[str, str]:
    present = store_of(context).tags.get(request["ResourceArn"])
    if present is None:
        refuse(MISSING, f"Resource not found: {request['ResourceArn']}")
    return present


def _checked_tags(present: dict[str, str], given: Any) -> dict[str, str]:
    return tags.merged(
        present, tags.from_list(given), too_many="LimitExceededException", invalid="InvalidInputException"
    )


_OPERATIONS = {
    "CreateConnection": create_connection,
    "GetConnection": get_connection,
    "ListConnections": list_connections,
    "DeleteConnection": delete_connection,
    "CreateHost": create_host,
    "GetHost": get_host,
    "ListHosts": list_hosts,
    "UpdateHost": update_host,
    "DeleteHost": delete_host,
    "ListTagsForResource": list_tags,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
