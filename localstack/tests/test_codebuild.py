"""Build projects come back field by field; builds finish; webhooks and credentials are kept."""

from typing import Any

import pytest

from conftest import Account, eventually, refused

FULL: dict[str, Any] = {
    "description": "everything",
    "source": {
        "type": "GITHUB",
        "location": "https://github.com/acme/shop.git",
        "gitCloneDepth": 1,
        "gitSubmodulesConfig": {"fetchSubmodules": True},
        "buildspec": "version: 0.2",
        "auth": {"type": "OAUTH"},
        "reportBuildStatus": True,
        "buildStatusConfig": {"context": "ci", "targetUrl": "https://example.com"},
        "insecureSsl": False,
    },
    "secondarySources": [
        {"type": "S3", "location": "sources/lib.zip", "sourceIdentifier": "lib", "insecureSsl": False}
    ],
    "sourceVersion": "main",
    "secondarySourceVersions": [{"sourceIdentifier": "lib", "sourceVersion": "1"}],
    "artifacts": {
        "type": "S3",
        "location": "artifacts",
        "path": "out",
        "namespaceType": "BUILD_ID",
        "name": "app.zip",
        "packaging": "ZIP",
        "overrideArtifactName": True,
        "encryptionDisabled": True,
        "artifactIdentifier": "app",
        "bucketOwnerAccess": "FULL",
    },
    "secondaryArtifacts": [
        {
            "type": "S3",
            "location": "artifacts",
            "name": "more",
            "namespaceType": "NONE",
            "packaging": "NONE",
            "encryptionDisabled": False,
            "artifactIdentifier": "more",
        }
    ],
    "cache": {"type": "LOCAL", "modes": ["LOCAL_SOURCE_CACHE", "LOCAL_DOCKER_LAYER_CACHE"]},
    "environment": {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": [
            {"name": "A", "value": "1", "type": "PLAINTEXT"},
            {"name": "B", "value": "/b", "type": "PARAMETER_STORE"},
        ],
        "privilegedMode": True,
        "certificate": "bucket/cert.pem",
        "registryCredential": {"credential": "secret", "credentialProvider": "SECRETS_MANAGER"},
        "imagePullCredentialsType": "SERVICE_ROLE",
    },
    "timeoutInMinutes": 30,
    "queuedTimeoutInMinutes": 60,
    "encryptionKey": "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
    "tags": [{"key": "team", "value": "shop"}],
    "vpcConfig": {"vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
    "logsConfig": {
        "cloudWatchLogs": {"status": "ENABLED", "groupName": "g", "streamName": "s"},
        "s3Logs": {
            "status": "ENABLED",
            "location": "logs/build",
            "encryptionDisabled": False,
            "bucketOwnerAccess": "NONE",
        },
    },
    "fileSystemLocations": [
        {"type": "EFS", "location": "fs-1.efs.us-east-1.amazonaws.com:/", "mountPoint": "/mnt", "identifier": "efs"}
    ],
    "buildBatchConfig": {
        "combineArtifacts": True,
        "restrictions": {"maximumBuildsAllowed": 5, "computeTypesAllowed": ["BUILD_GENERAL1_SMALL"]},
        "timeoutInMins": 100,
    },
    "concurrentBuildLimit": 3,
    "autoRetryLimit": 1,
}


@pytest.fixture
def role(account: Account) -> str:
    return account.role("codebuild")


def minimal(role: str, **rest: Any) -> dict[str, Any]:
    return {
        "name": "unit",
        "source": {"type": "CODEPIPELINE", "buildspec": "version: 0.2"},
        "artifacts": {"type": "CODEPIPELINE"},
        "environment": {"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"},
        "serviceRole": role,
        **rest,
    }


