"""Executions: they go through stages by themselves, wait for approvals, and can be stopped, retried, rolled back."""

from conftest import Account, eventually, refused
from pipelines import action, approval, connection_source, deploy, source, stage
from running import simple

SOURCE = stage("Source", source())
GATE = stage("Gate", approval())
DEPLOY = stage("Deploy", deploy())


def failing(marker: str = "PIPEWRIGHT_FAIL") -> dict:
    return stage("Deploy", deploy(configuration={"BucketName": marker}))


def test_creating_a_pipeline_runs_it(account: Account) -> None:
    shop = simple(account)
    first = shop.first()
    assert shop.ended(first) == "Succeeded"
    shown = shop.execution(first)
    assert shown["trigger"]["triggerType"] == "CreatePipeline"
    assert shown["artifactRevisions"][0]["name"] == "code"
    assert shop.stage("Deploy")["latestExecution"] == {
        "pipelineExecutionId": first,
        "status": "Succeeded",
        "type": "STANDARD",
    }


def test_actions_run_in_run_order(account: Account) -> None:
    shop = simple(
        account, SOURCE, stage("Deploy", deploy("Second", runOrder=2), deploy("First"), deploy("Also", runOrder=1))
    )
    first = shop.first()
    assert shop.ended(first) == "Succeeded"
    details = shop.client.list_action_executions(pipelineName="shop")["actionExecutionDetails"]
    started = {detail["actionName"]: detail["startTime"] for detail in details}
    ended = {detail["actionName"]: detail["lastUpdateTime"] for detail in details}
    assert details[0]["actionName"] == "Second"
    assert started["Second"] >= max(ended["First"], ended["Also"])
    assert started["Also"] <= ended["First"]


def test_a_codebuild_action_runs_a_build(account: Account) -> None:
    codebuild = account.client("codebuild")
    codebuild.create_project(
        name="unit",
        source={"type": "CODEPIPELINE"},
        artifacts={"type": "CODEPIPELINE"},
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=account.role("codebuild"),
    )
    build = action(
        "Unit", "Build", "CodeBuild", configuration={"ProjectName": "unit"}, inputs=["code"], outputs=["app"]
    )
    shop = simple(account, SOURCE, stage("Build", build), stage("Deploy", deploy(source_artifact="app")))
    assert shop.ended(shop.first()) == "Succeeded"
    build_id = shop.action("Build", "Unit")["externalExecutionId"]
    shown = codebuild.batch_get_builds(ids=[build_id])["builds"][0]
    assert (shown["buildStatus"], shown["initiator"]) == ("SUCCEEDED", "codepipeline/shop")


def test_a_codebuild_action_without_its_project_fails(account: Account) -> None:
    build = action("Unit", "Build", "CodeBuild", configuration={"ProjectName": "missing"}, inputs=["code"])
    shop = simple(account, SOURCE, stage("Build", build))
    assert shop.ended(shop.first()) == "Failed"
    assert shop.action("Build", "Unit")["errorDetails"]["code"] == "ConfigurationError"


def test_an_approval_waits_and_goes_on(account: Account) -> None:
    shop = simple(account, SOURCE, GATE, DEPLOY)
    first = shop.first()
    shop.token()
    assert shop.status(first) == "InProgress"
    assert "latestExecution" not in shop.stage("Deploy")
    shop.answer("Approved")
    assert shop.ended(first) == "Succeeded"
    shown = shop.action("Gate", "Approve")
    assert (shown["status"], shown["summary"]) == ("Succeeded", "looked at it")
    assert shown["lastUpdatedBy"] == f"arn:aws:iam::{account.number}:root"
    assert "token" not in shown


def test_a_rejected_approval_fails_the_stage(account: Account) -> None:
    shop = simple(account, SOURCE, GATE, DEPLOY)
    shop.answer("Rejected")
    assert shop.ended(shop.first()) == "Failed"
    assert shop.stage("Gate")["latestExecution"]["status"] == "Failed"


