"""Where the emulator's files are; everything it writes stays below `localstack/` unless told otherwise."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = ROOT / "plugin"
REQUIREMENTS = ROOT / "requirements.txt"
LOCK = ROOT / "requirements.lock"
COMPOSE = ROOT / "compose.yaml"
TESTS = ROOT / "tests"
INVENTORY = ROOT / "control" / "inventory.py"

# The emulator's Python environment. PIPEWRIGHT_EMULATOR_VENV lets several checkouts share one.
VENV = Path(os.environ.get("PIPEWRIGHT_EMULATOR_VENV") or ROOT / ".venv").absolute()

# LocalStack's index of the service models, made with the environment: without it every start would spend seconds
# and 300 MB on it.
CATALOGUE = VENV / "catalogue"

# Where `start` keeps its state and log when no --dir is given.
RUN = ROOT / ".run"

# A Python installed for the emulator only, where the machine has none that is new enough.
PYTHON = ROOT / ".python"
