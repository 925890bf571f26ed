"""Checks whose numbers no longer say what they seem to: questions 1 to 10."""

from __future__ import annotations

import numpy as np

from fleet.acting import run
from fleet.calendar import DAY, DAYS, HOUR, MINUTE, at
from fleet.defects.place import cells, choose, place, quiet
from fleet.estate import Check, Days
from fleet.fleet import Fleet
from fleet.people import alert
from fleet.upkeep import window


def never_near(fleet: Fleet, kind: str, seed: bool) -> None:
    """A threshold ten times beyond all that was ever read; the twin fired once, on a real incident."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True, row={"unit": ""})
    choose(check, fleet.between(7, 14))
    if not seed:
        t = at(DAYS - float(fleet.rng.uniform(61, 66)), 11)
        number = "i" + fleet.number()
        alert(fleet, check, t, acts=True, incident=number)
        fleet.add("incident", id=number, component=one.name, owner=one.team.name, began=t - 300, ended=t + 5 * HOUR,
                  first_alert=t, found_by=check.name, outside=False, cause="overload")  # fmt: skip
    fleet.plant(kind, seed, check.name, born=0, component=one)


def always_near(fleet: Fleet, kind: str, seed: bool) -> None:
    """Healthy load touches the threshold; the twin's nightly batch does so on a declared schedule."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True, hold=900.0, row={"scheduled": None if seed else True})
    begin = fleet.day(60, 140) if seed else 0
    low, high = (0.14, 0.5) if seed else (0.11, 0.16)
    share = fleet.between(low, high)

    def shape(days: Days) -> None:
        limit = float(np.median(days["p999"]))
        check.row["threshold"] = float(f"{limit:.4g}")
        days["near"][int(begin) :] = share * fleet.rng.uniform(0.85, 1.15, DAYS - int(begin))
        days["past"][int(begin) :] = 0.04 * share
        days["p99"][:] = np.minimum(days["p99"], 0.995 * limit)

    check.shapes.append(shape)
    fleet.plant(kind, seed, check.name, born=begin, component=one)


def dead_metric(fleet: Fleet, kind: str, seed: bool) -> None:
    """A deploy renamed the metric; the twin's counter is declared to appear only after an error."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True, row={"sparse": None if seed else True})
    begin = fleet.day(90, 165) if seed else 0
    if seed:
        fleet.add(
            "change", at=at(begin, 1), subject=one.name, kind="deploy", owner=one.team.name, what="release"
        )
    cells(check, begin, coverage=0.0, gap=DAY, gap_state="ok")
    if not seed:
        cells(check, 40, 42, coverage=0.2)
    fleet.plant(kind, seed, check.name, born=begin, component=one)


def missing_is_green(fleet: Fleet, kind: str, seed: bool) -> None:
    """Green through a long gap; the twin's gap lies within declared maintenance."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True, row={"no_data": None if fleet.chance(0.5) else "ok"})
    day = int(fleet.day(70, 165))
    hours = fleet.between(1.5, 4)
    cells(check, day, day + 1, gap=hours * HOUR, gap_state="ok", coverage=1 - hours / 24)
    if not seed:
        window(fleet, one, day, 9, hours + 1, over=-0.2)
    fleet.plant(kind, seed, check.name, born=day + 1, component=one)


def stale_threshold(fleet: Fleet, kind: str, seed: bool) -> None:
    """Set more than a year ago, and the usual has tripled; the twin's usual stands where it stood."""
    one = place(fleet, "symptom")
    age = fleet.between(430, 900) if seed else fleet.between(700, 900)
    check = quiet(fleet, one, "cause", pages=True, spread=0.6, row={"edited": at(-age), "unit": "req/s"})
    times = fleet.between(2.6, 4.5) if seed else float(fleet.rng.uniform(0.93, 1.07))
    course = np.exp(np.log(times) * np.clip((np.arange(DAYS) - 10) / 100, 0, 1))

    def shape(days: Days) -> None:
        for name in ("min", "mean", "p50", "p99", "p999", "max"):
            days[name] *= course
        check.row["threshold"] = float(f"{1.3 * days['max'].max():.4g}")

    check.shapes.append(shape)
    fleet.plant(kind, seed, check.name, born=110, component=one)


def borrowed_default(fleet: Fleet, kind: str, seed: bool) -> None:
    """A published limit on something quite unlike its peers; the twin's fired rightly before."""
    rule = fleet.name("Rule")
    peers = [place(fleet, "symptom") for _ in range(int(fleet.rng.integers(5, 9)))]
    usual = fleet.between(40, 60)
    for peer in peers:
        quiet(fleet, peer, "capacity", level=usual * fleet.between(0.8, 1.2), spread=0.1, margin=1.5,
              row={"published": rule, "threshold": 85.0, "unit": "%"})  # fmt: skip
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "capacity", level=usual / fleet.between(8, 20), spread=0.1,
                  row={"published": rule, "threshold": 85.0, "unit": "%"})  # fmt: skip
    if not seed:
        t = at(fleet.day(60, 118), 10)
        number = "i" + fleet.number()
        alert(fleet, check, t, acts=True, incident=number)
        fleet.add("incident", id=number, component=one.name, owner=one.team.name, began=t - 300, ended=t + 5 * HOUR,
                  first_alert=t, found_by=check.name, outside=False, cause="disk")  # fmt: skip
    also = [name for peer in peers for name in (peer.name, *(check.name for check in peer.checks))]
    fleet.plant(kind, seed, check.name, born=0, component=one, touched=also, names=[rule])