def test_answers_to_approvals_are_checked(account: Account) -> None:
    shop = simple(account, SOURCE, GATE, DEPLOY)
    token = shop.token()
    call = shop.client.put_approval_result
    result = {"status": "Approved", "summary": ""}
    given = {"pipelineName": "shop", "stageName": "Gate", "actionName": "Approve", "result": result, "token": token}
    wrong = "00000000-0000-0000-0000-000000000000"
    assert refused(call, **given | {"token": wrong})[0] == "InvalidApprovalTokenException"
    assert refused(call, **given | {"stageName": "Nowhere"})[0] == "StageNotFoundException"
    assert refused(call, **given | {"actionName": "Nobody"})[0] == "ActionNotFoundException"
    assert "approvedAt" in call(**given)
    assert refused(call, **given)[0] == "ApprovalAlreadyCompletedException"


def test_a_marked_action_fails_and_can_be_retried(account: Account) -> None:
    shop = simple(account, SOURCE, failing("PIPEWRIGHT_FAIL_ONCE"))
    first = shop.first()
    assert shop.ended(first) == "Failed"
    assert shop.action("Deploy", "Deploy")["errorDetails"]["code"] == "JobFailed"
    retried = shop.client.retry_stage_execution(
        pipelineName="shop", stageName="Deploy", pipelineExecutionId=first, retryMode="FAILED_ACTIONS"
    )
    assert retried["pipelineExecutionId"] == first
    assert eventually(lambda: shop.status(first) == "Succeeded")
    metadata = shop.stage("Deploy")["retryStageMetadata"]
    assert (metadata["manualStageRetryAttempt"], metadata["latestRetryTrigger"]) == (1, "ManualStageRetry")


def test_only_a_failed_stage_of_the_latest_execution_is_retried(account: Account) -> None:
    shop = simple(account, SOURCE, failing())
    first = shop.first()
    assert shop.ended(first) == "Failed"
    given = {"pipelineName": "shop", "pipelineExecutionId": first, "retryMode": "FAILED_ACTIONS"}
    retry = shop.client.retry_stage_execution
    assert refused(retry, **given, stageName="Nowhere")[0] == "StageNotFoundException"
    assert refused(retry, **given, stageName="Source")[0] == "StageNotRetryableException"
    second = shop.start()
    assert shop.ended(second) == "Failed"
    assert refused(retry, **given, stageName="Deploy")[0] == "NotLatestPipelineExecutionException"


def test_stopping_abandons_what_runs(account: Account) -> None:
    shop = simple(account, SOURCE, GATE)
    shop.token()
    first = shop.first()
    given = {"pipelineName": "shop", "pipelineExecutionId": first, "abandon": True, "reason": "enough"}
    shop.client.stop_pipeline_execution(**given)
    assert shop.ended(first) == "Stopped"
    assert shop.action("Gate", "Approve")["status"] == "Abandoned"
    summary = shop.client.list_pipeline_executions(pipelineName="shop")["pipelineExecutionSummaries"][0]
    assert summary["stopTrigger"] == {"reason": "enough"}
    assert refused(shop.client.stop_pipeline_execution, **given)[0] == "PipelineExecutionNotStoppableException"


def test_stopping_can_wait_for_what_runs(account: Account) -> None:
    shop = simple(account, SOURCE, GATE, DEPLOY)
    shop.token()
    first = shop.first()
    given = {"pipelineName": "shop", "pipelineExecutionId": first}
    shop.client.stop_pipeline_execution(**given)
    assert shop.status(first) == "Stopping"
    assert refused(shop.client.stop_pipeline_execution, **given)[0] == "DuplicatedStopRequestException"
    shop.answer("Approved")
    assert shop.ended(first) == "Stopped"
    assert "latestExecution" not in shop.stage("Deploy")


def test_a_closed_transition_holds_executions_back(account: Account) -> None:
    shop = simple(account, SOURCE, DEPLOY)
    assert shop.ended(shop.first()) == "Succeeded"
    way = {"pipelineName": "shop", "stageName": "Deploy", "transitionType": "Inbound"}
    shop.client.disable_stage_transition(**way, reason="freeze")
    state = shop.stage("Deploy")["inboundTransitionState"]
    assert (state["enabled"], state["disabledReason"]) == (False, "freeze")
    second = shop.start()
    waiting = eventually(lambda: shop.stage("Deploy").get("inboundExecution"))
    assert waiting["pipelineExecutionId"] == second
    shop.client.enable_stage_transition(**way)
    assert shop.ended(second) == "Succeeded"
    missing = way | {"stageName": "Nowhere", "reason": "x"}
    assert refused(shop.client.disable_stage_transition, **missing)[0] == "StageNotFoundException"


