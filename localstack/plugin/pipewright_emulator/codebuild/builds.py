"""Builds: started by a call or a pipeline, in progress for two steps of the clock, then succeeded or failed."""

import copy
import uuid
from collections.abc import Callable
from typing import Any

from localstack.aws.api import RequestContext

from .. import failing, settings
from ..api import Request, refuse
from ..clock import CLOCK
from ..moments import now
from ..paging import page
from .store import API, STORES, project_named, store_of

INVALID = "InvalidInputException"
PHASES = ("SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")

Finished = Callable[[dict[str, Any]], None]

# Members of StartBuild that replace the project's setting of the same meaning.
_OVERRIDES = {
    "artifactsOverride": "artifacts",
    "secondaryArtifactsOverride": "secondaryArtifacts",
    "secondarySourcesOverride": "secondarySources",
    "secondarySourcesVersionOverride": "secondarySourceVersions",
    "cacheOverride": "cache",
    "serviceRoleOverride": "serviceRole",
    "timeoutInMinutesOverride": "timeoutInMinutes",
    "queuedTimeoutInMinutesOverride": "queuedTimeoutInMinutes",
    "encryptionKeyOverride": "encryptionKey",
    "logsConfigOverride": "logsConfig",
}
_SOURCE_OVERRIDES = {
    "sourceTypeOverride": "type",
    "sourceLocationOverride": "location",
    "sourceAuthOverride": "auth",
    "gitCloneDepthOverride": "gitCloneDepth",
    "gitSubmodulesConfigOverride": "gitSubmodulesConfig",
    "buildspecOverride": "buildspec",
    "insecureSslOverride": "insecureSsl",
    "reportBuildStatusOverride": "reportBuildStatus",
}
_ENVIRONMENT_OVERRIDES = {
    "environmentTypeOverride": "type",
    "imageOverride": "image",
    "computeTypeOverride": "computeType",
    "certificateOverride": "certificate",
    "privilegedModeOverride": "privilegedMode",
    "registryCredentialOverride": "registryCredential",
    "imagePullCredentialsTypeOverride": "imagePullCredentialsType",
}


@API.operation("StartBuild")
def start_build(context: RequestContext, request: Request) -> dict[str, Any]:
    project = project_named(context, request["projectName"])
    return {"build": copy.deepcopy(start(context.account_id, context.region, project, request, "root"))}


@API.operation("BatchGetBuilds")
def batch_get_builds(context: RequestContext, request: Request) -> dict[str, Any]:
    builds = store_of(context).builds
    ids = [name.rpartition("build/")[2] for name in request["ids"]]
    return {
        "builds": [copy.deepcopy(builds[name]) for name in ids if name in builds],
        "buildsNotFound": [name for name in ids if name not in builds],
    }


@API.operation("StopBuild")
def stop_build(context: RequestContext, request: Request) -> dict[str, Any]:
    build = store_of(context).builds.get(request["id"].rpartition("build/")[2])
    if build is None:
        refuse("ResourceNotFoundException", f"Build not found: {request['id']}")
    _finish(build, "STOPPED")
    return {"build": copy.deepcopy(build)}


@API.operation("BatchDeleteBuilds")
def batch_delete_builds(context: RequestContext, request: Request) -> dict[str, Any]:
    builds = store_of(context).builds
    ids = [name.rpartition("build/")[2] for name in request["ids"]]
    deleted = [builds.pop(name)["arn"] for name in ids if name in builds]
    return {"buildsDeleted": deleted, "buildsNotDeleted": []}


@API.operation("ListBuilds")
def list_builds(context: RequestContext, request: Request) -> dict[str, Any]:
    return _listed(store_of(context).builds.values(), request, newest_first=True)


@API.operation("ListBuildsForProject")
def list_builds_for_project(context: RequestContext, request: Request) -> dict[str, Any]:
    name = project_named(context, request["projectName"])["name"]
    builds = [build for build in store_of(context).builds.values() if build["projectName"] == name]
    return _listed(builds, request, newest_first=request.get("sortOrder", "DESCENDING") == "DESCENDING")


