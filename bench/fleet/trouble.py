"""Failures with causes, the alerts and incidents that they make, and alerts that nothing is behind."""

from __future__ import annotations

from fleet.calendar import HOUR, MINUTE
from fleet.estate import Component
from fleet.fleet import FUNCTIONS, Fleet
from fleet.people import alert, by_hand

REVIEWED = ("internal-only", "late-telling", "single-point-person", "one-hero", "declared-soft")
"""Kinds that reviews of incidents named; each had been asked about the component before."""


def befall(fleet: Fleet) -> None:
    """Let it happen, on every component that may have trouble."""
    for one in fleet.components:
        told_late = 0
        for t in fleet.moments(one.trouble):
            if one.checks and one.alive(t - HOUR) and one.alive(t + 12 * HOUR):
                told_late += _failure(fleet, one, t, may_be_late=not told_late)
    for check in fleet.checks:
        for t in fleet.moments(check.noise):
            if check.component.alive(t - HOUR) and check.component.alive(t + 12 * HOUR):
                alert(fleet, check, t)


def _failure(fleet: Fleet, one: Component, t: float, *, may_be_late: bool) -> bool:
    """One failure; whether people told of it first."""
    rng = fleet.rng
    lasts = min(8 * HOUR, max(50 * MINUTE, float(rng.lognormal(0.5, 0.6)) * HOUR))
    grave = fleet.chance(0.3)
    errors = float(rng.uniform(0.02, 0.6))
    fleet.add(
        "spell",
        component=one.name,
        kind="down" if fleet.chance(0.3) else "errors",
        began=t,
        ended=t + lasts,
        errors=errors,
        normal=0.003,
        health="fail",
        sick=float(rng.uniform(0.1, 0.7)),
    )
    which = rng.choice(len(one.checks), min(len(one.checks), int(rng.integers(1, 4))), replace=False)
    number = "i" + fleet.number() if grave else None
    rows = [
        alert(
            fleet,
            one.checks[int(i)],
            t + float(rng.uniform(20, 900)),
            acts=True if grave else None,
            incident=number,
            lasts=lasts,
        )
        for i in which
    ]
    if not grave:
        return False
    first = min(rows, key=lambda row: row["started"])
    late = may_be_late and fleet.chance(0.06)
    told = first["started"] + (-10 if late else 1) * float(rng.uniform(2, 40)) * MINUTE
    conditions = None
    if fleet.chance(0.4):
        kind = str(rng.choice(REVIEWED))
        conditions = [kind]
        asked(fleet, kind, one.name, one.team.name, t - float(rng.uniform(20, 80)) * 86_400)
    fleet.add(
        "incident",
        id=number,
        component=one.name,
        owner=one.team.name,
        began=t,
        ended=t + lasts,
        reported=max(t, told) if late or fleet.chance(0.5) else None,
        first_alert=first["started"],
        found_by=None if late else first["check"],
        cause=str(rng.choice(["release", "disk", "leak", "overload", "network", "certificate"])),
        outside=False,
        conditions=conditions,
    )
    return late


def asked(fleet: Fleet, kind: str, subject: str, owner: str, t: float) -> None:
    """A question of earlier times, answered as people do: mostly it taught something."""
    rng = fleet.rng
    answer = str(rng.choice(["change", "accept", "unknown", "wrong"], p=[0.56, 0.36, 0.06, 0.02]))
    before = fleet.between(2, 60)
    answered = t + fleet.between(0.1, 6) * 86_400
    fleet.add(
        "question",
        id="asked-" + fleet.number(),
        kind=kind,
        subject=subject,
        owner=owner,
        asked=t,
        answered=answered,
        answer=answer,
        new_reason=answer == "accept" and fleet.chance(0.85),
        took=fleet.between(50, 900),
        change="edited" if answer == "change" else None,
        before=before,
        measured=answered + 30 * 86_400 if answer == "change" else None,
        after=before * float(rng.uniform(0.05, 0.6)) if answer == "change" else None,
        complete=True if answer == "change" else None,
    )


def deal(fleet: Fleet) -> None:
    """The acts of people behind the alerts that they ended."""
    for row in list(fleet.tables.rows["alert"]):
        if row.get("actor") == "human" and row.get("action") in FUNCTIONS and fleet.chance(0.7):
            by_hand(fleet, row)
