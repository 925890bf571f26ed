"""What pings told of jobs: a row each, and the last output apart, as it is large and seldom read.

What comes is first appended to a log, which costs the same however many jobs there are: a thousand rows
anywhere in a large table are a thousand pages to write. Now and then the log is folded into the rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One job. `body` is its state in MessagePack; `output` None: as it was."""

    component: str
    created: bool
    """It was made by a ping: no catalogue declares it."""
    body: bytes
    output: bytes | None


def put(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Add or replace."""
    connection.executemany(
        "INSERT INTO ping_log (component, created, body) VALUES (?, ?, ?)",
        [(row.component, row.created, row.body) for row in rows],
    )
    outputs = [(row.component, row.output) for row in rows if row.output is not None]
    if outputs:
        connection.executemany("INSERT OR REPLACE INTO ping_output (component, body) VALUES (?, ?)", outputs)


def end_of_log(connection: sqlite3.Connection) -> int:
    """The number of the newest row of the log; 0: it is empty."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM ping_log").fetchone()[0])


def fold(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Bring the rows of these to what stands in the log, or newer."""
    connection.executemany(
        """INSERT INTO pinged (component, created, body) VALUES (?, ?, ?)
           ON CONFLICT (component) DO UPDATE SET created = excluded.created, body = excluded.body""",
        sorted((row.component, row.created, row.body) for row in rows),
    )


def cut_log(connection: sqlite3.Connection, end: int) -> None:
    """Drop what was folded."""
    connection.execute("DELETE FROM ping_log WHERE id <= ?", (end,))


def every(connection: sqlite3.Connection) -> dict[str, tuple[bool, bytes]]:
    """By component: whether a ping made it, and its state."""
    found: dict[str, tuple[bool, bytes]] = {}
    for rows in (
        connection.execute("SELECT component, created, body FROM pinged"),
        connection.execute("SELECT component, created, body FROM ping_log ORDER BY id"),
    ):
        found.update((component, (bool(created), body)) for component, created, body in rows)
    return found


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
    gone = {one for (one,) in names}
    log = connection.execute("SELECT id, component FROM ping_log").fetchall()
    connection.executemany("DELETE FROM ping_log WHERE id = ?", [(id,) for id, one in log if one in gone])
    connection.executemany("DELETE FROM ping_output WHERE component = ?", names)
