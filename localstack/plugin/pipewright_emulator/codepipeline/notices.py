"""Tells EventBridge about every change of state of executions, stages and actions, in AWS's shapes.

Numbers are printed as 1.0 and states are spelled as in the events, CANCELED with one L.
"""

from typing import Any

from .. import eventbridge, notifications
from ..moments import now
from .execution import ActionRun, Execution, StageRun

PIPELINE = "CodePipeline Pipeline Execution State Change"
STAGE = "CodePipeline Stage Execution State Change"
ACTION = "CodePipeline Action Execution State Change"


def pipeline_changed(execution: Execution, state: str) -> None:
    detail = _detail(execution, state)
    detail["execution-trigger"] = {
        "trigger-type": execution.trigger["triggerType"],
        "trigger-detail": execution.trigger.get("triggerDetail", ""),
    }
    if state == "STOPPING" and execution.stop_reason:
        detail["stop-execution-comments"] = execution.stop_reason
    _send(execution, PIPELINE, detail, [])


def stage_changed(execution: Execution, stage: StageRun, state: str) -> None:
    detail = _detail(execution, state) | {"stage": stage.name}
    if stage.last_retry:
        detail["stage-last-retry-attempt-time"] = _text(stage.last_retry)
    _send(execution, STAGE, detail, [])


def action_changed(execution: Execution, run: ActionRun, state: str) -> None:
    detail = _detail(execution, state) | {
        "stage": run.stage,
        "action": run.name,
        "action-execution-id": run.id,
        "region": run.declared.get("region") or execution.pipeline.region,
        "type": run.declared["actionTypeId"],
        "input-artifacts": run.inputs,
    }
    if state == "SUCCEEDED":
        detail["output-artifacts"] = run.outputs
    if state != "STARTED":
        result = {
            "external-execution-url": run.external_url,
            "external-execution-summary": run.summary,
            "external-execution-id": run.external_id,
            "error-code": run.error["code"] if run.error else None,
        }
        detail["execution-result"] = {key: value for key, value in result.items() if value is not None}
    category = run.declared["actionTypeId"]["category"]
    approval = (
        {"STARTED": ["needed"], "SUCCEEDED": ["succeeded"], "FAILED": ["failed"]} if category == "Approval" else {}
    )
    _send(execution, ACTION, detail, [f"manual-approval-{word}" for word in approval.get(state, [])])


def _detail(execution: Execution, state: str) -> dict[str, Any]:
    return {
        "pipeline": execution.pipeline.name,
        "execution-id": execution.id,
        "start-time": _text(execution.started),
        "state": state,
        "version": float(execution.version),
        "pipeline-execution-attempt": float(execution.attempt),
    }


def _send(execution: Execution, detail_type: str, detail: dict[str, Any], more: list[str]) -> None:
    pipeline, moment = execution.pipeline, now()
    eventbridge.send(pipeline.account, pipeline.region, "aws.codepipeline", detail_type, [pipeline.arn], detail, moment)
    level = detail_type.split()[1].lower()
    kinds = [f"{level}-execution-{detail['state'].lower()}", *more]
    notifications.deliver(pipeline.account, pipeline.region, pipeline.arn, kinds, detail_type, detail, moment)


def _text(moment: Any) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
