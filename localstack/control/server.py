"""One emulator: started into a run directory, found again through it, and stopped by it.

A run directory holds `emulator.json` (what runs where), `emulator.log`, `emulator.lock` and `state/`, the only
place LocalStack writes to.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import container
import environment
import paths
import process
from failure import Failure

HOST = "127.0.0.1"
START_TIMEOUT = 180.0

# Settings of the person's own AWS tools must not leak into the emulator's internal clients, nor proxies into
# its calls to itself.
_DROPPED = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "PYTHONPATH",
    "PYTHONHOME",
)


class Server:
    """The emulator of one run directory."""

    def __init__(self, directory: Path):
        self.directory = directory.absolute()
        self.log = self.directory / "emulator.log"
        self._record = self.directory / "emulator.json"

    def record(self) -> dict[str, Any] | None:
        """What is running here ({mode, port, pid, born, url, ...}), or None."""
        try:
            record = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return None
        if record.get("mode") == "docker":
            return record if container.running(record["project"]) else None
        return record if process.alive(record["pid"], record["born"]) else None

    def start(self, port: int | None = None, bound_to_parent: bool = False) -> dict[str, Any]:
        """Starts the emulator unless it runs already, waits until it answers, and returns its record."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._locked():
            running = self.record()
            if running is not None:
                if port is not None and running["port"] != port:
                    raise Failure(f"it already runs on port {running['port']}; stop it first to use port {port}.")
                self._wait(running)
                return running
            if not environment.possible() and container.reachable():
                return self._start_container(port or free_port())
            python = environment.ensure()
            if port is not None:
                return self._start_process(python, port, bound_to_parent)
            return self._start_on_free_port(python, bound_to_parent)

    def stop(self) -> bool:
        """Stops what runs here and waits until it is gone; False when nothing was running."""
        if not self.directory.exists():
            return False
        with self._locked():
            running = self.record()
            if running is not None:
                self._end(running)
            self._record.unlink(missing_ok=True)
            return running is not None

    def _start_on_free_port(self, python: Path, bound_to_parent: bool) -> dict[str, Any]:
        # Between asking for a free port and listening on it someone else may take it: then another one is tried.
        for attempt in range(3):
            try:
                return self._start_process(python, free_port(), bound_to_parent)
            except Failure:
                if attempt == 2 or "Address already in use" not in _tail(self.log):
                    raise
        raise AssertionError("unreachable")

    def _start_process(self, python: Path, port: int, bound_to_parent: bool) -> dict[str, Any]:
        if not port_is_free(port):
            raise Failure(f"port {port} of {HOST} is in use; choose another with --port, or leave it out.")
        state = self.directory / "state"
        # Nothing is meant to survive a start: what is left is of a run that was killed.
        shutil.rmtree(state, ignore_errors=True)
        libraries = state / "files" / "usr" / "lib"
        libraries.mkdir(parents=True)
        (libraries / "localstack").symlink_to(paths.CATALOGUE)
        with open(self.log, "wb") as log:
            child = subprocess.Popen(
                [str(python), "-P", "-m", "localstack.runtime.main"],
                cwd=state,
                env=_settings(port, state, bound_to_parent),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        record = {
            "mode": "process",
            "url": f"http://{HOST}:{port}",
            "port": port,
            "pid": child.pid,
            "born": process.birth(child.pid),
        }
        return self._settle(record)

    def _start_container(self, port: int) -> dict[str, Any]:
        record = container.start(port, self.directory)
        record["url"] = f"http://{HOST}:{port}"
        return self._settle(record)

    def _settle(self, record: dict[str, Any]) -> dict[str, Any]:
        """Writes the record and waits for health; whatever interrupts that ends what was just started."""
        try:
            self._record.write_text(json.dumps(record, indent=2) + "\n")
            self._wait(record)
        except BaseException:
            self._end(record)
            self._record.unlink(missing_ok=True)
            raise
        return record

    def _wait(self, record: dict[str, Any]) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not healthy(record["url"]):
            if record["mode"] == "process":
                process.reap(record["pid"])
                if not process.alive(record["pid"], record["born"]):
                    raise Failure(f"it ended while starting; the end of {self.log}:\n{_tail(self.log)}")
            if time.monotonic() > deadline:
                raise Failure(
                    f"it did not answer within {START_TIMEOUT:.0f} s; the end of {self.log}:\n{_tail(self.log)}"
                )
            time.sleep(0.1)

    def _end(self, record: dict[str, Any]) -> None:
        if record["mode"] == "docker":
            container.stop(record["project"], record["port"])
        elif record["born"] is not None:
            process.end(record["pid"], record["born"])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open(self.directory / "emulator.lock", "w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def healthy(url: str) -> bool:
    """Whether the emulator at `url` answers its health endpoint."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/_localstack/health", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def client_environment(url: str, account: str | None) -> dict[str, str]:
    """What a client needs in its environment to talk to the emulator. A 12-digit access key id is the account."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": account or "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        # Neither a profile nor the metadata service of a cloud machine may be asked for credentials.
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _settings(port: int, state: Path, bound_to_parent: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED and not name.startswith("AWS_")}
    settings = {
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        "LOCALSTACK_HOST": f"{HOST}:{port}",
        # A container that is not LocalStack's own image must not be taken for it: it would write to /var/lib.
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(state / "files"),
        "CONFIG_DIR": str(state / "config"),
        # The plug-in scanner's cache depends on the environment only, and is shared by all runs.
        "XDG_CACHE_HOME": str(paths.VENV / "cache"),
        "PYTHONPATH": str(paths.PLUGIN),
        "PYTHONUNBUFFERED": "1",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "EAGER_SERVICE_LOADING": "0",
        "SQS_ENDPOINT_STRATEGY": "off",
        "LAMBDA_RUNTIME_EXECUTOR": "pipewright-noop",
    }
    if bound_to_parent:
        settings["PIPEWRIGHT_EMULATOR_PARENT"] = str(os.getpid())
    return {**kept, **settings}


def _tail(log: Path, lines: int = 25) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
