"""The ear's reasons for a liveness, as clauses that a person can read."""

from __future__ import annotations

from gadfly import duration
from gadfly.monitor.members import Why


def words(why: int, interval_ms: int) -> str:
    """A clause for a :class:`~gadfly.monitor.members.Why`; empty where there is nothing to say."""
    try:
        clause = CLAUSES[Why(why)]
    except (ValueError, KeyError):
        return ""
    return clause.format(every=duration.format(interval_ms / 1000))


CLAUSES: dict[Why, str] = {}
