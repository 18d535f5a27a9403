"""One call at a time into each of moto's services: their stores are plain dicts, which break when they change while
another thread walks through them. Whoever reads such a store directly holds the service's lock too.
"""

from collections.abc import Callable
from threading import Lock, RLock
from typing import Any

_locks: dict[str, Any] = {}
_guard = Lock()


def of(service: str) -> Any:
    """The lock of a service, to be held with `with`."""
    with _guard:
        return _locks.setdefault(service, RLock())


def install() -> None:
    """Makes LocalStack hold the lock while it calls moto."""
    from localstack.services import moto

    original: Callable[[Any], Any] = moto.dispatch_to_moto

    def dispatch_to_moto(context: Any) -> Any:
        with of(context.service.service_name):
            return original(context)

    moto.dispatch_to_moto = dispatch_to_moto