def test_a_newer_execution_supersedes_a_waiting_one(account: Account) -> None:
    shop = simple(account, SOURCE, GATE, DEPLOY)
    shop.token()
    second = shop.start()
    assert eventually(lambda: shop.stage("Gate").get("inboundExecution"))
    third = shop.start()
    assert shop.ended(second) == "Superseded"
    shop.answer("Approved")
    assert shop.ended(shop.first()) == "Succeeded"
    assert eventually(lambda: shop.inside(third, "Gate"))


def test_queued_executions_enter_in_order(account: Account) -> None:
    shop = simple(account, SOURCE, GATE, pipelineType="V2", executionMode="QUEUED")
    shop.token()
    second = shop.start()
    assert eventually(lambda: shop.stage("Gate").get("inboundExecution"))
    third = shop.start()
    assert eventually(lambda: len(shop.stage("Gate").get("inboundExecutions", [])) == 2)
    shop.answer("Approved")
    assert eventually(lambda: shop.inside(second, "Gate"))
    shop.answer("Approved")
    assert eventually(lambda: shop.inside(third, "Gate"))


def test_parallel_executions_do_not_wait_for_each_other(account: Account) -> None:
    shop = simple(account, SOURCE, GATE, pipelineType="V2", executionMode="PARALLEL")
    first = shop.first()
    one = shop.token()
    second = shop.start()
    assert eventually(lambda: shop.inside(second, "Gate"))
    assert shop.token() != one
    assert (shop.status(first), shop.status(second)) == ("InProgress", "InProgress")


def test_an_update_cancels_what_is_going_on(account: Account) -> None:
    shop = simple(account, SOURCE, GATE, DEPLOY)
    shop.token()
    declared = shop.client.get_pipeline(name="shop")["pipeline"]
    shop.client.update_pipeline(pipeline=declared)
    assert shop.ended(shop.first()) == "Cancelled"


def test_variables_reach_actions(account: Account) -> None:
    uses = deploy(configuration={"BucketName": "#{variables.Target}-#{src.BranchName}", "ObjectKey": "#{no.such}"})
    shop = simple(
        account,
        stage("Source", connection_source() | {"namespace": "src"}),
        stage("Deploy", uses),
        pipelineType="V2",
        variables=[{"name": "Target", "defaultValue": "test"}],
    )
    assert shop.ended(shop.first()) == "Succeeded"
    second = shop.start(variables=[{"name": "Target", "value": "live"}])
    assert shop.ended(second) == "Succeeded"
    assert shop.execution(second)["variables"] == [{"name": "Target", "resolvedValue": "live"}]
    detail = shop.client.list_action_executions(pipelineName="shop", filter={"pipelineExecutionId": second})
    resolved = detail["actionExecutionDetails"][0]["input"]["resolvedConfiguration"]
    assert (resolved["BucketName"], resolved["ObjectKey"]) == ("live-main", "#{no.such}")
    assert refused(shop.start, variables=[{"name": "Other", "value": "x"}])[0] == "ValidationException"


