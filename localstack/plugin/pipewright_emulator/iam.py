"""What IAM checks at AWS and LocalStack does not: malformed trust policies are refused."""

import json
import re
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response

from . import moto_lock, roles
from .api import refuse

MALFORMED = "MalformedPolicyDocument"
SYNTAX = "Syntax errors in policy."

_DOCUMENT_KEYS = {"Version", "Id", "Statement"}
_STATEMENT_KEYS = {"Sid", "Effect", "Action", "NotAction", "Principal", "NotPrincipal", "Condition"}
_VERSIONS = ("2012-10-17", "2008-10-17")
_ARN = re.compile(r"arn:aws[\w-]*:(iam|sts)::(\d{12}):(root|(role|user|assumed-role|federated-user)/.+)")
_UNIQUE_ID = re.compile(r"A(RO|ID)A[A-Z0-9]{12,}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal|aws)")


def check_request(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Request handler: refuses roles whose trust policy AWS would refuse."""
    member = {
        ("iam", "CreateRole"): "AssumeRolePolicyDocument",
        ("iam", "UpdateAssumeRolePolicy"): "PolicyDocument",
    }.get(context.service_operation or ("", ""))
    if member is not None:
        check_trust_policy(context.service_request.get(member) or "", context.account_id)


def note_response(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Response handler: a role that was created or got another trust policy propagates from now on."""
    written = context.service_operation in (("iam", "CreateRole"), ("iam", "UpdateAssumeRolePolicy"))
    if written and context.service_exception is None:
        roles.trust_changed(context.account_id, context.service_request["RoleName"])


def check_trust_policy(text: str, account: str) -> None:
    """Raises MalformedPolicyDocument, with AWS's text, unless the document is a trust policy."""
    try:
        document = json.loads(text)
    except ValueError:
        refuse(MALFORMED, "This policy contains invalid Json")
    if not isinstance(document, dict) or not set(document) <= _DOCUMENT_KEYS:
        refuse(MALFORMED, SYNTAX)
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        refuse(MALFORMED, SYNTAX)
    statements = document.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        _check_statement(statement, account)
    if not statements:
        refuse(MALFORMED, SYNTAX)


def _check_statement(statement: Any, account: str) -> None:
    if not isinstance(statement, dict):
        refuse(MALFORMED, SYNTAX)
    if {"Resource", "NotResource"} & set(statement):
        refuse(MALFORMED, "Has prohibited field Resource")
    if not set(statement) <= _STATEMENT_KEYS or statement.get("Effect") not in ("Allow", "Deny"):
        refuse(MALFORMED, SYNTAX)
    if "Action" not in statement and "NotAction" not in statement:
        refuse(MALFORMED, "Missing required field Action")
    actions = statement.get("Action", statement.get("NotAction"))
    for action in [actions] if isinstance(actions, str) else actions:
        if not isinstance(action, str) or not action.lower().startswith("sts:"):
            refuse(MALFORMED, "AssumeRole policy may only specify STS AssumeRole actions.")
    if "Principal" not in statement and "NotPrincipal" not in statement:
        refuse(MALFORMED, "Missing required field Principal")
    _check_principal(statement.get("Principal", statement.get("NotPrincipal")), account)


def _check_principal(principal: Any, account: str) -> None:
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal:
        refuse(MALFORMED, SYNTAX)
    for kind, values in principal.items():
        for value in [values] if isinstance(values, str) else values:
            if not _valid(kind, value, account):
                refuse(MALFORMED, f'Invalid principal in policy: "{kind.upper()}":"{value}"')


def _valid(kind: str, value: str, account: str) -> bool:
    match kind:
        case "Service":
            return bool(_SERVICE.fullmatch(value))
        case "AWS":
            arn = _ARN.fullmatch(value)
            if arn and arn.group(2) == account and arn.group(4) in ("role", "user"):
                return _exists(account, value, arn.group(4))
            return value == "*" or bool(arn or re.fullmatch(r"\d{12}", value) or _UNIQUE_ID.fullmatch(value))
        case "Federated" | "CanonicalUser":
            return bool(value)
    return False


def _exists(account: str, arn: str, kind: str) -> bool:
    from moto.iam.models import iam_backends

    backend = iam_backends[account]["aws"]
    with moto_lock.of("iam"):
        known = backend.roles.values() if kind == "role" else backend.users.values()
        return any(entity.arn == arn for entity in known)
