"""The emulator in LocalStack's own image, for machines with Docker but without a suitable Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import paths
from failure import Failure


def reachable() -> bool:
    """Whether a docker engine answers and docker has its compose command."""
    if not shutil.which("docker"):
        return False
    return all(
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        for command in (["docker", "info"], ["docker", "compose", "version"])
    )


def start(port: int, directory: Path) -> dict[str, Any]:
    """Starts the image with our plug-in mounted, its port published on 127.0.0.1 only."""
    project = f"pipewright-emulator-{port}"
    print(f"emulator: starting the LocalStack image (compose project {project})", file=sys.stderr)
    done = _compose(project, port, "up", "--detach", stdout=sys.stderr)
    if done.returncode != 0:
        raise Failure(f"docker compose could not start the emulator (exit code {done.returncode}).")
    (directory / "emulator.log").write_text(f"docker compose -p {project} logs\n")
    return {"mode": "docker", "project": project, "port": port}


def running(project: str) -> bool:
    done = subprocess.run(
        ["docker", "ps", "--quiet", "--filter", f"label=com.docker.compose.project={project}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return bool(done.stdout.strip())


def stop(project: str, port: int) -> None:
    _compose(project, port, "down", "--volumes", stdout=sys.stderr)


def _compose(project: str, port: int, *arguments: str, stdout: Any) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["docker", "compose", "--project-name", project, "--file", str(paths.COMPOSE), *arguments],
        env=dict(os.environ, PIPEWRIGHT_EMULATOR_PORT=str(port)),
        stdout=stdout,
        check=False,
    )
