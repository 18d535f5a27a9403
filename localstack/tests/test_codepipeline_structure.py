"""Malformed pipelines are refused with the codes and texts of AWS."""

from typing import Any

import pytest

from conftest import Account, refused
from pipelines import action, approval, connection_source, deploy, pipeline, source, stage, v2

SOURCE = stage("Source", source())
DEPLOY = stage("Deploy", deploy())
STRUCTURE, STAGE, ACTION = (
    "InvalidStructureException",
    "InvalidStageDeclarationException",
    "InvalidActionDeclarationException",
)
INPUT = (
    "Input Artifact Bundle {} in action {} is not declared as Output Artifact Bundle in any of the preceding actions"
)


def trigger(source_action: str = "Source", **git: Any) -> dict[str, Any]:
    return {
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {"sourceActionName": source_action, **git},
    }


def v1_with(**members: Any) -> Any:
    return lambda role: pipeline(role, SOURCE, DEPLOY, **members)


def conditioned(**gates: Any) -> dict[str, Any]:
    return stage("Deploy", deploy(), **gates)


RULE = {
    "name": "Window",
    "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "DeploymentWindow", "version": "1"},
    "configuration": {"Cron": "* * * * * ?"},
}

CASES = {
    "one stage": (
        lambda role: pipeline(role, SOURCE),
        STRUCTURE,
        "Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline",
    ),
    "too many stages": (
        lambda role: pipeline(role, SOURCE, *(stage(f"S{n}", approval()) for n in range(50))),
        STRUCTURE,
        "Pipeline has too many stages. There can only be up to 50 stages in a pipeline",
    ),
    "a build in the first stage": (
        lambda role: pipeline(role, stage("Source", source(), approval()), DEPLOY),
        STRUCTURE,
        "Pipeline should start with a stage that only contains source actions",
    ),
    "a source in a later stage": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", source("Again", "more"))),
        STRUCTURE,
        "Source actions can only be included in the first stage of the pipeline",
    ),
    "a stage name twice": (
        lambda role: pipeline(role, SOURCE, DEPLOY, DEPLOY),
        STAGE,
        "Stage name 'Deploy' is used more than once",
    ),
    "an action name twice": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", deploy(), deploy())),
        ACTION,
        "Action name 'Deploy' is used more than once in stage 'Deploy'",
    ),
    "an unknown input artifact": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", deploy(source_artifact="app"))),
        ACTION,
        INPUT.format("app", "Deploy"),
    ),
    "an artifact made at the same time": (
        lambda role: pipeline(
            role,
            SOURCE,
            stage(
                "Build",
                action("A", "Build", "CodeBuild", configuration={"ProjectName": "p"}, inputs=["code"], outputs=["app"]),
                deploy(source_artifact="app"),
            ),
        ),
        ACTION,
        INPUT.format("app", "Deploy"),
    ),
    "an output artifact twice": (
        lambda role: pipeline(role, stage("Source", source(), source("Other")), DEPLOY),
        ACTION,
        "Output Artifact Bundle name must be unique within the pipeline. code has been used more than once.",
    ),
    "too few artifacts": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", deploy() | {"inputArtifacts": []})),
        ACTION,
        "Action Deploy declares 0 input artifacts which is less than the minimum count (1)",
    ),
    "too many artifacts": (
        lambda role: pipeline(role, SOURCE, stage("Gate", approval(inputs=["code"]))),
        ACTION,
        "Action Approve declares 1 input artifacts which is more than the maximum count (0)",
    ),
    "an unknown action type": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", action("Go", "Deploy", "Teleport", inputs=["code"]))),
        ACTION,
        "ActionType (Category: 'Deploy', Provider: 'Teleport', Owner: 'AWS', Version: '1') in action 'Go' is not "
        "available in region us-east-1",
    ),
    "a missing configuration key": (
        lambda role: pipeline(
            role,
            SOURCE,
            stage("Deploy", action("Go", "Deploy", "S3", configuration={"Extract": "true"}, inputs=["code"])),
        ),
        ACTION,
        "Action configuration for action 'Go' is missing required configuration 'BucketName'",
    ),
    "a V2 action in a V1 pipeline": (
        lambda role: pipeline(
            role, SOURCE, stage("Run", action("Run", "Compute", "Commands", inputs=["code"], commands=["make"]))
        ),
        ACTION,
        "Commands Action can only be used with V2 pipelines.",
    ),
    "a Commands action without commands": (
        lambda role: v2(role, SOURCE, stage("Run", action("Run", "Compute", "Commands", inputs=["code"]))),
        ACTION,
        "Action Run must have a non-empty commands field",
    ),
    "commands elsewhere": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", deploy(commands=["make"]))),
        ACTION,
        "The following action cannot contain a commands field: Deploy. To use the commands field, use a compute "
        "action.",
    ),
    "triggers in V1": (
        lambda role: pipeline(
            role,
            stage("Source", connection_source()),
            DEPLOY,
            triggers=[trigger(push=[{"tags": {"includes": ["v*"]}}])],
        ),
        STRUCTURE,
        "Triggers on tag can only be used with V2 pipelines",
    ),
    "variables in V1": (
        v1_with(variables=[{"name": "A"}]),
        STRUCTURE,
        "Pipeline variable can only be used with V2 pipelines",
    ),
    "an execution mode in V1": (
        v1_with(executionMode="QUEUED"),
        STRUCTURE,
        "QUEUED or PARALLEL mode can only be used with V2 pipelines",
    ),
    "conditions in V1": (
        lambda role: pipeline(role, SOURCE, conditioned(onFailure={"result": "ROLLBACK"})),
        STAGE,
        "Stage level conditions can only be used with V2 pipelines.",
    ),
    "a rollback in PARALLEL": (
        lambda role: v2(role, SOURCE, conditioned(onFailure={"result": "ROLLBACK"}), executionMode="PARALLEL"),
        STAGE,
        "Failure conditions with rollback result type cannot be added to a PARALLEL pipeline.",
    ),
    "a result and conditions": (
        lambda role: v2(
            role,
            SOURCE,
            conditioned(onFailure={"result": "ROLLBACK", "conditions": [{"result": "ROLLBACK", "rules": [RULE]}]}),
        ),
        STAGE,
        "The following stage cannot have a failure exit gate configured with both top level result and conditions: "
        "'Deploy'",
    ),
    "a variable name twice": (
        lambda role: v2(role, SOURCE, DEPLOY, variables=[{"name": "A"}, {"name": "A"}]),
        STRUCTURE,
        "Variable names must be unique. The following variable name is already in use: A",
    ),
    "a namespace twice": (
        lambda role: pipeline(role, stage("Source", source(namespace="n")), stage("Deploy", deploy(namespace="n"))),
        ACTION,
        "Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. "
        "StageName=[Source], ActionName=[Source], Namespace=[n]",
    ),
    "a trigger without its source": (
        lambda role: v2(role, SOURCE, DEPLOY, triggers=[trigger(push=[{"tags": {"includes": ["v*"]}}])]),
        STRUCTURE,
        "Triggers for connections must reference a CodeStarSourceConnection action.",
    ),
    "a trigger with tags and branches": (
        lambda role: v2(
            role,
            stage("Source", connection_source()),
            DEPLOY,
            triggers=[trigger(push=[{"tags": {"includes": ["v*"]}, "branches": {"includes": ["main"]}}])],
        ),
        STRUCTURE,
        "The trigger configuration for the source action is not valid. Make sure to choose valid filter combinations.",
    ),
    "actions in another Region": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", deploy(region="eu-west-1"))),
        STRUCTURE,
        "Your pipeline contains actions in more than one region. Use 'pipeline.artifactStores' instead of "
        "'pipeline.artifactStore' to declare an artifact store, such as an artifact bucket, for each region where you "
        "have an action.",
    ),
    "a Region without a store": (
        lambda role: {
            key: value
            for key, value in pipeline(
                role,
                SOURCE,
                stage("Deploy", deploy(region="eu-west-1")),
                artifactStores={"us-east-1": {"type": "S3", "location": "artifacts"}},
            ).items()
            if key != "artifactStore"
        },
        STRUCTURE,
        "Your pipeline must have an artifact store, such as an artifact bucket, for each region where you have an "
        "action. The following region is missing in 'pipeline.artifactStores': eu-west-1.",
    ),
    "both kinds of store": (
        v1_with(artifactStores={"us-east-1": {"type": "S3", "location": "artifacts"}}),
        STRUCTURE,
        "Use either 'pipeline.artifactStore' or 'pipeline.artifactStores', and not both.",
    ),
    "a timeout on a deployment": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", deploy(timeoutInMinutes=10))),
        "ValidationException",
        "Action Deploy cannot have timeoutInMinutes: only manual approval actions can",
    ),
    "a name with a blank": (
        lambda role: pipeline(role, name="my shop"),
        "ValidationException",
        "1 validation error detected: Value at 'pipeline.name' failed to satisfy constraint: Member must satisfy "
        "regular expression pattern: [A-Za-z0-9.@\\-_]+",
    ),
    "a run order of 1000": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", deploy(runOrder=1000))),
        "ValidationException",
        "1 validation error detected: Value at 'pipeline.stages.2.member.actions.1.member.runOrder' failed to satisfy "
        "constraint: Member must have value less than or equal to 999",
    ),
    "an empty configuration value": (
        lambda role: pipeline(role, SOURCE, stage("Deploy", deploy(configuration={"ObjectKey": ""}))),
        "ValidationException",
        "1 validation error detected: Value at 'pipeline.stages.2.member.actions.1.member.configuration' failed to "
        "satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 1000, "
        "Member must have length greater than or equal to 1]",
    ),
    "a role that is none": (
        lambda role: pipeline("arn:aws:iam::1:user/x"),
        "ValidationException",
        "1 validation error detected: Value at 'pipeline.roleArn' failed to satisfy constraint: Member must satisfy "
        "regular expression pattern: arn:aws(-[\\w]+)*:iam::[0-9]{12}:role/.*",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_is_refused(account: Account, case: str) -> None:
    build, code, message = CASES[case]
    declared = build(account.role("codepipeline"))
    assert refused(account.client("codepipeline").create_pipeline, pipeline=declared) == (code, message)


def test_an_update_is_checked_too(account: Account) -> None:
    client, role = account.client("codepipeline"), account.role("codepipeline")
    client.create_pipeline(pipeline=pipeline(role))
    assert refused(client.update_pipeline, pipeline=pipeline(role, SOURCE))[0] == STRUCTURE
    assert client.get_pipeline(name="shop")["pipeline"]["version"] == 1
