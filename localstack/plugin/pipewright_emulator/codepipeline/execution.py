"""What an execution of a pipeline is made of: stages, and runs of actions in them. State only; engine.py moves it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..moments import now

if TYPE_CHECKING:
    from .store import Pipeline

IN_PROGRESS, SUCCEEDED, FAILED = "InProgress", "Succeeded", "Failed"
STOPPING, STOPPED, SUPERSEDED, CANCELLED = "Stopping", "Stopped", "Superseded", "Cancelled"
SKIPPED, ABANDONED = "Skipped", "Abandoned"

ONGOING = (IN_PROGRESS, STOPPING)


@dataclass
class ActionRun:
    """One run of an action; a retry is another one."""

    stage: str
    declared: dict[str, Any]
    configuration: dict[str, Any]
    """The configuration with variables resolved."""
    inputs: list[dict[str, Any]]
    attempt: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = IN_PROGRESS
    started: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    updated_by: str | None = None
    token: str | None = None
    summary: str | None = None
    external_id: str | None = None
    external_url: str | None = None
    error: dict[str, str] | None = None
    outputs: list[dict[str, Any]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.declared["name"]

    @property
    def run_order(self) -> int:
        return self.declared["runOrder"]


@dataclass
class RuleRun:
    """One check of a stage condition's rule."""

    stage: str
    gate: str
    declared: dict[str, Any]
    configuration: dict[str, Any]
    status: str
    summary: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    moment: datetime = field(default_factory=now)


@dataclass
class StageRun:
    """An execution's way through one stage, retries included."""

    declared: dict[str, Any]
    status: str = IN_PROGRESS
    actions: dict[str, ActionRun] = field(default_factory=dict)
    """The latest run of every action that was started."""
    rules: dict[str, list[RuleRun]] = field(default_factory=dict)
    """Checks by gate: beforeEntry, onSuccess, onFailure."""
    automatic_retries: int = 0
    manual_retries: int = 0
    last_retry: datetime | None = None
    last_retry_trigger: str | None = None

    @property
    def name(self) -> str:
        return self.declared["name"]

    def running(self) -> list[ActionRun]:
        return [run for run in self.actions.values() if run.status == IN_PROGRESS]

    def next_group(self) -> list[dict[str, Any]]:
        """The actions of the lowest run order that have no run yet."""
        pending = [action for action in self.declared["actions"] if action["name"] not in self.actions]
        lowest = min((action["runOrder"] for action in pending), default=0)
        return [action for action in pending if action["runOrder"] == lowest]


@dataclass
class Execution:
    """One execution. `position` is the stage it is in or, while `waiting`, the one it wants to enter."""

    pipeline: "Pipeline"
    version: int
    trigger: dict[str, str]
    variables: dict[str, str]
    overrides: dict[str, dict[str, str]] = field(default_factory=dict)
    """Source revision overrides by action name."""
    rollback_target: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = IN_PROGRESS
    summary: str | None = None
    started: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    position: int = 0
    waiting: bool = True
    attempt: int = 1
    stages: dict[str, StageRun] = field(default_factory=dict)
    history: list[ActionRun] = field(default_factory=list)
    rule_history: list[RuleRun] = field(default_factory=list)
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each source action found, by action name: {revisionId, revisionSummary, ...}."""
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Artifacts made so far by name: {name, s3location}."""
    produced: dict[str, dict[str, str]] = field(default_factory=dict)
    """Variables actions produced, by namespace."""
    stop_reason: str | None = None
    outdated: bool = False
    """The pipeline's definition changed: cancelled as soon as nothing runs."""
    forgotten: bool = False
    """The pipeline was deleted: whatever is still due for this execution is dropped."""

    @property
    def declaration(self) -> dict[str, Any]:
        return self.pipeline.versions[self.version]

    @property
    def mode(self) -> str:
        return self.declaration["executionMode"]

    @property
    def type(self) -> str:
        return "ROLLBACK" if self.rollback_target else "STANDARD"

    @property
    def ongoing(self) -> bool:
        return self.status in ONGOING

    @property
    def stage_declared(self) -> dict[str, Any]:
        """The declaration of the stage at `position`."""
        return self.declaration["stages"][self.position]

    @property
    def stage(self) -> StageRun | None:
        """The run of the stage it is in; None while it waits to enter."""
        return None if self.waiting else self.stages.get(self.stage_declared["name"])

    @property
    def last_position(self) -> int:
        """Where it ends: a rollback runs one stage only."""
        return self.position if self.rollback_target else len(self.declaration["stages"]) - 1

    def touch(self) -> None:
        self.updated = now()

    def sources(self) -> Iterator[dict[str, Any]]:
        yield from self.declaration["stages"][0]["actions"]
