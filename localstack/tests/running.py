"""Watches executions of a pipeline from a test."""

from typing import Any

from conftest import Account, eventually
from pipelines import pipeline

ENDED = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled")


class Runner:
    """One pipeline of an account, whose first automatic run is over."""

    def __init__(self, account: Account, declared: dict[str, Any]):
        self.name = declared["name"]
        self.client = account.client("codepipeline")
        self.client.create_pipeline(pipeline=declared)

    def first(self) -> str:
        """The id of the execution that creating the pipeline started."""
        return self.client.list_pipeline_executions(pipelineName=self.name)["pipelineExecutionSummaries"][-1][
            "pipelineExecutionId"
        ]

    def start(self, **arguments: Any) -> str:
        return self.client.start_pipeline_execution(name=self.name, **arguments)["pipelineExecutionId"]

    def execution(self, execution_id: str) -> dict[str, Any]:
        return self.client.get_pipeline_execution(pipelineName=self.name, pipelineExecutionId=execution_id)[
            "pipelineExecution"
        ]

    def status(self, execution_id: str) -> str:
        return self.execution(execution_id)["status"]

    def ended(self, execution_id: str) -> str:
        """The status it ends with."""
        return eventually(lambda: (status := self.status(execution_id)) in ENDED and status)

    def stage(self, name: str) -> dict[str, Any]:
        states = self.client.get_pipeline_state(name=self.name)["stageStates"]
        return next(state for state in states if state["stageName"] == name)

    def action(self, stage: str, name: str) -> dict[str, Any]:
        """The latest execution of the action, or nothing."""
        states = self.stage(stage)["actionStates"]
        return next(state for state in states if state["actionName"] == name).get("latestExecution", {})

    def token(self, stage: str = "Gate", name: str = "Approve") -> str:
        """The token of the approval, as soon as it is asked for."""
        return eventually(lambda: self.action(stage, name).get("token"))

    def answer(self, status: str, stage: str = "Gate", name: str = "Approve") -> None:
        self.client.put_approval_result(
            pipelineName=self.name,
            stageName=stage,
            actionName=name,
            token=self.token(stage, name),
            result={"status": status, "summary": "looked at it"},
        )

    def inside(self, execution_id: str, stage: str) -> bool:
        latest = self.stage(stage).get("latestExecution", {})
        return latest.get("pipelineExecutionId") == execution_id and latest.get("status") == "InProgress"


def simple(account: Account, *stages: dict[str, Any], **rest: Any) -> Runner:
    return Runner(account, pipeline(account.role("codepipeline"), *stages, **rest))
