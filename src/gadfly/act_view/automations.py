"""Each automation as it stands: its rung, its record, what it has used, what holds it back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from gadfly.act.automation import lower, terms
from gadfly.act.halt import stop
from gadfly.act.halt.stop import Stop
from gadfly.act.ladder import standing_book
from gadfly.act.mail import report
from gadfly.act.plan import Plan
from gadfly.act.situation import Fleet
from gadfly.act_view.plans import SHOWN
from gadfly.config.act import Automation
from gadfly.web.redact import veiled

RUNS = 50
"""Runs that a story tells."""

_STATES = {"open": "running", "cancelled": "stopped"}


def shown(
    connection: sqlite3.Connection,
    name: str,
    automation: Automation,
    stops: Iterable[Stop],
    fleet: Fleet,
    now: float,
) -> dict[str, Any]:
    """:class:`.automations.Automation`."""
    its = terms(name, automation)
    rung = standing_book.rung(connection, name, its.does)
    overdue = now >= its.review
    level = lower(rung.level, automation.level)
    state, why = _state(name, automation, rung.frozen, stops, its.expires, now)
    last = connection.execute(
        "SELECT at, state FROM intent WHERE automation = ? ORDER BY id DESC LIMIT 1", (name,)
    ).fetchone()
    return {
        "name": name,
        "owner": automation.owner,
        "purpose": automation.purpose,
        "action": veiled(automation.run),
        "on": automation.on,
        # From its review day on it only suggests, whatever its record is.
        "level": lower(level, "suggest") if overdue else level,
        "declared": automation.level,
        "state": state,
        "why": why,
        "runs": rung.runs,
        "verified": rung.verified,
        "bound": rung.bound,
        "proposed": rung.proposed,
        # The days as they were written: their ends are moments of the next.
        "review": automation.review.isoformat(),
        "overdue": overdue,
        "expires": automation.expires.isoformat(),
        "budgets": _budgets(connection, name, automation, its.group, fleet, now),
        "last": None if last is None else last[0],
        "outcome": "" if last is None else _STATES.get(last[1], last[1]),
    }


def _state(
    name: str,
    automation: Automation,
    frozen: str,
    stops: Iterable[Stop],
    expires: float,
    now: float,
) -> tuple[str, str]:
    if now >= expires:
        return "expired", "its last day is over; its owner must renew it or take it out"
    act = stop.Act(principal=f"automation:{name}", automation=name, owner=automation.owner)
    holding = stop.holding(stops, act)
    if holding is not None:
        return "stopped", stop.said(holding)
    if frozen:
        return "frozen", frozen
    return "ready", ""


def _budgets(
    connection: sqlite3.Connection,
    name: str,
    automation: Automation,
    group_share: float,
    fleet: Fleet,
    now: float,
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": one.what, "used": one.used, "most": one.limit}
        for one in report.budgets(connection, name, automation, now)
    ]
    held = connection.execute(
        "SELECT grp, COUNT(*) FROM reservation WHERE automation = ? AND ended IS NULL GROUP BY grp", (name,)
    ).fetchall()
    for group, count in held:
        if group in fleet.groups:
            share = count / max(1, fleet.groups[group].total)
            found.append({"name": f"of group {group}", "used": share, "most": group_share, "unit": "share"})
    return found


def limits(automation: Automation) -> list[tuple[str, str]]:
    """As declared, in words."""
    its = automation.limits
    found = [
        ("at once", str(its.at_once)),
        ("of a group", its.group),
        ("of the fleet", its.fleet),
        ("an hour", str(its.per_hour)),
        ("tries a target", str(its.tries_per_target)),
    ]
    if its.cost:
        found.append(("cost an hour", f"{its.cost:g}"))
    if its.windows:
        found.append(("when", its.windows))
    return found


def runs(connection: sqlite3.Connection, name: str) -> list[dict[str, Any]]:
    """:class:`.automations.Run`, newest first."""
    rows = connection.execute(
        "SELECT intent.id, intent.body, COALESCE(approval.who, ''), intent.at, state, finished, reason"
        " FROM intent LEFT JOIN approval ON approval.intent = intent.id WHERE automation = ?"
        " ORDER BY intent.id DESC LIMIT ?",
        (name, RUNS),
    )
    found = []
    for number, body, approved, at, state, finished, reason in rows:
        plan = msgspec.json.decode(body, type=Plan)
        found.append(
            {
                "intent": str(number),
                "at": at,
                "who": plan.asker,
                "approved": approved,
                "count": len(plan.targets),
                "targets": [target.name for target in plan.targets[:SHOWN]],
                "state": _STATES.get(state, state),
                "words": reason,
                "measured_by": "node" if finished is not None else "",
                "ended": finished,
            }
        )
    return found
