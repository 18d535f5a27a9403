"""Whether a role may be assumed: read from IAM's own store (moto's), by the trust policy and the role's age."""

import json
import time
from collections.abc import Iterator
from typing import Any

from . import settings

# When the trust policy of a role (by ARN) was last written, by the monotonic clock.
_written: dict[str, float] = {}


def trust_changed(role_arn: str) -> None:
    """Notes that a role was created or got another trust policy: it propagates from now on."""
    _written[role_arn] = time.monotonic()


def assumable_by_service(role_arn: str, service: str) -> bool:
    """Whether `service` (codepipeline.amazonaws.com) may assume the role."""
    return any(service in _listed(principal, "Service") for principal in _principals(role_arn))


def assumable_by_role(role_arn: str, caller_arn: str) -> bool:
    """Whether another role may assume the role: it, its account or everyone is trusted."""
    account = account_of(caller_arn)
    trusted = {caller_arn, account, f"arn:aws:iam::{account}:root", "*"}
    return any(
        principal == "*" or trusted.intersection(_listed(principal, "AWS")) for principal in _principals(role_arn)
    )


def account_of(arn: str) -> str:
    return arn.split(":")[4]


def _principals(role_arn: str) -> Iterator[Any]:
    """The principals a role trusts; nothing when there is no such role or it is too fresh."""
    from moto.iam.exceptions import NotFoundException
    from moto.iam.models import iam_backends

    try:
        role = iam_backends[account_of(role_arn)]["aws"].get_role_by_arn(role_arn)
    except (NotFoundException, IndexError):
        return
    if time.monotonic() - _written.get(role_arn, float("-inf")) < settings.ROLE_DELAY:
        return
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") == "Allow" and "Principal" in statement:
            yield statement["Principal"]


def _listed(principal: Any, kind: str) -> list[str]:
    values = principal.get(kind, []) if isinstance(principal, dict) else []
    return [values] if isinstance(values, str) else values
