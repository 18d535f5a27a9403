"""What an action does here: approvals wait for a person, CodeBuild actions run a build, the rest takes two steps.

Nothing is deployed and no artifact is written; places of artifacts and revisions of sources are made up but
consistent. See failing.py for how an action is made to fail.
"""

import hashlib
import secrets
import string
import uuid
from collections.abc import Callable
from typing import Any

from .. import failing, settings
from ..clock import CLOCK, DELIVERIES
from ..moments import now
from . import catalogue
from .execution import FAILED, SUCCEEDED, ActionRun, Execution
from .store import STORES

Finish = Callable[[str], None]

_LETTERS = string.ascii_letters + string.digits
_REVISION_URLS = {
    "CodeStarSourceConnection": "https://{region}.console.aws.amazon.com/codesuite/settings/connections/redirect"
    "?connectionArn={ConnectionArn}&referenceType=COMMIT&FullRepositoryId={FullRepositoryId}&Commit={revision}",
    "GitHub": "https://github.com/{Owner}/{Repo}/commit/{revision}",
    "CodeCommit": "https://{region}.console.aws.amazon.com/codesuite/codecommit/repositories/{RepositoryName}"
    "/commit/{revision}",
    "S3": "https://console.aws.amazon.com/s3/object/{S3Bucket}/{S3ObjectKey}?versionId={revision}",
}


def perform(execution: Execution, run: ActionRun, finish: Finish) -> None:
    """Starts what the action does; `finish` is called with Succeeded or Failed when it is over."""
    type_id = run.declared["actionTypeId"]
    match type_id["category"], type_id["owner"], type_id["provider"]:
        case "Approval", _, _:
            _ask_for_approval(execution, run)
        case "Build" | "Test", "AWS", "CodeBuild":
            _build(execution, run, finish)
        case _:
            fails = failing.marked([run.configuration, run.declared.get("commands")], attempt=run.attempt)
            CLOCK.later(2 * settings.STEP, lambda: _over(run, finish, fails))


def complete(execution: Execution, run: ActionRun) -> None:
    """Fills in what a successful action leaves behind: artifacts, revisions and variables."""
    category = run.declared["actionTypeId"]["category"]
    if category == "Source":
        _note_revision(execution, run)
    for artifact in run.declared["outputArtifacts"]:
        made = {"name": artifact["name"], "s3location": _location(execution, run, artifact["name"])}
        run.outputs.append(made)
        execution.artifacts[artifact["name"]] = made
    namespace = run.declared.get("namespace")
    if namespace:
        execution.produced[namespace] = run.variables


