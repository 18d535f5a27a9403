"""Moves executions through their stages. Everything here runs while CodePipeline's lock is held.

An execution waits in front of a stage until the way in is open and, unless the pipeline runs in PARALLEL, nobody
else is in there. Waiting executions are superseded by newer ones (SUPERSEDED) or enter in order (QUEUED). In a
stage the actions of one run order run together; the stage ends when the last of them did.
"""

from collections.abc import Callable

from .. import settings
from ..clock import CLOCK
from ..moments import now
from . import conditions, notices, performing, variables
from .execution import (
    ABANDONED,
    CANCELLED,
    FAILED,
    IN_PROGRESS,
    SKIPPED,
    STOPPED,
    STOPPING,
    SUCCEEDED,
    SUPERSEDED,
    ActionRun,
    Execution,
    StageRun,
)  # fmt: skip
from .store import API, Pipeline

_EVENT_STATES = {
    SUCCEEDED: "SUCCEEDED", FAILED: "FAILED", STOPPED: "STOPPED", STOPPING: "STOPPING", CANCELLED: "CANCELED",
    SUPERSEDED: "SUPERSEDED", ABANDONED: "ABANDONED",
}  # fmt: skip


def begin(execution: Execution) -> None:
    """Starts an execution; its first stage is entered one step later."""
    execution.pipeline.executions.append(execution)
    notices.pipeline_changed(execution, "STARTED")
    _later(execution, lambda: admit(execution.pipeline))


def admit(pipeline: Pipeline) -> None:
    """Lets in whoever may enter a stage now. Called whenever something changed that keeps executions waiting."""
    waiting = [execution for execution in pipeline.executions if execution.ongoing and execution.waiting]
    for execution in waiting:
        if execution.mode == "SUPERSEDED" and _superseded(execution, waiting):
            _end(execution, SUPERSEDED)
    for execution in waiting:
        if execution.ongoing and _may_enter(execution):
            _enter(execution)


def stop(execution: Execution, abandon: bool, reason: str | None) -> None:
    """Stops an execution: at once, abandoning what runs, or after that has finished."""
    already = execution.status == STOPPING
    execution.status = STOPPING
    execution.stop_reason = reason or execution.stop_reason
    execution.touch()
    stage = execution.stage
    if not already:
        notices.pipeline_changed(execution, "STOPPING")
        if stage:
            stage.status = STOPPING
            notices.stage_changed(execution, stage, "STOPPING")
    if abandon and stage:
        for run in stage.running():
            _settle(execution, run, ABANDONED)
    _proceed(execution)


def definition_updated(execution: Execution) -> None:
    """Cancels an execution whose pipeline got another version, when the actions that run have finished."""
    if not execution.ongoing:
        return
    execution.outdated = True
    stage = execution.stage
    for run in stage.running() if stage else []:
        # Nobody's work is lost with an approval that is still open.
        if run.token:
            _settle(execution, run, ABANDONED)
    _proceed(execution)


def retry(execution: Execution, stage: StageRun, mode: str, trigger: str = "ManualStageRetry") -> None:
    """Runs a failed or stopped stage again: its failed actions and what follows them, or all of it."""
    kept = (
        {} if mode == "ALL_ACTIONS" else {name: run for name, run in stage.actions.items() if run.status == SUCCEEDED}
    )
    stage.actions = kept
    stage.status = IN_PROGRESS
    stage.last_retry = now()
    stage.last_retry_trigger = trigger
    if trigger == "ManualStageRetry":
        stage.manual_retries += 1
    else:
        stage.automatic_retries += 1
    execution.position = [declared["name"] for declared in execution.declaration["stages"]].index(stage.name)
    execution.waiting = False
    execution.status = IN_PROGRESS
    execution.stop_reason = None
    execution.attempt += 1
    execution.touch()
    execution.pipeline.latest[stage.name] = (execution, stage)
    notices.pipeline_changed(execution, "RESUMED")
    notices.stage_changed(execution, stage, "RESUMED")
    _later(execution, lambda: _proceed(execution))


def finish(execution: Execution, run: ActionRun, status: str) -> None:
    """Ends a run of an action and goes on from there. What ended before stays as it is."""
    if run.status != IN_PROGRESS or execution.forgotten:
        return
    _settle(execution, run, status)
    _proceed(execution)


def rollback(pipeline: Pipeline, stage: str, target: Execution, trigger: dict[str, str]) -> Execution:
    """Runs one stage again with what an earlier execution had brought into it."""
    execution = Execution(
        pipeline,
        target.version,
        trigger,
        dict(target.variables),
        rollback_target=target.id,
        revisions=dict(target.revisions),
        artifacts=dict(target.artifacts),
        produced=dict(target.produced),
    )
    names = [declared["name"] for declared in target.declaration["stages"]]
    execution.position = names.index(stage)
    begin(execution)
    return execution


def _later(execution: Execution, action: Callable[[], None]) -> None:
    """Runs the action one step later, under the lock, unless the pipeline is gone by then."""

    def run() -> None:
        with API.lock:
            if not execution.forgotten:
                action()

    CLOCK.later(settings.STEP, run)


def _superseded(execution: Execution, waiting: list[Execution]) -> bool:
    """Whether a newer execution waits at the same place."""
    newer = waiting[waiting.index(execution) + 1 :]
    return any(other.position == execution.position and other.type == execution.type for other in newer)