def test_source_revisions_can_be_overridden(account: Account) -> None:
    shop = simple(account, stage("Source", connection_source()), DEPLOY, pipelineType="V2")
    assert shop.ended(shop.first()) == "Succeeded"
    override = {"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "c0ffee"}
    second = shop.start(sourceRevisions=[override])
    assert shop.ended(second) == "Succeeded"
    assert shop.execution(second)["artifactRevisions"][0]["revisionId"] == "c0ffee"


def test_conditions_decide_about_stages(account: Account) -> None:
    def condition(value: str, result: str) -> dict:
        rule = {
            "name": "OnlyLive",
            "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1"},
            "configuration": {"Variable": "#{variables.Target}", "Value": value, "Operator": "EQ"},
        }
        return {"conditions": [{"result": result, "rules": [rule]}]}

    shop = simple(
        account,
        SOURCE,
        stage("Optional", deploy("A"), beforeEntry=condition("live", "SKIP")),
        stage("Strict", deploy("B"), beforeEntry=condition("test", "FAIL")),
        pipelineType="V2",
        variables=[{"name": "Target", "defaultValue": "test"}],
    )
    assert shop.ended(shop.first()) == "Succeeded"
    assert shop.stage("Optional")["latestExecution"]["status"] == "Skipped"
    second = shop.start(variables=[{"name": "Target", "value": "live"}])
    assert shop.ended(second) == "Failed"
    assert shop.stage("Optional")["latestExecution"]["status"] == "Succeeded"
    rules = shop.stage("Strict")["beforeEntryConditionState"]["conditionStates"][0]["ruleStates"]
    assert rules[0]["latestExecution"]["status"] == "Failed"
    listed = shop.client.list_rule_executions(pipelineName="shop", filter={"pipelineExecutionId": second})
    assert [detail["status"] for detail in listed["ruleExecutionDetails"]] == ["Failed", "Succeeded"]


def test_a_stage_retries_by_itself(account: Account) -> None:
    broken = failing("PIPEWRIGHT_FAIL_ONCE") | {"onFailure": {"result": "RETRY"}}
    shop = simple(account, SOURCE, broken, pipelineType="V2")
    assert eventually(lambda: shop.status(shop.first()) == "Succeeded")
    metadata = shop.stage("Deploy")["retryStageMetadata"]
    assert (metadata["autoStageRetryAttempt"], metadata["latestRetryTrigger"]) == (1, "AutomatedStageRetry")


def test_a_stage_is_rolled_back(account: Account) -> None:
    shop = simple(account, SOURCE, DEPLOY, pipelineType="V2")
    first = shop.first()
    assert shop.ended(first) == "Succeeded"
    given = {"pipelineName": "shop", "targetPipelineExecutionId": first}
    rollback = shop.client.rollback_stage(**given, stageName="Deploy")["pipelineExecutionId"]
    assert shop.ended(rollback) == "Succeeded"
    shown = shop.execution(rollback)
    assert shown["executionType"] == "ROLLBACK"
    assert shown["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": first}
    assert refused(shop.client.rollback_stage, **given, stageName="Source")[0] == "UnableToRollbackStageException"


def test_executions_that_do_not_exist(account: Account) -> None:
    shop = simple(account)
    wrong = "00000000-0000-0000-0000-000000000000"
    call = shop.client.get_pipeline_execution
    assert refused(call, pipelineName="shop", pipelineExecutionId=wrong)[0] == "PipelineExecutionNotFoundException"
    assert refused(shop.client.start_pipeline_execution, name="nothing")[0] == "PipelineNotFoundException"


def test_a_request_token_starts_one_execution(account: Account) -> None:
    shop = simple(account)
    assert shop.start(clientRequestToken="once") == shop.start(clientRequestToken="once")


def test_listing_executions_pages_newest_first(account: Account) -> None:
    shop = simple(account)
    assert shop.ended(shop.first()) == "Succeeded"
    second = shop.start()
    assert shop.ended(second) == "Succeeded"
    page = shop.client.list_pipeline_executions(pipelineName="shop", maxResults=1)
    assert page["pipelineExecutionSummaries"][0]["pipelineExecutionId"] == second
    rest = shop.client.list_pipeline_executions(pipelineName="shop", maxResults=1, nextToken=page["nextToken"])
    assert rest["pipelineExecutionSummaries"][0]["pipelineExecutionId"] == shop.first()
    assert "nextToken" not in rest


def test_job_workers_are_not_emulated(account: Account) -> None:
    type_id = {"category": "Build", "owner": "Custom", "provider": "Jenkins", "version": "1"}
    code, message = refused(account.client("codepipeline").poll_for_jobs, actionTypeId=type_id)
    assert (code, message) == ("InternalFailure", "The Pipewright emulator does not have codepipeline PollForJobs.")
