"""Answers to manual approvals."""

from typing import Any

from localstack.aws.api import RequestContext

from ..api import Request, refuse
from ..moments import now
from . import engine
from .execution import FAILED, IN_PROGRESS, SUCCEEDED, ActionRun, Execution
from .starting import caller, check_stage
from .store import API, Pipeline, pipeline_named


@API.operation("PutApprovalResult")
def put_approval_result(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["pipelineName"])
    check_stage(pipeline, request["stageName"])
    _check_action(pipeline, request["stageName"], request["actionName"])
    execution, run = _asked(pipeline, request)
    if run.status != IN_PROGRESS:
        refuse("ApprovalAlreadyCompletedException", "The approval action has already been approved or rejected.")
    result, moment = request["result"], now()
    run.summary = result["summary"]
    run.updated_by = caller(context)
    if result["status"] == "Rejected":
        run.error = {"code": "Rejected", "message": result["summary"] or "Rejected"}
    engine.finish(execution, run, SUCCEEDED if result["status"] == "Approved" else FAILED)
    return {"approvedAt": moment}


def _check_action(pipeline: Pipeline, stage: str, name: str) -> None:
    for declared in pipeline.declaration["stages"]:
        if declared["name"] == stage and any(action["name"] == name for action in declared["actions"]):
            return
    refuse(
        "ActionNotFoundException",
        f"Pipeline '{pipeline.name}' does not have an action with name '{name}' in stage '{stage}'",
    )


def _asked(pipeline: Pipeline, request: Request) -> tuple[Execution, ActionRun]:
    """The approval the token was given out for."""
    for execution in reversed(pipeline.executions):
        for run in execution.history:
            if run.token == request["token"] and (run.stage, run.name) == (request["stageName"], request["actionName"]):
                return execution, run
    refuse("InvalidApprovalTokenException", "The approval request already received a response or has expired.")
