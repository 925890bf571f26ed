"""Alerts and what people do with them: questions 14 to 22."""

from __future__ import annotations

import numpy as np

from fleet.calendar import DAYS, HOUR, MINUTE, at, local_hour
from fleet.defects.place import place, quiet
from fleet.estate import Team
from fleet.fleet import Fleet
from fleet.people import alert, healed


def unacted(fleet: Fleet, kind: str, seed: bool) -> None:
    """A page in ten leads to anything; of the twin's six in ten."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True)
    rate = fleet.between(0.25, 1.2) if seed else fleet.between(0.5, 1.2)
    share = float(fleet.rng.uniform(0.0, 0.12) if seed else fleet.rng.uniform(0.6, 0.7))
    begin = fleet.day(40, 125) if seed else 0
    for t in fleet.moments(rate, begin):
        alert(fleet, check, t, acts=fleet.chance(share))
    fleet.plant(kind, seed, check.name, born=begin, component=one, pace=30 * rate)


def _night(fleet: Fleet, team: Team, day: float) -> float:
    """A moment of that night where the team lives, 23 to 4."""
    wanted = float(fleet.rng.uniform(23, 28)) % 24
    return at(day) + ((wanted - local_hour(at(day), team.zone)) % 24) * HOUR


def night_page(fleet: Fleet, kind: str, seed: bool) -> None:
    """It rings at night and is dealt with the next day; the twin is dealt with at once, half the time."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True)
    team, begin, count = one.team, fleet.day(60, 130), int(fleet.rng.integers(8, 16))
    for day in sorted(fleet.rng.uniform(begin, begin + 40, count)):
        t = _night(fleet, team, float(day))
        ack = t + fleet.between(60, 900)
        if seed or fleet.chance(0.4):
            morning = t + ((float(fleet.rng.uniform(9, 15)) - local_hour(t, team.zone)) % 24) * HOUR
            alert(fleet, check, t, acts=True, acked=ack, acted=morning, traced=morning, ended=morning + HOUR)
        else:
            act = ack + fleet.between(3, 20) * MINUTE
            alert(fleet, check, t, acts=True, acked=ack, acted=act, ended=act + 0.5 * HOUR)
    fleet.plant(kind, seed, check.name, born=begin, component=one, pace=0.75 * count)


def slow_ack(fleet: Fleet, kind: str, seed: bool) -> None:
    """The slowest tenth take many times what was promised; the twin's only while more was on fire."""
    team = fleet.team()
    one = place(fleet, "symptom", team=team)
    check = quiet(fleet, one, "cause", pages=True)
    begin = fleet.day(50, 120) if seed else 0
    times, rate = fleet.between(4.5, 9), fleet.between(0.4, 0.9)
    share = float(fleet.rng.uniform(0.35, 0.7))
    for t in fleet.moments(rate, begin):
        alert(
            fleet,
            check,
            t,
            acts=True,
            **_answered(fleet, team, t, times if seed and fleet.chance(share) else 0.3),
        )
    if not seed:
        for day in fleet.rng.uniform(60, 118, 3):
            t = at(day, 9)
            number = "i" + fleet.number()
            fleet.add("incident", id=number, component=one.name, owner=team.name, began=t, ended=t + 9 * HOUR,
                      first_alert=t + 60, found_by=check.name, outside=False, cause="overload")  # fmt: skip
            for _ in range(6):
                moment = t + float(fleet.rng.uniform(0.2, 5)) * HOUR
                alert(fleet, check, moment, acts=True, **_answered(fleet, team, moment, times))
    fleet.plant(kind, seed, team.name, born=begin, component=one, owner=team, pace=30 * share * rate)


def _answered(fleet: Fleet, team: Team, t: float, times: float) -> dict[str, float]:
    ack = t + times * team.promise * float(fleet.rng.uniform(0.85, 1.3))
    return {"acked": ack, "acted": ack + 300, "ended": ack + 1500}


