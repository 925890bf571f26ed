"""The rows of fire drills."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

KEPT = 1_000
"""Drills that are kept, the newest: three years of one a day."""


def add(
    connection: sqlite3.Connection, at: float, taken: Callable[[int], bool] = lambda number: False
) -> int:
    """Make room for one that begins now; its number, the next that is not `taken` otherwise."""
    connection.execute(
        "DELETE FROM drill WHERE id <= (SELECT MAX(id) FROM drill) - ? AND state <> 'running'", (KEPT,)
    )
    (last,) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM drill").fetchone()
    number = int(last) + 1
    while taken(number):
        number += 1
    connection.execute("INSERT INTO drill (id, at, state, body) VALUES (?, ?, 'running', '')", (number, at))
    return number


def save(connection: sqlite3.Connection, number: int, state: str, body: bytes) -> None:
    connection.execute("UPDATE drill SET state = ?, body = ? WHERE id = ?", (state, body.decode(), number))


def body(connection: sqlite3.Connection, number: int) -> str | None:
    """None: there is none of this number."""
    row = connection.execute("SELECT body FROM drill WHERE id = ?", (number,)).fetchone()
    return None if row is None else str(row[0])


def bodies(connection: sqlite3.Connection, limit: int = KEPT, state: str = "") -> list[str]:
    """The newest first; `state`: only those that stand so."""
    rows: list[tuple[Any]] = connection.execute(
        "SELECT body FROM drill WHERE (? = '' OR state = ?) ORDER BY id DESC LIMIT ?", (state, state, limit)
    ).fetchall()
    return [text for (text,) in rows]
