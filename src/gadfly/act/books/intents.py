"""Acts in the book whose end is not known, and what was known before one."""

from __future__ import annotations

import sqlite3

import msgspec

from gadfly.act.plan import Plan


def left_open(connection: sqlite3.Connection) -> list[tuple[int, Plan]]:
    """Those that are open, or unknown, the oldest first."""
    rows = connection.execute("SELECT id, body FROM intent WHERE state IN ('open', 'unknown') ORDER BY id")
    return [(number, msgspec.json.decode(body, type=Plan)) for number, body in rows]


def left_unknown(connection: sqlite3.Connection) -> list[tuple[int, Plan]]:
    """Those that are to be measured, the oldest first."""
    rows = connection.execute(
        "SELECT id, body FROM intent WHERE state IN ('open', 'unknown') AND state = 'unknown' ORDER BY id"
    )
    return [(number, msgspec.json.decode(body, type=Plan)) for number, body in rows]


def worked(connection: sqlite3.Connection, intent: int) -> dict[str, bool]:
    """By target: whether it worked before that act; empty where that is gone."""
    row = connection.execute("SELECT body FROM intent WHERE id = ?", (intent,)).fetchone()
    if row is None:
        return {}
    return {target.name: target.well for target in msgspec.json.decode(row[0], type=Plan).targets}
