"""Whether a role may be assumed: read from IAM's own store (moto's), by the trust policy and the role's age."""

import json
import time
from collections.abc import Iterator
from typing import Any

from . import moto_lock, settings

# A role with this tag cannot be assumed for so many milliseconds, whatever the emulator's setting is.
DELAY_TAG = "pipewright:delay-ms"

# When the trust policy of a role (by account and name) was last written, by the monotonic clock.
_written: dict[tuple[str, str], float] = {}


def trust_changed(account: str, name: str) -> None:
    """Notes that a role was created or got another trust policy: it propagates from now on."""
    _written[account, name] = time.monotonic()


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
        with moto_lock.of("iam"):
            role = iam_backends[account_of(role_arn)]["aws"].get_role_by_arn(role_arn)
    except (NotFoundException, IndexError):
        return
    if time.monotonic() - _written.get((role.account_id, role.name), float("-inf")) < _delay(role):
        return
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") == "Allow" and "Principal" in statement:
            yield statement["Principal"]


def _delay(role: Any) -> float:
    """How long (in seconds) the role propagates."""
    tagged = next((tag["Value"] for tag in role.tags or [] if tag["Key"] == DELAY_TAG), "")
    return int(tagged) / 1000 if tagged.isdigit() else settings.ROLE_DELAY


def _listed(principal: Any, kind: str) -> list[str]:
    values = principal.get(kind, []) if isinstance(principal, dict) else []
    return [values] if isinstance(values, str) else values
