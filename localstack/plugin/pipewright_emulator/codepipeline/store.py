"""What CodePipeline remembers of an account in a Region."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from localstack.services.stores import AccountRegionBundle, BaseStore, LocalAttribute

from ..api import Api, refuse
from ..constraints import Constraints
from ..moments import now

if TYPE_CHECKING:
    from .execution import ActionRun, Execution, StageRun

# CodePipeline does not print offending values in its validation messages.
API = Api("codepipeline", constraints=Constraints(quote_values=False))


@dataclass
class Transition:
    """Why and by whom the way into a stage was closed."""

    reason: str
    changed_by: str
    changed_at: datetime


@dataclass
class Pipeline:
    """A pipeline: every version of its declaration, and what ran."""

    account: str
    region: str
    versions: dict[int, dict[str, Any]]
    tags: dict[str, str]
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    closed: dict[str, Transition] = field(default_factory=dict)
    executions: list["Execution"] = field(default_factory=list)
    latest: dict[str, tuple["Execution", "StageRun"]] = field(default_factory=dict)
    """Who was in a stage last, by stage name."""
    last_runs: dict[tuple[str, str], tuple["Execution", "ActionRun"]] = field(default_factory=dict)
    """The last run of an action, by stage and action name."""
    request_tokens: dict[str, str] = field(default_factory=dict)
    """Executions already started, by client request token."""

    @property
    def version(self) -> int:
        return max(self.versions)

    @property
    def declaration(self) -> dict[str, Any]:
        """The current version as AWS stores it, secrets included."""
        return self.versions[self.version]

    @property
    def name(self) -> str:
        return self.declaration["name"]

    @property
    def arn(self) -> str:
        return f"arn:aws:codepipeline:{self.region}:{self.account}:{self.name}"


class Store(BaseStore):
    pipelines: dict[str, Pipeline] = LocalAttribute(default=dict)
    # Webhooks by name, as ListWebhooks returns them.
    webhooks: dict[str, dict[str, Any]] = LocalAttribute(default=dict)
    # Custom action types by (category, provider, version), as ListActionTypes returns them.
    action_types: dict[tuple[str, str, str], dict[str, Any]] = LocalAttribute(default=dict)
    # Tags of webhooks and action types by ARN; a pipeline carries its own.
    tags: dict[str, dict[str, str]] = LocalAttribute(default=dict)


STORES: AccountRegionBundle[Store] = AccountRegionBundle("codepipeline", Store, validate=False)


def store_of(context: Any) -> Store:
    return STORES[context.account_id][context.region]


def pipeline_named(context: Any, name: str) -> Pipeline:
    """The pipeline, or AWS's answer when there is none."""
    pipeline = store_of(context).pipelines.get(name)
    if pipeline is None:
        refuse(
            "PipelineNotFoundException", f"Account '{context.account_id}' does not have a pipeline with name '{name}'"
        )
    return pipeline
