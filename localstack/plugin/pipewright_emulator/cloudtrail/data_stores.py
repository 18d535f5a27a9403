"""Event data stores (CloudTrail Lake), without queries."""

import copy
import uuid
from typing import Any

from localstack.aws.api import RequestContext

from .. import tags
from ..api import Request, refuse
from ..moments import now
from ..paging import paged
from .store import API, store_of

_SETTINGS = (
    "Name", "AdvancedEventSelectors", "MultiRegionEnabled", "OrganizationEnabled", "RetentionPeriod",
    "TerminationProtectionEnabled", "KmsKeyId", "BillingMode",
)  # fmt: skip
_MANAGEMENT_EVENTS = {
    "Name": "Default management events",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}


@API.operation("CreateEventDataStore")
def create_event_data_store(context: RequestContext, request: Request) -> dict[str, Any]:
    store = store_of(context)
    if any(other["Name"] == request["Name"] for other in store.data_stores.values()):
        refuse("EventDataStoreAlreadyExistsException", f"An event data store named {request['Name']} already exists.")
    arn = f"arn:aws:cloudtrail:{context.region}:{context.account_id}:eventdatastore/{uuid.uuid4()}"
    moment = now()
    entry = {
        "EventDataStoreArn": arn,
        "AdvancedEventSelectors": [copy.deepcopy(_MANAGEMENT_EVENTS)],
        "MultiRegionEnabled": True,
        "OrganizationEnabled": False,
        "RetentionPeriod": 366 if request.get("BillingMode") != "FIXED_RETENTION_PRICING" else 2557,
        "TerminationProtectionEnabled": True,
        "BillingMode": "EXTENDABLE_RETENTION_PRICING",
        "Status": "ENABLED" if request.get("StartIngestion", True) else "STOPPED_INGESTION",
        "CreatedTimestamp": moment,
        "UpdatedTimestamp": moment,
    }
    entry |= {key: copy.deepcopy(request[key]) for key in _SETTINGS if key in request}
    store.data_stores[arn] = entry
    store.data_store_tags[arn] = tags.from_list(request.get("TagsList"))
    return entry | {"TagsList": tags.upper(store.data_store_tags[arn])}


@API.operation("GetEventDataStore")
def get_event_data_store(context: RequestContext, request: Request) -> dict[str, Any]:
    return _named(context, request["EventDataStore"])


@API.operation("UpdateEventDataStore")
def update_event_data_store(context: RequestContext, request: Request) -> dict[str, Any]:
    entry = _named(context, request["EventDataStore"])
    entry |= {key: copy.deepcopy(request[key]) for key in _SETTINGS if key in request}
    entry["UpdatedTimestamp"] = now()
    return entry


@API.operation("ListEventDataStores")
def list_event_data_stores(context: RequestContext, request: Request) -> dict[str, Any]:
    stores = list(store_of(context).data_stores.values())
    return paged("EventDataStores", stores, request, limit="MaxResults", token="NextToken")


@API.operation("DeleteEventDataStore")
def delete_event_data_store(context: RequestContext, request: Request) -> None:
    entry = _named(context, request["EventDataStore"])
    if entry["TerminationProtectionEnabled"]:
        refuse(
            "EventDataStoreTerminationProtectedException",
            "The event data store cannot be deleted because termination protection is enabled for it.",
        )
    # AWS keeps a deleted store for seven days in this state.
    entry["Status"] = "PENDING_DELETION"
    entry["UpdatedTimestamp"] = now()


@API.operation("RestoreEventDataStore")
def restore_event_data_store(context: RequestContext, request: Request) -> dict[str, Any]:
    entry = _named(context, request["EventDataStore"])
    entry["Status"] = "ENABLED"
    return entry


@API.operation("StartEventDataStoreIngestion")
def start_ingestion(context: RequestContext, request: Request) -> None:
    _named(context, request["EventDataStore"])["Status"] = "ENABLED"


@API.operation("StopEventDataStoreIngestion")
def stop_ingestion(context: RequestContext, request: Request) -> None:
    _named(context, request["EventDataStore"])["Status"] = "STOPPED_INGESTION"


def _named(context: RequestContext, arn_or_id: str) -> dict[str, Any]:
    for arn, entry in store_of(context).data_stores.items():
        if arn_or_id in (arn, arn.rpartition("/")[2]):
            return entry
    refuse("EventDataStoreNotFoundException", "The specified event data store was not found.")
