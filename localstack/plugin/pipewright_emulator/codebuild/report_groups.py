"""Report groups. They are kept and shown; builds write no reports into them."""

import copy
from typing import Any

from localstack.aws.api import RequestContext

from ..api import Request, refuse
from ..moments import now
from .store import API, store_of

_SETTINGS = ("exportConfig", "tags")


@API.operation("CreateReportGroup")
def create_report_group(context: RequestContext, request: Request) -> dict[str, Any]:
    groups, name = store_of(context).report_groups, request["name"]
    arn = f"arn:aws:codebuild:{context.region}:{context.account_id}:report-group/{name}"
    if arn in groups:
        refuse("ResourceAlreadyExistsException", f"Report group already exists: {arn}")
    moment = now()
    groups[arn] = {
        "arn": arn,
        "name": name,
        "type": request["type"],
        "created": moment,
        "lastModified": moment,
        "tags": [],
        "status": "ACTIVE",
        **_given(request),
    }
    return {"reportGroup": copy.deepcopy(groups[arn])}


@API.operation("BatchGetReportGroups")
def batch_get_report_groups(context: RequestContext, request: Request) -> dict[str, Any]:
    groups, asked = store_of(context).report_groups, request["reportGroupArns"]
    return {
        "reportGroups": [copy.deepcopy(groups[arn]) for arn in asked if arn in groups],
        "reportGroupsNotFound": [arn for arn in asked if arn not in groups],
    }


@API.operation("ListReportGroups")
def list_report_groups(context: RequestContext, _request: Request) -> dict[str, Any]:
    return {"reportGroups": sorted(store_of(context).report_groups)}


@API.operation("UpdateReportGroup")
def update_report_group(context: RequestContext, request: Request) -> dict[str, Any]:
    group = store_of(context).report_groups.get(request["arn"])
    if group is None:
        refuse("ResourceNotFoundException", f"Report group does not exist: {request['arn']}")
    group.update(_given(request), lastModified=now())
    return {"reportGroup": copy.deepcopy(group)}


@API.operation("DeleteReportGroup")
def delete_report_group(context: RequestContext, request: Request) -> None:
    # Deleting what is not there is no error at AWS.
    store_of(context).report_groups.pop(request["arn"], None)


def _given(request: Request) -> dict[str, Any]:
    return {key: copy.deepcopy(request[key]) for key in _SETTINGS if key in request}
