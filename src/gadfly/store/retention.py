"""How much history is kept, so that the file stays bounded whatever happens in the fleet.

What is open (alerts, incidents, waiting notifications, dead letters within their limit, silences in force) is
never pruned.
"""

from __future__ import annotations

import sqlite3

import msgspec

from gadfly.store import predictions, questions

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
    """Requests, approvals and consents that are over; also stops, freezes and break-glasses."""
    records: int = 10_000
    """Automations whose record is kept: more than anybody declares. A frozen one is always kept."""


def prune(
    connection: sqlite3.Connection, now: float, limits: Limits | None = None, batch: int = 5_000
) -> int:
    """Delete what is beyond the limits, at most `batch` rows a table at a time: no write waits a second.

    Returns how many rows went; call again soon while it is more than nothing.
    """
    limits = limits or Limits()
    old = now - limits.age
    return (
        _flips(connection, old, limits.flips, batch)
        + _alerting(connection, now, old, limits, batch)
        + _acts(connection, now, old, limits, batch)
        + _records(connection, old, limits.records, batch)
        + predictions.prune(connection, now, batch)
        + questions.prune(connection, now, batch)
    )


def _flips(connection: sqlite3.Connection, old: float, keep: int, batch: int) -> int:
    """Their numbers have no gaps, and the oldest have the lowest."""
    first, last = connection.execute(
        "SELECT (SELECT MIN(id) FROM flip), (SELECT MAX(id) FROM flip)"
    ).fetchone()
    if first is None:
        return 0
    return connection.execute(
        "DELETE FROM flip WHERE id < ? AND (id <= ? OR at < ?)", (first + batch, last - keep, old)
    ).rowcount


def _alerting(connection: sqlite3.Connection, now: float, old: float, limits: Limits, batch: int) -> int:
    gone = 0
    for table, closed, stamp, keep in (
        ("alert", "resolved IS NOT NULL", "resolved", limits.alerts),
        ("outbox", "state = 'sent'", "sent", limits.sent),
        ("outbox", "state = 'dead'", "created", limits.dead),
        ("silence", f"ends < {now!r}", "ends", limits.silences),
        ("incident", "resolved IS NOT NULL", "resolved", limits.incidents),
    ):
        edge = connection.execute(
            f"SELECT id FROM {table} WHERE {closed} ORDER BY id DESC LIMIT 1 OFFSET ?",  # noqa: S608 - fixed names
            (keep,),
        ).fetchone()
        went = connection.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} "  # noqa: S608 - fixed names
            f"WHERE {closed} AND (id <= ? OR {stamp} < ?) ORDER BY id LIMIT ?) RETURNING id",
            (edge[0] if edge else -1, old, batch),
        ).fetchall()
        gone += len(went)
        if table == "incident":
            connection.executemany("DELETE FROM thread WHERE incident = ?", went)
            connection.executemany("DELETE FROM acknowledgement WHERE incident = ?", went)
    return gone


def _acts(connection: sqlite3.Connection, now: float, old: float, limits: Limits, batch: int) -> int:
    """By their numbers, which grow: of each table the newest so many stay, and of these those that are not
    too old. The very newest row always stays, so that no number comes again."""
    gone = 0
    for table, closed, stamp, keep in (
        ("intent", "state NOT IN ('open', 'unknown')", "finished", limits.intents),
        ("request", f"ends < {now!r}", "ends", limits.words),
        ("approval", f"ends < {now!r}", "ends", limits.words),
        ("consent", f"ends < {now!r}", "ends", limits.words),
        ("stop", "lifted IS NOT NULL", "lifted", limits.words),
        ("freeze", f"(lifted IS NOT NULL OR ends < {now!r})", "COALESCE(lifted, ends)", limits.words),
        ("breakglass", "reviewed IS NOT NULL", "reviewed", limits.words),
    ):
        last = connection.execute(f"SELECT MAX(id) FROM {table}").fetchone()[0] or 0  # noqa: S608 - fixed names
        kept = last if table in NUMBERED else last + 1
        for beyond, edge in (("id <= ?", last - keep), (f"{stamp} < ?", old)):
            went = connection.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} "  # noqa: S608 - fixed names
                f"WHERE {closed} AND {beyond} LIMIT ?) AND id < ? RETURNING id",
                (edge, batch, kept),
            ).fetchall()
            gone += len(went)
            if table == "intent":
                connection.executemany("DELETE FROM reservation WHERE intent = ?", went)
    return gone


NUMBERED = frozenset({"stop", "freeze", "breakglass", "request"})
"""Tables whose numbers people know and that count on from the highest."""


def _records(connection: sqlite3.Connection, old: float, keep: int, batch: int) -> int:
    """A brake that was released long ago holds nothing back and counts no try; of automations that nobody
    has declared for long, only the record is left."""
    gone = connection.execute(
        "DELETE FROM brake WHERE (target, symptom) IN"
        " (SELECT target, symptom FROM brake WHERE since IS NULL AND released < ? LIMIT ?)",
        (old, batch),
    ).rowcount
    (records,) = connection.execute("SELECT COUNT(*) FROM standing").fetchone()
    if records > keep:
        gone += connection.execute(
            "DELETE FROM standing WHERE automation IN (SELECT automation FROM standing WHERE frozen = ''"
            " ORDER BY since LIMIT ?)",
            (min(batch, records - keep),),
        ).rowcount
    return gone
