"""Whose turn it is: which calls of functions may run now, which are skipped, and when the next is due."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from gadfly.store.invocations import Moved, Work, begin


def claim(connection: sqlite3.Connection, room: Mapping[str, int], now: float) -> list[Work]:
    """Take what is due, the oldest first, of each function at most as many as it has room for.

    Of a lane only the oldest that is not over may go.
    """
    found: list[tuple[float, int]] = []
    for function, most in room.items():
        free = connection.execute(
            "SELECT due, id FROM invocation WHERE state = 'waiting' AND lane = ''"
            " AND function = ? AND due <= ? ORDER BY due, id LIMIT ?",
            (function, now, most),
        ).fetchall()
        found += sorted([*free, *_heads(connection, function, now)])[: max(0, most)]
    works = (begin(connection, number, now) for _, number in sorted(found))
    return [work for work in works if work is not None]


def _heads(connection: sqlite3.Connection, function: str, now: float) -> Iterator[tuple[float, int]]:
    """Of each lane the oldest that is not over, where it waits and is due. One step of the index each."""
    lane = ""
    while row := connection.execute(
        "SELECT lane, id, state, due FROM invocation WHERE function = ? AND lane > ? AND lane <> ''"
        " AND state IN ('waiting', 'running') ORDER BY lane, id LIMIT 1",
        (function, lane),
    ).fetchone():
        lane, number, state, due = row
        if state == "waiting" and due <= now:
            yield due, number


def skip_overlapping(connection: sqlite3.Connection, now: float) -> list[Moved]:
    """Skip what is due, does not want to wait, and has an earlier one of its lane before it."""
    rows = connection.execute(
        "SELECT one.id, one.function, LENGTH(one.event), earlier.key, earlier.state, earlier.attempts"
        " FROM invocation AS one JOIN invocation AS earlier ON earlier.id = ("
        "   SELECT MIN(id) FROM invocation AS other WHERE other.function = one.function"
        "   AND other.lane = one.lane AND other.lane <> '' AND other.state IN ('waiting', 'running'))"
        " WHERE one.state = 'waiting' AND one.overlap = 'skip' AND one.due <= ? AND earlier.id < one.id",
        (now,),
    ).fetchall()
    for number, _, _, key, state, attempts in rows:
        still = (
            "still runs" if state == "running" else "waits to be tried again" if attempts else "still waits"
        )
        connection.execute(
            "UPDATE invocation SET state = 'skipped', ended = ?, reason = ? WHERE id = ?",
            (now, f"the one of {key} {still} (overlap = skip)", number),
        )
    return [Moved(number, function, size) for number, function, size, _, _, _ in rows]


def next_due(connection: sqlite3.Connection, now: float) -> float | None:
    """When the next one becomes due after `now`; None: nothing waits for a time."""
    row = connection.execute(
        "SELECT MIN(due) FROM invocation WHERE state = 'waiting' AND due > ?", (now,)
    ).fetchone()
    return row[0] if row else None


def set_back(connection: sqlite3.Connection, now: float, longest: Sequence[float]) -> None:
    """The clock may have been set back: what was put by a later one, or put off, waits no longer for that.

    `longest`: seconds that a call waits at most after one try, after two, and so on; the last for all more.
    """
    connection.execute(
        "UPDATE invocation SET due = ? + MAX(0, due - created) WHERE state = 'waiting' AND attempts = 0"
        " AND created > ? AND due > ?",
        (now, now, now),
    )
    for tried, seconds in enumerate(longest, 1):
        last = 1 << 31 if tried == len(longest) else tried
        connection.execute(
            "UPDATE invocation SET due = ? WHERE state = 'waiting' AND attempts BETWEEN ? AND ? AND due > ?",
            (now + seconds, tried, last, now + seconds),
        )
