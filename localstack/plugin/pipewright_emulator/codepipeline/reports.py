"""What happened and what is going on: state, executions, action and rule executions."""

from typing import Any

from localstack.aws.api import RequestContext

from ..api import Request
from ..paging import paged
from .execution import SUCCEEDED, ActionRun, Execution, RuleRun
from .starting import find, refuse_unknown_execution
from .store import API, Pipeline, pipeline_named

_GATES = ("beforeEntry", "onSuccess", "onFailure")


@API.operation("GetPipelineState")
def get_pipeline_state(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["name"])
    return {
        "pipelineName": pipeline.name,
        "pipelineVersion": pipeline.version,
        "created": pipeline.created,
        "updated": pipeline.updated,
        "stageStates": [_stage_state(pipeline, stage) for stage in pipeline.declaration["stages"]],
    }


@API.operation("GetPipelineExecution")
def get_pipeline_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["pipelineName"])
    execution = find(pipeline, request["pipelineExecutionId"])
    if execution is None:
        refuse_unknown_execution(request["pipelineExecutionId"])
    shown = _common(execution) | {
        "pipelineName": pipeline.name,
        "pipelineVersion": execution.version,
        "artifactRevisions": _artifact_revisions(execution),
        "variables": [{"name": name, "resolvedValue": value} for name, value in execution.variables.items()],
    }
    return {"pipelineExecution": shown}


@API.operation("ListPipelineExecutions")
def list_pipeline_executions(context: RequestContext, request: Request) -> dict[str, Any]:
    pipeline = pipeline_named(context, request["pipelineName"])
    stage = ((request.get("filter") or {}).get("succeededInStage") or {}).get("stageName")
    summaries = [
        _common(execution)
        | {
            "startTime": execution.started,
            "lastUpdateTime": execution.updated,
            "sourceRevisions": [
                {"actionName": name, **{key: value for key, value in found.items() if key != "created"}}
                for name, found in execution.revisions.items()
            ],
        }
        | ({"stopTrigger": {"reason": execution.stop_reason}} if execution.stop_reason else {})
        for execution in reversed(pipeline.executions)
        if stage is None or (stage in execution.stages and execution.stages[stage].status == SUCCEEDED)
    ]
    return paged("pipelineExecutionSummaries", summaries, request)


@API.operation("ListActionExecutions")
def list_action_executions(context: RequestContext, request: Request) -> dict[str, Any]:
    executions = _filtered(context, request)
    runs = [(execution, run) for execution in executions for run in execution.history]
    runs.sort(key=lambda pair: pair[1].started, reverse=True)
    return paged("actionExecutionDetails", [_action_detail(*pair) for pair in runs], request)


@API.operation("ListRuleExecutions")
def list_rule_executions(context: RequestContext, request: Request) -> dict[str, Any]:
    executions = _filtered(context, request)
    runs = [(execution, run) for execution in executions for run in execution.rule_history]
    runs.sort(key=lambda pair: pair[1].moment, reverse=True)
    return paged("ruleExecutionDetails", [_rule_detail(*pair) for pair in runs], request)


def _filtered(context: RequestContext, request: Request) -> list[Execution]:
    pipeline = pipeline_named(context, request["pipelineName"])
    chosen = request.get("filter") or {}
    wanted = chosen.get("pipelineExecutionId") or (chosen.get("latestInPipelineExecution") or {}).get(
        "pipelineExecutionId"
    )
    if wanted is None:
        return pipeline.executions
    execution = find(pipeline, wanted)
    if execution is None:
        refuse_unknown_execution(wanted)
    return [execution]


def _common(execution: Execution) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "pipelineExecutionId": execution.id,
        "status": execution.status,
        "trigger": execution.trigger,
        "executionMode": execution.mode,
        "executionType": execution.type,
    }
    if execution.summary:
        shown["statusSummary"] = execution.summary
    if execution.rollback_target:
        shown["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": execution.rollback_target}
    return shown


def _artifact_revisions(execution: Execution) -> list[dict[str, Any]]:
    return [
        {"name": artifact["name"], **execution.revisions[action["name"]]}
        for action in execution.sources()
        if action["name"] in execution.revisions
        for artifact in action["outputArtifacts"]
    ]


