"""Start, stop, retry and roll back executions, and open and close the ways into stages."""

from typing import Any, NoReturn

from localstack.aws.api import RequestContext

from ..api import Request, refuse
from ..cloudtrail import identity
from ..moments import now
from . import engine
from .execution import FAILED, IN_PROGRESS, ONGOING, STOPPED, STOPPING, SUCCEEDED, Execution
from .store import API, Pipeline, Transition, pipeline_named

MAXIMUM_CONCURRENT = 50

_NOT_STOPPABLE = (
    "Unable to stop the pipeline execution. The execution might already be in a Stopped state, or it might no longer "
    "be in progress."
)
_ALREADY_STOPPING = (
    "The pipeline execution is already in a Stopping state. If you already chose to stop and wait, you cannot make "
    "that request again. You can choose to stop and abandon now, but be aware that this option can lead to failed "
    "tasks or out of sequence tasks. If you already chose to stop and abandon, you cannot make that request again."
)
_NOT_RETRYABLE = (
    "Unable to retry. The specified stage can't be retried because the pipeline structure or stage state changed after "
    "the stage was not completed; the stage contains no failed actions; one or more actions are still in progress; or "
    "an earlier retry attempt is still in progress."
)
_NOT_LATEST = (
    "The stage has failed in a later run of the pipeline and the pipelineExecutionId associated with the request is "
    "out of date."
)


def first(context: RequestContext, pipeline: Pipeline) -> None:
    """Runs a pipeline that was just created, as AWS does. One that lacks a variable's value is left alone."""
    variables = pipeline.declaration.get("variables", [])
    if all("defaultValue" in variable for variable in variables):
        trigger = {"triggerType": "CreatePipeline", "triggerDetail": caller(context)}
        values = {variable["name"]: variable["defaultValue"] for variable in variables}
        engine.begin(Execution(pipeline, pipeline.version, trigger, values))


@API.operation("StartPipelineExecution")
def start_pipeline_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["name"])
    token = request.get("clientRequestToken")
    if token and token in pipeline.request_tokens:
        return {"pipelineExecutionId": pipeline.request_tokens[token]}
    _check_limit(pipeline)
    execution = Execution(
        pipeline,
        pipeline.version,
        _trigger(context),
        _values(pipeline, request.get("variables", [])),
        {override["actionName"]: dict(override) for override in request.get("sourceRevisions", [])},
    )
    if token:
        pipeline.request_tokens[token] = execution.id
    engine.begin(execution)
    return {"pipelineExecutionId": execution.id}


@API.operation("StopPipelineExecution")
def stop_pipeline_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["pipelineName"])
    execution = find(pipeline, request["pipelineExecutionId"])
    abandon = bool(request.get("abandon"))
    if execution is None or execution.status not in ONGOING:
        refuse("PipelineExecutionNotStoppableException", _NOT_STOPPABLE)
    if execution.status == STOPPING and not abandon:
        refuse("DuplicatedStopRequestException", _ALREADY_STOPPING)
    engine.stop(execution, abandon, request.get("reason"))
    return {"pipelineExecutionId": execution.id}


@API.operation("RetryStageExecution")
def retry_stage_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["pipelineName"])
    check_stage(pipeline, request["stageName"])
    execution = find(pipeline, request["pipelineExecutionId"])
    stage = execution and execution.stages.get(request["stageName"])
    if execution is None or stage is None or execution.version != pipeline.version:
        refuse("StageNotRetryableException", _NOT_RETRYABLE)
    if execution.mode != "PARALLEL" and pipeline.latest[stage.name][0] is not execution:
        refuse("NotLatestPipelineExecutionException", _NOT_LATEST)
    if stage.status not in (FAILED, STOPPED) or execution.status in ONGOING:
        refuse("StageNotRetryableException", _NOT_RETRYABLE)
    engine.retry(execution, stage, request["retryMode"])
    return {"pipelineExecutionId": execution.id}