def test_defaults_are_filled_in(account: Account, role: str) -> None:
    client = account.client("codebuild")
    client.create_project(**minimal(role))
    (shown,) = client.batch_get_projects(names=["unit"])["projects"]
    assert shown["arn"] == f"arn:aws:codebuild:us-east-1:{account.number}:project/unit"
    assert (shown["timeoutInMinutes"], shown["queuedTimeoutInMinutes"]) == (60, 480)
    assert shown["encryptionKey"] == f"arn:aws:kms:us-east-1:{account.number}:alias/aws/s3"
    assert shown["cache"] == {"type": "NO_CACHE"}
    assert shown["badge"] == {"badgeEnabled": False}
    assert shown["environment"]["imagePullCredentialsType"] == "CODEBUILD"
    assert shown["artifacts"] == {
        "type": "CODEPIPELINE",
        "name": "unit",
        "packaging": "NONE",
        "encryptionDisabled": False,
    }


def test_every_field_comes_back(account: Account, role: str) -> None:
    client = account.client("codebuild")
    batch = {**FULL["buildBatchConfig"], "serviceRole": role}
    given = {**FULL, "name": "full", "serviceRole": role, "buildBatchConfig": batch}
    client.create_project(**given, badgeEnabled=True)
    (shown,) = client.batch_get_projects(names=["full"])["projects"]
    assert {key: shown[key] for key in given} == given
    assert shown["badge"]["badgeEnabled"] is True
    assert shown["badge"]["badgeRequestUrl"].startswith("https://")


def test_updates_change_what_they_name(account: Account, role: str) -> None:
    client = account.client("codebuild")
    client.create_project(**minimal(role, description="old", sourceVersion="main", vpcConfig=FULL["vpcConfig"]))
    client.update_project(name="unit", timeoutInMinutes=10, vpcConfig={}, sourceVersion="", badgeEnabled=True)
    (shown,) = client.batch_get_projects(names=["unit"])["projects"]
    assert (shown["timeoutInMinutes"], shown["description"], shown["badge"]["badgeEnabled"]) == (10, "old", True)
    assert "vpcConfig" not in shown
    assert "sourceVersion" not in shown
    code, _ = refused(client.update_project, name="nothing", timeoutInMinutes=10)
    assert code == "ResourceNotFoundException"


def test_malformed_projects_are_refused(account: Account, role: str) -> None:
    create = account.client("codebuild").create_project
    cases: list[tuple[dict[str, Any], str]] = [
        ({"source": {"type": "GITHUB"}}, "Project source location is required"),
        ({"source": {"type": "NO_SOURCE"}}, "Source type NO_SOURCE requires a valid yaml buildspec"),
        ({"artifacts": {"type": "NO_ARTIFACTS"}}, "Both source and artifacts must be set to CODEPIPELINE"),
        ({"cache": {"type": "S3"}}, "Project cache location is required"),
    ]
    for change, message in cases:
        assert refused(create, **minimal(role) | change) == ("InvalidInputException", message)
    missing = f"arn:aws:iam::{account.number}:role/missing"
    code, message = refused(create, **minimal(missing))
    assert (code, message) == (
        "InvalidInputException",
        f"CodeBuild is not authorized to perform: sts:AssumeRole on {missing}",
    )
    assert refused(create, **minimal(role, timeoutInMinutes=1))[0] == "ValidationException"


def test_a_project_without_source(account: Account, role: str) -> None:
    given = minimal(role, source={"type": "NO_SOURCE", "buildspec": "version: 0.2"}, artifacts={"type": "NO_ARTIFACTS"})
    shown = account.client("codebuild").create_project(**given)["project"]
    assert (shown["source"], shown["artifacts"]) == (given["source"], given["artifacts"])


def test_a_name_is_used_once(account: Account, role: str) -> None:
    client = account.client("codebuild")
    client.create_project(**minimal(role))
    code, message = refused(client.create_project, **minimal(role))
    assert code == "ResourceAlreadyExistsException"
    assert message == f"Project already exists: arn:aws:codebuild:us-east-1:{account.number}:project/unit"


