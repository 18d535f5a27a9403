"""What one run of a program costs: time, processor time and memory of it with all processes it starts, and calls it makes."""

import contextlib
import math
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = os.sysconf("SC_PAGE_SIZE")
# How often the memory of a program with children is looked at, in seconds. A program without any is measured by the kernel.
LOOK = 0.02


def _processes() -> dict[int, tuple[int, int]]:
    """Parent and resident bytes of every process."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = pathlib.Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
                found[int(name)] = (int(fields[1]), int(fields[21]) * PAGE)
    return found


def _resident(root: int) -> int:
    """Resident bytes of a process with its descendants."""
    processes = _processes()
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in processes.items():
        children.setdefault(parent, []).append(pid)
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        total += processes.get(pid, (0, 0))[1]
        todo += children.get(pid, [])
    return total


def measure(command: list[str], folder: pathlib.Path, accepted: tuple[int, ...] = (0,), **env: str) -> dict[str, float]:
    """Runs a command in a folder and gives `wall s`, `CPU s` and `peak MB` (10^6 bytes; the sum over its processes). Ends the program
    with the last of the command's output when its exit code is not accepted."""
    log = folder.parent / f"{folder.name}.log"
    start = time.monotonic()
    with open(log, "wb") as out:
        settings = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", **env}
        child = subprocess.Popen(command, cwd=folder, env=settings, stdout=out, stderr=subprocess.STDOUT)
        peak, over = 0, threading.Event()

        def look() -> None:
            nonlocal peak
            while not over.wait(LOOK):
                peak = max(peak, _resident(child.pid))

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        over.set()
        looking.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in accepted:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}:\n{log.read_text()[-2000:]}")
    log.unlink()
    return {
        "wall s": wall,
        "CPU s": usage.ru_utime + usage.ru_stime,
        "peak MB": max(peak, usage.ru_maxrss * 1024) / 1e6,
    }


def growth(sizes: list[int], values: list[float]) -> list[float]:
    """What ten times the size costs, from each size to the next: 10 is linear."""
    pairs = zip(zip(sizes, sizes[1:]), zip(values, values[1:]))
    return [10 ** (math.log(max(y, 1e-9) / max(x, 1e-9)) / math.log(b / a)) for (a, b), (x, y) in pairs]


class Counted:
    """A relay in front of an HTTP endpoint that counts the requests that pass."""

    HEAD = b" HTTP/1.1\r\n"

    def __init__(self, endpoint: str) -> None:
        host, _, port = endpoint.removeprefix("http://").rstrip("/").partition(":")
        self.target = (host, int(port))
        self.requests = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
                for pair, counts in (((client, server), True), ((server, client), False)):
                    threading.Thread(target=self._pass, args=(*pair, counts), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:
        tail = b""
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if counts:
                    self.requests += (tail + data).count(self.HEAD)
                    tail = (tail + data)[-len(self.HEAD) + 1 :]
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def counted(endpoint: str) -> Iterator[Counted]:
    relay = Counted(endpoint)
    try:
        yield relay
    finally:
        relay.listener.close()


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table that also reads well in a terminal: the first column to the left, figures to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(row: list[str]) -> str:
        return "| " + " | ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))) + " |"

    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([line(head), rule, *map(line, rows)]) + "\n"
