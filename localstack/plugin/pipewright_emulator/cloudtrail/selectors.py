"""Event and insight selectors of trails."""

import copy
from typing import Any

from localstack.aws.api import RequestContext

from ..api import Request, refuse
from .store import API, trail_named

_DEFAULT = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


def initial() -> dict[str, Any]:
    """The selectors of a fresh trail."""
    return {"selectors": [dict(_DEFAULT)], "advanced": [], "insights": []}


def custom(entry: dict[str, Any]) -> bool:
    """Whether a trail has other selectors than a fresh one."""
    return bool(entry["advanced"]) or entry["selectors"] != [_DEFAULT]


@API.operation("PutEventSelectors")
def put_event_selectors(context: RequestContext, request: Request) -> dict[str, Any]:
    entry = trail_named(context, request["TrailName"])
    basic, advanced = request.get("EventSelectors") or [], request.get("AdvancedEventSelectors") or []
    if bool(basic) == bool(advanced):
        refuse("InvalidEventSelectorsException", "Give either event selectors or advanced event selectors.")
    if len(basic) > 5:
        refuse("InvalidEventSelectorsException", "A trail can have at most 5 event selectors.")
    entry["selectors"] = [{**_DEFAULT, **copy.deepcopy(selector)} for selector in basic]
    entry["advanced"] = copy.deepcopy(advanced)
    return _shown(entry)


@API.operation("GetEventSelectors")
def get_event_selectors(context: RequestContext, request: Request) -> dict[str, Any]:
    return _shown(trail_named(context, request["TrailName"]))


@API.operation("PutInsightSelectors")
def put_insight_selectors(context: RequestContext, request: Request) -> dict[str, Any]:
    entry = trail_named(context, request.get("TrailName", ""))
    entry["insights"] = copy.deepcopy(request["InsightSelectors"])
    return {"TrailARN": entry["trail"]["TrailARN"], "InsightSelectors": entry["insights"]}


@API.operation("GetInsightSelectors")
def get_insight_selectors(context: RequestContext, request: Request) -> dict[str, Any]:
    entry = trail_named(context, request.get("TrailName", ""))
    if not entry["insights"]:
        refuse(
            "InsightNotEnabledException",
            f"Trail {entry['trail']['Name']} does not have Insights enabled. Edit the trail settings to enable "
            "Insights, and then try the operation again.",
        )
    return {"TrailARN": entry["trail"]["TrailARN"], "InsightSelectors": entry["insights"]}


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"TrailARN": entry["trail"]["TrailARN"]}
    if entry["advanced"]:
        shown["AdvancedEventSelectors"] = entry["advanced"]
    else:
        shown["EventSelectors"] = entry["selectors"]
    return shown
