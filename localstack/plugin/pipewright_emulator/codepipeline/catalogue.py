"""The action types pipelines may use: AWS's and its partners' from catalogue.json, and the account's own.

catalogue.json holds, per type, the number of artifacts, the configuration keys and the variables it produces,
after the CodePipeline User Guide's action reference.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .store import Store


@dataclass(frozen=True)
class ActionType:
    category: str
    owner: str
    provider: str
    version: str
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    required: frozenset[str]
    secret: frozenset[str]
    keys: tuple[tuple[str, bool, bool], ...]
    """Configuration keys as (name, required, secret)."""
    variables: tuple[str, ...]
    v2_only: bool

    def described(self) -> dict[str, Any]:
        """The type as ListActionTypes returns it."""
        return {
            "id": {"category": self.category, "owner": self.owner, "provider": self.provider, "version": self.version},
            "settings": {},
            "actionConfigurationProperties": [
                {"name": name, "required": required, "key": required, "secret": secret}
                for name, required, secret in self.keys
            ],
            "inputArtifactDetails": {"minimumCount": self.inputs[0], "maximumCount": self.inputs[1]},
            "outputArtifactDetails": {"minimumCount": self.outputs[0], "maximumCount": self.outputs[1]},
        }


@cache
def provided() -> dict[tuple[str, str, str, str], ActionType]:
    """AWS's and its partners' action types by (category, owner, provider, version)."""
    rows = json.loads(files(__package__).joinpath("catalogue.json").read_text())
    types = [
        ActionType(
            category=row["category"],
            owner=row["owner"],
            provider=row["provider"],
            version=row["version"],
            inputs=(row["inputs"][0], row["inputs"][1]),
            outputs=(row["outputs"][0], row["outputs"][1]),
            required=frozenset(key["name"] for key in row["configuration"] if key["required"]),
            secret=frozenset(key["name"] for key in row["configuration"] if key["secret"]),
            keys=tuple((key["name"], key["required"], key["secret"]) for key in row["configuration"]),
            variables=tuple(row["variables"]),
            v2_only=row["v2_only"],
        )
        for row in rows
    ]
    return {(row.category, row.owner, row.provider, row.version): row for row in types}


def find(store: Store, type_id: dict[str, str]) -> ActionType | None:
    """The action type an action names, or None when this account does not have it."""
    category, owner, provider, version = (type_id[key] for key in ("category", "owner", "provider", "version"))
    if owner != "Custom":
        return provided().get((category, owner, provider, version))
    custom = store.action_types.get((category, provider, version))
    return None if custom is None else _custom(custom)


def _custom(described: dict[str, Any]) -> ActionType:
    properties = described.get("actionConfigurationProperties", [])
    inputs, outputs = described["inputArtifactDetails"], described["outputArtifactDetails"]
    return ActionType(
        **described["id"],
        inputs=(inputs["minimumCount"], inputs["maximumCount"]),
        outputs=(outputs["minimumCount"], outputs["maximumCount"]),
        required=frozenset(item["name"] for item in properties if item["required"]),
        secret=frozenset(item["name"] for item in properties if item["secret"]),
        keys=tuple((item["name"], item["required"], item["secret"]) for item in properties),
        variables=(),
        v2_only=False,
    )
