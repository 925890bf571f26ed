"""Automations and people that act: what they may, what they do, who approves and what refuses."""

from __future__ import annotations

from typing import Any

import numpy as np

from fleet.calendar import DAY, DAYS, HOUR, MINUTE, at
from fleet.estate import Component, Team
from fleet.fleet import FUNCTIONS, Fleet
from fleet.people import healed


def run(fleet: Fleet, t: float, function: str, /, **given: Any) -> dict[str, Any]:
    """One act that went as it should."""
    done = t + fleet.between(20, 400)
    usual = {
        "id": "x" + fleet.number(),
        "at": t,
        "function": function,
        "mode": "real",
        "targets": 1,
        "outcome": "verified",
        "finished": done,
        "stale": float(fleet.rng.uniform(0, 0.04)),
        "monitor_alert": False,
    }
    return fleet.add("action", **(usual | given))


def function(fleet: Fleet, team: Team, name: str | None = None, **given: Any) -> str:
    """Something that can be run, in order; its name."""
    name = name or fleet.name("do", str(fleet.rng.choice(FUNCTIONS)))
    usual = {
        "name": name,
        "owner": team.name,
        "destructive": False,
        "reversible": True,
        "post_condition": "the check is green for 5 min",
        "refuses_empty": True,
        "since": at(-500),
    }
    fleet.add("function", **(usual | given))
    return name


def grant(fleet: Fleet, team: Team, principal: str, may: str, **given: Any) -> str:
    """What a principal may, for a purpose and until a date; its id."""
    number = given.pop("id", None) or "g" + fleet.number()
    usual = {
        "id": number,
        "principal": principal,
        "owner": team.name,
        "function": may,
        "scope": f"team={team.name}",
        "targets": int(fleet.rng.integers(6, 20)),
        "by_labels": False,
        "wildcard": False,
        "purpose": "keeps its services running",
        "breakglass": False,
        "since": at(-fleet.between(40, 170)),
        "expires": at(DAYS + fleet.between(5, 120)),
        "review": at(DAYS + fleet.between(1, 100)),
    }
    fleet.add("grant", **(usual | given))
    return number


def use(fleet: Fleet, grant: str, principal: str, t: float, may: str, **given: Any) -> None:
    """One use of a grant, from the one place that this principal works from."""
    fleet.add("use", **({"grant": grant, "principal": principal, "at": t, "function": may,
                         "host": f"host-{principal}"} | given))  # fmt: skip


def drills(
    fleet: Fleet, kind: str, subject: str, every: float, *, begin: float = -100.0, end: float = DAYS
) -> None:
    """Rehearsals that went well, again and again."""
    day = begin + fleet.rng.uniform(0, every)
    while day < end:
        promised = 60.0
        took = promised * float(fleet.rng.uniform(0.1, 0.7))
        fleet.add(
            "drill", kind=kind, subject=subject, at=at(day, 10.0), ok=True, took=took, promised=promised
        )
        day += every * fleet.rng.uniform(0.8, 1.15)


def automation(
    fleet: Fleet,
    team: Team,
    may: str,
    *,
    level: int = 3,
    name: str | None = None,
    touches: list[str],
    **given: Any,
) -> str:
    """A standing permission with a stop that is pulled now and then; its name.

    `earned`: it worked at the level below first.
    """
    name = name or fleet.name("auto")
    earned = given.pop("earned", True)
    stop_drills = given.pop("stop_drills", True)
    since, raised = at(-fleet.between(300, 700)), at(-float(fleet.rng.uniform(5, 60)))
    usual = {
        "name": name,
        "owner": team.name,
        "function": may,
        "level": level,
        "level_since": since,
        "target_limit": 5,
        "stop_needs": ["desk-switch"],
        "can_touch": touches,
        "since": since,
    } | given
    if earned and level >= 2:
        fleet.add("automation", **(usual | {"level": level - 1, "until": raised}))
        usual |= {"level_since": raised, "since": raised}
    fleet.add("automation", **usual)
    if stop_drills:
        drills(fleet, "stop", name, 38.0)
    fleet.add("principal", name=name, owner=team.name, shared=False, since=since)
    return name


