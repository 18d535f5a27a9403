"""Tags of resources, in the three shapes services use, and the rules AWS puts on them."""

from collections.abc import Iterable, Mapping
from typing import Any

from .api import refuse

MAXIMUM = 50


def from_list(listed: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """{key: value} of [{Key, Value}] or [{key, value}]."""
    return {tag.get("key", tag.get("Key")): tag.get("value", tag.get("Value", "")) for tag in listed or []}


def lower(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """[{key, value}], as CodePipeline and CodeBuild write it."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def upper(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """[{Key, Value}], as most services write it."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def merged(old: Mapping[str, str], new: Mapping[str, str], *, too_many: str, invalid: str) -> dict[str, str]:
    """The tags after adding `new`, or the service's errors."""
    for key in new:
        if key.lower().startswith("aws:"):
            refuse(invalid, f"Not allowed to modify system tags. System tag key: {key}")
    result: dict[str, Any] = {**old, **new}
    if len(result) > MAXIMUM:
        refuse(too_many, f"The number of tags must not be greater than {MAXIMUM}.")
    return result
