"""What the environment may say about the emulator's behaviour. Durations are milliseconds."""

import os


def milliseconds(name: str, default: int) -> float:
    """The duration in seconds that an environment variable gives in milliseconds."""
    text = os.environ.get(name, "")
    return (int(text) if text.isdigit() else default) / 1000


# One step of the pipeline clock: an action takes about two of them.
STEP = milliseconds("PIPEWRIGHT_EMULATOR_STEP_MS", 200)

# How long a fresh role, or one with a new trust policy, cannot be assumed yet. AWS takes several seconds.
ROLE_DELAY = milliseconds("PIPEWRIGHT_EMULATOR_ROLE_DELAY_MS", 0)

# The id of the process that must stay alive for the emulator to go on; empty for none.
PARENT = os.environ.get("PIPEWRIGHT_EMULATOR_PARENT", "")
