"""Create, read, update, list and delete build projects. Every field given comes back as it was given."""

import copy
from typing import Any

from localstack.aws.api import RequestContext

from .. import roles, tags
from ..api import Request, refuse
from ..moments import now
from ..paging import page
from .store import API, project_arn, project_named, store_of

SERVICE_PRINCIPAL = "codebuild.amazonaws.com"
INVALID = "InvalidInputException"

# Source types whose place CodeBuild knows without a location.
_WITHOUT_LOCATION = ("CODEPIPELINE", "NO_SOURCE")

# Members UpdateProject takes over as they are; absent ones keep their value.
_UPDATABLE = (
    "description", "source", "secondarySources", "sourceVersion", "secondarySourceVersions", "artifacts",
    "secondaryArtifacts", "cache", "environment", "serviceRole", "timeoutInMinutes", "queuedTimeoutInMinutes",
    "encryptionKey", "tags", "vpcConfig", "logsConfig", "fileSystemLocations", "buildBatchConfig",
    "concurrentBuildLimit", "autoRetryLimit",
)  # fmt: skip

# An empty value of these removes the setting.
_CLEARED_BY_EMPTY = ("sourceVersion", "vpcConfig", "buildBatchConfig", "encryptionKey", "concurrentBuildLimit")


@API.operation("CreateProject")
def create_project(context: RequestContext, request: Request) -> dict[str, Any]:
    name, store = request["name"], store_of(context)
    arn = project_arn(context.account_id, context.region, name)
    if name in store.projects:
        refuse("ResourceAlreadyExistsException", f"Project already exists: {arn}")
    project: dict[str, Any] = {"name": name, "arn": arn, "created": now(), "projectVisibility": "PRIVATE"}
    _apply(context, project, request)
    store.projects[name] = project
    return {"project": copy.deepcopy(project)}


@API.operation("UpdateProject")
def update_project(context: RequestContext, request: Request) -> dict[str, Any]:
    project = project_named(context, request["name"])
    changed = copy.deepcopy(project)
    _apply(context, changed, request)
    store_of(context).projects[project["name"]] = changed
    return {"project": copy.deepcopy(changed)}


@API.operation("BatchGetProjects")
def batch_get_projects(context: RequestContext, request: Request) -> dict[str, Any]:
    projects, missing = [], []
    for name in request["names"]:
        project = store_of(context).projects.get(name.rpartition("/")[2])
        if project is None:
            missing.append(name)
        else:
            projects.append(copy.deepcopy(project))
    return {"projects": projects, "projectsNotFound": missing}


@API.operation("ListProjects")
def list_projects(context: RequestContext, request: Request) -> dict[str, Any]:
    projects = store_of(context).projects.values()
    key = {"CREATED_TIME": "created", "LAST_MODIFIED_TIME": "lastModified"}.get(request.get("sortBy", ""), "name")
    ordered = sorted(projects, key=lambda project: project[key], reverse=request.get("sortOrder") == "DESCENDING")
    names, token = page([project["name"] for project in ordered], request.get("nextToken"), None, error=INVALID)
    return {"projects": names, **({"nextToken": token} if token else {})}


@API.operation("DeleteProject")
def delete_project(context: RequestContext, request: Request) -> None:
    # Deleting what is not there is no error at AWS.
    store, name = store_of(context), request["name"].rpartition("/")[2]
    store.projects.pop(name, None)
    store.build_numbers.pop(name, None)


@API.operation("UpdateProjectVisibility")
def update_project_visibility(context: RequestContext, request: Request) -> dict[str, Any]:
    project = project_named(context, request["projectArn"])
    project["projectVisibility"] = request["projectVisibility"]
    if request.get("resourceAccessRole"):
        project["resourceAccessRole"] = request["resourceAccessRole"]
    response = {"projectArn": project["arn"], "projectVisibility": project["projectVisibility"]}
    if project["projectVisibility"] == "PUBLIC_READ":
        response["publicProjectAlias"] = project.setdefault("publicProjectAlias", f"public-{project['name']}")
    else:
        project.pop("publicProjectAlias", None)
    return response


