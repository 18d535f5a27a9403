"""One background clock for everything that takes time here: functions run later, one after another, in order."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

LOG = logging.getLogger(__name__)

Action = Callable[[], None]


class Clock:
    """Runs functions at their time on one daemon thread, which sleeps while there is nothing to do."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def later(self, seconds: float, action: Action) -> None:
        """Runs `action` after that many seconds. What it raises is logged and ends nothing else."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), action))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pipewright-clock", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            action = self._next()
            try:
                action()
            except Exception:
                LOG.exception("something that was due failed")

    def _next(self) -> Action:
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)


CLOCK = Clock()

# Deliveries to other services (events, notifications) have a clock of their own, so that a slow one holds nothing
# up and they arrive in the order they happened.
DELIVERIES = Clock()
