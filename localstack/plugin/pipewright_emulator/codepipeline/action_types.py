"""The action and rule types an account may use, and custom action types."""

import copy
from typing import Any

from localstack.aws.api import RequestContext

from .. import tags
from ..api import Request, refuse
from ..paging import paged
from . import catalogue, structure
from .conditions import REQUIRED, RULE_TYPES
from .store import API, store_of

VALIDATION = "ValidationException"
MAXIMUM = 50


@API.operation("CreateCustomActionType")
def create_custom_action_type(context: RequestContext, request: Request) -> dict[str, Any]:
    store = store_of(context)
    type_id = {
        "category": request["category"],
        "owner": "Custom",
        "provider": request["provider"],
        "version": request["version"],
    }
    key = (type_id["category"], type_id["provider"], type_id["version"])
    if key in store.action_types:
        # text unknown
        refuse(VALIDATION, f"ActionType {'/'.join(key)} already exists")
    if len(store.action_types) >= MAXIMUM:
        refuse("LimitExceededException", f"The number of custom actions has reached the limit of {MAXIMUM}")
    properties = copy.deepcopy(list(request.get("configurationProperties", [])))
    _check_artifacts(request["inputArtifactDetails"], request["outputArtifactDetails"])
    _check_properties(properties)
    described = {
        "id": type_id,
        "inputArtifactDetails": dict(request["inputArtifactDetails"]),
        "outputArtifactDetails": dict(request["outputArtifactDetails"]),
    }
    if request.get("settings"):
        described["settings"] = dict(request["settings"])
    if properties:
        described["actionConfigurationProperties"] = properties
    given = tags.merged(
        {}, tags.from_list(request.get("tags")), too_many="TooManyTagsException", invalid="InvalidTagsException"
    )
    store.action_types[key] = described
    store.tags[_arn(context, key)] = given
    return {"actionType": copy.deepcopy(described), "tags": tags.lower(given)}


@API.operation("DeleteCustomActionType")
def delete_custom_action_type(context: RequestContext, request: Request) -> None:
    store, key = store_of(context), (request["category"], request["provider"], request["version"])
    if key not in store.action_types:
        return
    for pipeline in store.pipelines.values():
        for _stage_name, action in structure.actions(pipeline.declaration):
            used = action["actionTypeId"]
            if used["owner"] == "Custom" and (used["category"], used["provider"], used["version"]) == key:
                # text unknown
                refuse(VALIDATION, f"The action type {'/'.join(key)} is used by pipeline {pipeline.name}")
    del store.action_types[key], store.tags[_arn(context, key)]


@API.operation("ListActionTypes")
def list_action_types(context: RequestContext, request: Request) -> dict[str, Any]:
    wanted = request.get("actionOwnerFilter")
    described = [kind.described() for kind in catalogue.provided().values()]
    described += copy.deepcopy(list(store_of(context).action_types.values()))
    shown = [entry for entry in described if wanted in (None, entry["id"]["owner"])]
    return paged("actionTypes", shown, request, limit="-")


@API.operation("GetActionType")
def get_action_type(context: RequestContext, request: Request) -> dict[str, Any]:
    key = (request["category"], request["owner"], request["provider"], request["version"])
    kind = catalogue.find(store_of(context), dict(zip(("category", "owner", "provider", "version"), key, strict=True)))
    if kind is None:
        refuse("ActionTypeNotFoundException", f"The action type {'/'.join(key)} does not exist")
    properties = [
        {"name": name, "optional": not required, "key": required, "noEcho": secret}
        for name, required, secret in kind.keys
    ]
    described = kind.described()
    worker = {"jobWorkerExecutorConfiguration": {"pollingAccounts": [context.account_id]}}
    return {
        "actionType": {
            "id": described["id"],
            "executor": {"type": "JobWorker", "configuration": worker},
            "inputArtifactDetails": described["inputArtifactDetails"],
            "outputArtifactDetails": described["outputArtifactDetails"],
            "properties": properties,
        }
    }


@API.operation("ListRuleTypes")
def list_rule_types(_context: RequestContext, _request: Request) -> dict[str, Any]:
    return {
        "ruleTypes": [
            {
                "id": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
                "ruleConfigurationProperties": [
                    {"name": key, "required": key in REQUIRED, "key": key in REQUIRED, "secret": False} for key in keys
                ],
                "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 5},
            }
            for provider, keys in RULE_TYPES.items()
        ]
    }


def _arn(context: RequestContext, key: tuple[str, str, str]) -> str:
    return f"arn:aws:codepipeline:{context.region}:{context.account_id}:actiontype:Custom/{'/'.join(key)}"


def _check_artifacts(*details: Any) -> None:
    for counts in details:
        least, most = counts["minimumCount"], counts["maximumCount"]
        if most < least:
            refuse(
                VALIDATION,
                f"Maximum Number of Artifacts ({most}) has to be greater than or equal to minimum ({least}).",
            )


def _check_properties(properties: list[dict[str, Any]]) -> None:
    queryable = [item for item in properties if item.get("queryable")]
    if len(queryable) > 1:
        refuse(VALIDATION, "Only one configuration property can be queryable.")  # text unknown
    for item in queryable:
        if item["secret"] or not item["required"]:
            # text unknown
            refuse(VALIDATION, f"Queryable property {item['name']} must be required and cannot be secret.")
