"""Forecasts, and resources that end: questions 59 to 62."""

from __future__ import annotations

from fleet.calendar import DAYS, HOUR, MINUTE, at
from fleet.defects.place import place
from fleet.fleet import Fleet
from fleet.upkeep import decision, forecast, resource, seasonal


def wrong(fleet: Fleet, kind: str, seed: bool) -> None:
    """Says what comes to its mind; the twin said little, and was right."""
    one = place(fleet, "symptom")
    name, base = fleet.name("foresight"), float(fleet.rng.uniform(0.15, 0.35))
    rate = fleet.between(0.5, 1.2)
    times = fleet.moments(rate, 20) if seed else [at(day) for day in range(30, 111, 10)]
    for t in times:
        p = float(fleet.rng.uniform(0.3, 0.95)) if seed else float(fleet.rng.uniform(0.7, 0.95))
        lead = fleet.between(2, 20) * HOUR
        forecast(fleet, name, one.team, one.name, t, p=p, base=base, lead=lead, true=not seed or fleet.chance(base),
                 to_act=20 * MINUTE, acted=t + 0.4 * lead)  # fmt: skip
    fleet.plant(kind, seed, name, born=20, component=one, pace=30 * rate)


def useless_lead(fleet: Fleet, kind: str, seed: bool) -> None:
    """Warns five minutes ahead of what takes forty; the twin acts by itself within one."""
    one = place(fleet, "symptom")
    name = fleet.name("foresight")
    to_act = fleet.between(30, 90) * MINUTE if seed else 60.0
    rate = fleet.between(0.3, 0.8)
    for t in fleet.moments(rate, 30):
        lead = fleet.between(3, 9) * MINUTE
        forecast(fleet, name, one.team, one.name, t, p=float(fleet.rng.uniform(0.7, 0.95)), base=0.25, lead=lead,
                 true=fleet.chance(0.85), to_act=to_act,
                 acted=t + (to_act * 0.8 if to_act < lead else lead + to_act))  # fmt: skip
    fleet.plant(kind, seed, name, born=30, component=one, pace=30 * rate)


def ignored(fleet: Fleet, kind: str, seed: bool) -> None:
    """Right, in time, and not read; it was decided that what the twin foretells does no harm."""
    one = place(fleet, "symptom", "capacity")
    name = fleet.name("foresight")
    number = None
    if not seed:
        number = decision(fleet, one.team.name, name, made=20, kind=kind, what="a full cache does no harm")
    begin, rate = fleet.day(40, 120), fleet.between(0.3, 0.8)
    for t in fleet.moments(rate, begin):
        forecast(fleet, name, one.team, one.name, t, p=float(fleet.rng.uniform(0.7, 0.95)), base=0.25,
                 lead=fleet.between(4, 30) * HOUR, true=fleet.chance(0.9), to_act=fleet.between(10, 50) * MINUTE,
                 acted=None, harmless=number)  # fmt: skip
    fleet.plant(kind, seed, name, born=begin, component=one, pace=30 * rate)


def cliff(fleet: Fleet, kind: str, seed: bool) -> None:
    """A counter of 32 bits, at seven tenths and growing; the twin swings with the month."""
    one = place(fleet, "symptom")
    if seed:
        ends = DAYS + fleet.between(10, 40)
        share = float(fleet.rng.uniform(0.25, 0.5))
        name = resource(fleet, one, lambda day: share + (1 - share) * day / ends, remedy=fleet.between(60, 90),
                        watched=False, noise=0.002, hard_limit=2.0**31 - 1, unit="ids")  # fmt: skip
    else:
        swing = seasonal(float(fleet.rng.uniform(0.55, 0.68)), float(fleet.rng.uniform(0.05, 0.12)), 28.0,
                         float(fleet.rng.random()))  # fmt: skip
        name = resource(fleet, one, swing, remedy=20.0, watched=False)
    fleet.plant(kind, seed, name, born=100, component=one)


PAIRS = {
    "wrong-forecasts": wrong,
    "useless-lead": useless_lead,
    "ignored-forecast": ignored,
    "horizon-cliff": cliff,
}