def inputs(execution: Execution, declared: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the action's input artifacts are."""
    return [
        execution.artifacts.get(artifact["name"], {"name": artifact["name"]}) for artifact in declared["inputArtifacts"]
    ]


def _over(run: ActionRun, finish: Finish, fails: bool) -> None:
    if fails:
        run.error = {"code": "JobFailed", "message": f"{run.name} was told to fail by its configuration"}
    finish(FAILED if fails else SUCCEEDED)


def _ask_for_approval(execution: Execution, run: ActionRun) -> None:
    run.token = str(uuid.uuid4())
    topic = run.configuration.get("NotificationArn")
    if topic:
        message = _approval_message(execution, run)
        subject = f"APPROVAL NEEDED: AWS CodePipeline {execution.pipeline.name} for action {run.name}"
        DELIVERIES.later(0, lambda: _publish(execution, topic, subject, message))


def _approval_message(execution: Execution, run: ActionRun) -> dict[str, Any]:
    pipeline = execution.pipeline
    console = f"https://console.aws.amazon.com/codesuite/codepipeline/pipelines/{pipeline.name}/view"
    return {
        "region": pipeline.region,
        "consoleLink": f"{console}?region={pipeline.region}",
        "approval": {
            "pipelineName": pipeline.name,
            "stageName": run.stage,
            "actionName": run.name,
            "token": run.token,
            "expires": None,
            "externalEntityLink": run.configuration.get("ExternalEntityLink"),
            "approvalReviewLink": f"{console}?region={pipeline.region}#/{run.stage}/{run.name}/approve/{run.token}",
            "customData": run.configuration.get("CustomData"),
        },
    }


def _publish(execution: Execution, topic: str, subject: str, message: dict[str, Any]) -> None:
    import json

    from localstack.aws.connect import connect_to

    pipeline = execution.pipeline
    sns = connect_to(aws_access_key_id=pipeline.account, region_name=topic.split(":")[3]).sns
    sns.publish(TopicArn=topic, Subject=subject[:100], Message=json.dumps(message))


def _build(execution: Execution, run: ActionRun, finish: Finish) -> None:
    from ..codebuild import builds
    from ..codebuild.store import STORES as PROJECTS

    pipeline = execution.pipeline
    region = run.declared.get("region") or pipeline.region
    project = PROJECTS[pipeline.account][region].projects.get(run.configuration.get("ProjectName", ""))
    if project is None:
        run.error = {
            "code": "ConfigurationError",
            "message": f"The CodeBuild project {run.configuration.get('ProjectName')} does not exist in {region}",
        }
        CLOCK.later(settings.STEP, lambda: finish(FAILED))
        return
    fails = failing.marked(run.configuration, attempt=run.attempt)

    def finished(build: dict[str, Any]) -> None:
        if build["buildStatus"] == "SUCCEEDED":
            _over(run, finish, fails)
            return
        run.error = {"code": "JobFailed", "message": f"Build terminated with state: {build['buildStatus']}"}
        finish(FAILED)

    build = builds.start(pipeline.account, region, project, {}, f"codepipeline/{pipeline.name}", finished)
    run.external_id = build["id"]
    run.external_url = f"https://console.aws.amazon.com/codebuild/home?region={region}#/builds/{build['id']}/view/new"


def _note_revision(execution: Execution, run: ActionRun) -> None:
    override = execution.overrides.get(run.name)
    provider = run.declared["actionTypeId"]["provider"]
    text = "/".join(f"{key}={value}" for key, value in sorted(run.configuration.items()))
    revision = override["revisionValue"] if override else hashlib.sha1(text.encode()).hexdigest()
    if provider == "ECR" and not override:
        revision = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    found = {"revisionId": revision, "revisionSummary": f"{provider} revision {revision[:12]}", "created": now()}
    template = _REVISION_URLS.get(provider)
    if template:
        values = {**run.configuration, "revision": revision, "region": execution.pipeline.region}
        found["revisionUrl"] = template.format_map(_Lenient(values))
    execution.revisions[run.name] = found
    run.external_id = revision
    run.summary = found["revisionSummary"]
    run.variables = _source_variables(execution, run, revision)


def _source_variables(execution: Execution, run: ActionRun, revision: str) -> dict[str, str]:
    pipeline, given = execution.pipeline, run.configuration
    kind = catalogue.find(STORES[pipeline.account][pipeline.region], run.declared["actionTypeId"])
    known = {
        "CommitId": revision,
        "CommitMessage": "Revision of the emulator",
        "RepositoryName": given.get("RepositoryName") or given.get("Repo"),
        "FullRepositoryName": given.get("FullRepositoryId"),
        "BranchName": given.get("BranchName") or given.get("Branch"),
        "ConnectionArn": given.get("ConnectionArn"),
        "ProviderType": "GitHub",
        "AuthorDate": execution.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "CommitterDate": execution.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "BucketName": given.get("S3Bucket"),
        "ObjectKey": given.get("S3ObjectKey"),
        "VersionId": revision,
        "ETag": revision[:32],
        "ImageDigest": revision,
        "ImageTag": given.get("ImageTag", "latest"),
        "RegistryId": pipeline.account,
    }
    return {name: known[name] for name in (kind.variables if kind else ()) if known.get(name)}


def _location(execution: Execution, run: ActionRun, artifact: str) -> dict[str, str]:
    declaration = execution.declaration
    region = run.declared.get("region") or execution.pipeline.region
    store = declaration.get("artifactStore") or declaration["artifactStores"][region]
    key = "".join(secrets.choice(_LETTERS) for _ in range(7))
    return {"bucket": store["location"], "key": f"{execution.pipeline.name[:20]}/{artifact[:10]}/{key}"}


class _Lenient(dict[str, Any]):
    """Leaves placeholders alone that have no value."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"
