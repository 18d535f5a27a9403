"""Finds the Python the emulator runs with: 3.12 or newer, because LocalStack 4.14 uses its generics syntax."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import paths
from failure import Failure

MINIMUM = (3, 12)
# LocalStack 4.14 is tested with these; a newer one is only taken when none of them is there.
PREFERRED = ("3.13", "3.12")

# Used to get a Python where neither the machine nor its distribution has one.
UV = "uv==0.13.9"

_PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"


def find() -> str | None:
    """The best interpreter on this machine, or None. `PYTHON` wins when it is good enough."""
    found: dict[str, str] = {}
    for candidate in _candidates():
        version = _version(candidate)
        if version is None or tuple(map(int, version.split("."))) < MINIMUM:
            continue
        if candidate == os.environ.get("PYTHON"):
            return candidate
        found.setdefault(version, candidate)
    for version in PREFERRED:
        if version in found:
            return found[version]
    return next(iter(found.values()), None)


def install() -> str | None:
    """Installs one: with apt-get (as root, where the distribution has it), or into the project with uv."""
    for package in _apt_packages():
        names = [package, f"{package}-venv"]
        print(f"emulator: installing {' '.join(names)} with apt-get", file=sys.stderr)
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
        if _run(command, environment) and find():
            return find()
    with tempfile.TemporaryDirectory(prefix="pipewright-uv-") as directory:
        uv = shutil.which("uv") or _uv(Path(directory))
        if uv is not None:
            print(f"emulator: installing Python {PREFERRED[0]} into {paths.PYTHON} with uv", file=sys.stderr)
            _run([uv, "python", "install", PREFERRED[0]], dict(os.environ, UV_PYTHON_INSTALL_DIR=str(paths.PYTHON)))
    return find()


def missing() -> Failure:
    """What to tell a person when there is no suitable Python and none could be installed."""
    return Failure(
        "the emulator needs Python 3.12 or newer and none was found.\n"
        "  Any of these helps:\n"
        "  - install python3.13 and python3.13-venv (or 3.12) with your package manager\n"
        "  - pyenv install 3.13, or uv python install 3.13 and put it on the PATH\n"
        "  - set PYTHON to the path of such a Python\n"
        "  - start Docker: the emulator then runs in the localstack/localstack image"
    )


def _candidates() -> list[str]:
    named = [os.environ.get("PYTHON") or "", sys.executable]
    named += [shutil.which(f"python{version}") or "" for version in (*PREFERRED, "3.14", "3")]
    home = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    installed = sorted((home / "versions").glob("3.*/bin/python3"), reverse=True)
    installed += sorted(paths.PYTHON.glob("cpython-3.*/bin/python3"))
    # pyenv's shims answer only for the selected version: the real interpreters come first.
    return [path for path in [named[0], *map(str, installed), *named[1:]] if path]


def _version(python: str) -> str | None:
    try:
        done = subprocess.run(
            [python, "-c", _PROBE],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def _uv(directory: Path) -> str | None:
    """uv from the package index, installed into the directory with the Python that runs this."""
    _run([sys.executable, "-m", "venv", str(directory)], dict(os.environ))
    _run([str(directory / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", UV], dict(os.environ))
    uv = directory / "bin" / "uv"
    return str(uv) if uv.exists() else None


def _run(command: list[str], environment: dict[str, str]) -> bool:
    """Whether the command succeeded; what it says goes to standard error, and its failure is not the end."""
    try:
        return subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode == 0
    except OSError:
        return False


def _apt_packages() -> list[str]:
    """Packages apt could install as root: python3.13, python3.12, or python3 where that is new enough."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return []
    subprocess.run(["apt-get", "update", "-qq"], stdout=sys.stderr, stderr=subprocess.DEVNULL, check=False)
    names = []
    for package in (*(f"python{version}" for version in PREFERRED), "python3"):
        policy = subprocess.run(
            ["apt-cache", "policy", package], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
        ).stdout
        candidate = next((line.split()[-1] for line in policy.splitlines() if "Candidate:" in line), "(none)")
        version = candidate.split(":")[-1].split(".")[:2]
        if len(version) == 2 and all(part.isdigit() for part in version) and tuple(map(int, version)) >= MINIMUM:
            names.append(package)
    return names
