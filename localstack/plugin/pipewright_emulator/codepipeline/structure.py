"""Refuses malformed pipeline structures with the exceptions and texts of AWS.

What a field alone may hold (patterns, lengths, ranges) is checked before, against the service model. These are the
rules between fields. Texts come from AWS's own answers; where none is known, the comment `text unknown` says so.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..api import refuse
from . import catalogue
from .store import Store

Declaration = dict[str, Any]

MAXIMUM_STAGES = 50
MAXIMUM_ACTIONS_PER_STAGE = 50
MAXIMUM_ACTIONS = 1000
RESERVED_NAMESPACES = ("variables", "codepipeline")
MASK = "****"

STRUCTURE = "InvalidStructureException"
STAGE = "InvalidStageDeclarationException"
ACTION = "InvalidActionDeclarationException"


def check(store: Store, region: str, pipeline: Declaration, previous: Declaration | None) -> None:
    """Raises AWS's error for the first rule the pipeline breaks. `previous` is the version it replaces."""
    _stages(pipeline)
    _first_stage(pipeline)
    for stage in pipeline["stages"]:
        _stage(stage)
    _pipeline_type(pipeline)
    _conditions(pipeline)
    for _stage_name, action in actions(pipeline):
        _action(store, region, pipeline, action, previous)
    _artifacts(pipeline)
    _namespaces(pipeline)
    _variables(pipeline)
    _triggers(pipeline)
    _artifact_stores(region, pipeline)


def actions(pipeline: Declaration) -> Iterator[tuple[str, Declaration]]:
    """Every action with the name of its stage, in order of declaration."""
    for stage in pipeline["stages"]:
        for action in stage["actions"]:
            yield stage["name"], action


def is_source(action: Declaration) -> bool:
    return action["actionTypeId"]["category"] == "Source"


def _stages(pipeline: Declaration) -> None:
    stages = pipeline["stages"]
    if len(stages) < 2:
        refuse(
            STRUCTURE,
            f"Pipeline has only {len(stages)} stage(s). There should be a minimum of 2 stages in a pipeline",
        )
    if len(stages) > MAXIMUM_STAGES:
        refuse(
            STRUCTURE,
            f"Pipeline has too many stages. There can only be up to {MAXIMUM_STAGES} stages in a pipeline",
        )
    for name, count in Counter(stage["name"] for stage in stages).items():
        if count > 1:
            refuse(STAGE, f"Stage name '{name}' is used more than once")
    if sum(len(stage["actions"]) for stage in stages) > MAXIMUM_ACTIONS:
        # text unknown
        refuse("LimitExceededException", f"A pipeline can have at most {MAXIMUM_ACTIONS} actions")


def _first_stage(pipeline: Declaration) -> None:
    first, *others = pipeline["stages"]
    if not first["actions"] or not all(map(is_source, first["actions"])):
        refuse(STRUCTURE, "Pipeline should start with a stage that only contains source actions")
    if any(is_source(action) for stage in others for action in stage["actions"]):
        refuse(STRUCTURE, "Source actions can only be included in the first stage of the pipeline")
    if not any(stage["actions"] for stage in others):
        refuse(STRUCTURE, "Pipeline should contain at least 1 action whose category is not Source")


def _stage(stage: Declaration) -> None:
    count = len(stage["actions"])
    if not 1 <= count <= MAXIMUM_ACTIONS_PER_STAGE:
        # text unknown
        refuse(STAGE, f"Stage '{stage['name']}' has {count} actions. It should have 1 to {MAXIMUM_ACTIONS_PER_STAGE}")
    if stage.get("blockers"):
        # text unknown
        refuse("InvalidBlockerDeclarationException", f"Blockers of stage '{stage['name']}' are reserved for future use")
    for name, used in Counter(action["name"] for action in stage["actions"]).items():
        if used > 1:
            # text unknown
            refuse(ACTION, f"Action name '{name}' is used more than once in stage '{stage['name']}'")


def _pipeline_type(pipeline: Declaration) -> None:
    if pipeline["pipelineType"] == "V2":
        return
    if pipeline.get("triggers"):
        refuse(STRUCTURE, "Triggers on tag can only be used with V2 pipelines")
    if pipeline.get("variables"):
        refuse(STRUCTURE, "Pipeline variable can only be used with V2 pipelines")
    if pipeline["executionMode"] != "SUPERSEDED":
        refuse(STRUCTURE, "QUEUED or PARALLEL mode can only be used with V2 pipelines")
    for stage in pipeline["stages"]:
        if any(stage.get(gate) for gate in ("beforeEntry", "onSuccess", "onFailure")):
            refuse(STAGE, "Stage level conditions can only be used with V2 pipelines.")


