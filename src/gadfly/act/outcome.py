"""What became of an act: measured by another than the actor, written down, and counted."""

from __future__ import annotations

import sqlite3
from typing import Any, Literal

import msgspec

from gadfly.act import standing_book
from gadfly.act.plan import Plan
from gadfly.act.saying import NAMES, REASON, about
from gadfly.act.situation import Standing
from gadfly.act.transaction import Appends, whole
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry

State = Literal["verified", "failed", "unknown", "cancelled"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured after an act. `at` is wall seconds."""

    state: State
    """`cancelled`: no effect was begun, so nothing was used."""
    by: str
    """The principal that measured it; never the one that acted."""
    reason: str = ""
    measured: dict[str, str] = {}
    """By target: what it was found to be."""
    at: float


def verified_in(
    connection: sqlite3.Connection, log: Appends, intent: int, cell: str, outcome: Outcome
) -> None:
    """One stage of an act was measured, and well: what it held in this cell is free again."""
    with whole(connection):
        plan = _open(connection, intent, outcome)
        if outcome.state != "verified":
            raise Refused("Only a verified stage ends by itself: finish the act with this outcome.", 409)
        _append(connection, log, plan, intent, outcome, {"cell": cell})
        connection.execute(
            "UPDATE reservation SET ended = ? WHERE intent = ? AND cell = ? AND ended IS NULL",
            (outcome.at, intent, cell),
        )


def finish(connection: sqlite3.Connection, log: Appends, intent: int, outcome: Outcome) -> Standing:
    """Write down what became of an act. Unknown keeps what it used; all others release it.

    Refused where there is no such intent, it is finished already, or the actor itself would be the measure.
    What it does to the automation's standing happens in the same transaction.
    """
    with whole(connection):
        plan = _open(connection, intent, outcome)
        _append(connection, log, plan, intent, outcome, {})
        connection.execute(
            "UPDATE intent SET state = ?, finished = ?, reason = ? WHERE id = ?",
            (outcome.state, outcome.at, outcome.reason[:REASON], intent),
        )
        if outcome.state == "cancelled":
            connection.execute("DELETE FROM reservation WHERE intent = ?", (intent,))
        elif outcome.state != "unknown":
            connection.execute(
                "UPDATE reservation SET ended = ? WHERE intent = ? AND ended IS NULL", (outcome.at, intent)
            )
        return standing_book.record(connection, log, plan, intent, outcome.state, outcome.at)


def lapse(connection: sqlite3.Connection, log: Appends, now: float) -> list[int]:
    """Intents whose time is over without an outcome become unknown, which is failure; their numbers."""
    found = [
        number
        for (number,) in connection.execute(
            "SELECT id FROM intent WHERE state = 'open' AND ends <= ? ORDER BY id LIMIT 1000", (now,)
        )
    ]
    for number in found:
        outcome = Outcome(state="unknown", by="node", reason="nothing was measured in time", at=now)
        finish(connection, log, number, outcome)
    return found


def _open(connection: sqlite3.Connection, intent: int, outcome: Outcome) -> Plan:
    row = connection.execute("SELECT state, body FROM intent WHERE id = ?", (intent,)).fetchone()
    if row is None:
        raise Refused(f"There is no intent {intent}.", 404)
    if row[0] not in ("open", "unknown"):
        raise Refused(f"Intent {intent} is finished already: {row[0]}.", 409)
    plan = msgspec.json.decode(row[1], type=Plan)
    if outcome.by == plan.principal:
        raise Refused(f"{outcome.by} acted, so somebody else must measure what became of it.", 403)
    return plan


def _append(
    connection: sqlite3.Connection,
    log: Appends,
    plan: Plan,
    intent: int,
    outcome: Outcome,
    more: dict[str, Any],
) -> None:
    shown = dict(list(outcome.measured.items())[:NAMES])
    body = {
        "state": outcome.state,
        "reason": outcome.reason[:REASON],
        "measured": shown,
        "plan": plan.hash,
        **more,
    }
    subjects = (*about(plan), f"intent:{intent}")
    log.append(connection, [Entry(kind="outcome", who=outcome.by, about=subjects, body=body, at=outcome.at)])
