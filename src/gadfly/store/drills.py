"""The rows of fire drills."""

from __future__ import annotations

import sqlite3
from typing import Any

KEPT = 1_000
"""Drills that are kept, the newest: three years of one a day."""


def add(connection: sqlite3.Connection, at: float) -> int:
    """Make room for one that begins now; its number."""
    connection.execute(
        "DELETE FROM drill WHERE id <= (SELECT MAX(id) FROM drill) - ? AND state <> 'running'", (KEPT,)
    )
    cursor = connection.execute("INSERT INTO drill (at, state, body) VALUES (?, 'running', '')", (at,))
    return int(cursor.lastrowid or 0)


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
