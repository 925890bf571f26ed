"""Freezes that are ordered while the node runs, beside those of the catalogue. Each is one transaction with
its entry; a freeze is an order to the gate, and holds until its end or until a person lifts it."""

from __future__ import annotations

import sqlite3

from gadfly.act.books.transaction import Appends, whole
from gadfly.act.grants import selector
from gadfly.act.halt.stop import PERSONS
from gadfly.act.situation import Freeze
from gadfly.errors import LimitError, Refused
from gadfly.ledger.entry import Entry, rfc3339

STANDING = 100
"""Freezes in force at most: each is looked at in every decision."""
REASON = 2000


def order(
    connection: sqlite3.Connection,
    log: Appends,
    name: str,
    *,
    on: str = "",
    who: str,
    because: str,
    ends: float | None = None,
    now: float,
) -> Freeze:
    """From now on nothing that `on` (a selector; empty: everything) means is changed by anybody.

    Refused where `who` is no person, nothing is said, or `on` is no selector; LimitError beyond the limit.
    """
    with whole(connection):
        if not who.startswith(PERSONS):
            raise Refused(f"{who} cannot order a freeze; a person must.")
        if not name.strip() or not because.strip() or len(because) > REASON:
            raise Refused("Say what the freeze is called and why: whoever meets it will want to know.", 422)
        try:
            selector.parse(on)
        except ValueError as error:
            raise Refused(str(error), 422) from None
        (standing,) = connection.execute("SELECT COUNT(*) FROM freeze WHERE lifted IS NULL").fetchone()
        if standing >= STANDING:
            raise LimitError(f"{STANDING} freezes are in force already; lift some.")
        body = {"what": "ordered", "name": name, "on": on, "because": because}
        body["until"] = _until(ends)
        _say(connection, log, who, body, now)
        connection.execute(
            "INSERT INTO freeze (name, selector, automation, who, because, starts, ends)"
            " VALUES (?, ?, '', ?, ?, ?, ?)",
            (name, on, who, because, now, ends),
        )
        return Freeze(name=name, on=on, starts=now, ends=ends, who=who, because=because)


def lift(
    connection: sqlite3.Connection, log: Appends, number: int, *, who: str, because: str, now: float
) -> None:
    """Let things change again. Refused where none of this number is in force, or `who` is no person; for whom
    that person must speak is the caller's to know."""
    with whole(connection):
        row = connection.execute(
            "SELECT name, selector, ends FROM freeze WHERE id = ? AND lifted IS NULL", (number,)
        ).fetchone()
        if row is None:
            raise Refused(f"No freeze {number} is in force.", 404)
        if not who.startswith(PERSONS):
            raise Refused(f"{who} cannot lift a freeze; a person must.")
        body = {"what": "lifted", "name": row[0], "on": row[1], "because": because, "until": _until(row[2])}
        _say(connection, log, who, body, now)
        connection.execute("UPDATE freeze SET lifted = ?, lifted_by = ? WHERE id = ?", (now, who, number))


def _until(ends: float | None) -> str:
    return "a person lifts it" if ends is None else rfc3339(ends)


def _say(connection: sqlite3.Connection, log: Appends, who: str, body: dict[str, str], now: float) -> None:
    log.append(connection, [Entry(kind="freeze", who=who, about=(), body=body, at=now)])
