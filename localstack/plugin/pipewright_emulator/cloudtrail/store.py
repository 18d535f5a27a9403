"""What CloudTrail remembers of an account in a Region."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute

from ..api import Api, refuse

API = Api("cloudtrail")

# Event history keeps 90 days at AWS; here it keeps this many calls per account and Region.
HISTORY = 50_000


class Store(BaseStore):
    # Trails by name: {"trail": as DescribeTrails shows it, "tags": ..., "status": ..., selectors}.
    trails: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    # Event data stores by ARN, as GetEventDataStore returns them, and their tags.
    data_stores: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    data_store_tags: dict[str, dict[str, str]] = LocalAttribute(default=dict)
    # Calls served, oldest first, as LookupEvents returns them.
    history: deque[dict[str, Any]] = LocalAttribute(default=lambda: deque(maxlen=HISTORY))


STORES: AccountRegionBundle[Store] = AccountRegionBundle("cloudtrail", Store, validate=False)


def store_of(context: RequestContext) -> Store:
    return STORES[context.account_id][context.region]


def trail_arn(context: RequestContext, name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:cloudtrail:{context.region}:{context.account_id}:trail/{name}"


def all_trails(context: RequestContext) -> Iterator[dict[str, Any]]:
    """The account's trails of every Region."""
    for region in list(STORES[context.account_id]):
        yield from STORES[context.account_id][region].trails.values()


def trail_named(context: RequestContext, name: str) -> dict[str, Any]:
    """The trail of that name (in this Region) or ARN, or AWS's answer when there is none."""
    wanted = trail_arn(context, name)
    for entry in all_trails(context):
        if entry["trail"]["TrailARN"] == wanted:
            return entry
    refuse("TrailNotFoundException", f"Unknown trail: {wanted} for the user: {context.account_id}")
