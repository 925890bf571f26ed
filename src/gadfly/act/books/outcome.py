"""What became of an act: measured by another than the actor, written down, and counted."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any, Literal, NamedTuple

import msgspec

from gadfly.act.books import reading
from gadfly.act.books.saying import NAMES, REASON, about
from gadfly.act.books.transaction import Appends, whole
from gadfly.act.ladder import standing_book
from gadfly.act.plan import Plan
from gadfly.act.situation import Standing
from gadfly.errors import LimitError, Refused
from gadfly.ledger.entry import Entry

State = Literal["verified", "partial", "failed", "unknown", "cancelled"]

UNMEASURED = "nothing was measured in time"
LINE = 200
"""Characters of the actor's own words that are shown with the reason."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured after an act. `at` is wall seconds."""

    state: State
    """`partial`: all that was begun is verified, and the rest was not done. `cancelled`: no effect was begun,
    so nothing was used."""
    by: str
    """The principal that measured it; never the one that acted."""
    reason: str = ""
    measured: dict[str, str] = {}
    """By target: what it was found to be."""
    untouched: tuple[str, ...] = ()
    """Targets on which nothing was begun: what was held for them was not used."""
    output: str = ""
    """What a program said for which it failed. It may say anything of anybody: it is kept in the state, where
    it is deleted in time, and in the ledger stand its SHA-256 and its length in bytes only."""
    at: float


def verified_in(
    connection: sqlite3.Connection, log: Appends, intent: int, cell: str, outcome: Outcome
) -> None:
    """One stage of an act was measured, and well: what it held in this cell is free again."""
    with whole(connection):
        _, plan = _open(connection, intent, outcome)
        if outcome.state != "verified":
            raise Refused("Only a verified stage ends by itself: finish the act with this outcome.", 409)
        _append(connection, log, plan, intent, outcome, {"cell": cell})
        connection.execute(
            "UPDATE reservation SET ended = ? WHERE intent = ? AND cell = ? AND ended IS NULL",
            (outcome.at, intent, cell),
        )


def finish(connection: sqlite3.Connection, log: Appends, intent: int, outcome: Outcome) -> Standing:
    """Write down what became of an act. Unknown keeps what it used; all others release it, and what was not
    touched was not used.

    Refused where there is no such intent, it is finished already, or the actor itself would be the measure.
    What it does to the automation's standing happens in the same transaction, and once for each intent: what
    was unknown is a failure already, and neither fails again nor succeeds by what is measured of it later.
    """
    with whole(connection):
        before, plan = _open(connection, intent, outcome)
        _append(connection, log, plan, intent, outcome, {})
        connection.execute(
            "UPDATE intent SET state = ?, finished = ?, reason = ?, output = ? WHERE id = ?",
            (outcome.state, outcome.at, _shown(outcome), outcome.output, intent),
        )
        if outcome.state == "cancelled":
            connection.execute("DELETE FROM reservation WHERE intent = ?", (intent,))
        elif outcome.state != "unknown":
            connection.execute(
                "UPDATE reservation SET ended = ? WHERE intent = ? AND ended IS NULL", (outcome.at, intent)
            )
            connection.executemany(
                "DELETE FROM reservation WHERE intent = ? AND target = ?",
                ((intent, name) for name in outcome.untouched),
            )
        if before == "unknown":
            return reading.standing(connection, plan.automation)
        return standing_book.record(connection, log, plan, intent, outcome.state, outcome.at)


class Lapsed(NamedTuple):
    """An intent whose time is over without an outcome."""

    intent: int
    plan: Plan
    froze: str
    """Why its automation is frozen by it; empty: it is not, or was before."""


def lapse(connection: sqlite3.Connection, log: Appends, now: float) -> list[Lapsed]:
    """Intents whose time is over without an outcome become unknown, which is failure; 1,000 at a time."""
    rows = connection.execute(
        # The first condition is that of the index.
        "SELECT id, body FROM intent WHERE state IN ('open', 'unknown') AND state = 'open' AND ends <= ?"
        " ORDER BY ends LIMIT 1000",
        (now,),
    ).fetchall()
    outcome = Outcome(state="unknown", by="node", reason=UNMEASURED, at=now)
    found = []
    for number, body in rows:
        plan = msgspec.json.decode(body, type=Plan)
        before = reading.standing(connection, plan.automation)
        after = finish(connection, log, number, outcome)
        found.append(Lapsed(number, plan, "" if before.frozen else after.frozen))
    return found


def _open(connection: sqlite3.Connection, intent: int, outcome: Outcome) -> tuple[str, Plan]:
    """How the intent stands, open or unknown, and its plan."""
    row = connection.execute("SELECT state, body FROM intent WHERE id = ?", (intent,)).fetchone()
    if row is None:
        raise Refused(f"There is no intent {intent}.", 404)
    if row[0] not in ("open", "unknown"):
        raise Refused(f"Intent {intent} is finished already: {row[0]}.", 409)
    plan = msgspec.json.decode(row[1], type=Plan)
    if outcome.by == plan.principal:
        raise Refused(f"{outcome.by} acted, so somebody else must measure what became of it.", 403)
    return row[0], plan


def _shown(outcome: Outcome) -> str:
    """The reason as people read it in the state: with the last line of the output, there the error stands."""
    last = outcome.output.strip().rpartition("\n")[2].strip()[:LINE]
    return f"{outcome.reason} (it said: {last})"[:REASON] if last else outcome.reason[:REASON]


def _append(
    connection: sqlite3.Connection,
    log: Appends,
    plan: Plan,
    intent: int,
    outcome: Outcome,
    more: dict[str, Any],
) -> None:
    shown = dict(list(outcome.measured.items())[:NAMES])
    body: dict[str, Any] = {
        "state": outcome.state,
        "reason": outcome.reason[:REASON],
        "measured": shown,
        "plan": plan.hash,
        **more,
    }
    if outcome.output:
        said = outcome.output.encode()
        body["output"] = {"sha256": hashlib.sha256(said).hexdigest(), "bytes": len(said)}
    entry = Entry(
        kind="outcome", who=outcome.by, about=(*about(plan), f"intent:{intent}"), body=body, at=outcome.at
    )
    try:
        log.append(connection, [entry])
    except LimitError:
        # What was found of each target may be long; that it was found, and what it means, must be written.
        body["measured"], body["measured_left_out"] = {}, len(outcome.measured)
        log.append(connection, [entry])