def automate(fleet: Fleet, count: int) -> None:
    """So many automations that earned what they may."""
    fleet.component(name="desk-switch", tier=2, trouble=0.0, beat=10.0, born=-700, row={"kind": "device"})
    for i in range(count):
        team = fleet.some_team()
        able = [one for one in fleet.components if one.team is team and one.row.get("grp") == "clean"]
        able = [one for one in able if one.died is None and one.born < -80] or fleet.components[:6]
        parts = able[: int(fleet.rng.integers(5, 10))]
        if i % 3 == 0:
            _suggesting(fleet, team, parts)
        else:
            _acting(fleet, team, parts, level=3 + i % 2, many=i % 4 == 1)


def _suggesting(fleet: Fleet, team: Team, parts: list[Component]) -> None:
    may = function(fleet, team)
    name = automation(fleet, team, may, level=1, touches=[one.name for one in parts])
    number = grant(fleet, team, name, may, targets=len(parts))
    taken = float(fleet.rng.uniform(0.4, 0.75))
    for t in fleet.moments(fleet.between(0.35, 0.8), -60):
        suggested(fleet, t, name, may, team, parts, unchanged=fleet.chance(taken))
        use(fleet, number, name, t, may, target=str(fleet.rng.choice([one.name for one in parts])))


def suggested(
    fleet: Fleet, t: float, name: str, may: str, team: Team, parts: list[Component], *, unchanged: bool
) -> None:
    """A suggestion that a person carried out: just so, or otherwise."""
    target = parts[int(fleet.rng.integers(len(parts)))].name
    run(fleet, t, may, automation=name, actor=f"ops-{team.name}", actor_kind="person", mode="suggested",
        target=target, unchanged=unchanged, owner=team.name, trigger="alert",
        finished=t + fleet.between(200, 3000))  # fmt: skip


def _acting(fleet: Fleet, team: Team, parts: list[Component], *, level: int, many: bool) -> None:
    rng = fleet.rng
    wipes = fleet.chance(0.15)
    may = function(fleet, team, destructive=wipes, reversible=True, rollback="restore" if wipes else None)
    if wipes:
        drills(fleet, "rollback", may, 80.0)
    name = automation(
        fleet, team, may, level=level, touches=[one.name for one in parts], target_limit=40 if many else 5
    )
    number = grant(fleet, team, name, may, targets=len(parts))
    check = fleet.check(parts[0], "cause", pages=False, noise=0.0)
    group = int(rng.integers(30, 90))
    # it was let loose after a good record at the level below
    early = [at(day) for day in np.sort(rng.uniform(-200, -61, int(rng.integers(60, 140))))]
    times = early + fleet.moments(fleet.between(0.4, 1.3), -60)
    for i, t in enumerate(times):
        part = parts[int(rng.integers(len(parts)))]
        cells: dict[str, Any] = {
            "automation": name, "actor": name, "actor_kind": "automation", "target": part.name, "owner": team.name,
            "group_size": group, "fleet": 1 / group, "target_limit": 5, "trigger": check.name,
        }  # fmt: skip
        if many:
            size = int(np.clip(rng.normal(16, 1.0), 12, 20))
            plan = [f"{name}/{int(k)}" for k in rng.choice(group, min(size, group), replace=False)]
            cells |= {"targets": len(plan), "fleet": len(plan) / group, "target_limit": 40, "planned": plan,
                      "touched": plan, "planned_at": t - fleet.between(20, 400)}  # fmt: skip
        elif t > at(0) and check.component.alive(t) and fleet.chance(0.15):
            row = healed(fleet, check, t, name, may)
            cells |= {"alert": row["id"], "recovered": row["ended"], "target": check.component.name}
        if i > 60 and fleet.chance(0.008):
            cells["outcome"] = "failed"
        if fleet.chance(0.04):
            cells["back"] = t + fleet.between(HOUR, 20 * HOUR)
        run(fleet, t, may, **cells)
        use(fleet, number, name, t, may, target=part.name, **{"class": "alert"})