def _conditions(pipeline: Declaration) -> None:
    for stage in pipeline["stages"]:
        failure = stage.get("onFailure") or {}
        if failure.get("result") and failure.get("conditions"):
            refuse(
                STAGE,
                "The following stage cannot have a failure exit gate configured with both top level result and "
                f"conditions: '{stage['name']}'",
            )
        if failure.get("retryConfiguration") and failure.get("result") != "RETRY":
            # text unknown
            refuse(STAGE, f"Stage '{stage['name']}' has a retry configuration but its failure result is not RETRY")
        results = [failure.get("result")]
        for gate in ("beforeEntry", "onSuccess", "onFailure"):
            for condition in (stage.get(gate) or {}).get("conditions", []):
                results.append(condition.get("result"))
                _skip_rules(stage, condition)
        if pipeline["executionMode"] == "PARALLEL" and "ROLLBACK" in results:
            refuse(STAGE, "Failure conditions with rollback result type cannot be added to a PARALLEL pipeline.")


def _skip_rules(stage: Declaration, condition: Declaration) -> None:
    if condition.get("result") != "SKIP":
        return
    for rule in condition.get("rules", []):
        provider = rule["ruleTypeId"]["provider"]
        if provider not in ("LambdaInvoke", "VariableCheck"):
            # text unknown
            refuse(STAGE, f"Rule {rule['name']} of stage '{stage['name']}' cannot be used with result SKIP: {provider}")


def _action(
    store: Store, region: str, pipeline: Declaration, action: Declaration, previous: Declaration | None
) -> None:
    name, type_id = action["name"], action["actionTypeId"]
    kind = catalogue.find(store, type_id)
    if kind is None:
        refuse(
            ACTION,
            f"ActionType (Category: '{type_id['category']}', Provider: '{type_id['provider']}', Owner: "
            f"'{type_id['owner']}', Version: '{type_id['version']}') in action '{name}' is not available in region "
            f"{action.get('region') or region}",
        )
    if kind.v2_only and pipeline["pipelineType"] != "V2":
        refuse(ACTION, f"{kind.provider} Action can only be used with V2 pipelines.")
    for what, items, (least, most) in (
        ("input", action["inputArtifacts"], kind.inputs),
        ("output", action["outputArtifacts"], kind.outputs),
    ):
        if len(items) < least:
            refuse(
                ACTION,
                f"Action {name} declares {len(items)} {what} artifacts which is less than the minimum count ({least})",
            )
        if len(items) > most:
            refuse(
                ACTION,
                f"Action {name} declares {len(items)} {what} artifacts which is more than the maximum count ({most})",
            )
    for key, required, _secret in kind.keys:
        if required and key not in action["configuration"]:
            refuse(ACTION, f"Action configuration for action '{name}' is missing required configuration '{key}'")
    _secrets(kind, action, previous)
    _commands(kind, action)
    if action.get("timeoutInMinutes") is not None and kind.category != "Approval":
        # text unknown
        refuse("ValidationException", f"Action {name} cannot have timeoutInMinutes: only manual approval actions can")


def _secrets(kind: catalogue.ActionType, action: Declaration, previous: Declaration | None) -> None:
    """A masked secret stands for the stored one, which only an existing action has."""
    for key in kind.secret:
        if action["configuration"].get(key) == MASK and stored_secret(previous, action, key) is None:
            refuse(
                ACTION,
                f'Action configuration for the new action "{action["name"]}" contains an invalid configuration for '
                f'the secret property "{key}". "{MASK}" may be used in secret properties only when updating an '
                "existing action.",
            )


def stored_secret(previous: Declaration | None, action: Declaration, key: str) -> str | None:
    """The value the previous version of the pipeline has for a secret of the action with that name."""
    for _stage_name, earlier in actions(previous) if previous else ():
        if earlier["name"] == action["name"]:
            return earlier["configuration"].get(key)
    return None


def _commands(kind: catalogue.ActionType, action: Declaration) -> None:
    computes = kind.provider == "Commands" and kind.category == "Compute"
    if computes and not action.get("commands"):
        refuse(ACTION, f"Action {action['name']} must have a non-empty commands field")
    files = any(artifact.get("files") for artifact in action["outputArtifacts"])
    if not computes and (action.get("commands") or files):
        refuse(
            ACTION,
            f"The following action cannot contain a commands field: {action['name']}. To use the commands field, use "
            "a compute action.",
        )


