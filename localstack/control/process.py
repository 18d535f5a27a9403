"""Names a process for good: its id plus the moment it started, so that a reused id is never mistaken for it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path


def birth(pid: int) -> str | None:
    """A text that differs between two processes which had the same id; None when there is no such process."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The command in parentheses may hold blanks: fields are counted from the last parenthesis.
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            return None
        return None if fields[0] == "Z" else fields[19]
    try:
        done = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() or None


def alive(pid: int, born: str) -> bool:
    """Whether exactly that process is still running."""
    return birth(pid) == born


def end(pid: int, born: str, patience: float = 20.0) -> None:
    """Asks exactly that process to end, insists after `patience` seconds, and returns when it is gone."""
    if not alive(pid, born):
        return
    for number, limit in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            reap(pid)
            if not alive(pid, born):
                return
            time.sleep(0.05)


def reap(pid: int) -> None:
    """Takes note of a child that ended, so that it does not count as alive."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
