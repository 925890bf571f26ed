"""How much history is kept, so that the file stays bounded whatever happens in the fleet.

What is open (alerts, incidents, waiting notifications, dead letters within their limit, silences in force) is
never pruned.
"""

from __future__ import annotations

import sqlite3

import msgspec

_DAY = 86_400.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Ages in seconds, counts in rows; whichever is reached first."""

    age: float = 90 * _DAY
    """A quarter: long enough to compare with the last one."""
    flips: int = 1_000_000
    """About 100 MB with their index."""
    alerts: int = 300_000
    """Resolved ones; about 200 MB. Three times everything of a large fleet lost at once."""
    incidents: int = 20_000
    sent: int = 20_000
    """Notifications that were delivered; a body is at most some 100 KB and mostly 2 KB."""
    dead: int = 5_000
    """Dead letters. More than anybody retries by hand."""
    silences: int = 20_000
    intents: int = 100_000
    """Acts that were measured; about 200 MB where each has a few targets. What they were stays in the
    ledger."""
    words: int = 20_000
    """Requests, approvals and consents that are over."""


def prune(
    connection: sqlite3.Connection, now: float, limits: Limits | None = None, batch: int = 20_000
) -> int:
    """Delete what is beyond the limits, at most `batch` rows a table at a time, so that no write waits long.

    Returns how many rows went; call again soon while it is more than nothing.
    """
    limits = limits or Limits()
    old = now - limits.age
    gone = 0
    for table, closed, stamp, keep in (
        ("flip", "1", "at", limits.flips),
        ("alert", "resolved IS NOT NULL", "resolved", limits.alerts),
        ("incident", "resolved IS NOT NULL", "resolved", limits.incidents),
        ("outbox", "state = 'sent'", "sent", limits.sent),
        ("outbox", "state = 'dead'", "created", limits.dead),
        ("silence", f"ends < {now!r}", "ends", limits.silences),
        ("intent", "state IN ('verified', 'partial', 'failed', 'cancelled')", "finished", limits.intents),
        ("request", f"ends < {now!r}", "ends", limits.words),
        ("approval", f"ends < {now!r}", "ends", limits.words),
        ("consent", f"ends < {now!r}", "ends", limits.words),
    ):
        edge = connection.execute(
            f"SELECT id FROM {table} WHERE {closed} ORDER BY id DESC LIMIT 1 OFFSET ?",  # noqa: S608 - fixed names
            (keep,),
        ).fetchone()
        gone += connection.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} "  # noqa: S608 - fixed names
            f"WHERE {closed} AND (id <= ? OR {stamp} < ?) ORDER BY id LIMIT ?)",
            (edge[0] if edge else -1, old, batch),
        ).rowcount
    for table in ("thread", "acknowledgement"):
        gone += connection.execute(
            f"DELETE FROM {table} WHERE incident NOT IN (SELECT id FROM incident)"  # noqa: S608 - fixed names
        ).rowcount
    gone += connection.execute("DELETE FROM reservation WHERE intent NOT IN (SELECT id FROM intent)").rowcount
    return gone
