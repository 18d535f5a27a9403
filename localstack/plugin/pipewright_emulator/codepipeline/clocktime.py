"""The time, as every timestamp here is taken."""

from datetime import datetime, timezone


def now() -> datetime:
    return datetime.now(timezone.utc)
