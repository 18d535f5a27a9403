"""Create, read, update, list and delete pipelines, and their tags."""

import copy
from typing import Any

from localstack.aws.api import RequestContext

from .. import roles, tags
from ..api import Request, refuse
from ..moments import now
from ..paging import paged
from . import catalogue, engine, starting, structure
from .store import API, Pipeline, pipeline_named, store_of

SERVICE_PRINCIPAL = "codepipeline.amazonaws.com"
MAXIMUM_PIPELINES = 1000


@API.operation("CreatePipeline")
def create_pipeline(context: RequestContext, request: Request) -> dict[str, Any]:
    store = store_of(context)
    declaration = _with_defaults(request["pipeline"])
    name = declaration["name"]
    structure.check(store, context.region, declaration, None)
    if name in store.pipelines:
        refuse(
            "PipelineNameInUseException",
            f"A pipeline with the name '{name}' already exists in account '{context.account_id}'",
        )
    if len(store.pipelines) >= MAXIMUM_PIPELINES:
        # text unknown
        refuse("LimitExceededException", f"The number of pipelines has reached the limit of {MAXIMUM_PIPELINES}")
    given = _merged_tags({}, request.get("tags"))
    _check_roles(declaration)
    _add_default_triggers(declaration)
    declaration["version"] = 1
    pipeline = Pipeline(context.account_id, context.region, {1: declaration}, given)
    store.pipelines[name] = pipeline
    starting.first(context, pipeline)
    return {"pipeline": _shown(context, declaration), "tags": tags.lower(given)}


@API.operation("UpdatePipeline")
def update_pipeline(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["pipeline"]["name"])
    store, previous = store_of(context), pipeline.declaration
    declaration = _with_defaults(request["pipeline"])
    structure.check(store, context.region, declaration, previous)
    _check_roles(declaration)
    _restore_secrets(context, declaration, previous)
    _add_default_triggers(declaration)
    declaration["version"] = pipeline.version + 1
    pipeline.versions[declaration["version"]] = declaration
    pipeline.updated = now()
    stages = {stage["name"] for stage in declaration["stages"]}
    pipeline.closed = {name: closed for name, closed in pipeline.closed.items() if name in stages}
    for execution in pipeline.executions:
        engine.definition_updated(execution)
    return {"pipeline": _shown(context, declaration)}


@API.operation("GetPipeline")
def get_pipeline(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["name"])
    version = request.get("version") or pipeline.version
    if version not in pipeline.versions:
        refuse(
            "PipelineVersionNotFoundException",
            f"The version {version} of pipeline '{pipeline.name}' does not exist",  # text unknown
        )
    return {
        "pipeline": _shown(context, pipeline.versions[version]),
        "metadata": {"pipelineArn": pipeline.arn, "created": pipeline.created, "updated": pipeline.updated},
    }


@API.operation("ListPipelines")
def list_pipelines(context: RequestContext, request: Request) -> dict[str, Any]:
    pipelines = sorted(store_of(context).pipelines.values(), key=lambda pipeline: pipeline.name)
    summaries = [
        {
            "name": pipeline.name,
            "version": pipeline.version,
            "pipelineType": pipeline.declaration["pipelineType"],
            "executionMode": pipeline.declaration["executionMode"],
            "created": pipeline.created,
            "updated": pipeline.updated,
        }
        for pipeline in pipelines
    ]
    return paged("pipelines", summaries, request, default=1000)


@API.operation("DeletePipeline")
def delete_pipeline(context: RequestContext, request: Request) -> None:
    # Deleting what is not there is no error at AWS.
    pipeline = store_of(context).pipelines.pop(request["name"], None)
    for execution in pipeline.executions if pipeline else []:
        execution.forgotten = True


@API.operation("ListTagsForResource")
def list_tags(context: RequestContext, request: Request) -> dict[str, Any]:
    return paged("tags", tags.lower(_tags_of(context, request["resourceArn"])), request, default=100)


