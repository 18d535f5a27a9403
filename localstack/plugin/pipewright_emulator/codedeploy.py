"""CodeDeploy: applications, deployment groups and configurations kept field by field; deployments just succeed."""

import copy
import uuid
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute

from . import roles, settings, tags
from .api import Api, Request, refuse
from .clock import CLOCK
from .moments import now
from .paging import page

API = Api("codedeploy")
SERVICE_PRINCIPAL = "codedeploy.amazonaws.com"
DEFAULT_CONFIG = {
    "Server": "CodeDeployDefault.OneAtATime",
    "Lambda": "CodeDeployDefault.LambdaAllAtOnce",
    "ECS": "CodeDeployDefault.ECSAllAtOnce",
}
PREDEFINED = ("AllAtOnce", "HalfAtATime", "OneAtATime", "LambdaAllAtOnce", "ECSAllAtOnce")


class Store(BaseStore):
    # Applications by name and groups by (application, name), as Get returns them.
    applications: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    groups: dict[tuple[str, str], dict[str, Any]] = LocalAttribute(default=dict)
    configs: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    deployments: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    # Tags of applications and groups by ARN.
    tags: dict[str, dict[str, str]] = LocalAttribute(default=dict)


STORES: AccountRegionBundle[Store] = AccountRegionBundle("codedeploy", Store, validate=False)


def store_of(context: RequestContext) -> Store:
    return STORES[context.account_id][context.region]


@API.operation("CreateApplication")
def create_application(context: RequestContext, request: Request) -> dict[str, Any]:
    store, name = store_of(context), request["applicationName"]
    if name in store.applications:
        refuse("ApplicationAlreadyExistsException", f"Application already exists: {name}")
    application = {
        "applicationId": str(uuid.uuid4()),
        "applicationName": name,
        "createTime": now(),
        "linkedToGitHub": False,
        "computePlatform": request.get("computePlatform", "Server"),
    }
    store.tags[_application_arn(context, name)] = _merged({}, tags.from_list(request.get("tags")))
    store.applications[name] = application
    return {"applicationId": application["applicationId"]}


@API.operation("GetApplication")
def get_application(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"application": dict(_application(context, request["applicationName"]))}


@API.operation("BatchGetApplications")
def batch_get_applications(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"applicationsInfo": [dict(_application(context, name)) for name in request["applicationNames"]]}


@API.operation("ListApplications")
def list_applications(context: RequestContext, request: Request) -> dict[str, Any]:
    return _listed("applications", sorted(store_of(context).applications), request)


@API.operation("UpdateApplication")
def update_application(context: RequestContext, request: Request) -> None:
    store, old = store_of(context), request.get("applicationName", "")
    application, new = _application(context, old), request.get("newApplicationName") or old
    if new == old:
        return
    if new in store.applications:
        refuse("ApplicationAlreadyExistsException", f"Application already exists: {new}")
    application["applicationName"] = new
    store.applications[new] = store.applications.pop(old)
    store.tags[_application_arn(context, new)] = store.tags.pop(_application_arn(context, old))
    for key in [key for key in store.groups if key[0] == old]:
        group = store.groups.pop(key)
        group["applicationName"] = new
        store.groups[new, key[1]] = group
        store.tags[_group_arn(context, new, key[1])] = store.tags.pop(_group_arn(context, *key))


@API.operation("DeleteApplication")
def delete_application(context: RequestContext, request: Request) -> None:
    # Deleting what is not there is no error at AWS, and takes the groups along.
    store, name = store_of(context), request["applicationName"]
    store.applications.pop(name, None)
    store.tags.pop(_application_arn(context, name), None)
    for key in [key for key in store.groups if key[0] == name]:
        del store.groups[key], store.tags[_group_arn(context, *key)]


@API.operation("CreateDeploymentGroup")
def create_group(context: RequestContext, request: Request) -> dict[str, Any]:
    store, application = store_of(context), _application(context, request["applicationName"])
    key = (request["applicationName"], request["deploymentGroupName"])
    if key in store.groups:
        refuse("DeploymentGroupAlreadyExistsException", f"Deployment group already exists: {key[1]}")
    platform = application["computePlatform"]
    group = {
        "deploymentGroupId": str(uuid.uuid4()),
        "deploymentConfigName": DEFAULT_CONFIG[platform],
        "deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
        "outdatedInstancesStrategy": "UPDATE",
        "triggerConfigurations": [],
        "autoScalingGroups": [],
        "ec2TagFilters": [],
        "onPremisesInstanceTagFilters": [],
        "computePlatform": platform,
        "terminationHookEnabled": False,
    }
    _apply(context, group, request)
    store.tags[_group_arn(context, *key)] = _merged({}, tags.from_list(request.get("tags")))
    store.groups[key] = group
    return {"deploymentGroupId": group["deploymentGroupId"]}