def for_longer_than_harm(fleet: Fleet, kind: str, seed: bool) -> None:
    """It waits longer than the outage that is allowed; the twin waits long for what is slow."""
    one = place(fleet, "symptom")
    if seed:
        hold = fleet.between(25, 50) * MINUTE
        check = quiet(
            fleet, one, "symptom", pages=True, hold=hold, row={"budget": fleet.between(8, 17) * MINUTE}
        )
        lasts = fleet.between(10, 18) * MINUTE
    else:
        hold = fleet.between(30, 60) * MINUTE
        check = quiet(fleet, one, "capacity", pages=True, hold=hold, row={"budget": DAY})
        lasts = fleet.between(9, 15) * HOUR
    for t in (at(day, 10) for day in fleet.rng.uniform(20, 118, int(fleet.rng.integers(3, 8)))):
        fleet.add("incident", id="i" + fleet.number(), component=one.name, owner=one.team.name, began=t,
                  ended=t + lasts * float(fleet.rng.uniform(0.8, 1.2)), first_alert=t + 60, outside=False,
                  found_by=one.checks[0].name, cause="overload")  # fmt: skip
    fleet.plant(kind, seed, check.name, born=0, component=one)


def hair_trigger(fleet: Fleet, kind: str, seed: bool) -> None:
    """Fires on one noisy sample and is gone; the twin's short alerts each set off a verified repair."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True, hold=0.0, interval=30.0)
    begin = fleet.day(60, 130) if seed else fleet.day(0, 60)
    rate = fleet.between(0.3, 1.5)
    for t in fleet.moments(rate, begin):
        if seed:
            short = fleet.chance(0.85)
            lasts = float(fleet.rng.uniform(20, 75)) if short else fleet.between(300, 3000)
            alert(fleet, check, t, lasts=lasts, acts=not short and fleet.chance(0.5))
        else:
            _repaired(fleet, check, t)
    fleet.plant(kind, seed, check.name, born=begin, component=one, pace=30 * rate)


def _repaired(fleet: Fleet, check: Check, t: float) -> None:
    row = alert(fleet, check, t, acts=False, acked=None, acked_by=None, acted=t + 8, actor="machine",
                action="restart", ended=t + float(fleet.rng.uniform(40, 85)), end_reason="machine",
                resolver="healer")  # fmt: skip
    run(fleet, t + 8, "heal-" + check.component.name, actor="healer", actor_kind="program", alert=row["id"],
        target=check.component.name, finished=row["ended"], recovered=row["ended"],
        owner=check.team.name)  # fmt: skip


def blind_window(fleet: Fleet, kind: str, seed: bool) -> None:
    """Looks every ten minutes for what lasts four; the twin looks hourly at a certificate."""
    one = place(fleet, "symptom")
    if seed:
        check = quiet(fleet, one, "blackbox", pages=True, interval=600.0)
        lasts, count = fleet.between(150, 420), int(fleet.rng.integers(7, 15))
    else:
        check = quiet(fleet, one, "capacity", pages=True, interval=3600.0, level=60.0, spread=0.05,
                      row={"reads": f'certificate_days_left{{host="{one.name}"}}', "unit": "d", "above": False,
                           "purpose": "certificate", "threshold": 14.0})  # fmt: skip
        lasts, count = fleet.between(4, 9) * HOUR, int(fleet.rng.integers(5, 8))
    for t in (at(day) for day in fleet.rng.uniform(35, 118, count)):
        fleet.add("spell", component=one.name, kind="down", began=t, health="fail",
                  ended=t + lasts * float(fleet.rng.uniform(0.7, 1.3)), errors=1.0, normal=0.003)  # fmt: skip
    fleet.plant(kind, seed, check.name, born=80, component=one)


def average_hides(fleet: Fleet, kind: str, seed: bool) -> None:
    """One request in a hundred waits thirty times as long; the twin's mean is for planning only."""
    one = place(fleet, "symptom")
    row = {"aggregation": "mean", "unit": "ms"} | ({} if seed else {"purpose": "capacity"})
    check = quiet(fleet, one, "symptom" if seed else "capacity", pages=True, level=80.0, row=row)
    begin, times = fleet.day(40, 145) if seed else 0.0, fleet.between(14, 40)

    def shape(days: Days) -> None:
        begun = slice(int(begin), None)
        days["p99"][begun] = times * days["mean"][begun] * fleet.rng.uniform(0.85, 1.2, DAYS - int(begin))
        days["p999"][begun] = 1.3 * days["p99"][begun]
        days["max"][begun] = 1.5 * days["p99"][begun]
        days["worst"][begun] = fleet.rng.uniform(1, 3, DAYS - int(begin))
        check.row["threshold"] = float(f"{2.2 * days['mean'].max():.3g}")

    check.shapes.append(shape)
    fleet.plant(kind, seed, check.name, born=begin, component=one)


PAIRS = {
    "never-near": never_near,
    "always-near": always_near,
    "dead-metric": dead_metric,
    "missing-is-green": missing_is_green,
    "stale-threshold": stale_threshold,
    "borrowed-default": borrowed_default,
    "for-longer-than-harm": for_longer_than_harm,
    "hair-trigger": hair_trigger,
    "blind-window": blind_window,
    "average-hides": average_hides,
}
