"""Turns parameters into what CloudTrail prints: lower-case member names, and no secrets."""

import json
from datetime import datetime
from typing import Any

from botocore.model import Shape

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
MAXIMUM_SIZE = 100 * 1024

# Secrets the models do not mark, by member or map key in lower case.
_SECRET_NAMES = {
    "password", "secretaccesskey", "secretstring", "secretbinary", "oauthtoken", "secrettoken", "clientsecret",
    "refreshtoken", "secretkey", "masteruserpassword",
}  # fmt: skip


def redacted(shape: Shape | None, value: Any) -> Any:
    """The parameters as CloudTrail prints them; None when there are none."""
    if shape is None or not value:
        return None
    shown = _member(shape, value)
    size = len(json.dumps(shown, default=str))
    if size > MAXIMUM_SIZE:
        return {"omitted": True, "originalSize": size, "reason": "too large"}
    return shown


def _member(shape: Shape, value: Any) -> Any:
    if shape.metadata.get("sensitive") and value is not None:
        return HIDDEN
    if shape.type_name == "structure" and isinstance(value, dict):
        return _structure(shape, value)
    if shape.type_name == "list" and isinstance(value, list):
        return [_member(shape.member, item) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: HIDDEN if _is_secret(key) else _member(shape.value, item) for key, item in value.items()}
    return _scalar(value)


def _structure(shape: Shape, value: dict[str, Any]) -> dict[str, Any]:
    shown = {}
    for name, member in shape.members.items():
        item = value.get(name)
        if (
            item is None
            or member.serialization.get("streaming")
            or name == getattr(shape, "serialization", {}).get("payload")
        ):
            continue
        shown[name[:1].lower() + name[1:]] = HIDDEN if _is_secret(name) else _member(member, item)
    return shown


def _is_secret(name: str) -> bool:
    return name.lower() in _SECRET_NAMES


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    # Bytes and streams are data, not parameters.
    return None if isinstance(value, (bytes, bytearray)) or hasattr(value, "read") else str(value)
