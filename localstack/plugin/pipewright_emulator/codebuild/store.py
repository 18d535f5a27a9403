"""What CodeBuild remembers of an account in a Region."""

from typing import Any

from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute

from ..api import Api, refuse

API = Api("codebuild")


class Store(BaseStore):
    # Projects by name and builds by id, in the shape BatchGet returns them.
    projects: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    builds: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    # How many builds a project ever had.
    build_numbers: dict[str, int] = LocalAttribute(default=dict)
    # Source credentials by server type.
    credentials: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    # Report groups by ARN.
    report_groups: dict[str, dict[str, Any]] = LocalAttribute(default=dict)


STORES: AccountRegionBundle[Store] = AccountRegionBundle("codebuild", Store, validate=False)


def store_of(context: Any) -> Store:
    return STORES[context.account_id][context.region]


def project_arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:codebuild:{region}:{account}:project/{name}"


def project_named(context: Any, name: str) -> dict[str, Any]:
    """The project of that name or ARN, or AWS's answer when there is none."""
    project = store_of(context).projects.get(name.rpartition("/")[2])
    if project is None:
        missing = name if name.startswith("arn:") else project_arn(context.account_id, context.region, name)
        refuse("ResourceNotFoundException", f"Project cannot be found: {missing}")
    return project
