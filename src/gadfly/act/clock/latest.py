"""The latest time at which anything was decided. It never goes back by itself: that is what keeps a clock
that was set back from bringing what has ended to life again.

The price: a clock that once ran far ahead leaves a time that no true clock reaches, and the guard `expiry`
refuses everything until somebody says which time it is.
"""

from __future__ import annotations

import sqlite3

from gadfly.act.books.transaction import Appends, whole
from gadfly.act.halt.stop import PERSONS
from gadfly.act.situation import Situation
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry, rfc3339


def latest(connection: sqlite3.Connection) -> float:
    """Wall seconds."""
    return float(connection.execute("SELECT at FROM latest").fetchone()[0])


JUMP = 3600.0
"""Seconds that the time may go on from one decision to the next without anybody vouching for it."""


def move(connection: sqlite3.Connection, situation: Situation) -> None:
    """Something was decided in this situation: from now on nothing is judged by an earlier time.

    A clock that has just jumped ahead is not believed for as long as it has not gone on steadily from there
    (:mod:`gadfly.act.clock.jump`), unless a witness vouches for it: one wrong moment must not close the gate
    for good. The price: for ten minutes after a start or a jump of more than an hour, a clock that is set
    back again is caught by the witness only.
    """
    before = latest(connection)
    time = situation.time
    if before and not situation.steady and time - before > JUMP:
        time = situation.witness
    if time > before:
        connection.execute("UPDATE latest SET at = ?", (time,))


def correct(
    connection: sqlite3.Connection, log: Appends, *, who: str, because: str, witness: float, now: float
) -> None:
    """A person says that the clock is right now and was wrong before. Refused where a witness has vouched for
    a later time (`witness`, wall seconds, 0 where there is none), or `who` is no person."""
    with whole(connection):
        if not who.startswith(PERSONS) or not because.strip():
            raise Refused(f"{who} cannot say which time it is; a person must, and say why.")
        if witness > now:
            raise Refused(f"A witness has seen {rfc3339(witness)}: set this node's clock first.", 409)
        before = latest(connection)
        if before <= now:
            raise Refused(
                "This node's clock is not behind what was written: there is nothing to correct.", 409
            )
        body = {"what": "clock", "before": rfc3339(before), "after": rfc3339(now), "because": because}
        log.append(connection, [Entry(kind="node", who=who, about=(), body=body, at=now)])
        connection.execute("UPDATE latest SET at = ?", (now,))
