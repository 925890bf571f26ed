"""The history of verdicts: one row for each change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec


class Flip(msgspec.Struct, frozen=True, gc=False):
    """A component's verdict changed. `before` and `after` are numbers of `gadfly.monitor.verdict.Verdict`."""

    at: float
    component: str
    before: int
    after: int
    reason: str
    entry: int | None = None
    """The ledger's entry in which it stands."""


def add(connection: sqlite3.Connection, flips: Iterable[Flip]) -> None:
    """Write them down, in the order given."""
    connection.executemany(
        "INSERT INTO flip (at, component, before, after, reason, entry) VALUES (?, ?, ?, ?, ?, ?)",
        ((flip.at, flip.component, flip.before, flip.after, flip.reason, flip.entry) for flip in flips),
    )


def of(connection: sqlite3.Connection, component: str, limit: int = 200) -> list[Flip]:
    """The newest of one component, newest first."""
    return [
        Flip(*row)
        for row in connection.execute(
            "SELECT at, component, before, after, reason, entry FROM flip WHERE component = ?"
            " ORDER BY id DESC LIMIT ?",
            (component, limit),
        )
    ]


def since(connection: sqlite3.Connection, at: float, limit: int = 100_000) -> list[Flip]:
    """Those not older than `at`, oldest first; the newest `limit` of them."""
    rows = connection.execute(
        "SELECT at, component, before, after, reason, entry FROM flip ORDER BY id DESC LIMIT ?", (limit,)
    )
    found = []
    for row in rows:
        if row[0] < at:
            break
        found.append(Flip(*row))
    found.reverse()
    return found


def entries(connection: sqlite3.Connection, component: str, before: int, limit: int = 200) -> list[int]:
    """The ledger's entries below `before` in which its newest changes stand, newest first."""
    return [
        row[0]
        for row in connection.execute(
            "SELECT entry FROM flip WHERE component = ? AND entry < ? ORDER BY id DESC LIMIT ?",
            (component, before, limit),
        )
    ]


def names(connection: sqlite3.Connection, entry: int) -> list[str]:
    """The components whose changes stand in one entry, in the order of their names."""
    rows = connection.execute("SELECT component FROM flip WHERE entry = ? ORDER BY component", (entry,))
    return [row[0] for row in rows]
