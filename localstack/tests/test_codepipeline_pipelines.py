"""Pipelines: what is stored comes back, with AWS's defaults; names, versions, pages and tags."""

import pytest

from conftest import Account, refused
from pipelines import action, approval, connection_source, deploy, pipeline, source, stage, v2


@pytest.fixture
def role(account: Account) -> str:
    return account.role("codepipeline")


def test_defaults_are_filled_in(account: Account, role: str) -> None:
    client = account.client("codepipeline")
    created = client.create_pipeline(pipeline=pipeline(role))["pipeline"]
    assert created["version"] == 1
    assert created["pipelineType"] == "V1"
    assert created["executionMode"] == "SUPERSEDED"
    assert created["stages"][0]["actions"][0]["runOrder"] == 1
    read = client.get_pipeline(name="shop")
    assert read["pipeline"] == created
    assert read["metadata"]["pipelineArn"] == f"arn:aws:codepipeline:us-east-1:{account.number}:shop"


def test_a_v2_pipeline_comes_back_as_it_was_given(account: Account, role: str) -> None:
    condition = {
        "result": "FAIL",
        "rules": [
            {
                "name": "OnlyMain",
                "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1"},
                "configuration": {"Variable": "#{src.BranchName}", "Value": "main", "Operator": "EQ"},
                "inputArtifacts": [],
            }
        ],
    }
    given = v2(
        role,
        stage("Source", connection_source() | {"namespace": "src"}),
        stage("Gate", approval(timeoutInMinutes=60)),
        stage(
            "Deploy",
            deploy(),
            action("Run", "Compute", "Commands", inputs=["code"], commands=["make"], outputVariables=["A"], runOrder=2),
            beforeEntry={"conditions": [condition]},
            onFailure={"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}},
        ),
        executionMode="QUEUED",
        variables=[{"name": "Target", "defaultValue": "test", "description": "where to"}],
        triggers=[
            {
                "providerType": "CodeStarSourceConnection",
                "gitConfiguration": {
                    "sourceActionName": "Source",
                    "push": [{"branches": {"includes": ["main"]}, "filePaths": {"excludes": ["docs/**"]}}],
                },
            }
        ],
    )
    shown = account.client("codepipeline").create_pipeline(pipeline=given)["pipeline"]
    for listed in given["stages"]:
        for declared in listed["actions"]:
            declared.setdefault("runOrder", 1)
    assert shown == {**given, "version": 1}


def test_a_name_is_used_once(account: Account, role: str) -> None:
    client = account.client("codepipeline")
    client.create_pipeline(pipeline=pipeline(role))
    code, message = refused(client.create_pipeline, pipeline=pipeline(role))
    assert code == "PipelineNameInUseException"
    assert message == f"A pipeline with the name 'shop' already exists in account '{account.number}'"


def test_updates_make_versions_that_can_be_read(account: Account, role: str) -> None:
    client = account.client("codepipeline")
    client.create_pipeline(pipeline=pipeline(role))
    changed = client.update_pipeline(pipeline=pipeline(role, stage("Source", source()), stage("Gate", approval())))
    assert changed["pipeline"]["version"] == 2
    assert client.get_pipeline(name="shop")["pipeline"]["stages"][1]["name"] == "Gate"
    assert client.get_pipeline(name="shop", version=1)["pipeline"]["stages"][1]["name"] == "Deploy"
    assert refused(client.get_pipeline, name="shop", version=3)[0] == "PipelineVersionNotFoundException"


def test_what_does_not_exist_is_not_found(account: Account, role: str) -> None:
    client = account.client("codepipeline")
    code, message = refused(client.get_pipeline, name="nothing")
    assert code == "PipelineNotFoundException"
    assert message == f"Account '{account.number}' does not have a pipeline with name 'nothing'"
    assert refused(client.update_pipeline, pipeline=pipeline(role))[0] == "PipelineNotFoundException"
    client.delete_pipeline(name="nothing")


def test_listing_pages(account: Account, role: str) -> None:
    client = account.client("codepipeline")
    for name in ("c", "a", "b"):
        client.create_pipeline(pipeline=pipeline(role, name=name))
    first = client.list_pipelines(maxResults=2)
    assert [entry["name"] for entry in first["pipelines"]] == ["a", "b"]
    second = client.list_pipelines(maxResults=2, nextToken=first["nextToken"])
    assert [entry["name"] for entry in second["pipelines"]] == ["c"]
    assert "nextToken" not in second
    assert refused(client.list_pipelines, nextToken="nonsense")[0] == "InvalidNextTokenException"


def test_accounts_and_regions_are_apart(account: Account, another_account: Account, role: str) -> None:
    account.client("codepipeline").create_pipeline(pipeline=pipeline(role))
    assert another_account.client("codepipeline").list_pipelines()["pipelines"] == []
    assert account.client("codepipeline", "eu-west-1").list_pipelines()["pipelines"] == []


def test_tags(account: Account, role: str) -> None:
    client = account.client("codepipeline")
    client.create_pipeline(pipeline=pipeline(role), tags=[{"key": "team", "value": "shop"}])
    arn = client.get_pipeline(name="shop")["metadata"]["pipelineArn"]
    client.tag_resource(resourceArn=arn, tags=[{"key": "stage", "value": "test"}])
    client.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "stage", "value": "test"}]
    many = [{"key": f"k{number}", "value": ""} for number in range(51)]
    assert refused(client.tag_resource, resourceArn=arn, tags=many)[0] == "TooManyTagsException"
    system = [{"key": "aws:x", "value": ""}]
    assert refused(client.tag_resource, resourceArn=arn, tags=system)[0] == "InvalidTagsException"
    assert refused(client.list_tags_for_resource, resourceArn=arn + "x")[0] == "ResourceNotFoundException"


def test_secrets_are_masked_and_kept(account: Account, role: str) -> None:
    client = account.client("codepipeline")
    configuration = {"Owner": "acme", "Repo": "shop", "Branch": "main", "OAuthToken": "secret"}
    github = action("Source", "Source", "GitHub", owner="ThirdParty", configuration=configuration, outputs=["code"])
    shown = client.create_pipeline(pipeline=pipeline(role, stage("Source", github), stage("Deploy", deploy())))
    assert shown["pipeline"]["stages"][0]["actions"][0]["configuration"]["OAuthToken"] == "****"
    client.update_pipeline(pipeline=shown["pipeline"])
    masked = github | {"configuration": {**configuration, "OAuthToken": "****"}}
    fresh = pipeline(role, stage("Source", masked), stage("Deploy", deploy()), name="other")
    code, message = refused(client.create_pipeline, pipeline=fresh)
    assert code == "InvalidActionDeclarationException"
    assert '"****" may be used in secret properties only when updating an existing action.' in message


def test_the_role_must_trust_codepipeline(account: Account) -> None:
    client = account.client("codepipeline")
    missing = f"arn:aws:iam::{account.number}:role/missing"
    for role in (missing, account.role("codebuild")):
        code, message = refused(client.create_pipeline, pipeline=pipeline(role))
        assert code == "InvalidStructureException"
        assert message == f"CodePipeline is not authorized to perform AssumeRole on role {role}"


def test_the_pipeline_role_must_be_trusted_by_action_roles(account: Account, role: str) -> None:
    other = account.role("codebuild", "other")
    stages = stage("Source", source()), stage("Deploy", deploy(roleArn=other))
    code, message = refused(account.client("codepipeline").create_pipeline, pipeline=pipeline(role, *stages))
    assert code == "InvalidStructureException"
    assert message == f"{role} is not authorized to perform AssumeRole on role {other}"