@API.operation("RollbackStage")
def rollback_stage(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["pipelineName"])
    name = request["stageName"]
    check_stage(pipeline, name)
    unable = "UnableToRollbackStageException"
    if pipeline.declaration["pipelineType"] != "V2" or pipeline.declaration["executionMode"] == "PARALLEL":
        refuse(unable, "Stages can be rolled back in V2 pipelines in SUPERSEDED or QUEUED mode only.")
    if pipeline.declaration["stages"][0]["name"] == name:
        refuse(unable, "Unable to roll back the stage. The source stage cannot be rolled back.")
    target = find(pipeline, request["targetPipelineExecutionId"])
    if target is None:
        refuse_unknown_execution(request["targetPipelineExecutionId"])
    if target.version != pipeline.version:
        refuse(
            "PipelineExecutionOutdatedException",
            "The specified pipeline execution is outdated and cannot be used as a target pipeline execution for "
            "rollback.",
        )
    done = target.stages.get(name)
    if done is None or done.status != SUCCEEDED or target.type == "ROLLBACK":
        refuse(unable, "Unable to roll back the stage. The target execution did not succeed in the stage.")
    current = pipeline.latest.get(name)
    if current and current[1].status == IN_PROGRESS:
        refuse(unable, "Unable to roll back the stage. The stage has an execution in progress.")
    trigger = {"triggerType": "ManualRollback", "triggerDetail": caller(context)}
    return {"pipelineExecutionId": engine.rollback(pipeline, name, target, trigger).id}


@API.operation("DisableStageTransition")
def disable_stage_transition(context: RequestContext, request: Request) -> None:
    pipeline = pipeline_named(context, request["pipelineName"])
    check_stage(pipeline, request["stageName"])
    pipeline.closed[request["stageName"]] = Transition(request["reason"], caller(context), now())


@API.operation("EnableStageTransition")
def enable_stage_transition(context: RequestContext, request: Request) -> None:
    pipeline = pipeline_named(context, request["pipelineName"])
    check_stage(pipeline, request["stageName"])
    pipeline.closed.pop(request["stageName"], None)
    engine.admit(pipeline)


def find(pipeline: Pipeline, execution_id: str) -> Execution | None:
    return next((execution for execution in pipeline.executions if execution.id == execution_id), None)


def refuse_unknown_execution(execution_id: str) -> NoReturn:
    refuse("PipelineExecutionNotFoundException", f"The pipeline execution with ID '{execution_id}' does not exist")


def check_stage(pipeline: Pipeline, name: str) -> None:
    """Refuses the request unless the pipeline has the stage."""
    if name not in (stage["name"] for stage in pipeline.declaration["stages"]):
        refuse("StageNotFoundException", f"Pipeline '{pipeline.name}' does not have a stage with name '{name}'")


def caller(context: RequestContext) -> str:
    """The ARN of who calls, or the service that does."""
    who, _user = identity.of(context)
    return who.get("arn") or who.get("invokedBy", "")


def _trigger(context: RequestContext) -> dict[str, str]:
    internal = context.internal_request_params or {}
    if internal.get("service_principal") == "events":
        return {"triggerType": "CloudWatchEvent", "triggerDetail": internal.get("source_arn") or ""}
    return {"triggerType": "StartPipelineExecution", "triggerDetail": caller(context)}


def _values(pipeline: Pipeline, given: Any) -> dict[str, str]:
    """The pipeline's variables with the values given or their defaults."""
    declared = {
        variable["name"]: variable.get("defaultValue") for variable in pipeline.declaration.get("variables", [])
    }
    values = declared | {variable["name"]: variable["value"] for variable in given}
    for name, value in values.items():
        if name not in declared:
            refuse("ValidationException", f"Variable '{name}' is not declared in the pipeline.")  # text unknown
        if value is None:
            refuse("ValidationException", f"Variable '{name}' has no default value: give one.")  # text unknown
    return values


def _check_limit(pipeline: Pipeline) -> None:
    ongoing = sum(execution.ongoing for execution in pipeline.executions)
    if pipeline.declaration["executionMode"] != "SUPERSEDED" and ongoing >= MAXIMUM_CONCURRENT:
        refuse(
            "ConcurrentPipelineExecutionsLimitExceededException",
            "The pipeline has reached the limit for concurrent pipeline executions.",
        )
