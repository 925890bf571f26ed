"""What pings told of jobs: a row each, and the last output apart, as it is large and seldom read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One job. `body` is its state as JSON; `output` None: as it was."""

    component: str
    created: bool
    """It was made by a ping: no catalogue declares it."""
    body: bytes
    output: bytes | None


def put(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Add or replace."""
    rows = list(rows)
    connection.executemany(
        """INSERT INTO pinged (component, created, body) VALUES (?, ?, ?)
           ON CONFLICT (component) DO UPDATE SET created = excluded.created, body = excluded.body""",
        [(row.component, row.created, row.body) for row in rows],
    )
    outputs = [(row.component, row.output) for row in rows if row.output is not None]
    if outputs:
        connection.executemany("INSERT OR REPLACE INTO ping_output (component, body) VALUES (?, ?)", outputs)


def every(connection: sqlite3.Connection) -> list[tuple[str, bool, bytes]]:
    """Component, whether a ping made it, and its state."""
    rows = connection.execute("SELECT component, created, body FROM pinged")
    return [(component, bool(created), body) for component, created, body in rows]


def sizes(connection: sqlite3.Connection) -> dict[str, int]:
    """Bytes of each output that is kept, the oldest first."""
    rows = connection.execute("SELECT component, length(body) FROM ping_output ORDER BY rowid")
    return {component: int(size) for component, size in rows}


def output(connection: sqlite3.Connection, component: str) -> bytes | None:
    """The last output; None where none is kept."""
    found = connection.execute("SELECT body FROM ping_output WHERE component = ?", (component,)).fetchone()
    return None if found is None else bytes(found[0])


def drop_outputs(connection: sqlite3.Connection, components: Iterable[str]) -> None:
    """Let go of these outputs."""
    connection.executemany("DELETE FROM ping_output WHERE component = ?", ((one,) for one in components))


def forget(connection: sqlite3.Connection, components: Iterable[str]) -> None:
    """Let go of all that is kept of these."""
    names = [(one,) for one in components]
    connection.executemany("DELETE FROM pinged WHERE component = ?", names)
    connection.executemany("DELETE FROM ping_output WHERE component = ?", names)