@API.operation("GetDeploymentGroup")
def get_group(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"deploymentGroupInfo": copy.deepcopy(_group(context, request, "deploymentGroupName"))}


@API.operation("BatchGetDeploymentGroups")
def batch_get_groups(context: RequestContext, request: Request) -> dict[str, Any]:
    # What is missing is left out.
    application = _application(context, request["applicationName"])["applicationName"]
    groups = store_of(context).groups
    keys = [(application, name) for name in request["deploymentGroupNames"]]
    return {"deploymentGroupsInfo": [copy.deepcopy(groups[key]) for key in keys if key in groups]}


@API.operation("ListDeploymentGroups")
def list_groups(context: RequestContext, request: Request) -> dict[str, Any]:
    name = _application(context, request["applicationName"])["applicationName"]
    names = sorted(group for application, group in store_of(context).groups if application == name)
    return {"applicationName": name, **_listed("deploymentGroups", names, request)}


@API.operation("UpdateDeploymentGroup")
def update_group(context: RequestContext, request: Request) -> dict[str, Any]:
    store, group = store_of(context), _group(context, request, "currentDeploymentGroupName")
    old = (request["applicationName"], request["currentDeploymentGroupName"])
    new = (old[0], request.get("newDeploymentGroupName") or old[1])
    if new != old and new in store.groups:
        refuse("DeploymentGroupAlreadyExistsException", f"Deployment group already exists: {new[1]}")
    changed = copy.deepcopy(group)
    _apply(context, changed, {**request, "deploymentGroupName": new[1]})
    del store.groups[old]
    store.groups[new] = changed
    store.tags[_group_arn(context, *new)] = store.tags.pop(_group_arn(context, *old))
    return {"hooksNotCleanedUp": []}


@API.operation("DeleteDeploymentGroup")
def delete_group(context: RequestContext, request: Request) -> dict[str, Any]:
    key = (request["applicationName"], request["deploymentGroupName"])
    store_of(context).groups.pop(key, None)
    store_of(context).tags.pop(_group_arn(context, *key), None)
    return {"hooksNotCleanedUp": []}


@API.operation("CreateDeploymentConfig")
def create_config(context: RequestContext, request: Request) -> dict[str, Any]:
    configs, name = store_of(context).configs, request["deploymentConfigName"]
    if name in configs or name in _predefined():
        refuse("DeploymentConfigAlreadyExistsException", f"Deployment configuration already exists: {name}")
    config = {"deploymentConfigId": str(uuid.uuid4()), "createTime": now(), "computePlatform": "Server"}
    configs[name] = config | copy.deepcopy(dict(request))
    return {"deploymentConfigId": config["deploymentConfigId"]}


@API.operation("GetDeploymentConfig")
def get_config(context: RequestContext, request: Request) -> dict[str, Any]:
    name = request["deploymentConfigName"]
    config = store_of(context).configs.get(name) or _predefined().get(name)
    if config is None:
        refuse("DeploymentConfigDoesNotExistException", f"No deployment configuration found for name: {name}")
    return {"deploymentConfigInfo": copy.deepcopy(config)}


@API.operation("ListDeploymentConfigs")
def list_configs(context: RequestContext, request: Request) -> dict[str, Any]:
    return _listed("deploymentConfigsList", [*_predefined(), *sorted(store_of(context).configs)], request)


@API.operation("DeleteDeploymentConfig")
def delete_config(context: RequestContext, request: Request) -> None:
    store, name = store_of(context), request["deploymentConfigName"]
    if any(group["deploymentConfigName"] == name for group in store.groups.values()):
        refuse("DeploymentConfigInUseException", f"The deployment configuration {name} is in use")
    store.configs.pop(name, None)


@API.operation("CreateDeployment")
def create_deployment(context: RequestContext, request: Request) -> dict[str, Any]:
    group = _group(context, request, "deploymentGroupName")
    deployment = {
        "deploymentId": f"d-{uuid.uuid4().hex[:9].upper()}",
        "deploymentConfigName": group["deploymentConfigName"],
        "status": "InProgress",
        "createTime": now(),
        "creator": "user",
        "computePlatform": group["computePlatform"],
        "deploymentStyle": group["deploymentStyle"],
        **copy.deepcopy(dict(request)),
    }
    store_of(context).deployments[deployment["deploymentId"]] = deployment
    CLOCK.later(2 * settings.STEP, lambda: deployment.update(status="Succeeded", completeTime=now()))
    return {"deploymentId": deployment["deploymentId"]}


