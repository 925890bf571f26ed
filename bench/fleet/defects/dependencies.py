"""Heartbeats, discovery, dependencies, watchers: questions 63 to 72."""

from __future__ import annotations

import numpy as np

from fleet.acting import drills
from fleet.calendar import DAY, DAYS, MINUTE, WATCHED, at
from fleet.defects.place import place, quiet
from fleet.estate import Component, Days
from fleet.fleet import Fleet
from fleet.upkeep import decision


def not_seen(fleet: Fleet, kind: str, seed: bool) -> None:
    """Declared, and gone; the twin runs once a month."""
    one = place(fleet, "cause", "symptom")
    begin = int(fleet.day(100, 160)) if seed else 0

    def heard(days: Days) -> None:
        if seed:
            days["there"][:, begin:] = False
        else:
            days["there"][:, [day for day in range(DAYS) if day % 30 != 4]] = False

    one.shapes.append(heard)
    if not seed:
        one.kind, one.row["period"] = "job", 30 * DAY
    one.checks.clear()
    fleet.checks[-2:] = []
    fleet.plant(kind, False, one.name, born=begin, component=one)
    fleet.defects[-1].sort = "seed" if seed else "twin"


def not_declared(fleet: Fleet, kind: str, seed: bool) -> None:
    """A shadow that lives and calls; the twin is a canary for a day."""
    begin = fleet.day(121, 160)
    died = None if seed else begin + float(fleet.rng.uniform(0.6, 1.8))
    one = place(
        fleet, born=begin, died=died, row={"owner": None, "declared": False, "tier": None, "slo": None}
    )
    called = [one for one in fleet.components if one.row.get("grp") == "clean" and one.died is None][:200]
    for i in fleet.rng.choice(len(called), int(fleet.rng.integers(1, 5)), replace=False):
        fleet.edge(one.name, called[int(i)].name, None, declared=False, since=at(begin),
                   until=None if died is None else at(died))  # fmt: skip
    fleet.plant(kind, seed, one.name, born=begin, component=one)


def deaf_listener(fleet: Fleet, kind: str, seed: bool) -> None:
    """One of three misses many beats; the twin's listener was started on that day."""
    one = place(fleet, "symptom")
    begin, ear = int(fleet.day(WATCHED, 160)), int(fleet.rng.integers(3))
    share = float(fleet.rng.uniform(0.06, 0.6))
    lasts = 1 if not seed else int(fleet.rng.integers(5, 20))

    def heard(days: Days) -> None:
        some = slice(begin, min(begin + lasts, DAYS))
        days["worst_hour"][ear, some] = min(1.0, 1.2 * share) if seed else 0.5
        lost = days["beats"][ear, some] * (share if seed else 0.02)
        days["lost"][ear, some] = np.floor(lost)
        days["restarted"][ear, some] = not seed

    one.shapes.append(heard)
    fleet.plant(kind, seed, one.name, born=begin + 1, component=one, names=["ear-" + "abc"[ear]])


def dead_time(fleet: Fleet, kind: str, seed: bool) -> None:
    """Pauses nearly as long as the dead-time, or a dead-time of ages; the twin's was decided with a reason."""
    beat = float(fleet.rng.choice([1.0, 5.0, 10.0]))
    tight = not seed or fleet.chance(0.6)
    jitter = float(fleet.rng.uniform(0.3, 2.0))
    longest = beat * (1 + jitter)
    dead = longest / float(fleet.rng.uniform(0.92, 0.98)) if tight else longest * fleet.between(30, 90)
    one = place(fleet, beat=beat, jitter=jitter, dead_after=dead)
    quiet(fleet, one, "symptom", interval=10.0)

    def heard(days: Days) -> None:
        days["gap_p999"][:] = longest * fleet.rng.uniform(0.97, 1.0, days["gap_p999"].shape)
        days["gap_max"][:] = np.maximum(days["gap_p999"], min(0.99 * dead, 1.02 * longest))

    one.shapes.append(heard)
    if not seed:
        decision(
            fleet, one.team.name, one.name, made=-30, kind=kind, what="follows the time-outs of the consensus"
        )
    fleet.plant(kind, seed, one.name, born=0, component=one)


def both_think_dead(fleet: Fleet, kind: str, seed: bool) -> None:
    """Two that watch each other over one path; the twins are three who vote."""
    one, two = place(fleet, "symptom"), place(fleet, "symptom")
    for src, dst in ((one, two), (two, one)):
        fleet.edge(src.name, dst.name, "watch", fences=True, paths=1, witness=not seed)
    also = [two.name, *(check.name for check in two.checks)]
    fleet.plant(kind, seed, one.name, born=-100, component=one, names=also)


def _fails(fleet: Fleet, one: Component, t: float, lasts: float, **given: object) -> None:
    usual = {"component": one.name, "kind": "down", "began": t, "ended": t + lasts, "errors": 1.0, "normal": 0.003,
             "health": "fail"}  # fmt: skip
    fleet.add("spell", **(usual | given))


