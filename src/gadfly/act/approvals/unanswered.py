"""Plans that wait for a word, and nobody gives it: the next contact in the owner's chain is asked.

As with an alert: each owner says after how many seconds without an answer the next is asked (`after`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from gadfly.act.plan import Plan
from gadfly.alert.escalate import Step, chain
from gadfly.config.owner import Owner


class Unanswered(NamedTuple):
    """A plan for which the next contact is to be asked."""

    request: int
    plan: Plan
    lacks: str
    """What it waits for, in words."""
    told: int
    """How many contacts were asked already."""
    step: Step
    """Who is next."""


def due(connection: sqlite3.Connection, owners: Mapping[str, Owner], now: float) -> list[Unanswered]:
    """Those whose next contact's turn it is at `now` (wall seconds)."""
    found = []
    for number, owner, told, at in connection.execute(
        "SELECT id, owner, told, at FROM request WHERE state = 'waiting' AND ends > ?", (now,)
    ).fetchall():
        steps = chain(owners, owner, now)
        if told < len(steps) and now >= at + sum(step.after for step in steps[:told]):
            body, lacks = connection.execute(
                "SELECT body, lacks FROM request WHERE id = ?", (number,)
            ).fetchone()
            plan = msgspec.json.decode(body, type=Plan)
            found.append(Unanswered(number, plan, lacks, told, steps[told]))
    return found


def take(connection: sqlite3.Connection, one: Unanswered) -> bool:
    """Whether it still waits, and nobody was asked meanwhile; then one more is noted."""
    done = connection.execute(
        "UPDATE request SET told = told + 1 WHERE id = ? AND told = ? AND state = 'waiting'",
        (one.request, one.told),
    )
    return done.rowcount == 1