@API.operation("TagResource")
def tag_resource(context: RequestContext, request: Request) -> None:
    present = _tags_of(context, request["resourceArn"])
    present.update(_merged_tags(present, request["tags"]))


@API.operation("UntagResource")
def untag_resource(context: RequestContext, request: Request) -> None:
    present = _tags_of(context, request["resourceArn"])
    for key in request["tagKeys"]:
        present.pop(key, None)


def _tags_of(context: RequestContext, arn: str) -> dict[str, str]:
    store = store_of(context)
    for pipeline in store.pipelines.values():
        if pipeline.arn == arn:
            return pipeline.tags
    if arn in store.tags:
        return store.tags[arn]
    refuse("ResourceNotFoundException", f"Cannot find the resource {arn}")  # text unknown


def _merged_tags(present: dict[str, str], given: Any) -> dict[str, str]:
    return tags.merged(present, tags.from_list(given), too_many="TooManyTagsException", invalid="InvalidTagsException")


def _with_defaults(declared: Any) -> dict[str, Any]:
    """The declaration with what AWS adds to it."""
    pipeline: dict[str, Any] = copy.deepcopy(dict(declared))
    pipeline.setdefault("pipelineType", "V1")
    pipeline.setdefault("executionMode", "SUPERSEDED")
    for _stage_name, action in structure.actions(pipeline):
        action.setdefault("runOrder", 1)
        action.setdefault("configuration", {})
        action.setdefault("inputArtifacts", [])
        action.setdefault("outputArtifacts", [])
    return pipeline


def _add_default_triggers(pipeline: dict[str, Any]) -> None:
    """A V2 pipeline watches the branch of a connection source that has no trigger of its own."""
    if pipeline["pipelineType"] != "V2":
        return
    declared = {trigger["gitConfiguration"]["sourceActionName"] for trigger in pipeline.get("triggers", [])}
    for _stage_name, action in structure.actions(pipeline):
        watched = action["configuration"].get("DetectChanges", "true") == "true"
        connected = action["actionTypeId"]["provider"] == "CodeStarSourceConnection"
        if connected and watched and action["name"] not in declared:
            branch = action["configuration"]["BranchName"]
            git = {"sourceActionName": action["name"], "push": [{"branches": {"includes": [branch]}}]}
            pipeline.setdefault("triggers", []).append(
                {"providerType": "CodeStarSourceConnection", "gitConfiguration": git}
            )


def _restore_secrets(context: RequestContext, declaration: dict[str, Any], previous: dict[str, Any]) -> None:
    for _stage_name, action in structure.actions(declaration):
        for key, value in action["configuration"].items():
            if value == structure.MASK and key in _secret_keys(context, action):
                action["configuration"][key] = structure.stored_secret(previous, action, key)


def _shown(context: RequestContext, declaration: dict[str, Any]) -> dict[str, Any]:
    """The declaration as AWS shows it: secrets are masked."""
    shown = copy.deepcopy(declaration)
    for _stage_name, action in structure.actions(shown):
        for key in _secret_keys(context, action) & action["configuration"].keys():
            action["configuration"][key] = structure.MASK
    return shown


def _secret_keys(context: RequestContext, action: dict[str, Any]) -> frozenset[str]:
    kind = catalogue.find(store_of(context), action["actionTypeId"])
    return kind.secret if kind else frozenset()


def _check_roles(declaration: dict[str, Any]) -> None:
    role = declaration["roleArn"]
    if not roles.assumable_by_service(role, SERVICE_PRINCIPAL):
        refuse(structure.STRUCTURE, f"CodePipeline is not authorized to perform AssumeRole on role {role}")
    for _stage_name, action in structure.actions(declaration):
        wanted = action.get("roleArn")
        if wanted and wanted != role and not roles.assumable_by_role(wanted, role):
            refuse(structure.STRUCTURE, f"{role} is not authorized to perform AssumeRole on role {wanted}")
