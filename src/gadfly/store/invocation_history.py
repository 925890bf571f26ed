"""Calls of functions to be looked at, and how long they are kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from gadfly.errors import Refused

KNOWN = 3600.0
"""Seconds for which the key of what is over is known at least, so that nothing is taken twice; longer than
any signature is good for."""
AMONG = 50
"""Calls of a function among which the one that ended last is looked for: retries end out of order."""
OVER = 200_000
"""Rows of what is over; some 60 MB without their events."""
EVENTS = 20_000
"""Of these, the newest that keep their event; at most 8 KB each."""
DEAD = 5_000
"""Dead letters: more than anybody makes again."""
DEAD_BYTES = 512 << 20
"""Bytes of their events."""


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """A row, to be shown. Times are seconds since the epoch."""

    id: int
    function: str
    called: str
    key: str
    state: str
    reason: str
    created: float
    due: float
    ended: float | None
    attempts: int
    allowed: int
    size: int
    """Bytes of its event; 0: it is not kept, and it cannot be made again."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A try, to be shown."""

    number: int
    began: float
    ended: float | None
    outcome: str
    error: str
    version: str
    answer: bytes
    log: bytes
    unsaid: int


def recent(
    connection: sqlite3.Connection,
    *,
    function: str = "",
    state: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[Invocation]:
    """Newest first; only of this function, in this state, with smaller numbers, where that is said."""
    where, values = ["1"], list[object]()
    for text, value in (("function = ?", function), ("state = ?", state), ("id < ?", before)):
        if value:
            where.append(text)
            values.append(value)
    return [
        Invocation(
            id=number,
            function=name,
            called=called,
            key=key,
            state=now,
            reason=reason,
            created=created,
            due=due,
            ended=ended,
            attempts=attempts,
            allowed=allowed,
            size=size,
        )
        for (
            number, name, called, key, now, reason, created, due, ended, attempts, allowed, size,
        ) in connection.execute(
            "SELECT id, function, called, key, state, reason, created, due, ended, attempts,"  # noqa: S608 - fixed
            f" allowed, LENGTH(event) FROM invocation WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?",
            (*values, limit),
        )
    ]  # fmt: skip


def attempts(connection: sqlite3.Connection, number: int) -> list[Attempt]:
    """The tries of an invocation, in their order."""
    return [
        Attempt(
            number=nth,
            began=began,
            ended=ended,
            outcome=outcome,
            error=error,
            version=version,
            answer=bytes(answer),
            log=bytes(log),
            unsaid=unsaid,
        )
        for nth, began, ended, outcome, error, version, answer, log, unsaid in connection.execute(
            "SELECT number, began, ended, outcome, error, version, answer, log, unsaid FROM attempt"
            " WHERE invocation = ? ORDER BY number",
            (number,),
        )
    ]


def event(connection: sqlite3.Connection, number: int) -> bytes:
    """Its event; empty where it is not kept. Refused where there is no such invocation."""
    row = connection.execute("SELECT event FROM invocation WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise Refused(f"There is no invocation {number}.", 404)
    return bytes(row[0])


class Last(NamedTuple):
    """How the last call of a function ended of which its owner is told."""

    state: str
    called: str
    tries: int
    error: str


def last_over(connection: sqlite3.Connection, function: str, triggers: Sequence[str]) -> Last | None:
    """Of the newest that are done, or are dead letters of one of these triggers, the one that ended last."""
    kinds = " OR ".join("substr(called, 1, ?) = ?" for _ in triggers)
    row = connection.execute(
        "SELECT state, called, attempts, COALESCE((SELECT error FROM attempt"  # noqa: S608 - fixed text
        "  WHERE invocation = one.id AND number = one.attempts), ''), ended FROM ("
        f" SELECT * FROM invocation WHERE function = ? AND (state = 'done' OR (state = 'dead' AND ({kinds})))"
        f" ORDER BY id DESC LIMIT {AMONG}) AS one ORDER BY ended DESC, id DESC LIMIT 1",
        (function, *(value for one in triggers for value in (len(one), one))),
    ).fetchone()
    return Last(*row[:4]) if row else None


class Old(NamedTuple):
    """Numbers of what is to be forgotten: whole rows, and events only."""

    rows: list[int]
    events: list[int]


def old(connection: sqlite3.Connection, now: float, keep: float, batch: int = 1_000) -> Old:
    """What is over for longer than `keep` seconds, or too much; at most `batch` of each."""
    rows: list[int] = []
    for states, most in (("'done', 'skipped'", OVER), ("'dead'", DEAD)):
        edge = connection.execute(
            f"SELECT id FROM invocation WHERE state IN ({states})"  # noqa: S608 - fixed text
            " ORDER BY id DESC LIMIT 1 OFFSET ?",
            (most,),
        ).fetchone()
        if states == "'dead'":
            large = connection.execute(
                "SELECT id FROM (SELECT id, SUM(LENGTH(event)) OVER (ORDER BY id DESC) AS size"
                " FROM invocation WHERE state = 'dead') WHERE size > ? ORDER BY id DESC LIMIT 1",
                (DEAD_BYTES,),
            ).fetchone()
            edge = max(filter(None, (edge, large)), default=None)
        found = connection.execute(
            f"SELECT id FROM invocation WHERE state IN ({states})"  # noqa: S608 - fixed text
            " AND (ended < ? OR (id <= ? AND ended < ?)) ORDER BY id LIMIT ?",
            (now - max(keep, KNOWN), edge[0] if edge else -1, now - KNOWN, batch),
        )
        rows += [number for (number,) in found]
    found = connection.execute(
        "SELECT id FROM invocation WHERE state IN ('done', 'skipped') AND LENGTH(event) > 0"
        " AND id <= (SELECT MAX(id) FROM invocation) - ? ORDER BY id LIMIT ?",
        (EVENTS, batch),
    )
    return Old(rows, [number for (number,) in found])


def forget(connection: sqlite3.Connection, old: Old) -> None:
    """Delete these, unless they were made again meanwhile."""
    for number in old.rows:
        gone = connection.execute(
            "DELETE FROM invocation WHERE id = ? AND state IN ('done', 'skipped', 'dead')", (number,)
        ).rowcount
        if gone:
            connection.execute("DELETE FROM attempt WHERE invocation = ?", (number,))
            connection.execute("DELETE FROM function_asked WHERE invocation = ?", (number,))
    connection.executemany(
        "UPDATE invocation SET event = x'' WHERE id = ? AND state IN ('done', 'skipped')",
        [(number,) for number in old.events],
    )
