"""Pages through lists as AWS does: an opaque token continues where the last page ended."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from .api import refuse

_PREFIX = b"pipewright:"


def page(
    items: Sequence[Any],
    token: str | None,
    limit: int | None,
    *,
    default: int = 100,
    error: str = "InvalidNextTokenException",
) -> tuple[list[Any], str | None]:
    """The items of one page, and the token of the next one or None after the last."""
    start = 0 if token is None else _decode(token, error)
    end = start + (limit or default)
    following = _encode(end) if end < len(items) else None
    return list(items[start:end]), following


def paged(
    key: str,
    items: Sequence[Any],
    request: Any,
    *,
    limit: str = "maxResults",
    token: str = "nextToken",
    default: int = 100,
    error: str = "InvalidNextTokenException",
) -> dict[str, Any]:
    """The response of a listing operation: one page under `key`, and the next token when there is more."""
    shown, following = page(items, request.get(token), request.get(limit), default=default, error=error)
    response: dict[str, Any] = {key: shown}
    if following:
        response[token] = following
    return response


def _encode(position: int) -> str:
    return base64.urlsafe_b64encode(_PREFIX + str(position).encode()).decode()


def _decode(token: str, error: str) -> int:
    try:
        raw = base64.urlsafe_b64decode(token.encode())
    except (ValueError, binascii.Error):
        raw = b""
    number = raw.removeprefix(_PREFIX)
    if raw == number or not number.isdigit():
        refuse(error, "The next token is not valid.")
    return int(number)
