"""How people and machines deal with an alert: they are called, acknowledge, look, act, err, go back to sleep."""

from __future__ import annotations

from typing import Any

import numpy as np

from fleet.calendar import HOUR, MINUTE, local_hour
from fleet.estate import Check
from fleet.fleet import FUNCTIONS, Fleet

LONGEST = 2 * HOUR
"""Nobody who acts at all waits longer than this before."""


def alert(fleet: Fleet, check: Check, t: float, /, **given: Any) -> dict[str, Any]:
    """One alert, with what the team's habits make of it; given cells stand as they are.

    `lasts`: seconds after which the trouble goes away by itself. `acts`: whether something is done about it
    (None: by habit). A page may be missed; an acknowledgement takes longer at night.
    """
    rng, team = fleet.rng, check.team
    lasts = given.pop("lasts", None) or max(
        6 * check.interval, float(rng.lognormal(np.log(35 * MINUTE), 0.8))
    )
    acts = given.pop("acts", None)
    page = given.get("page", check.pages)
    person = team.on_call(t)
    if acts is None:
        acts = fleet.chance(team.acts if page else 0.5 * team.acts)
    night = not 7 <= local_hour(t, team.zone) < 22
    ack = team.ack * float(rng.lognormal(0, 0.45)) * (1.4 if night else 1.0)
    if not page:
        ack *= 6
    ack = min(ack, 2.2 * team.promise if page else 3 * HOUR)
    row: dict[str, Any] = {
        "id": "a" + fleet.number(),
        "check": check.name,
        "component": check.component.name,
        "owner": team.name,
        "started": t,
        "severity": check.row.get("severity", "critical" if check.pages else "warning"),
        "page": page,
        "person": person,
    }
    if acts:
        row["acked"] = t + ack
        row["acked_by"] = person if fleet.chance(0.85) else team.on_call(t, 2)
        delay = min(team.quick * float(rng.lognormal(0, 0.6)), LONGEST)
        row["acted"] = row["acked"] + delay
        row["actor"], row["action"] = "human", usual_step(fleet, check)
        row["ended"] = row["acted"] + float(rng.lognormal(np.log(12 * MINUTE), 0.7))
        row["end_reason"] = "human"
        row["resolver"] = str(rng.choice(team.people)) if fleet.chance(0.55) else row["acked_by"]
        row["runbook_opened"] = fleet.chance(team.reads)
    else:
        row["ended"], row["end_reason"] = t + lasts, "itself"
        if ack < lasts and fleet.chance(0.9):
            row["acked"], row["acked_by"] = t + ack, person
            row["runbook_opened"] = fleet.chance(team.reads)
    row |= given
    fleet.tables.rows["alert"].append(row)
    return row


def usual_step(fleet: Fleet, check: Check) -> str:
    """What this team usually runs: each check has a favourite."""
    favourite = sum(check.name.encode()) % len(FUNCTIONS)
    return FUNCTIONS[favourite] if fleet.chance(0.6) else str(fleet.rng.choice(FUNCTIONS))


def healed(
    fleet: Fleet, check: Check, t: float, automation: str, function: str, **given: Any
) -> dict[str, Any]:
    """An alert that a machine ended before anybody looked."""
    wait = float(fleet.rng.uniform(10, 50))
    done = t + wait + float(fleet.rng.uniform(40, 240))
    cells: dict[str, Any] = {
        "acts": False,
        "acked": None,
        "acked_by": None,
        "runbook_opened": None,
        "acted": t + wait,
        "actor": "machine",
        "action": function,
        "ended": done,
        "end_reason": "machine",
        "resolver": automation,
    }
    return alert(fleet, check, t, **(cells | given))


def by_hand(fleet: Fleet, row: dict[str, Any], **given: Any) -> None:
    """The act of a person that an alert led to, and the use of the grant for it."""
    team = row["owner"]
    function = row["action"]
    cells = {
        "id": "x" + fleet.number(),
        "at": row["acted"],
        "function": function,
        "actor": f"ops-{team}",
        "actor_kind": "person",
        "mode": "real",
        "target": row["component"],
        "targets": 1,
        "alert": row["id"],
        "trigger": "alert",
        "outcome": "verified" if fleet.chance(0.975) else "failed",
        "finished": row["ended"],
        "recovered": row["ended"],
        "owner": team,
    }
    fleet.add("action", **(cells | given))
    fleet.add(
        "use",
        grant=f"g-{team}-{function}",
        principal=f"ops-{team}",
        at=row["acted"],
        function=function,
        target=row["component"],
        **{"class": "alert"},
        host=f"jump-{team}",
        owner=team,
    )
