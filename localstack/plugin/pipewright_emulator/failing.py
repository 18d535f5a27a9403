"""How a test makes something fail: by writing a marker into its configuration.

PIPEWRIGHT_FAIL anywhere in an action's configuration, or in a CodeBuild project or its build's overrides, makes the
action or build fail; PIPEWRIGHT_FAIL_ONCE makes only the first attempt of an action in an execution fail.
"""

import json
import re
from typing import Any

_ALWAYS = re.compile(r"PIPEWRIGHT_FAIL(?!_ONCE)")
_ONCE = "PIPEWRIGHT_FAIL_ONCE"


def marked(value: Any, *, attempt: int = 1) -> bool:
    """Whether the value (any JSON-like data) asks to fail at this attempt, counted from 1."""
    text = json.dumps(value, default=str)
    return bool(_ALWAYS.search(text)) or (attempt == 1 and _ONCE in text)
