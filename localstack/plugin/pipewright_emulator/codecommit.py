"""CodeCommit: repositories, their tags and triggers. They hold no commits: there is nothing to push to."""

import copy
import uuid
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute

from . import tags
from .api import Api, Request, refuse
from .moments import now
from .paging import page

API = Api("codecommit")


class Store(BaseStore):
    # Repositories by name, as GetRepository returns them, and their tags by the same name.
    repositories: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    tags: dict[str, dict[str, str]] = LocalAttribute(default=dict)
    # The triggers of a repository and the id of their configuration, by the repository's id.
    triggers: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    # Approval rule templates by name, and the names of the repositories each holds for.
    templates: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    associations: dict[str, set[str]] = LocalAttribute(default=dict)


STORES: AccountRegionBundle[Store] = AccountRegionBundle("codecommit", Store, validate=False)


def store_of(context: RequestContext) -> Store:
    return STORES[context.account_id][context.region]


@API.operation("CreateRepository")
def create_repository(context: RequestContext, request: Request) -> dict[str, Any]:
    store, name = store_of(context), request["repositoryName"]
    if name in store.repositories:
        refuse("RepositoryNameExistsException", f"Repository named {name} already exists")
    moment = now()
    repository = {
        "accountId": context.account_id,
        "repositoryId": str(uuid.uuid4()),
        "lastModifiedDate": moment,
        "creationDate": moment,
        "kmsKeyId": request.get("kmsKeyId")
        or f"arn:aws:kms:{context.region}:{context.account_id}:alias/aws/codecommit",
        **_named(context, name),
    }
    if request.get("repositoryDescription"):
        repository["repositoryDescription"] = request["repositoryDescription"]
    given = _merged({}, request.get("tags") or {})
    store.repositories[name], store.tags[name] = repository, given
    return {"repositoryMetadata": copy.deepcopy(repository)}


@API.operation("GetRepository")
def get_repository(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"repositoryMetadata": copy.deepcopy(_repository(context, request["repositoryName"]))}


@API.operation("BatchGetRepositories")
def batch_get_repositories(context: RequestContext, request: Request) -> dict[str, Any]:
    known, names = store_of(context).repositories, request["repositoryNames"]
    return {
        "repositories": [copy.deepcopy(known[name]) for name in names if name in known],
        "repositoriesNotFound": [name for name in names if name not in known],
    }


@API.operation("ListRepositories")
def list_repositories(context: RequestContext, request: Request) -> dict[str, Any]:
    key = request.get("sortBy", "repositoryName")
    ordered = sorted(
        store_of(context).repositories.values(),
        key=lambda repository: repository[key],
        reverse=request.get("order") == "descending",
    )
    shown, token = page(
        [{key: repository[key] for key in ("repositoryName", "repositoryId")} for repository in ordered],
        request.get("nextToken"),
        None,
        default=1000,
        error="InvalidContinuationTokenException",
    )
    return {"repositories": shown, **({"nextToken": token} if token else {})}


@API.operation("DeleteRepository")
def delete_repository(context: RequestContext, request: Request) -> dict[str, Any]:
    # Deleting what is not there is no error at AWS.
    store, name = store_of(context), request["repositoryName"]
    store.tags.pop(name, None)
    repository = store.repositories.pop(name, None)
    for repositories in store.associations.values():
        repositories.discard(name)
    return {"repositoryId": repository["repositoryId"]} if repository else {}


@API.operation("UpdateRepositoryDescription")
def update_description(context: RequestContext, request: Request) -> None:
    repository = _repository(context, request["repositoryName"])
    repository.pop("repositoryDescription", None)
    if request.get("repositoryDescription"):
        repository["repositoryDescription"] = request["repositoryDescription"]
    repository["lastModifiedDate"] = now()


@API.operation("UpdateRepositoryName")
def update_name(context: RequestContext, request: Request) -> None:
    store, old, new = store_of(context), request["oldName"], request["newName"]
    repository = _repository(context, old)
    if new in store.repositories:
        refuse("RepositoryNameExistsException", f"Repository named {new} already exists")
    repository.update(_named(context, new), lastModifiedDate=now())
    store.repositories[new], store.tags[new] = store.repositories.pop(old), store.tags.pop(old)
    for repositories in store.associations.values():
        if old in repositories:
            repositories.symmetric_difference_update({old, new})


@API.operation("UpdateRepositoryEncryptionKey")
def update_encryption_key(context: RequestContext, request: Request) -> dict[str, Any]:
    repository = _repository(context, request["repositoryName"])
    original, repository["kmsKeyId"] = repository["kmsKeyId"], request["kmsKeyId"]
    return {
        "repositoryId": repository["repositoryId"],
        "kmsKeyId": repository["kmsKeyId"],
        "originalKmsKeyId": original,
    }


@API.operation("UpdateDefaultBranch")
def update_default_branch(context: RequestContext, request: Request) -> None:
    _repository(context, request["repositoryName"])
    # There are no commits, so there are no branches.
    refuse("BranchDoesNotExistException", f"Branch {request['defaultBranchName']} does not exist")


@API.operation("ListBranches")
def list_branches(context: RequestContext, request: Request) -> dict[str, Any]:
    _repository(context, request["repositoryName"])
    return {"branches": []}


@API.operation("PutRepositoryTriggers")
def put_triggers(context: RequestContext, request: Request) -> dict[str, Any]:
    repository = _repository(context, request["repositoryName"])
    kept = {"configurationId": str(uuid.uuid4()), "triggers": copy.deepcopy(list(request["triggers"]))}
    store_of(context).triggers[repository["repositoryId"]] = kept
    return {"configurationId": kept["configurationId"]}


@API.operation("GetRepositoryTriggers")
def get_triggers(context: RequestContext, request: Request) -> dict[str, Any]:
    repository = _repository(context, request["repositoryName"])
    return copy.deepcopy(store_of(context).triggers.get(repository["repositoryId"], {"triggers": []}))


@API.operation("ListTagsForResource")
def list_tags(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"tags": dict(_tags(context, request["resourceArn"]))}


@API.operation("TagResource")
def tag_resource(context: RequestContext, request: Request) -> None:
    present = _tags(context, request["resourceArn"])
    present.update(_merged(present, request["tags"]))


@API.operation("UntagResource")
def untag_resource(context: RequestContext, request: Request) -> None:
    present = _tags(context, request["resourceArn"])
    for key in request["tagKeys"]:
        present.pop(key, None)


def _named(context: RequestContext, name: str) -> dict[str, str]:
    """What of a repository follows from its name."""
    host = f"git-codecommit.{context.region}.amazonaws.com/v1/repos/{name}"
    return {
        "repositoryName": name,
        "cloneUrlHttp": f"https://{host}",
        "cloneUrlSsh": f"ssh://{host}",
        "Arn": f"arn:aws:codecommit:{context.region}:{context.account_id}:{name}",
    }


def _repository(context: RequestContext, name: str) -> dict[str, Any]:
    repository = store_of(context).repositories.get(name)
    if repository is None:
        refuse("RepositoryDoesNotExistException", f"{name} does not exist")
    return repository


def _tags(context: RequestContext, arn: str) -> dict[str, str]:
    name = arn.rpartition(":")[2]
    _repository(context, name)
    return store_of(context).tags[name]


def _merged(present: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    return tags.merged(present, given, too_many="TooManyTagsException", invalid="InvalidSystemTagUsageException")
