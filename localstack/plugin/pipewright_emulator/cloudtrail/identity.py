"""Who made a call: CloudTrail's userIdentity, and the name LookupEvents shows."""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

from .. import moto_lock


def of(context: RequestContext) -> tuple[dict[str, Any], str | None]:
    """The userIdentity of the caller and its user name; services calling on their own have none."""
    internal = context.internal_request_params
    if internal is not None:
        return {"type": "AWSService", "invokedBy": f"{internal.get('service_principal')}.amazonaws.com"}, None
    key = extract_access_key_id_from_auth_header(context.request.headers) or ""
    account = context.account_id
    return _assumed_role(account, key) or _user(account, key) or _root(account, key)


def _assumed_role(account: str, key: str) -> tuple[dict[str, Any], str] | None:
    from moto.sts.models import sts_backends

    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(key)
    if session is None:
        return None
    role_id = session.user_id.partition(":")[0]
    issuer = {
        "type": "Role",
        "principalId": role_id,
        "arn": session.role_arn,
        "accountId": account,
        "userName": session.role_arn.rpartition("/")[2],
    }
    identity = {
        "type": "AssumedRole",
        "principalId": session.user_id,
        "arn": session.arn,
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }
    return identity, session.session_name


def _user(account: str, key: str) -> tuple[dict[str, Any], str] | None:
    from moto.iam.models import iam_backends

    with moto_lock.of("iam"):
        users = list(iam_backends[account]["aws"].users.values())
    for user in users:
        if any(access_key.access_key_id == key for access_key in user.access_keys):
            identity = {
                "type": "IAMUser",
                "principalId": user.id,
                "arn": user.arn,
                "accountId": account,
                "accessKeyId": key,
                "userName": user.name,
            }
            return identity, user.name
    return None


def _root(account: str, key: str) -> tuple[dict[str, Any], str]:
    identity = {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
        "accessKeyId": key,
    }
    return identity, "root"
