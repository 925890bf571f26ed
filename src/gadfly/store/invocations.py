"""Calls of functions on their way: rows, and what may happen to them.

::

                 ┌──────── try again ─────────┐
                 ▼                            │
    (put) ──▶ waiting ──claim──▶ running ──end┼──▶ done
                 │ ▲                          │
         overlap │ └───────── replay ──────── dead
                 ▼
    (put) ──▶ skipped

A row is committed before whoever brought it is told so, and each try before it runs. A process has the file
for itself, so a row that runs at the start is one whose process ended: that try is `lost`. Whose turn it is
is :mod:`gadfly.store.invocation_turns`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from gadfly.errors import Refused
from gadfly.store import trigger_places

Overlap = Literal["queue", "skip"]
LOG = 16 << 10
"""Bytes of a try's output that stay: the last ones."""
ANSWER = 4 << 10
EVENT = 8 << 10
"""Bytes of an event that stay when its call is done, so that it can be made again."""
WORDS = 2_000
"""Characters of an error or a reason."""


class New(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is to be written down."""

    function: str
    called: str
    """By which trigger."""
    key: str
    """What of it. There is one row of each, ever."""
    event: bytes
    due: float = 0.0
    allowed: int = 3
    lane: str = ""
    overlap: Overlap = "queue"
    skipped: str = ""
    """Why it is not made; empty: it is."""
    place: str = ""
    """How far its trigger was taken with it; empty: that is not kept."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A try that may run now; it is written down that it does."""

    id: int
    function: str
    called: str
    key: str
    event: bytes
    attempt: int
    allowed: int
    created: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a try ended. `error`: why not `ok`, in words."""

    ended: Literal["ok", "failed", "ended", "lost", "refused"]
    error: str = ""
    version: str = ""
    answer: bytes = b""
    log: bytes = b""
    unsaid: int = 0
    """Bytes of output that are not in `log`."""


class Moved(NamedTuple):
    """One that waits from now on, or no longer. `size`: bytes of its event."""

    id: int
    function: str
    size: int


def put(connection: sqlite3.Connection, new: New, wall: float) -> tuple[int, bool]:
    """Its number, and whether it is new; the same key again is the row that is there."""
    row = connection.execute(
        "INSERT INTO invocation (function, called, key, lane, overlap, event, created, due, allowed, state,"
        " reason, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (function, called, key) DO NOTHING RETURNING id",
        (
            new.function,
            new.called,
            new.key,
            new.lane,
            new.overlap,
            new.event,
            wall,
            new.due,
            new.allowed,
            "skipped" if new.skipped else "waiting",
            _words(new.skipped),
            wall if new.skipped else None,
        ),
    ).fetchone()
    if new.place:
        trigger_places.move(connection, new.function, new.called, new.place)
    if row is not None:
        return int(row[0]), True
    (number,) = connection.execute(
        "SELECT id FROM invocation WHERE function = ? AND called = ? AND key = ?",
        (new.function, new.called, new.key),
    ).fetchone()
    return int(number), False


def _words(text: str) -> str:
    """As it can be written: half a character may come out of a handler."""
    return text[:WORDS].encode("utf-8", "replace").decode()


def begin(connection: sqlite3.Connection, number: int, wall: float) -> Work | None:
    """Take this one out of the queue; None where it does not wait."""
    row = connection.execute(
        "UPDATE invocation SET state = 'running', attempts = attempts + 1 WHERE id = ? AND state = 'waiting'"
        " RETURNING function, called, key, event, attempts, allowed, created",
        (number,),
    ).fetchone()
    if row is None:
        return None
    function, called, key, event, attempt, allowed, created = row
    connection.execute(
        "INSERT INTO attempt (invocation, number, began) VALUES (?, ?, ?)", (number, attempt, wall)
    )
    return Work(
        id=number,
        function=function,
        called=called,
        key=key,
        event=bytes(event),
        attempt=attempt,
        allowed=allowed,
        created=created,
    )


def attempted(
    connection: sqlite3.Connection, number: int, attempt: int, outcome: Outcome, wall: float
) -> bool:
    """Write down how the try ended; False where that was known already."""
    return bool(
        connection.execute(
            "UPDATE attempt SET ended = ?, outcome = ?, error = ?, version = ?, answer = ?, log = ?,"
            " unsaid = ? WHERE invocation = ? AND number = ? AND outcome = 'running'",
            (
                wall,
                outcome.ended,
                _words(outcome.error),
                outcome.version,
                outcome.answer if len(outcome.answer) <= ANSWER else b"",
                outcome.log[-LOG:],
                outcome.unsaid + max(0, len(outcome.log) - LOG),
                number,
                attempt,
            ),
        ).rowcount
    )


def become(
    connection: sqlite3.Connection, number: int, state: str, due: float, reason: str, wall: float
) -> None:
    """From running to done, waiting or dead. A done one keeps a small event only."""
    connection.execute(
        "UPDATE invocation SET state = ?, due = ?, reason = ?, ended = ?,"
        " event = CASE WHEN ? = 'done' AND LENGTH(event) > ? THEN x'' ELSE event END"
        " WHERE id = ? AND state = 'running'",
        (state, due, _words(reason), None if state == "waiting" else wall, state, EVENT, number),
    )


def running(connection: sqlite3.Connection) -> list[tuple[int, str, str, int, int]]:
    """Number, function, trigger, try and allowed tries of each that runs."""
    return connection.execute(
        "SELECT id, function, called, attempts, allowed FROM invocation WHERE state = 'running' ORDER BY id"
    ).fetchall()


def waiting(connection: sqlite3.Connection) -> list[tuple[str, int, int]]:
    """Function, rows and bytes of what waits."""
    return connection.execute(
        "SELECT function, COUNT(*), SUM(LENGTH(event)) FROM invocation WHERE state = 'waiting'"
        " GROUP BY function"
    ).fetchall()


def in_lane(connection: sqlite3.Connection, function: str, lane: str) -> int:
    """How many of it are not over."""
    row = connection.execute(
        "SELECT COUNT(*) FROM invocation WHERE function = ? AND lane = ? AND lane <> ''"
        " AND state IN ('waiting', 'running')",
        (function, lane),
    ).fetchone()
    return int(row[0])


def abandon(connection: sqlite3.Connection, known: Iterable[str], wall: float) -> list[tuple[str, int]]:
    """What waits for a function that is no longer declared is a dead letter; of each the function and the
    bytes of its event."""
    names = msgspec.json.encode(list(known)).decode()
    return connection.execute(
        "UPDATE invocation SET state = 'dead', ended = ?, reason = 'function ' || function || ' is not"
        " declared any more; declare it, then replay' WHERE state = 'waiting'"
        " AND function NOT IN (SELECT value FROM json_each(?)) RETURNING function, LENGTH(event)",
        (wall, names),
    ).fetchall()


def replay(connection: sqlite3.Connection, number: int, tries: int, wall: float) -> Moved:
    """Make it again, with so many tries: the same one where it is dead, else a new one with its event.

    The one that waits now. Refused where there is none, it is not over, or its event is gone.
    """
    row = connection.execute(
        "SELECT function, state, LENGTH(event), attempts FROM invocation WHERE id = ?",
        (number,),
    ).fetchone()
    if row is None:
        raise Refused(f"There is no invocation {number}.", 404)
    function, state, size, attempts = row
    if state in ("waiting", "running"):
        raise Refused(f"Invocation {number} is not over ({state}): wait for its end.", 409)
    if not size:
        raise Refused(f"The event of invocation {number} is not kept: it cannot be made again.", 410)
    if state == "dead":
        connection.execute(
            "UPDATE invocation SET state = 'waiting', due = ?, ended = NULL, reason = 'made again by hand',"
            " allowed = ? WHERE id = ?",
            (wall, attempts + tries, number),
        )
        return Moved(number, function, size)
    made = connection.execute(
        "INSERT INTO invocation (function, called, key, event, created, due, allowed)"
        " SELECT function, called, key || ' again ' || (SELECT COUNT(*) + 1 FROM invocation AS other"
        "   WHERE other.function = one.function AND other.called = one.called"
        "   AND substr(other.key, 1, length(one.key) + 7) = one.key || ' again '), event, ?, ?, ?"
        " FROM invocation AS one WHERE id = ? RETURNING id",
        (wall, wall, tries, number),
    ).fetchone()
    return Moved(int(made[0]), function, size)