def start(
    account: str,
    region: str,
    project: dict[str, Any],
    request: Request,
    initiator: str,
    finished: Finished | None = None,
) -> dict[str, Any]:
    """Starts a build of the project with StartBuild's overrides; `finished` is called with it when it is over."""
    store = STORES[account][region]
    # A pipeline's actions come here without going through the Api.
    with API.lock:
        number = store.build_numbers.get(project["name"], 0) + 1
        store.build_numbers[project["name"]] = number
        build = _new(account, region, project, request, initiator, number)
        store.builds[build["id"]] = build
    fails = failing.marked([build["source"], build["environment"], project.get("description"), request])

    def finish() -> None:
        with API.lock:
            _finish(build, "FAILED" if fails else "SUCCEEDED")
        if finished is not None:
            finished(build)

    CLOCK.later(2 * settings.STEP, finish)
    return build


def _new(
    account: str, region: str, project: dict[str, Any], request: Request, initiator: str, number: int
) -> dict[str, Any]:
    name, run = project["name"], str(uuid.uuid4())
    copied = (
        "source", "secondarySources", "secondarySourceVersions", "sourceVersion", "artifacts", "secondaryArtifacts",
        "cache", "environment", "serviceRole", "timeoutInMinutes", "queuedTimeoutInMinutes", "encryptionKey",
        "vpcConfig", "fileSystemLocations", "logsConfig",
    )  # fmt: skip
    build = {key: copy.deepcopy(project[key]) for key in copied if key in project}
    build |= {new: copy.deepcopy(request[old]) for old, new in _OVERRIDES.items() if old in request}
    build["source"] |= {new: request[old] for old, new in _SOURCE_OVERRIDES.items() if old in request}
    build["environment"] |= {new: request[old] for old, new in _ENVIRONMENT_OVERRIDES.items() if old in request}
    build["environment"]["environmentVariables"] = _variables(build["environment"], request)
    if request.get("sourceVersion"):
        build["sourceVersion"] = request["sourceVersion"]
    logs = build.pop("logsConfig")
    group = logs["cloudWatchLogs"].get("groupName") or f"/aws/codebuild/{name}"
    # What a build says about its artifacts has other members than what the project says.
    build["artifacts"] = {
        key: value
        for key, value in build["artifacts"].items()
        if key in ("location", "overrideArtifactName", "encryptionDisabled", "artifactIdentifier")
    }
    started = now()
    return build | {
        "id": f"{name}:{run}",
        "arn": f"arn:aws:codebuild:{region}:{account}:build/{name}:{run}",
        "buildNumber": number,
        "projectName": name,
        "startTime": started,
        "currentPhase": "BUILD",
        "buildStatus": "IN_PROGRESS",
        "buildComplete": False,
        "initiator": initiator,
        "phases": [{"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": started, "endTime": started}],
        "logs": {**logs, "groupName": group, "streamName": run},
    }


def _variables(environment: dict[str, Any], request: Request) -> list[dict[str, Any]]:
    named = {variable["name"]: variable for variable in environment["environmentVariables"]}
    for variable in request.get("environmentVariablesOverride", []):
        named[variable["name"]] = {"type": "PLAINTEXT", **variable}
    return list(named.values())


def _finish(build: dict[str, Any], status: str) -> None:
    if build["buildComplete"]:
        return
    ended = now()
    build.update(buildStatus=status, buildComplete=True, currentPhase="COMPLETED", endTime=ended)
    for phase in PHASES[1:]:
        entry = {"phaseType": phase, "startTime": build["startTime"], "endTime": ended, "durationInSeconds": 0}
        build["phases"].append(entry | {"phaseStatus": "SUCCEEDED"})
        if phase == "BUILD" and status != "SUCCEEDED":
            message = (
                "Error while executing command: PIPEWRIGHT_FAIL. Reason: exit status 1" if status == "FAILED" else ""
            )
            entry = build["phases"][-1]
            entry |= {
                "phaseStatus": status,
                "contexts": [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": message}],
            }
            break
    build["phases"].append({"phaseType": "COMPLETED", "startTime": ended})


def _listed(builds: Any, request: Request, *, newest_first: bool) -> dict[str, Any]:
    ordered = sorted(builds, key=lambda build: build["startTime"], reverse=newest_first)
    ids, token = page([build["id"] for build in ordered], request.get("nextToken"), None, error=INVALID)
    return {"ids": ids, **({"nextToken": token} if token else {})}