@API.operation("GetDeployment")
def get_deployment(context: RequestContext, request: Request) -> dict[str, Any]:
    deployment = store_of(context).deployments.get(request["deploymentId"])
    if deployment is None:
        refuse("DeploymentDoesNotExistException", f"The deployment {request['deploymentId']} could not be found")
    return {"deploymentInfo": dict(deployment)}


@API.operation("ListDeployments")
def list_deployments(context: RequestContext, request: Request) -> dict[str, Any]:
    wanted = {key: request[key] for key in ("applicationName", "deploymentGroupName") if key in request}
    found = [
        name
        for name, deployment in store_of(context).deployments.items()
        if wanted.items() <= {key: deployment.get(key) for key in wanted}.items()
    ]
    return _listed("deployments", found, request)


@API.operation("ListTagsForResource")
def list_tags(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"Tags": tags.upper(_tags(context, request["ResourceArn"]))}


@API.operation("TagResource")
def tag_resource(context: RequestContext, request: Request) -> None:
    present = _tags(context, request["ResourceArn"])
    present.update(_merged(present, tags.from_list(request["Tags"])))


@API.operation("UntagResource")
def untag_resource(context: RequestContext, request: Request) -> None:
    present = _tags(context, request["ResourceArn"])
    for key in request["TagKeys"]:
        present.pop(key, None)


def _apply(context: RequestContext, group: dict[str, Any], request: Request) -> None:
    """Takes over every setting of the request; what it does not name keeps its value."""
    ignored = ("tags", "currentDeploymentGroupName", "newDeploymentGroupName")
    group |= {key: copy.deepcopy(value) for key, value in request.items() if key not in ignored}
    for emptied in ("loadBalancerInfo", "ec2TagSet", "onPremisesTagSet"):
        # Sent empty, these are taken away.
        if not any(group.get(emptied, {}).values()):
            group.pop(emptied, None)
    if "autoScalingGroups" in request:
        group["autoScalingGroups"] = [{"name": name} for name in request["autoScalingGroups"]]
    role = group["serviceRoleArn"]
    if not roles.assumable_by_service(role, SERVICE_PRINCIPAL):
        refuse(
            "InvalidRoleException", f"AWS CodeDeploy does not have the permissions required to assume the role {role}."
        )
    name = group["deploymentConfigName"]
    if (
        name not in store_of(context).configs
        and name not in _predefined()
        and not name.startswith("CodeDeployDefault.")
    ):
        refuse("DeploymentConfigDoesNotExistException", f"No deployment configuration found for name: {name}")
    for trigger in group["triggerConfigurations"]:
        trigger.setdefault("triggerEvents", [])


def _predefined() -> dict[str, dict[str, Any]]:
    hosts = {"AllAtOnce": 0, "HalfAtATime": 50, "OneAtATime": 99}
    configs = {}
    for short in PREDEFINED:
        platform = next((name for name in ("Lambda", "ECS") if short.startswith(name)), "Server")
        config: dict[str, Any] = {"deploymentConfigName": f"CodeDeployDefault.{short}", "computePlatform": platform}
        if platform == "Server":
            config["minimumHealthyHosts"] = {"type": "FLEET_PERCENT", "value": hosts[short]}
        else:
            config["trafficRoutingConfig"] = {"type": "AllAtOnce"}
        configs[config["deploymentConfigName"]] = config
    return configs


def _application_arn(context: RequestContext, name: str) -> str:
    return f"arn:aws:codedeploy:{context.region}:{context.account_id}:application:{name}"


def _group_arn(context: RequestContext, application: str, name: str) -> str:
    return f"arn:aws:codedeploy:{context.region}:{context.account_id}:deploymentgroup:{application}/{name}"


def _application(context: RequestContext, name: str) -> dict[str, Any]:
    application = store_of(context).applications.get(name)
    if application is None:
        refuse("ApplicationDoesNotExistException", f"No application found for name: {name}")
    return application


def _group(context: RequestContext, request: Request, member: str) -> dict[str, Any]:
    application = _application(context, request["applicationName"])["applicationName"]
    name = request.get(member, "")
    group = store_of(context).groups.get((application, name))
    if group is None:
        refuse("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
    return group


def _tags(context: RequestContext, arn: str) -> dict[str, str]:
    present = store_of(context).tags.get(arn)
    if present is None:
        refuse("ResourceNotFoundException", f"No resource found for ARN: {arn}")
    return present


def _merged(present: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    return tags.merged(present, given, too_many="TagLimitExceededException", invalid="InvalidTagsToAddException")


def _listed(key: str, items: list[str], request: Request) -> dict[str, Any]:
    shown, token = page(items, request.get("nextToken"), None, error="InvalidNextTokenException")
    return {key: shown, **({"nextToken": token} if token else {})}
