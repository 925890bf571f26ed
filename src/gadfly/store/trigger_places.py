"""How far each trigger was taken: the last instant of a schedule, the last line of a log stream."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence


def read(connection: sqlite3.Connection, function: str, called: str) -> str:
    """How far the trigger was taken; empty where it is new."""
    row = connection.execute(
        "SELECT place FROM trigger_place WHERE function = ? AND called = ?", (function, called)
    ).fetchone()
    return str(row[0]) if row else ""


def move(connection: sqlite3.Connection, function: str, called: str, place: str) -> None:
    connection.execute(
        "INSERT INTO trigger_place (function, called, place) VALUES (?, ?, ?)"
        " ON CONFLICT (function, called) DO UPDATE SET place = excluded.place",
        (function, called, place),
    )


def any_of(connection: sqlite3.Connection, kind: str) -> bool:
    """Whether any trigger whose text begins so was taken anywhere."""
    return bool(
        connection.execute(
            "SELECT EXISTS (SELECT 1 FROM trigger_place WHERE substr(called, 1, ?) = ?)", (len(kind), kind)
        ).fetchone()[0]
    )


def keep(connection: sqlite3.Connection, kind: str, declared: Sequence[tuple[str, str]]) -> None:
    """Forget how far triggers were taken that are not declared: one that comes back begins anew."""
    there = set(declared)
    for function, called in connection.execute(
        "SELECT function, called FROM trigger_place WHERE substr(called, 1, ?) = ?", (len(kind), kind)
    ).fetchall():
        if (function, called) not in there:
            connection.execute(
                "DELETE FROM trigger_place WHERE function = ? AND called = ?", (function, called)
            )