def _stage_state(pipeline: Pipeline, declared: dict[str, Any]) -> dict[str, Any]:
    name = declared["name"]
    state: dict[str, Any] = {
        "stageName": name,
        "inboundTransitionState": _transition(pipeline, name),
        "actionStates": [_action_state(pipeline, name, action) for action in declared["actions"]],
    }
    waiting = [
        {"pipelineExecutionId": execution.id, "status": "InProgress", "type": execution.type}
        for execution in pipeline.executions
        if execution.ongoing and execution.waiting and execution.stage_declared["name"] == name
    ]
    # The first stage has no way in to wait at, unless it is taken.
    if waiting:
        state["inboundExecution"] = waiting[-1]
        state["inboundExecutions"] = waiting
    latest = pipeline.latest.get(name)
    if latest is not None:
        execution, run = latest
        state["latestExecution"] = {"pipelineExecutionId": execution.id, "status": run.status, "type": execution.type}
        state |= {f"{gate}ConditionState": _gate_state(run.rules[gate]) for gate in _GATES if run.rules.get(gate)}
        if run.last_retry_trigger:
            state["retryStageMetadata"] = {
                "autoStageRetryAttempt": run.automatic_retries,
                "manualStageRetryAttempt": run.manual_retries,
                "latestRetryTrigger": run.last_retry_trigger,
            }
    return state


def _transition(pipeline: Pipeline, stage: str) -> dict[str, Any]:
    closed = pipeline.closed.get(stage)
    if closed is None:
        return {"enabled": True}
    return {
        "enabled": False,
        "lastChangedBy": closed.changed_by,
        "lastChangedAt": closed.changed_at,
        "disabledReason": closed.reason,
    }


def _action_state(pipeline: Pipeline, stage: str, declared: dict[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = {"actionName": declared["name"]}
    last = pipeline.last_runs.get((stage, declared["name"]))
    if last is None:
        return state
    execution, run = last
    shown = {
        "actionExecutionId": run.id,
        "status": run.status,
        "summary": run.summary,
        "lastStatusChange": run.updated,
        # A token is worth something only while the approval is open.
        "token": run.token if run.status == "InProgress" else None,
        "lastUpdatedBy": run.updated_by,
        "externalExecutionId": run.external_id,
        "externalExecutionUrl": run.external_url,
        "errorDetails": run.error,
    }
    state["latestExecution"] = {key: value for key, value in shown.items() if value is not None}
    found = execution.revisions.get(declared["name"]) if declared["actionTypeId"]["category"] == "Source" else None
    if found:
        revision = found["revisionId"]
        state["currentRevision"] = {"revisionId": revision, "revisionChangeId": revision, "created": found["created"]}
        if found.get("revisionUrl"):
            state["revisionUrl"] = found["revisionUrl"]
    return state


def _gate_state(runs: list[RuleRun]) -> dict[str, Any]:
    status = "Succeeded" if all(run.status == SUCCEEDED for run in runs) else "Failed"
    rules = [
        {
            "ruleName": run.declared["name"],
            "latestExecution": {
                "ruleExecutionId": run.id,
                "status": run.status,
                "summary": run.summary,
                "lastStatusChange": run.moment,
            },
        }
        for run in runs
    ]
    latest = {"status": status, "lastStatusChange": max(run.moment for run in runs)}
    return {
        "latestExecution": {"status": status},
        "conditionStates": [{"latestExecution": latest, "ruleStates": rules}],
    }


def _action_detail(execution: Execution, run: ActionRun) -> dict[str, Any]:
    declared = run.declared
    result = {
        "externalExecutionId": run.external_id,
        "externalExecutionSummary": run.summary,
        "externalExecutionUrl": run.external_url,
        "errorDetails": run.error,
    }
    given = {
        "actionTypeId": declared["actionTypeId"],
        "configuration": declared["configuration"],
        "resolvedConfiguration": run.configuration,
        "region": declared.get("region") or execution.pipeline.region,
        "inputArtifacts": run.inputs,
        "roleArn": declared.get("roleArn"),
        "namespace": declared.get("namespace"),
    }
    shown = {
        "pipelineExecutionId": execution.id,
        "actionExecutionId": run.id,
        "pipelineVersion": execution.version,
        "stageName": run.stage,
        "actionName": run.name,
        "startTime": run.started,
        "lastUpdateTime": run.updated,
        "updatedBy": run.updated_by,
        "status": run.status,
        "input": _present(given),
        "output": {
            "outputArtifacts": run.outputs,
            "executionResult": _present(result),
            "outputVariables": run.variables,
        },
    }
    return _present(shown)


def _rule_detail(execution: Execution, run: RuleRun) -> dict[str, Any]:
    declared = run.declared
    given = {
        "ruleTypeId": declared["ruleTypeId"],
        "configuration": declared.get("configuration", {}),
        "resolvedConfiguration": run.configuration,
        "region": declared.get("region") or execution.pipeline.region,
        "inputArtifacts": [],
        "roleArn": declared.get("roleArn"),
    }
    return {
        "pipelineExecutionId": execution.id,
        "ruleExecutionId": run.id,
        "pipelineVersion": execution.version,
        "stageName": run.stage,
        "ruleName": declared["name"],
        "startTime": run.moment,
        "lastUpdateTime": run.moment,
        "status": run.status,
        "input": _present(given),
        "output": {"executionResult": {"externalExecutionSummary": run.summary}},
    }


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