def _may_enter(execution: Execution) -> bool:
    pipeline = execution.pipeline
    if execution.stage_declared["name"] in pipeline.closed:
        return False
    if execution.mode == "PARALLEL":
        return True
    return not any(
        other.ongoing and not other.waiting and other.position == execution.position and other is not execution
        for other in pipeline.executions
    )


def _enter(execution: Execution) -> None:
    execution.waiting = False
    execution.touch()
    stage = StageRun(execution.stage_declared)
    execution.stages[stage.name] = stage
    execution.pipeline.latest[stage.name] = (execution, stage)
    notices.stage_changed(execution, stage, "STARTED")
    wanted = conditions.check(execution, stage, "beforeEntry")
    if wanted == "SKIP":
        stage.status = SKIPPED
        _leave(execution)
    elif wanted:
        _stage_failed(execution, stage, f"The conditions to enter stage {stage.name} are not met")
    else:
        _proceed(execution)


def _proceed(execution: Execution) -> None:
    """Goes on after something changed in the stage the execution is in."""
    if not execution.ongoing:
        return
    stage = execution.stage
    if stage and stage.running():
        return
    if execution.outdated:
        _end(execution, CANCELLED, "The pipeline definition was updated before the execution could be completed")
    elif execution.status == STOPPING:
        _end(execution, STOPPED, execution.stop_reason)
    elif stage is None:
        return
    elif failed := [run.name for run in stage.actions.values() if run.status != SUCCEEDED]:
        _stage_failed(execution, stage, f"Action {failed[0]} failed")
    elif group := stage.next_group():
        for declared in group:
            _start_action(execution, stage, declared)
    else:
        _stage_succeeded(execution, stage)


def _start_action(execution: Execution, stage: StageRun, declared: dict) -> None:
    attempts = sum(run.stage == stage.name and run.name == declared["name"] for run in execution.history)
    run = ActionRun(
        stage.name,
        declared,
        variables.resolved(execution, declared["configuration"]),
        performing.inputs(execution, declared),
        attempts + 1,
    )
    stage.actions[run.name] = run
    execution.history.append(run)
    execution.pipeline.last_runs[stage.name, run.name] = (execution, run)
    notices.action_changed(execution, run, "STARTED")

    def over(status: str) -> None:
        with API.lock:
            finish(execution, run, status)

    performing.perform(execution, run, over)


def _settle(execution: Execution, run: ActionRun, status: str) -> None:
    run.status = status
    run.updated = now()
    if status == SUCCEEDED:
        performing.complete(execution, run)
    execution.touch()
    notices.action_changed(execution, run, _EVENT_STATES[status])


def _stage_succeeded(execution: Execution, stage: StageRun) -> None:
    wanted = conditions.check(execution, stage, "onSuccess")
    if wanted:
        _stage_failed(execution, stage, f"The success conditions of stage {stage.name} are not met", rollback_to=wanted)
        return
    stage.status = SUCCEEDED
    notices.stage_changed(execution, stage, "SUCCEEDED")
    _leave(execution)


def _leave(execution: Execution) -> None:
    """Goes from a stage that is done to the next, or ends."""
    if execution.position == execution.last_position:
        _end(execution, SUCCEEDED)
        return
    execution.position += 1
    execution.waiting = True
    execution.touch()
    _later(execution, lambda: admit(execution.pipeline))


def _stage_failed(execution: Execution, stage: StageRun, why: str, rollback_to: str | None = None) -> None:
    policy = stage.declared.get("onFailure") or {}
    wanted = rollback_to or conditions.check(execution, stage, "onFailure") or policy.get("result")
    if wanted == "RETRY" and not stage.automatic_retries and stage.actions:
        stage.status = FAILED
        notices.stage_changed(execution, stage, "FAILED")
        mode = (policy.get("retryConfiguration") or {}).get("retryMode", "FAILED_ACTIONS")
        retry(execution, stage, mode, "AutomatedStageRetry")
        return
    _end(execution, FAILED, why)
    if wanted == "ROLLBACK" and not execution.rollback_target:
        target = last_succeeded(execution.pipeline, stage.name, before=execution)
        if target is not None:
            rollback(
                execution.pipeline,
                stage.name,
                target,
                {"triggerType": "AutomatedRollback", "triggerDetail": f"FailedPipelineExecutionId: {execution.id}"},
            )


def last_succeeded(pipeline: Pipeline, stage: str, before: Execution) -> Execution | None:
    """The latest execution of the current version that got through the stage."""
    for execution in reversed(pipeline.executions):
        done = execution.stages.get(stage)
        if execution is not before and done and done.status == SUCCEEDED and execution.version == pipeline.version:
            return execution
    return None


def _end(execution: Execution, status: str, summary: str | None = None) -> None:
    stage = execution.stage
    execution.status = status
    execution.summary = summary
    execution.touch()
    if stage and stage.status in (IN_PROGRESS, STOPPING):
        stage.status = CANCELLED if status == SUPERSEDED else status
        notices.stage_changed(execution, stage, _EVENT_STATES[stage.status])
    notices.pipeline_changed(execution, _EVENT_STATES[status])
    # Whoever waited for the stage may have it.
    _later(execution, lambda: admit(execution.pipeline))
