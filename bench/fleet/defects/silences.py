"""Silences, windows, jobs: questions 24 to 29."""

from __future__ import annotations

import numpy as np

from fleet.calendar import DAY, DAYS, HOUR, WATCHED, at
from fleet.defects.place import place, quiet
from fleet.estate import Check
from fleet.fleet import Fleet
from fleet.people import alert
from fleet.upkeep import runs, silence, window


def immortal(fleet: Fleet, kind: str, seed: bool) -> None:
    """Renewed and renewed; the twin belongs to a piece of work with a date."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True)
    begin = fleet.day(80, 120)
    matchers = f'component="{one.name}"'
    ids = []
    if seed:
        length = fleet.between(4, 11)
        t = at(begin, 8)
        while t < at(DAYS):
            ids.append((silence(fleet, one.team.name, one.name, t, t + length * DAY, "known, will be mended",
                                matchers=matchers), t, t + length * DAY))  # fmt: skip
            t += length * DAY - fleet.between(0.5, 20) * HOUR
    else:
        t, end = at(begin, 8), at(begin + 70, 8)
        ids.append((silence(fleet, one.team.name, one.name, t, end, "until the move to the new hall is done",
                            matchers=matchers, project="new hall"), t, end))  # fmt: skip
    _hush(fleet, check, ids, 0.6)
    fleet.plant(kind, seed, matchers, born=begin, component=one, names=[number for number, _, _ in ids])


def _hush(fleet: Fleet, check: Check, ids: list[tuple[str, float, float]], rate: float) -> None:
    """Alerts while these silences held, all of them hushed."""
    for number, begin, end in ids:
        for t in fleet.moments(rate, (begin - at(0)) / DAY, (end - at(0)) / DAY):
            row = alert(fleet, check, t, page=False, acts=False)
            fleet.add("silenced", silence=number, alert=row["id"], at=t)


def wide(fleet: Fleet, kind: str, seed: bool) -> None:
    """A pattern that matched far more than was meant; the twin is wide by design."""
    one = place(fleet, "symptom")
    quiet(fleet, one, "cause", pages=True)
    others = [place(fleet, "cause", "symptom") for _ in range(int(fleet.rng.integers(4, 9)))]
    begin = fleet.day(WATCHED, 165)
    t = at(begin, 10)
    matchers = f'site=~".*{fleet.name("hall")}.*"'
    number = silence(fleet, one.team.name, one.name, t, t + 6 * DAY, f"{one.name} moves" if seed else "site work",
                     matchers=matchers, broad=not seed)  # fmt: skip
    for part in (one, *others):
        for _ in range(int(fleet.rng.integers(1, 4))):
            check = part.checks[int(fleet.rng.integers(len(part.checks)))]
            row = alert(fleet, check, t + float(fleet.rng.uniform(0.5, 40)) * HOUR, page=False, acts=False,
                        severity="critical" if fleet.chance(0.5) else "warning")  # fmt: skip
            fleet.add("silenced", silence=number, alert=row["id"], at=row["started"])
    every = [name for part in others for name in (part.name, *(check.name for check in part.checks))]
    fleet.plant(kind, seed, number, born=begin, component=one, touched=every, names=[matchers])


def dead(fleet: Fleet, kind: str, seed: bool) -> None:
    """Forgotten, with nothing left to hush; the twin waits for work that is scheduled."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=True)
    begin = fleet.day(110, 150)
    t = at(begin, 8)
    if seed:
        number = silence(fleet, one.team.name, one.name, t, t + fleet.between(40, 90) * DAY, "moving disks")
    else:
        work = t + 14 * DAY
        number = silence(fleet, one.team.name, one.name, t, t + 20 * DAY, "moving disks", work_at=work)
        _hush(fleet, check, [(number, work, work + 5 * DAY)], 2)
    fleet.plant(kind, seed, number, born=begin, component=one)


def overrun(fleet: Fleet, kind: str, seed: bool) -> None:
    """Four windows of five run over; the twin's once, since an incident came between."""
    one = place(fleet, "symptom")
    begin = fleet.day(60, 110) if seed else 0
    over = fleet.between(0.4, 3)
    for week in range(-4, 26):
        day = 7 * week + 3
        late = seed and day >= begin and (week % 5 != 0)
        odd = not seed and week == 18
        window(fleet, one, day, 9, 3.0, over=over if late or odd else -0.4, incident=odd)
    fleet.plant(kind, seed, one.name, born=begin, component=one, pace=4)


def always_maintenance(fleet: Fleet, kind: str, seed: bool) -> None:
    """Excused six hours every night, and failures begin then; the twin is not in production."""
    tier = 1 if fleet.chance(0.5) else 2
    row = {"environment": "production" if seed else "staging", "users": False}
    one = place(fleet, "symptom", "cause", tier=tier, row=row)
    begin = fleet.day(50, 120) if seed else 0
    length = float(fleet.rng.uniform(5.5, 8))
    for day in range(int(begin), DAYS):
        window(fleet, one, day, 0.5, length, over=-0.5)
    for day in np.arange(begin + 4, DAYS, 9):
        t = at(float(day), 2)
        fleet.add("spell", component=one.name, kind="down", began=t, ended=t + HOUR, errors=0.9, normal=0.003,
                  health="fail")  # fmt: skip
        fleet.add("incident", id="i" + fleet.number(), component=one.name, owner=one.team.name, began=t,
                  ended=t + HOUR, first_alert=t + 60, found_by=one.checks[0].name, outside=False)  # fmt: skip
    fleet.plant(kind, seed, one.name, born=begin, component=one, pace=4)


def job_drift(fleet: Fleet, kind: str, seed: bool) -> None:
    """A nightly job that takes twenty hours and more; the twin is as long, locked, and does not grow."""
    one = place(fleet, "job", kind="job")
    one.row["period"] = DAY
    first = float(fleet.rng.uniform(0.2, 0.4))
    last = float(fleet.rng.uniform(0.93, 1.05))
    if seed:
        runs(fleet, one, DAY, lambda day: float(np.interp(day, [20, 180], [first, last])
                                                * fleet.rng.lognormal(0, 0.015)))  # fmt: skip
    else:
        level = float(fleet.rng.uniform(0.84, 0.92))
        runs(fleet, one, DAY, lambda _day: level * float(fleet.rng.lognormal(0, 0.015)), lock=True)
    born = float(np.interp(0.8, [first, last], [20, 180])) if seed else 0
    fleet.plant(kind, seed, one.name, born=born, component=one)


PAIRS = {
    "immortal-silence": immortal,
    "wide-silence": wide,
    "dead-silence": dead,
    "window-overrun": overrun,
    "always-maintenance": always_maintenance,
    "job-drift": job_drift,
}
