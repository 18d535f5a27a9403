"""Checks a request against the constraints of its service model and answers as AWS does: all violations at once,

    2 validation errors detected: Value 'a b' at 'pipeline.name' failed to satisfy constraint: Member must satisfy
    regular expression pattern: [A-Za-z0-9.@\\-_]+; Value ...

The constraints (required, length, range, pattern, enumeration) come from botocore's model.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from botocore.model import Shape
from localstack.aws.api import CommonServiceException


class Violation(NamedTuple):
    path: str
    value: Any
    rule: str


# Stands for a value the model marks as sensitive: never printed.
_SECRET = object()


class Constraints:
    """Checks requests; `quote_values` says whether the service prints offending values in its message."""

    def __init__(self, *, code: str = "ValidationException", quote_values: bool = True):
        self._code = code
        self._quote_values = quote_values

    def check(self, shape: Shape | None, request: Any) -> None:
        """Raises the service's validation error when the request violates the model."""
        if shape is None:
            return
        found = list(_violations(shape, request, ""))
        if not found:
            return
        count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        text = "; ".join(self._sentence(violation) for violation in found)
        raise CommonServiceException(self._code, f"{count} detected: {text}", status_code=400, sender_fault=True)

    def _sentence(self, violation: Violation) -> str:
        shown = ""
        if violation.value is None:
            shown = " null"
        elif self._quote_values and violation.value is not _SECRET and not isinstance(violation.value, dict):
            shown = f" '{violation.value}'"
        return f"Value{shown} at '{violation.path}' failed to satisfy constraint: {violation.rule}"


def _violations(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    match shape.type_name:
        case "structure":
            yield from _structure(shape, value, path)
        case "list":
            yield from _size(shape, value, path)
            for index, item in enumerate(value, 1):
                yield from _violations(shape.member, item, f"{path}.{index}.member")
        case "map":
            yield from _size(shape, value, path)
            yield from _map(shape, value, path)
        case "string":
            yield from _string(shape, value, path)
        case "integer" | "long" | "float" | "double":
            yield from _number(shape, value, path)


def _structure(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    prefix = f"{path}." if path else ""
    for name, member in shape.members.items():
        inner = value.get(name)
        # Wire names start in lower case in AWS's messages, whatever the model says.
        inner_path = prefix + name[:1].lower() + name[1:]
        if inner is not None:
            yield from _violations(member, inner, inner_path)
        elif name in shape.required_members:
            yield Violation(inner_path, None, "Member must not be null")


def _map(shape: Shape, value: dict[str, Any], path: str) -> Iterator[Violation]:
    keys = [rule for key in value for *_, rule in _violations(shape.key, key, path)]
    if keys:
        yield Violation(path, value, f"Map keys must satisfy constraint: [{', '.join(_rules(shape.key))}]")
    for key, item in value.items():
        if shape.value.type_name == "string":
            if any(_violations(shape.value, item, path)):
                yield Violation(path, value, f"Map value must satisfy constraint: [{', '.join(_rules(shape.value))}]")
                return
        else:
            yield from _violations(shape.value, item, f"{path}.{key}.member")


def _size(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    yield from _bounds(shape, len(value), value, path, "length ")


def _string(shape: Shape, value: str, path: str) -> Iterator[Violation]:
    shown = _SECRET if shape.metadata.get("sensitive") else value
    yield from _bounds(shape, len(value), shown, path, "length ")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield Violation(path, shown, f"Member must satisfy regular expression pattern: {pattern}")
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield Violation(path, shown, f"Member must satisfy enum value set: [{', '.join(allowed)}]")


def _number(shape: Shape, value: float, path: str) -> Iterator[Violation]:
    yield from _bounds(shape, value, value, path, "value ")


def _bounds(shape: Shape, measure: float, value: Any, path: str, what: str) -> Iterator[Violation]:
    for rule, broken in (
        (
            f"Member must have {what}less than or equal to {shape.metadata.get('max')}",
            measure > _limit(shape, "max", measure),
        ),
        (
            f"Member must have {what}greater than or equal to {shape.metadata.get('min')}",
            measure < _limit(shape, "min", measure),
        ),
    ):
        if broken:
            yield Violation(path, value, rule)


def _limit(shape: Shape, name: str, otherwise: float) -> float:
    limit = shape.metadata.get(name)
    return otherwise if limit is None else limit


def _rules(shape: Shape) -> list[str]:
    """Every constraint of a map's key or value, as AWS lists them together."""
    rules = []
    if shape.metadata.get("max") is not None:
        rules.append(f"Member must have length less than or equal to {shape.metadata['max']}")
    if shape.metadata.get("min") is not None:
        rules.append(f"Member must have length greater than or equal to {shape.metadata['min']}")
    if shape.metadata.get("pattern"):
        rules.append(f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}")
    return rules


# Java's patterns and Python's differ in the character classes the models use for tags.
_JAVA_CLASSES = ((r"\p{L}\p{Z}\p{N}", r"\w\s"), (r"\p{L}", r"A-Za-z"), (r"\p{N}", "0-9"), (r"\p{Z}", r"\s"))
_ANYTHING = re.compile(r"[\s\S]*")


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in _JAVA_CLASSES:
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        # Two patterns of the models speak of surrogate pairs, which Python does not have: not checked.
        return _ANYTHING
