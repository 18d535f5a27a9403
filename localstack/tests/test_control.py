"""The `emulator` command: starts, stops, runs commands, and listens on 127.0.0.1 only."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import Account, eventually

EMULATOR = Path(__file__).resolve().parent.parent / "emulator"

sys.path.insert(0, str(EMULATOR.parent / "control"))

import interpreter  # noqa: E402
import process  # noqa: E402


def emulator_command(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(EMULATOR), *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False, **options
    )


def listening(pid: int) -> list[tuple[str, int]]:
    """(hex address, port) of the TCP sockets a process listens on, read from /proc."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, port = fields[1].split(":")
                found.append((address, int(port, 16)))
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc")
def test_it_listens_on_the_loopback_interface_only(emulator: dict[str, Any]) -> None:
    assert listening(emulator["pid"]) == [("0100007F", emulator["port"])]


def test_starting_twice_is_starting_once(tmp_path: Path) -> None:
    directory = ("--dir", tmp_path / "run")
    try:
        assert emulator_command("status", *directory).returncode == 3
        first = emulator_command("start", *directory)
        assert first.returncode == 0, first.stderr
        assert emulator_command("start", *directory).stderr == first.stderr
        assert emulator_command("status", *directory).stdout.startswith("running at http://127.0.0.1:")
        exported = emulator_command("env", *directory, "--account", "111122223333").stdout
        assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in exported
        assert "export AWS_ACCESS_KEY_ID=111122223333" in exported
        other = emulator_command("start", *directory, "--port", "1")
        assert (other.returncode, "already runs on port" in other.stderr) == (1, True)
    finally:
        stopped = emulator_command("stop", *directory)
    assert stopped.stderr == "emulator: stopped\n"
    assert emulator_command("stop", *directory).stderr == "emulator: was not running\n"
    assert emulator_command("env", *directory).returncode == 1


def test_run_gives_the_commands_exit_code_and_leaves_nothing_behind(tmp_path: Path) -> None:
    script = f"echo $AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID > {tmp_path}/seen; exit 7"
    done = emulator_command("run", "--", "sh", "-c", script)
    assert done.returncode == 7, done.stderr
    url, key = (tmp_path / "seen").read_text().split()
    assert key == "test"
    assert not _answers(url)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_run_stops_the_emulator_when_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    seen = tmp_path / "seen"
    script = f"echo $AWS_ENDPOINT_URL > {seen}; exec sleep 60"
    child = subprocess.Popen([str(EMULATOR), "run", "--", "sh", "-c", script], start_new_session=True)
    try:
        url = eventually(lambda: seen.exists() and seen.read_text().strip(), seconds=60)
        assert _answers(url)
    finally:
        # Ctrl-C reaches the whole group; SIGKILL hits just the program that would have cleaned up.
        if number == signal.SIGINT:
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)
        child.wait(timeout=60)
    assert eventually(lambda: not _answers(url), seconds=30)
    if number == signal.SIGKILL:
        os.killpg(child.pid, signal.SIGTERM)


def test_the_inventory_lists_what_exists(emulator: dict[str, Any], account: Account) -> None:
    arguments = ("inventory", "--endpoint", emulator["url"], "--account", account.number, "--expect-empty")
    assert emulator_command(*arguments).stdout == "empty\n"
    account.role("codepipeline", "mine")
    account.client("codestar-connections").create_connection(ConnectionName="github", ProviderType="GitHub")
    account.client("kms").create_key()
    done = emulator_command(*arguments)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[:2] == ["codestar-connections  connection  github", "iam  role  mine"]
    assert lines[2].startswith("kms  key  ")
    assert len(lines) == 3


def test_a_reused_process_id_is_not_taken_for_the_emulator() -> None:
    child = subprocess.Popen(["sleep", "60"])
    try:
        assert process.alive(child.pid, process.birth(child.pid))
        process.end(child.pid, "some other moment")
        assert child.poll() is None
        process.end(child.pid, process.birth(child.pid))
        assert not process.alive(child.pid, "")
    finally:
        child.kill()
        child.wait()


def test_a_python_that_is_too_old_is_not_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in (("python3", "3.11"), ("python3.13", "3.13")):
        fake = tmp_path / name
        fake.write_text(f"#!/bin/sh\necho {version}\n")
        fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(interpreter.sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setenv("PYTHON", str(tmp_path / "python3"))
    assert interpreter.find() == str(tmp_path / "python3.13")


def _answers(url: str) -> bool:
    import urllib.request

    try:
        with urllib.request.urlopen(f"{url}/_localstack/health", timeout=2) as response:
            return response.status == 200
    except OSError:
        return False