def test_projects_are_listed_and_deleted(account: Account, role: str) -> None:
    client = account.client("codebuild")
    for name in ("p2", "p1"):
        client.create_project(**minimal(role) | {"name": name})
    assert client.list_projects()["projects"] == ["p1", "p2"]
    client.delete_project(name="p1")
    client.delete_project(name="p1")
    answer = client.batch_get_projects(names=["p1", "p2"])
    assert answer["projectsNotFound"] == ["p1"]
    assert [project["name"] for project in answer["projects"]] == ["p2"]


def test_builds_finish(account: Account, role: str) -> None:
    client = account.client("codebuild")
    client.create_project(**minimal(role))
    override = [{"name": "A", "value": "PIPEWRIGHT_FAIL"}]
    good = client.start_build(projectName="unit")["build"]
    bad = client.start_build(projectName="unit", environmentVariablesOverride=override)["build"]
    assert (good["buildStatus"], good["buildNumber"], bad["buildNumber"]) == ("IN_PROGRESS", 1, 2)

    def status(build: dict[str, Any]) -> str:
        return client.batch_get_builds(ids=[build["id"]])["builds"][0]["buildStatus"]

    assert eventually(lambda: status(good) == "SUCCEEDED")
    assert eventually(lambda: status(bad) == "FAILED")
    assert client.list_builds_for_project(projectName="unit")["ids"] == [bad["id"], good["id"]]
    assert refused(client.start_build, projectName="nothing")[0] == "ResourceNotFoundException"


def test_a_build_can_be_stopped(account: Account, role: str) -> None:
    client = account.client("codebuild")
    client.create_project(**minimal(role))
    build = client.start_build(projectName="unit")["build"]
    assert client.stop_build(id=build["id"])["build"]["buildStatus"] == "STOPPED"


def test_webhooks(account: Account, role: str) -> None:
    client = account.client("codebuild")
    client.create_project(**minimal(role, source=FULL["source"], artifacts={"type": "NO_ARTIFACTS"}))
    groups = [[{"type": "EVENT", "pattern": "PUSH"}]]
    created = client.create_webhook(projectName="unit", filterGroups=groups)["webhook"]
    assert created["filterGroups"] == groups
    assert created["payloadUrl"].startswith("https://codebuild.us-east-1.amazonaws.com/webhooks")
    assert refused(client.create_webhook, projectName="unit")[0] == "ResourceAlreadyExistsException"
    client.update_webhook(projectName="unit", branchFilter="main")
    (shown,) = client.batch_get_projects(names=["unit"])["projects"]
    assert (shown["webhook"]["branchFilter"], shown["webhook"]["filterGroups"]) == ("main", [])
    client.delete_webhook(projectName="unit")
    assert refused(client.delete_webhook, projectName="unit")[0] == "ResourceNotFoundException"


def test_source_credentials(account: Account) -> None:
    client = account.client("codebuild")
    given = {"token": "secret", "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    arn = client.import_source_credentials(**given)["arn"]
    assert arn == f"arn:aws:codebuild:us-east-1:{account.number}:token/github"
    (info,) = client.list_source_credentials()["sourceCredentialsInfos"]
    assert info == {"arn": arn, "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    code, _ = refused(client.import_source_credentials, **given, shouldOverwrite=False)
    assert code == "ResourceAlreadyExistsException"
    client.delete_source_credentials(arn=arn)
    assert refused(client.delete_source_credentials, arn=arn)[0] == "ResourceNotFoundException"


def test_a_report_group_lives(account: Account) -> None:
    client = account.client("codebuild")
    given = {"name": "tests", "type": "TEST", "exportConfig": {"exportConfigType": "NO_EXPORT"}}
    arn = client.create_report_group(**given)["reportGroup"]["arn"]
    assert arn == f"arn:aws:codebuild:us-east-1:{account.number}:report-group/tests"
    client.update_report_group(arn=arn, tags=[{"key": "a", "value": "b"}])
    found = client.batch_get_report_groups(reportGroupArns=[arn, arn + "-other"])
    assert found["reportGroups"][0]["tags"] == [{"key": "a", "value": "b"}]
    assert found["reportGroupsNotFound"] == [arn + "-other"]
    client.delete_report_group(arn=arn)
    assert client.list_report_groups()["reportGroups"] == []
