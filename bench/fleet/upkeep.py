"""What else goes on: maintenance, silences, jobs, forecasts, resources, watchers, decisions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fleet.acting import drills
from fleet.calendar import DAY, DAYS, HOUR, MINUTE, at, day_number
from fleet.estate import Component, Team
from fleet.fleet import Fleet


def clean(fleet: Fleet, kind: str | None = None) -> list[Component]:
    """The clean ones that are there all the time."""
    return [
        one
        for one in fleet.components
        if one.row.get("grp") == "clean" and one.died is None and one.born < -80 and kind in (None, one.kind)
    ]


def maintain(fleet: Fleet) -> None:
    """Weekly windows that are kept, and short silences that hush what they mean to."""
    parts = clean(fleet)
    for one in parts[::11]:
        hour, length = float(fleet.rng.integers(1, 5)), float(fleet.rng.uniform(0.7, 2.5))
        for week in range(-4, 26):
            window(fleet, one, 7 * week + 2, hour, length, over=-fleet.rng.uniform(0.1, 0.5))
    alerts = [row for row in fleet.tables.rows["alert"] if not row["page"]]
    for row in alerts[:: max(1, len(alerts) // 60)]:
        begin = row["started"] - fleet.between(0.2, 2) * HOUR
        number = silence(
            fleet,
            row["owner"],
            row["component"],
            begin,
            begin + fleet.between(3, 60) * HOUR,
            "being repaired",
        )
        fleet.add("silenced", silence=number, alert=row["id"], at=row["started"])


def window(
    fleet: Fleet,
    one: Component,
    day: float,
    hour: float,
    length: float,
    *,
    over: float,
    incident: bool = False,
) -> None:
    """Declared maintenance of so many hours; the work ended so many hours after (or before) its end."""
    starts = at(day, hour)
    ends = starts + length * HOUR
    fleet.add("window", id="w" + fleet.number(), component=one.name, starts=starts, ends=ends,
              finished=max(starts + 300, ends + over * HOUR), incident=incident, created=starts - 3 * DAY)  # fmt: skip


def silence(
    fleet: Fleet, owner: str, component: str, starts: float, ends: float, reason: str, **given: Any
) -> str:
    """An order to be quiet; its id."""
    number = "s" + fleet.number()
    usual = {
        "id": number, "owner": owner, "component": component, "reason": reason, "broad": False, "created": starts,
        "starts": starts, "ends": ends, "matchers": f'component="{component}",n="{number}"',
    }  # fmt: skip
    fleet.add("silence", **(usual | given))
    return number


def work(fleet: Fleet) -> None:
    """Jobs that run when they should."""
    for one in clean(fleet, "job")[:25]:
        period = DAY if fleet.chance(0.7) else 6 * HOUR
        one.row["period"] = period
        share = float(fleet.rng.uniform(0.03, 0.45))
        runs(fleet, one, period, lambda _day, share=share: share * float(fleet.rng.lognormal(0, 0.08)))


def runs(
    fleet: Fleet, one: Component, period: float, share: Any, *, lock: bool = False, begin: float = -30.0
) -> None:
    """Its runs: `share(day)` of the period each."""
    hour = float(fleet.rng.integers(0, 5))
    for i in range(int((DAYS - begin) * DAY / period)):
        due = at(begin, hour) + i * period
        began = due + float(fleet.rng.exponential(0.004)) * period
        lasts = share((due - at(0)) / DAY) * period
        fleet.add(
            "job_run", job=one.name, due=due, began=began, ended=began + lasts, period=period, lock=lock
        )


def foresee(fleet: Fleet) -> None:
    """Forecasters that know something, and are listened to."""
    for _ in range(12):
        team = fleet.some_team()
        part = clean(fleet)[int(fleet.rng.integers(len(clean(fleet))))]
        name, to_act = fleet.name("foresight"), fleet.between(10, 90) * MINUTE
        ignored = 0
        for t in fleet.moments(fleet.between(0.15, 0.4), -40):
            p = float(fleet.rng.uniform(0.65, 0.95))
            lead = to_act * fleet.between(3, 20)
            heeded = fleet.chance(0.96) or ignored >= 2
            ignored += not heeded
            forecast(fleet, name, team, part.name, t, p=p, base=float(fleet.rng.uniform(0.2, 0.35)), lead=lead,
                     true=fleet.chance(p), to_act=to_act,
                     acted=t + lead * float(fleet.rng.uniform(0.1, 0.7)) if heeded else None)  # fmt: skip


def forecast(
    fleet: Fleet, name: str, team: Team, component: str, t: float, *, p: float, base: float, lead: float, true: bool,
    to_act: float, acted: float | None, **given: Any
) -> None:  # fmt: skip
    """One forecast that came true after `lead` seconds, or not by then."""
    deadline = t + 1.3 * lead
    happened = t + lead if true else None
    usual = {
        "id": "f" + fleet.number(), "predictor": name, "owner": team.name, "component": component, "class": "full",
        "made": t, "deadline": deadline, "probability": p, "base": base, "resolved": happened or deadline,
        "outcome": "true" if true else "false", "happened": happened, "to_act": to_act, "acted": acted,
    }  # fmt: skip
    fleet.add("prediction", **(usual | given))


def fill(fleet: Fleet) -> None:
    """Resources far from their limits, or watched."""
    for one in clean(fleet)[5:200:7]:
        watched = fleet.chance(0.6)
        slope = fleet.between(1e-4, 2e-3) if watched else float(fleet.rng.normal(0, 2e-5))
        begin = float(fleet.rng.uniform(0.2, 0.5))
        resource(
            fleet, one, lambda day, begin=begin, slope=slope: begin + slope * day, remedy=fleet.between(3, 20),
            watched=watched,
        )  # fmt: skip


def resource(
    fleet: Fleet,
    one: Component,
    share: Any,
    *,
    remedy: float,
    watched: bool,
    noise: float = 0.004,
    **given: Any,
) -> str:
    """A gauge with a hard limit; `share(day)` of it taken; `remedy` in days. Its name."""
    name = fleet.name("room")
    limit = float(f"{fleet.between(1e3, 1e9):.3g}")
    usual = {
        "name": name, "component": one.name, "owner": one.team.name, "unit": "items", "hard_limit": limit,
        "remedy": remedy * DAY, "watched": watched, "since": at(-400),
    }  # fmt: skip
    fleet.add("resource", **(usual | given))
    for day in range(DAYS):
        value = (given.get("hard_limit") or limit) * share(day) * (1 + float(fleet.rng.normal(0, noise)))
        fleet.add("resource_daily", resource=name, day=day_number(day), value=value)
    return name


def watch(fleet: Fleet) -> None:
    """Watchers that are watched."""
    for _ in range(5):
        name = fleet.name("watcher")
        fleet.add("monitor", name=name, owner=fleet.some_team().name, dead_man=True, since=at(-500))
        drills(fleet, "page", name, 7.0)


def decide(fleet: Fleet) -> None:
    """Decisions with reasons that still hold."""
    parts = clean(fleet)
    for i in range(40):
        one = parts[i * 3 % len(parts)]
        then = fleet.between(1, 100)
        decision(fleet, one.team.name, one.name, made=float(fleet.rng.uniform(-150, 100)), then=then,
                 now=then * float(fleet.rng.uniform(0.8, 1.12)), carries=int(fleet.rng.integers(0, 3)),
                 cites=int(fleet.rng.integers(1, 5)))  # fmt: skip


def decision(fleet: Fleet, owner: str, subject: str, *, made: float, **given: Any) -> str:
    """Something that was decided; its id."""
    number = "adr-" + fleet.number()
    usual = {
        "id": number, "at": at(made, 9), "owner": owner, "subject": subject, "what": "left as it is for now",
        "reason": "the cost of the change is higher than that of the trouble it avoids",
        "until": at(DAYS + fleet.between(10, 150)), "reversibility": "easy", "cites": 2, "carries": 1,
    }  # fmt: skip
    fleet.add("decision", **(usual | given))
    return number


def seasonal(level: float, size: float, period: float, phase: float) -> Any:
    """A share that swings and does not grow."""
    return lambda day: level + size * math.sin(2 * math.pi * (day / period + phase))


def shares(first: float, last: float, begin: float, end: float) -> Any:
    """A share that grows in a straight line between two days, level before and after."""
    return lambda day: float(np.interp(day, [begin, end], [first, last]))
