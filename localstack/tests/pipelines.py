"""Pipeline declarations for tests."""

from typing import Any


def action(name: str, category: str, provider: str, **rest: Any) -> dict[str, Any]:
    type_id = {"category": category, "owner": rest.pop("owner", "AWS"), "provider": provider, "version": "1"}
    return {
        "name": name,
        "actionTypeId": type_id,
        "configuration": rest.pop("configuration", {}),
        "inputArtifacts": [{"name": item} for item in rest.pop("inputs", [])],
        "outputArtifacts": [{"name": item} for item in rest.pop("outputs", [])],
        **rest,
    }


def source(name: str = "Source", output: str = "code", **rest: Any) -> dict[str, Any]:
    configuration = {"S3Bucket": "source-bucket", "S3ObjectKey": "app.zip", "PollForSourceChanges": "false"}
    return action(name, "Source", "S3", configuration=configuration, outputs=[output], **rest)


def connection_source(name: str = "Source", output: str = "code", **configuration: str) -> dict[str, Any]:
    given = {
        "ConnectionArn": "arn:aws:codestar-connections:us-east-1:111122223333:connection/"
        "11111111-2222-3333-4444-555555555555",
        "FullRepositoryId": "acme/shop",
        "BranchName": "main",
        **configuration,
    }
    return action(name, "Source", "CodeStarSourceConnection", configuration=given, outputs=[output])


def deploy(name: str = "Deploy", source_artifact: str = "code", **rest: Any) -> dict[str, Any]:
    configuration = {"BucketName": "site", "Extract": "true", **rest.pop("configuration", {})}
    return action(name, "Deploy", "S3", configuration=configuration, inputs=[source_artifact], **rest)


def approval(name: str = "Approve", **rest: Any) -> dict[str, Any]:
    return action(name, "Approval", "Manual", **rest)


def stage(name: str, *actions: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"name": name, "actions": list(actions), **rest}


def pipeline(role: str, *stages: dict[str, Any], name: str = "shop", **rest: Any) -> dict[str, Any]:
    return {
        "name": name,
        "roleArn": role,
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": list(stages) or [stage("Source", source()), stage("Deploy", deploy())],
        **rest,
    }


def v2(role: str, *stages: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return pipeline(role, *stages, pipelineType="V2", **rest)
