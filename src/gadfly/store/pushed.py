"""Groups of metrics that were pushed: a row each, replaced whole, so that a push costs the same however many
groups there are."""

from __future__ import annotations

import sqlite3


def put(connection: sqlite3.Connection, key: bytes, body: bytes) -> None:
    """Add or replace a group."""
    connection.execute("INSERT OR REPLACE INTO pushed (key, body) VALUES (?, ?)", (key, body))


def drop(connection: sqlite3.Connection, key: bytes) -> None:
    """Let go of a group."""
    connection.execute("DELETE FROM pushed WHERE key = ?", (key,))


def every(connection: sqlite3.Connection) -> list[bytes]:
    """All groups."""
    return [bytes(row[0]) for row in connection.execute("SELECT body FROM pushed")]
