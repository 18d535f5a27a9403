"""The virtual environment the emulator runs in: made once, remade when the requirements change."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import interpreter
import paths
from failure import Failure

_STAMP = "pipewright-emulator.stamp"

# LocalStack reads all service models to know which service a call is for, unless it finds an index of them.
_BUILD_CATALOGUE = """
import os, sys
from localstack.aws import spec
spec.build_service_index_cache(os.path.join(sys.argv[1], spec._get_catalog_filename()))
"""


def python() -> Path:
    """The environment's interpreter, whether it is there yet or not."""
    return paths.VENV / "bin" / "python"


def ready() -> bool:
    """Whether the environment holds exactly what the requirements ask for."""
    stamp = paths.VENV / _STAMP
    return python().exists() and stamp.exists() and stamp.read_text() == _fingerprint()


def possible() -> bool:
    """Whether the environment is there or could be made with a Python that is already installed."""
    return ready() or interpreter.find() is not None


def ensure() -> Path:
    """Makes the environment unless it is already right; returns its interpreter. Safe to call concurrently."""
    if ready():
        return python()
    with _lock():
        if ready():
            return python()
        base = interpreter.find() or interpreter.install()
        if base is None:
            raise interpreter.missing()
        _build(base)
    return python()


def _build(base: str) -> None:
    print(f"emulator: preparing {paths.VENV} (once, about a minute)", file=sys.stderr, flush=True)
    if paths.VENV.exists():
        shutil.rmtree(paths.VENV)
    _run([base, "-m", "venv", str(paths.VENV)], "create the virtual environment")
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check"]
    _run(
        [*pip, "install", "--quiet", "-r", str(paths.REQUIREMENTS), "-c", str(paths.LOCK)],
        "install the emulator's packages (is the package index reachable?)",
    )
    paths.CATALOGUE.mkdir(parents=True, exist_ok=True)
    _run([str(python()), "-P", "-c", _BUILD_CATALOGUE, str(paths.CATALOGUE)], "index the service models")
    (paths.VENV / _STAMP).write_text(_fingerprint())


def _run(command: list[str], purpose: str) -> None:
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise Failure(f"could not {purpose}: `{' '.join(command)}` ended with exit code {done.returncode}.")


def _fingerprint() -> str:
    content = paths.REQUIREMENTS.read_bytes() + paths.LOCK.read_bytes() + _BUILD_CATALOGUE.encode()
    return hashlib.sha256(content).hexdigest() + "\n"


@contextmanager
def _lock() -> Iterator[None]:
    paths.VENV.parent.mkdir(parents=True, exist_ok=True)
    with open(paths.VENV.parent / f"{paths.VENV.name}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