def ack_and_forget(fleet: Fleet, kind: str, seed: bool) -> None:
    """Acknowledged at three in the night, and nothing after; the twin's long repair leaves traces."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True)
    begin, count = fleet.day(90, 135), int(fleet.rng.integers(7, 14))
    for day in sorted(fleet.rng.uniform(begin, begin + 40, count)):
        t = _night(fleet, one.team, float(day))
        ended = t + fleet.between(30, 90) * HOUR
        if seed:
            alert(fleet, check, t, acts=False, acked=t + 200, acked_by=one.team.on_call(t), ended=ended)
        else:
            alert(fleet, check, t, acts=True, acked=t + 200, acted=t + 3 * HOUR, ended=ended,
                  action="long repair", traced=ended - HOUR)  # fmt: skip
    fleet.plant(kind, seed, check.name, born=begin, component=one, pace=0.75 * count)


def always_together(fleet: Fleet, kind: str, seed: bool) -> None:
    """Two copies of one rule; the twins once came apart, and that once it was an incident."""
    one = place(fleet, "symptom")
    first = quiet(fleet, one, "cause", pages=True)
    second = quiet(fleet, one, "cause", pages=True)
    begin, rate = fleet.day(0, 40), fleet.between(0.25, 0.5)
    for t in fleet.moments(rate, begin):
        alert(fleet, first, t, acts=True)
        alert(fleet, second, t + float(fleet.rng.uniform(0, 60)), acts=True)
    if not seed:
        t = at(fleet.day(95, 118), 10)
        number = "i" + fleet.number()
        alert(fleet, second, t, acts=True, incident=number)
        fleet.add("incident", id=number, component=one.name, owner=one.team.name, began=t - 60, ended=t + 3 * HOUR,
                  first_alert=t, found_by=second.name, outside=False, cause="leak")  # fmt: skip
    fleet.plant(kind, seed, first.name, born=begin, component=one, pace=30 * rate)


def flapping(fleet: Fleet, kind: str, seed: bool) -> None:
    """On and off around its threshold; the twin is a declared batch that goes on and off."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=False, hold=60.0, row={"scheduled": None if seed else True})
    begin, every = fleet.day(70, 150), fleet.between(2, 5)
    turns = int(fleet.rng.integers(7, 14))
    for day in np.arange(begin, DAYS, every):
        t = at(float(day), 10)
        for _ in range(turns):
            alert(fleet, check, t, acts=False, lasts=fleet.between(6, 15) * MINUTE)
            t += fleet.between(20, 50) * MINUTE
    fleet.plant(kind, seed, check.name, born=begin, component=one, pace=30 / every * turns)


def storm(fleet: Fleet, kind: str, seed: bool) -> None:
    """One root and all that stands on it, to one person; the twin's alerts only coincide."""
    team = fleet.team()
    root = place(fleet, "cause", "cause", team=team, tier=2)
    others = [
        place(fleet, "cause", "symptom", "cause", team=team, tier=3)
        for _ in range(int(fleet.rng.integers(8, 13)))
    ]
    if seed:
        for i, other in enumerate(others):
            fleet.edge(other.name, root.name if i < 5 else others[i - 5].name, "hard")
    days = sorted(fleet.rng.uniform(62, 118, int(fleet.rng.integers(4, 7))))
    for day in days:
        t = at(day, 12)
        alert(fleet, root.checks[0], t, acts=True, page=True)
        for other in others:
            for check in other.checks:
                alert(fleet, check, t + float(fleet.rng.uniform(20, 400)), acts=False, page=True, lasts=HOUR,
                      person=team.on_call(t))  # fmt: skip
    every = [name for one in others for name in (one.name, *(check.name for check in one.checks))]
    fleet.plant(kind, seed, root.name, born=float(days[2]), component=root, owner=team, pace=0.53 * len(days) * 3 * len(others),
                names=[team.name, *team.people], touched=every)  # fmt: skip


def one_hero(fleet: Fleet, kind: str, seed: bool) -> None:
    """One of four ends nearly all; the twin is a declared team of one."""
    team = fleet.some_team() if seed else fleet.team(1)
    one = place(fleet, "symptom", team=team)
    check = quiet(fleet, one, "cause", pages=True)
    hero, share = team.people[-1], float(fleet.rng.uniform(0.88, 0.98))
    count = int(fleet.rng.integers(22, 45))
    times = [at(day, 13) for day in sorted(fleet.rng.uniform(10, 150, count))]
    for t in times:
        alert(fleet, check, t, acts=True, resolver=hero if fleet.chance(share) else team.people[0])
    fleet.plant(
        kind, seed, one.name, born=10, component=one, pace=count / 4.7, names=[] if seed else [team.name]
    )


def runbook_unread(fleet: Fleet, kind: str, seed: bool) -> None:
    """A runbook that says TODO; the twin's is unopened since a machine was quicker."""
    one = place(fleet, "symptom")
    row = {"runbook": "wiki/run/" + one.name, "runbook_state": "todo" if seed else "there"}
    check = quiet(fleet, one, "cause", pages=True, row=row)
    begin, rate = fleet.day(0, 60), fleet.between(0.3, 0.8)
    for t in fleet.moments(rate, begin):
        if seed:
            alert(fleet, check, t, acts=True, runbook_opened=fleet.chance(0.08))
        else:
            healed(fleet, check, t, "healer", "restart", runbook_opened=False)
    fleet.plant(kind, seed, check.name, born=begin, component=one, pace=30 * rate)


PAIRS = {
    "unacted": unacted,
    "night-page": night_page,
    "slow-ack": slow_ack,
    "ack-and-forget": ack_and_forget,
    "always-together": always_together,
    "flapping": flapping,
    "storm": storm,
    "one-hero": one_hero,
    "runbook-unread": runbook_unread,
}
