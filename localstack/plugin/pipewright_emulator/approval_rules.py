"""CodeCommit's approval rule templates, and the repositories they hold for."""

import copy
import hashlib
import uuid
from typing import Any

from localstack.aws.api import RequestContext

from .api import Request, refuse
from .codecommit import API, Store, get_repository, store_of
from .moments import now
from .paging import page


@API.operation("CreateApprovalRuleTemplate")
def create_template(context: RequestContext, request: Request) -> dict[str, Any]:
    store, name = store_of(context), request["approvalRuleTemplateName"]
    _refuse_taken(store, name)
    moment = now()
    template = {
        "approvalRuleTemplateId": str(uuid.uuid4()),
        "approvalRuleTemplateName": name,
        "creationDate": moment,
        **_content(request["approvalRuleTemplateContent"]),
        **_changed(context),
    }
    if request.get("approvalRuleTemplateDescription"):
        template["approvalRuleTemplateDescription"] = request["approvalRuleTemplateDescription"]
    store.templates[name], store.associations[name] = template, set()
    return {"approvalRuleTemplate": copy.deepcopy(template)}


@API.operation("GetApprovalRuleTemplate")
def get_template(context: RequestContext, request: Request) -> dict[str, Any]:
    return {"approvalRuleTemplate": copy.deepcopy(_template(context, request["approvalRuleTemplateName"]))}


@API.operation("ListApprovalRuleTemplates")
def list_templates(context: RequestContext, request: Request) -> dict[str, Any]:
    return _listed("approvalRuleTemplateNames", sorted(store_of(context).templates), request)


@API.operation("UpdateApprovalRuleTemplateContent")
def update_content(context: RequestContext, request: Request) -> dict[str, Any]:
    template = _template(context, request["approvalRuleTemplateName"])
    expected = request.get("existingRuleContentSha256")
    if expected and expected != template["ruleContentSha256"]:
        refuse("InvalidRuleContentSha256Exception", "The SHA-256 hash signature for the rule content is not valid.")
    template.update(_content(request["newRuleContent"]), **_changed(context))
    return {"approvalRuleTemplate": copy.deepcopy(template)}


@API.operation("UpdateApprovalRuleTemplateDescription")
def update_description(context: RequestContext, request: Request) -> dict[str, Any]:
    template = _template(context, request["approvalRuleTemplateName"])
    template.update(
        approvalRuleTemplateDescription=request["approvalRuleTemplateDescription"], **_changed(context)
    )
    return {"approvalRuleTemplate": copy.deepcopy(template)}


@API.operation("UpdateApprovalRuleTemplateName")
def update_name(context: RequestContext, request: Request) -> dict[str, Any]:
    store, old, new = store_of(context), request["oldApprovalRuleTemplateName"], request["newApprovalRuleTemplateName"]
    template = _template(context, old)
    _refuse_taken(store, new)
    template.update(approvalRuleTemplateName=new, **_changed(context))
    store.templates[new], store.associations[new] = store.templates.pop(old), store.associations.pop(old)
    return {"approvalRuleTemplate": copy.deepcopy(template)}


@API.operation("DeleteApprovalRuleTemplate")
def delete_template(context: RequestContext, request: Request) -> dict[str, Any]:
    store, name = store_of(context), request["approvalRuleTemplateName"]
    template = _template(context, name)
    if store.associations[name]:
        refuse(
            "ApprovalRuleTemplateInUseException",
            "The approval rule template is associated with one or more repositories.",
        )
    del store.templates[name], store.associations[name]
    return {"approvalRuleTemplateId": template["approvalRuleTemplateId"]}


@API.operation("AssociateApprovalRuleTemplateWithRepository")
def associate(context: RequestContext, request: Request) -> None:
    _association(context, request).add(request["repositoryName"])


@API.operation("DisassociateApprovalRuleTemplateFromRepository")
def disassociate(context: RequestContext, request: Request) -> None:
    _association(context, request).discard(request["repositoryName"])


@API.operation("ListAssociatedApprovalRuleTemplatesForRepository")
def list_for_repository(context: RequestContext, request: Request) -> dict[str, Any]:
    name = request["repositoryName"]
    get_repository(context, request)
    found = sorted(template for template, names in store_of(context).associations.items() if name in names)
    return _listed("approvalRuleTemplateNames", found, request)


@API.operation("ListRepositoriesForApprovalRuleTemplate")
def list_for_template(context: RequestContext, request: Request) -> dict[str, Any]:
    name = _template(context, request["approvalRuleTemplateName"])["approvalRuleTemplateName"]
    return _listed("repositoryNames", sorted(store_of(context).associations[name]), request)


def _association(context: RequestContext, request: Request) -> set[str]:
    name = _template(context, request["approvalRuleTemplateName"])["approvalRuleTemplateName"]
    get_repository(context, request)
    return store_of(context).associations[name]


def _template(context: RequestContext, name: str) -> dict[str, Any]:
    template = store_of(context).templates.get(name)
    if template is None:
        refuse("ApprovalRuleTemplateDoesNotExistException", f"The approval rule template {name} does not exist")
    return template


def _refuse_taken(store: Store, name: str) -> None:
    if name in store.templates:
        refuse("ApprovalRuleTemplateNameAlreadyExistsException", f"An approval rule template named {name} already exists")


def _content(text: str) -> dict[str, str]:
    return {
        "approvalRuleTemplateContent": text,
        "ruleContentSha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def _changed(context: RequestContext) -> dict[str, Any]:
    return {"lastModifiedDate": now(), "lastModifiedUser": f"arn:aws:iam::{context.account_id}:root"}


def _listed(key: str, names: list[str], request: Request) -> dict[str, Any]:
    shown, token = page(names, request.get("nextToken"), None, error="InvalidContinuationTokenException")
    return {key: shown, **({"nextToken": token} if token else {})}
