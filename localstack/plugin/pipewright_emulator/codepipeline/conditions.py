"""Stage conditions: rules checked before a stage is entered, after it succeeded or when it failed.

VariableCheck is really evaluated. Other rules succeed, unless their configuration says PIPEWRIGHT_FAIL.
"""

import re
from typing import Any

from .. import failing
from . import variables
from .execution import FAILED, SUCCEEDED, Execution, RuleRun, StageRun

RULE_TYPES = {
    "CloudWatchAlarm": ("AlarmName", "AlarmStates", "WaitTime"),
    "CodeBuild": ("ProjectName", "PrimarySource", "BatchEnabled", "CombineArtifacts", "EnvironmentVariables"),
    "Commands": (),
    "DeploymentWindow": ("Cron", "TimeZone"),
    "LambdaInvoke": ("FunctionName", "UserParameters"),
    "VariableCheck": ("Variable", "Value", "Operator"),
}
REQUIRED = {"AlarmName", "ProjectName", "Cron", "FunctionName", "Variable", "Value", "Operator"}


def check(execution: Execution, stage: StageRun, gate: str) -> str | None:
    """Checks the rules of a gate. The result the stage's condition asks for when they do not hold, or None.

    `onFailure` is the other way round: its result is wanted when they hold.
    """
    conditions = (stage.declared.get(gate) or {}).get("conditions", [])
    runs = [_run(execution, stage, gate, rule) for condition in conditions for rule in condition.get("rules", [])]
    stage.rules[gate] = runs
    execution.rule_history.extend(runs)
    if not conditions:
        return None
    hold = all(run.status == SUCCEEDED for run in runs)
    wanted = hold if gate == "onFailure" else not hold
    return conditions[0].get("result", "FAIL") if wanted else None


def _run(execution: Execution, stage: StageRun, gate: str, rule: dict[str, Any]) -> RuleRun:
    configuration = variables.resolved(execution, rule.get("configuration", {}))
    if rule["ruleTypeId"]["provider"] == "VariableCheck":
        holds = _compare(configuration)
        summary = f"{configuration.get('Variable')} {configuration.get('Operator')} {configuration.get('Value')}"
    else:
        holds = not failing.marked(configuration)
        summary = "Rule checked by the emulator"
    return RuleRun(stage.name, gate, rule, configuration, SUCCEEDED if holds else FAILED, summary)


def _compare(configuration: dict[str, str]) -> bool:
    left, right = configuration.get("Variable", ""), configuration.get("Value", "")
    match configuration.get("Operator"):
        case "EQ":
            return left == right
        case "NE":
            return left != right
        case "CONTAINS":
            return right in left
        case "MATCHES":
            try:
                return re.fullmatch(right, left) is not None
            except re.error:
                return False
    return False
