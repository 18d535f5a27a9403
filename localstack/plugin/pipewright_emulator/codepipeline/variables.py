"""Variables: references like #{namespace.key} in action configurations, replaced by what earlier actions produced."""

import re
from typing import Any

from .execution import Execution

_REFERENCE = re.compile(r"#\{([A-Za-z0-9@_-]+)\.([^}]+)\}")


def resolved(execution: Execution, configuration: dict[str, Any]) -> dict[str, Any]:
    """The configuration with every known reference replaced; unknown ones stay as they are."""
    return {key: resolved_text(execution, value) for key, value in configuration.items()}


def resolved_text(execution: Execution, text: str) -> str:
    def value(match: re.Match[str]) -> str:
        namespace, key = match.groups()
        return _namespace(execution, namespace).get(key, match.group(0))

    return _REFERENCE.sub(value, text)


def _namespace(execution: Execution, namespace: str) -> dict[str, str]:
    if namespace == "variables":
        return execution.variables
    if namespace == "codepipeline":
        return {
            "PipelineExecutionId": execution.id,
            "PipelineArn": execution.pipeline.arn,
            "PipelineName": execution.pipeline.name,
        }
    return execution.produced.get(namespace, {})
