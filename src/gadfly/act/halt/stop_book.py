"""The rows of the stops. A stop, and its end, is one transaction with its ledger entry."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from gadfly.act.books.transaction import Appends
from gadfly.act.halt.stop import (
    SCOPES,
    Scope,
    Stop,
    act_of,
    covers,
    may_lift,
)
from gadfly.act.plan import Plan
from gadfly.config.owner import Owner
from gadfly.errors import LimitError, Refused
from gadfly.ledger.entry import Entry

STANDING = 1000
"""Narrow stops in force at the same time at most: each is told to every executor. Everything can be stopped
beyond it: that is one row more."""
DRILL = "[DRILL] "
"""How the name of what a fire drill stops begins."""
LONGEST_REASON = 2000
LONGEST_NAME = 200

_COLUMNS = "id, scope, name, owner, who, because, at, entry, lifted, lifted_by"


def put(
    connection: sqlite3.Connection,
    log: Appends,
    *,
    scope: Scope,
    name: str = "",
    owner: str = "",
    who: str,
    because: str,
    now: float,
) -> Stop:
    """Stop it. The same stop by the same principal is not made twice: the one in force is returned.

    `owner`: who answers for what is stopped. Refused or LimitError where it cannot be; then nothing is
    written.
    """
    name, owner = ("", "") if scope == "everything" else (name, owner)
    if scope not in SCOPES or bool(name) is (scope == "everything") or len(name) > LONGEST_NAME:
        raise Refused("Say what to stop: everything, or one owner, automation or target by its name.", 422)
    if len(because) > LONGEST_REASON or not who or len(who) > LONGEST_NAME:
        raise Refused(f"A reason has at most {LONGEST_REASON} characters, a name {LONGEST_NAME}.", 422)
    standing = in_force(connection)
    for one in standing:
        if (one.scope, one.name, one.who) == (scope, name, who):
            return one
    if len(standing) >= STANDING and scope != "everything":
        raise LimitError(f"{STANDING} stops are in force already; stop everything, or lift some.")
    number = (connection.execute("SELECT MAX(id) FROM stop").fetchone()[0] or 0) + 1
    stop = Stop(id=number, scope=scope, name=name, owner=owner, who=who, because=because, at=now, entry=0)
    voided = _void(connection, stop)
    entry = _write(connection, log, stop, "put", who, because, now, voided)
    connection.execute(
        "INSERT INTO stop (id, scope, name, owner, who, because, at, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, scope, name, owner, who, because, now, entry),
    )
    return _one(connection, number)


def lift(
    connection: sqlite3.Connection,
    log: Appends,
    number: int,
    *,
    who: str,
    speaks_for: Collection[str],
    owners: Mapping[str, Owner],
    because: str,
    now: float,
) -> Stop:
    """Let it go on. Refused where no such stop is in force, or `who` is not one of those who may."""
    stop = next((one for one in in_force(connection) if one.id == number), None)
    if stop is None:
        raise Refused(f"No stop s{number} is in force.", 404)
    if (why := may_lift(stop, who, speaks_for, owners)) is not None:
        raise Refused(why, 403)
    if not because.strip() or len(because) > LONGEST_REASON:
        raise Refused("Say why it may go on: whoever looks back will want to know.", 422)
    _write(connection, log, stop, "lifted", who, because, now)
    connection.execute("UPDATE stop SET lifted = ?, lifted_by = ? WHERE id = ?", (now, who, number))
    return _one(connection, number)


def lift_drill(connection: sqlite3.Connection, log: Appends, number: int, *, who: str, now: float) -> None:
    """End the stop that a fire drill pulled. Refused for every other: it stopped something that there is.

    Whoever drills needs no person's right for that: what it stopped was never there.
    """
    stop = next((one for one in in_force(connection) if one.id == number), None)
    if stop is None or stop.scope != "target" or not stop.name.startswith(DRILL):
        raise Refused(f"s{number} is no stop of a drill.", 403)
    _write(connection, log, stop, "lifted", who, "the drill is over", now)
    connection.execute("UPDATE stop SET lifted = ?, lifted_by = ? WHERE id = ?", (now, who, number))


def in_force(connection: sqlite3.Connection) -> tuple[Stop, ...]:
    """Those that hold now, oldest first."""
    return _select(connection, "lifted IS NULL ORDER BY id")


def shown(connection: sqlite3.Connection, since: float) -> tuple[Stop, ...]:
    """Those in force, and those that were lifted after `since` (seconds since the epoch)."""
    return _select(connection, "lifted IS NULL OR lifted > ? ORDER BY +id", since)


def since(connection: sqlite3.Connection, entry: int) -> tuple[Stop, ...]:
    """Those after this entry of the ledger, lifted or not: by them what was decided there is void."""
    return _select(connection, "entry > ? ORDER BY +id", entry)


def newest(connection: sqlite3.Connection, limit: int = 100) -> tuple[Stop, ...]:
    """The newest, in force or not, newest first."""
    return _select(connection, "1 ORDER BY id DESC LIMIT ?", limit)


def _one(connection: sqlite3.Connection, number: int) -> Stop:
    return _select(connection, "id = ?", number)[0]


def _select(connection: sqlite3.Connection, where: str, *given: float) -> tuple[Stop, ...]:
    # An order by `+id` is sorted afterwards: by `id` itself SQLite would read every stop there ever was.
    rows = connection.execute(f"SELECT {_COLUMNS} FROM stop WHERE {where}", given)  # noqa: S608 - fixed words
    return tuple(
        Stop(
            id=number,
            scope=scope,
            name=name,
            owner=owner,
            who=who,
            because=because,
            at=at,
            entry=entry,
            lifted=lifted,
            lifted_by=lifted_by,
        )
        for number, scope, name, owner, who, because, at, entry, lifted, lifted_by in rows
    )


def _void(connection: sqlite3.Connection, stop: Stop) -> int:
    """What waits for a person, or was approved and not begun, is over: nothing queued survives a stop."""
    over = []
    for number, plan_hash, body in connection.execute(
        # What nobody decided in its time lapsed before the stop, and stays that.
        "SELECT id, plan, body FROM request"
        " WHERE ends > MAX(?, (SELECT at FROM latest)) AND state IN ('waiting', 'approved')",
        (stop.at,),
    ):
        plan = msgspec.json.decode(body, type=Plan)
        if covers(stop, act_of(plan)):
            over.append((number, plan_hash))
    connection.executemany(
        "UPDATE request SET state = 'denied', decided_by = ? WHERE id = ?",
        [(stop.who, number) for number, _ in over],
    )
    connection.executemany(
        "UPDATE approval SET ends = MIN(ends, ?) WHERE plan = ? AND intent IS NULL",
        [(stop.at, plan_hash) for _, plan_hash in over],
    )
    return len(over)


def _write(
    connection: sqlite3.Connection,
    log: Appends,
    stop: Stop,
    what: str,
    who: str,
    because: str,
    now: float,
    voided: int = 0,
) -> int:
    about = [f"stop:{stop.id}"]
    if stop.scope != "everything":
        about.append(f"{'component' if stop.scope == 'target' else stop.scope}:{stop.name}")
    if stop.owner and f"owner:{stop.owner}" not in about:
        about.append(f"owner:{stop.owner}")
    body: dict[str, Any] = {"what": what, "scope": stop.scope, "name": stop.name, "because": because}
    if voided:
        body["voided"] = voided
    entry = Entry(kind="stop", who=who, about=tuple(about), body=body, at=now)
    return log.append(connection, [entry])[0]