@API.operation("InvalidateProjectCache")
def invalidate_project_cache(context: RequestContext, request: Request) -> None:
    project_named(context, request["projectName"])


def _apply(context: RequestContext, project: dict[str, Any], request: Request) -> None:
    """Takes the request's settings over into the project and fills in what AWS does."""
    for key in _UPDATABLE:
        if key not in request:
            continue
        project[key] = copy.deepcopy(request[key])
        if key in _CLEARED_BY_EMPTY and not project[key]:
            del project[key]
    if "badgeEnabled" in request:
        project["badge"] = _badge(context, project["name"], request["badgeEnabled"])
    _fill_in(context, project)
    _check(context, project)
    project["lastModified"] = now()


def _fill_in(context: RequestContext, project: dict[str, Any]) -> None:
    project.setdefault("timeoutInMinutes", 60)
    project.setdefault("queuedTimeoutInMinutes", 480)
    project.setdefault("encryptionKey", f"arn:aws:kms:{context.region}:{context.account_id}:alias/aws/s3")
    project.setdefault("cache", {"type": "NO_CACHE"})
    project.setdefault("badge", {"badgeEnabled": False})
    logs = project.setdefault("logsConfig", {})
    logs.setdefault("cloudWatchLogs", {"status": "ENABLED"})
    logs.setdefault("s3Logs", {"status": "DISABLED"}).setdefault("encryptionDisabled", False)
    tags.merged({}, tags.from_list(project.setdefault("tags", [])), too_many=INVALID, invalid=INVALID)
    environment = project["environment"]
    environment.setdefault("privilegedMode", False)
    environment.setdefault("imagePullCredentialsType", "CODEBUILD")
    for variable in environment.setdefault("environmentVariables", []):
        variable.setdefault("type", "PLAINTEXT")
    for source in [project["source"], *project.get("secondarySources", [])]:
        if source["type"] != "NO_SOURCE":
            source.setdefault("insecureSsl", False)
    for artifacts in [project["artifacts"], *project.get("secondaryArtifacts", [])]:
        if artifacts["type"] != "NO_ARTIFACTS":
            artifacts.setdefault("name", project["name"])
            artifacts.setdefault("packaging", "NONE")
            artifacts.setdefault("encryptionDisabled", False)
        if artifacts["type"] == "S3":
            artifacts.setdefault("namespaceType", "NONE")


def _check(context: RequestContext, project: dict[str, Any]) -> None:
    source, artifacts = project["source"], project["artifacts"]
    if source["type"] not in _WITHOUT_LOCATION and not source.get("location"):
        refuse(INVALID, "Project source location is required")
    if source["type"] == "NO_SOURCE" and not source.get("buildspec"):
        refuse(INVALID, "Source type NO_SOURCE requires a valid yaml buildspec")
    if (source["type"] == "CODEPIPELINE") != (artifacts["type"] == "CODEPIPELINE"):
        refuse(INVALID, "Both source and artifacts must be set to CODEPIPELINE")
    if artifacts["type"] == "S3" and not artifacts.get("location"):
        refuse(INVALID, "Project artifacts location is required")
    if project["cache"]["type"] == "S3" and not project["cache"].get("location"):
        refuse(INVALID, "Project cache location is required")
    vpc = project.get("vpcConfig")
    if vpc and not (vpc.get("vpcId") and vpc.get("subnets") and vpc.get("securityGroupIds")):
        refuse(INVALID, "Invalid vpc config: the vpc id, subnets and security group ids are all required")
    role = project["serviceRole"]
    if role.startswith("arn:") and roles.account_of(role) != context.account_id:
        refuse(INVALID, "Invalid service role: Service role account ID does not match caller's account")
    if role.startswith("arn:") and not roles.assumable_by_service(role, SERVICE_PRINCIPAL):
        refuse(INVALID, f"CodeBuild is not authorized to perform: sts:AssumeRole on {role}")


def _badge(context: RequestContext, name: str, enabled: bool) -> dict[str, Any]:
    if not enabled:
        return {"badgeEnabled": False}
    address = f"https://codebuild.{context.region}.amazonaws.com/badges?uuid={name}&branch=master"
    return {"badgeEnabled": True, "badgeRequestUrl": address}