def _artifacts(pipeline: Declaration) -> None:
    produced: set[str] = set()
    for stage in pipeline["stages"]:
        # Actions of one run order run together: none of them sees what another makes.
        for _order, group in _by_run_order(stage["actions"]):
            for action in group:
                for artifact in action["inputArtifacts"]:
                    if artifact["name"] not in produced:
                        refuse(
                            ACTION,
                            f"Input Artifact Bundle {artifact['name']} in action {action['name']} is not declared as "
                            "Output Artifact Bundle in any of the preceding actions",
                        )
            for action in group:
                for artifact in action["outputArtifacts"]:
                    if artifact["name"] in produced:
                        refuse(
                            ACTION,
                            "Output Artifact Bundle name must be unique within the pipeline. "
                            f"{artifact['name']} has been used more than once.",
                        )
                    produced.add(artifact["name"])


def _by_run_order(listed: list[Declaration]) -> Iterator[tuple[int, list[Declaration]]]:
    for order in sorted({action["runOrder"] for action in listed}):
        yield order, [action for action in listed if action["runOrder"] == order]


def _namespaces(pipeline: Declaration) -> None:
    seen: dict[str, int] = Counter(
        action["namespace"] for _stage_name, action in actions(pipeline) if action.get("namespace")
    )
    for stage_name, action in actions(pipeline):
        namespace = action.get("namespace")
        if namespace and seen[namespace] > 1:
            refuse(
                ACTION,
                "Namespaces must be unique across the pipeline definition. The following occur more than once in the "
                f"pipeline. StageName=[{stage_name}], ActionName=[{action['name']}], Namespace=[{namespace}]",
            )
        if namespace in RESERVED_NAMESPACES:
            # text unknown
            refuse(ACTION, f"Namespace {namespace} of action {action['name']} is reserved")


def _variables(pipeline: Declaration) -> None:
    for name, count in Counter(variable["name"] for variable in pipeline.get("variables", [])).items():
        if count > 1:
            refuse(STRUCTURE, f"Variable names must be unique. The following variable name is already in use: {name}")


def _triggers(pipeline: Declaration) -> None:
    connections = {
        action["name"]
        for _stage_name, action in actions(pipeline)
        if action["actionTypeId"]["provider"] == "CodeStarSourceConnection"
    }
    sources: set[str] = set()
    for trigger in pipeline.get("triggers", []):
        git = trigger["gitConfiguration"]
        source = git["sourceActionName"]
        if source not in connections:
            refuse(STRUCTURE, "Triggers for connections must reference a CodeStarSourceConnection action.")
        if source in sources:
            # text unknown
            refuse(STRUCTURE, f"Only one trigger can be declared for source action {source}.")
        sources.add(source)
        if not all(map(_push_filter, git.get("push", []))) or not all(
            request.get("branches") for request in git.get("pullRequest", [])
        ):
            refuse(
                STRUCTURE,
                "The trigger configuration for the source action is not valid. Make sure to choose valid filter "
                "combinations.",
            )


def _push_filter(push: Declaration) -> bool:
    tags, branches, paths = (bool(push.get(key)) for key in ("tags", "branches", "filePaths"))
    return (tags and not branches and not paths) or (branches and not tags)


def _artifact_stores(region: str, pipeline: Declaration) -> None:
    single, several = pipeline.get("artifactStore"), pipeline.get("artifactStores")
    if bool(single) == bool(several):
        # text unknown
        refuse(STRUCTURE, "Use either 'pipeline.artifactStore' or 'pipeline.artifactStores', and not both.")
    regions = {action.get("region") or region for _stage_name, action in actions(pipeline)} | {region}
    if single and len(regions) > 1:
        refuse(
            STRUCTURE,
            "Your pipeline contains actions in more than one region. Use 'pipeline.artifactStores' instead of "
            "'pipeline.artifactStore' to declare an artifact store, such as an artifact bucket, for each region where "
            "you have an action.",
        )
    missing = sorted(regions - set(several or {})) if several else []
    if missing:
        refuse(
            STRUCTURE,
            "Your pipeline must have an artifact store, such as an artifact bucket, for each region where you have an "
            f"action. The following region is missing in 'pipeline.artifactStores': {missing[0]}.",
        )