def hidden(fleet: Fleet, kind: str, seed: bool) -> None:
    """Never named, yet each time it goes, this goes; the twins both hang on a third one."""
    src, dst, third = place(fleet, "symptom"), place(fleet, "cause"), place(fleet, "cause")
    fleet.edge(src.name, dst.name, None, declared=False, calls=fleet.between(5, 900))
    if not seed:
        fleet.edge(src.name, third.name, "hard")
        fleet.edge(dst.name, third.name, "hard")
    days = sorted(fleet.rng.uniform(20, 118, int(fleet.rng.integers(3, 6))))
    for day in days:
        t, lasts = at(float(day)), fleet.between(8, 60) * MINUTE
        after = dst if seed else third
        if not seed:
            _fails(fleet, third, t - 60, lasts + 60)
        _fails(
            fleet,
            dst,
            t,
            lasts,
            **({} if seed else {"after": third.name, "within": 60.0, "cause": third.name}),
        )
        _fails(fleet, src, t + 20, lasts, kind="errors", errors=float(fleet.rng.uniform(0.1, 0.8)), normal=0.004,
               after=after.name, within=20.0, cause=None if seed else third.name)  # fmt: skip
    fleet.plant(
        kind, seed, src.name, born=float(days[1]), component=src, names=[dst.name], touched=[third.name]
    )


def declared_soft(fleet: Fleet, kind: str, seed: bool) -> None:
    """Optional, they say, and most requests fail without it; the twin's failed for another reason."""
    src, dst, other = place(fleet, "symptom"), place(fleet, "cause"), place(fleet, "cause")
    fleet.edge(src.name, dst.name, "soft", calls=fleet.between(10, 900))
    days = sorted(fleet.rng.uniform(20, 118, int(fleet.rng.integers(3, 6))))
    for day in days:
        t, lasts = at(float(day)), fleet.between(8, 60) * MINUTE
        _fails(fleet, dst, t, lasts)
        cells: dict[str, object] = {"after": dst.name, "within": 20.0}
        if not seed:
            _fails(fleet, other, t + 5, lasts)
            cells = {"after": other.name, "within": 15.0, "cause": other.name}
        _fails(fleet, src, t + 20, lasts, kind="errors", errors=float(fleet.rng.uniform(0.6, 0.95)), **cells)
    if not seed:
        fleet.edge(src.name, other.name, "hard")
    fleet.plant(
        kind, seed, src.name, born=float(days[1]), component=src, names=[dst.name], touched=[other.name]
    )


def inversion(fleet: Fleet, kind: str, seed: bool) -> None:
    """The important on the unimportant; the twin lives a day from its cache, as a test showed."""
    src = place(fleet, "symptom", tier=1, row={"slo": 0.9995})
    dst = place(fleet, "cause", tier=int(fleet.rng.integers(3, 5)), row={"slo": 0.99, "on_call": False})
    fleet.edge(src.name, dst.name, "hard", cached=None if seed else DAY)
    fleet.plant(kind, seed, src.name, born=-100, component=src, names=[dst.name], touched=[dst.name])


def loop(fleet: Fleet, kind: str, seed: bool) -> None:
    """To start the one needs the other and so round; the twin has been started from dark."""
    ring = [place(fleet, "cause", "symptom", tier=2) for _ in range(int(fleet.rng.integers(2, 5)))]
    for i, one in enumerate(ring):
        fleet.edge(one.name, ring[(i + 1) % len(ring)].name, "startup" if fleet.chance(0.5) else "hard")
    if not seed:
        for one in ring if fleet.chance(0.5) else ring[:1]:
            drills(fleet, "cold-start", one.name, 100.0, begin=-20)
    every = [name for one in ring[1:] for name in (one.name, *(check.name for check in one.checks))]
    fleet.plant(kind, seed, ring[0].name, born=-100, component=ring[0], names=every)


def who_watches(fleet: Fleet, kind: str, seed: bool) -> None:
    """Nobody hears whether it still lives; the twin's watchdog is heard daily."""
    team = fleet.some_team()
    name = fleet.name("watcher")
    bare = seed and fleet.chance(0.6)
    fleet.add("monitor", name=name, owner=team.name, dead_man=not bare, since=at(-500))
    if seed:
        drills(fleet, "page", name, 20, begin=-80, end=60)
    else:
        drills(fleet, "page", name, 1.0, begin=-10)
    fleet.plant(kind, seed, name, born=91, owner=team)


PAIRS = {
    "declared-not-seen": not_seen,
    "seen-not-declared": not_declared,
    "deaf-listener": deaf_listener,
    "dead-time-guess": dead_time,
    "both-think-dead": both_think_dead,
    "hidden-dependency": hidden,
    "declared-soft": declared_soft,
    "tier-inversion": inversion,
    "loop": loop,
    "who-watches": who_watches,
}
