"""The time, as every timestamp here is taken."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