def entitle(fleet: Fleet) -> None:
    """What each team may run by hand, and the duties, held apart."""
    keeper = fleet.ordinary[0]
    for may in FUNCTIONS:
        function(fleet, keeper, may)
    for team in fleet.teams:
        principal = f"ops-{team.name}"
        fleet.add("principal", name=principal, owner=team.name, shared=False, since=at(-700))
        parts = [one.name for one in fleet.components if one.team is team][:12] or [team.name]
        for may in FUNCTIONS:
            number = grant(fleet, team, principal, may, id=f"g-{team.name}-{may}", targets=max(2, len(parts)))
            for t in fleet.moments(0.1, -30) + [at(day) for day in range(-20, DAYS, 25)]:
                use(fleet, number, principal, t, may, target=str(fleet.rng.choice(parts)), host=f"jump-{team.name}",
                    owner=team.name, **{"class": "alert"})  # fmt: skip
    for team in fleet.ordinary:
        for duty in ("approve", "silence", "edit-check"):
            principal = fleet.name(duty)
            fleet.add("principal", name=principal, owner=team.name, shared=False, since=at(-700))
            number = grant(fleet, team, principal, duty, targets=None, person=f"{team.name}.{duty}")
            for t in fleet.moments(0.15, -40) + [at(day) for day in range(-20, DAYS, 25)]:
                use(fleet, number, principal, t, duty)


def approve(fleet: Fleet) -> None:
    """People who look before they say yes, and now and then say no."""
    for team in fleet.ordinary:
        lead, refuses = team.people[0], float(fleet.rng.uniform(0.15, 0.3))
        for t in fleet.moments(fleet.between(0.3, 0.7), -30):
            approval(fleet, t, str(fleet.rng.choice(team.people[1:])), lead, team,
                     takes=fleet.between(2 * MINUTE, 40 * MINUTE), granted=not fleet.chance(refuses),
                     edited=fleet.chance(0.08))  # fmt: skip


def approval(
    fleet: Fleet,
    t: float,
    requester: str,
    approver: str,
    team: Team,
    *,
    takes: float,
    granted: bool,
    edited: bool,
) -> None:
    """One request for a second person's word."""
    fleet.add("approval", id="p" + fleet.number(), requester=requester, approver=approver, owner=team.name,
              asked=t, decided=t + takes, granted=granted, edited=edited)  # fmt: skip


def guard(fleet: Fleet) -> None:
    """Limits that refuse what they should, and are tried now and then; emergencies that were real."""
    for team in fleet.ordinary:
        name = fleet.name("limit")
        fleet.add("guard", name=name, owner=team.name, since=at(-500))
        denies = float(fleet.rng.uniform(0.03, 0.1))
        requests(fleet, name, fleet.between(0.6, 2.0), denied=denies, by_hand=0.2)
        for day in range(int(fleet.rng.integers(-30, 0)), DAYS, 28):
            fleet.add("request", guard=name, at=at(day, 9), denied=True, synthetic=True)
        if fleet.chance(0.4):
            t = at(fleet.rng.uniform(0, DAYS))
            run(fleet, t, function(fleet, team), actor=f"ops-{team.name}", actor_kind="person",
                breakglass=True, reviewed=t + fleet.between(0.5, 3) * DAY, owner=team.name,
                target=team.name)  # fmt: skip


def requests(
    fleet: Fleet, name: str, rate: float, *, denied: float, by_hand: float, begin: float = -60
) -> int:
    """What a guard was asked from then on; how many were refused."""
    refused = 0
    for t in fleet.moments(rate, begin):
        no = fleet.chance(denied)
        refused += no
        done = t + fleet.between(0.2 * HOUR, 18 * HOUR) if no and fleet.chance(by_hand) else None
        fleet.add("request", guard=name, at=t, denied=no, synthetic=False, by_hand=done)
    return refused
