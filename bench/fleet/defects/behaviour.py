"""What automations do: questions 35 to 39 and 47 to 50."""

from __future__ import annotations

import numpy as np

from fleet.acting import automation, function, grant, run, suggested, use
from fleet.calendar import DAYS, HOUR, MINUTE, WATCHED, at
from fleet.defects.place import place, quiet
from fleet.estate import Component
from fleet.fleet import Fleet
from fleet.people import alert


class Actor:
    """An automation of its own for one defect, with a good past: 70 verified runs at the level below."""

    def __init__(
        self, fleet: Fleet, part: Component, *, level: int = 3, past: int = 70, **may: object
    ) -> None:
        self.fleet, self.part, self.team = fleet, part, part.team
        self.function = function(fleet, part.team, **may)
        self.name = automation(fleet, part.team, self.function, level=level, touches=[part.name])
        self.grant = grant(fleet, part.team, self.name, self.function, targets=6)
        for day in sorted(fleet.rng.uniform(-200, -61, past)):
            self.run(at(float(day)))

    def run(self, t: float, **given: object) -> dict[str, object]:
        """One real run that went well, unless told otherwise."""
        usual = {
            "automation": self.name, "actor": self.name, "actor_kind": "automation", "target": self.part.name,
            "owner": self.team.name, "group_size": 40, "fleet": 1 / 40, "target_limit": 5, "trigger": "alert",
        }  # fmt: skip
        row = run(self.fleet, t, self.function, **(usual | given))
        use(self.fleet, self.grant, self.name, t, self.function, target=row["target"])
        return row

    @property
    def names(self) -> list[str]:
        return [self.name, self.function, self.grant]


def same_fix_again(fleet: Fleet, kind: str, seed: bool) -> None:
    """The same restart, and the trouble is back; the twin's is declared the cure until a date."""
    one = place(fleet, "symptom", "cause")
    actor = Actor(fleet, one)
    begin, rate = fleet.day(60, 145), fleet.between(0.9, 3)
    back = float(fleet.rng.uniform(0.75, 1.0))
    for t in fleet.moments(rate, begin):
        returns = t + fleet.between(0.5, 20) * HOUR if fleet.chance(back) else None
        actor.run(t, back=returns, cure_until=None if seed else at(DAYS + 30))
    fleet.plant(kind, seed, actor.function, born=begin, component=one, pace=30 * rate, names=actor.names)


def unverified(fleet: Fleet, kind: str, seed: bool) -> None:
    """Fire and forget; what the twin did is measured ten minutes later by a check."""
    one = place(fleet, "symptom", "cause")
    actor = Actor(fleet, one)
    begin, rate = fleet.day(40, 120) if seed else 0.0, fleet.between(0.4, 1.5)
    share = float(fleet.rng.uniform(0.45, 0.95))
    for t in fleet.moments(rate, begin):
        cells: dict[str, object] = {}
        if fleet.chance(share):
            cells = {"outcome": str(fleet.rng.choice(["unverified", "unknown"]))}
            if not seed:
                cells = {
                    "outcome": "unverified",
                    "checked_by": one.checks[0].name,
                    "finished": t + 11 * MINUTE,
                }
        actor.run(t, **cells)
    fleet.plant(kind, seed, actor.function, born=begin, component=one, pace=30 * rate, names=actor.names)


def placebo(fleet: Fleet, kind: str, seed: bool) -> None:
    """It ends as soon without the act as with it; the twin's act helps, though seen a few times only."""
    one = place(fleet, "symptom")
    check = quiet(fleet, one, "cause", pages=False)
    actor = Actor(fleet, one)
    begin = fleet.day(40, 80)
    real, idle = (int(fleet.rng.integers(40, 80)), int(fleet.rng.integers(40, 70))) if seed else (7, 6)
    usual = fleet.between(10, 40)
    for treated, count in ((True, real), (False, idle)):
        for day in sorted(fleet.rng.uniform(begin, 175, count)):
            t = at(float(day))
            median = usual / 2.5 if treated and not seed else usual
            ended = t + max(2.0, float(fleet.rng.lognormal(np.log(median), 0.6))) * MINUTE
            cells = {"acted": t + 40, "actor": "machine", "action": actor.function} if treated else {}
            row = alert(fleet, check, t, acts=False, acked=None, ended=ended,
                        end_reason="machine" if treated else "itself", **cells)  # fmt: skip
            actor.run(t + 40, mode="real" if treated else "blocked", alert=row["id"], recovered=ended, target=one.name,
                      trigger=check.name, finished=ended, outcome="verified" if treated else None)  # fmt: skip
    fleet.plant(
        kind,
        seed,
        actor.function,
        born=begin,
        component=one,
        pace=30 * (real + idle) / (175 - begin),
        names=actor.names,
    )


def harmful(fleet: Fleet, kind: str, seed: bool) -> None:
    """Whoever stands on it suffers each time; the twin acts while the nightly load makes them suffer anyway."""
    one = place(fleet, "cause", tier=2)
    downs = [place(fleet, "symptom", "cause", tier=3) for _ in range(int(fleet.rng.integers(2, 6)))]
    for down in downs:
        fleet.edge(down.name, one.name, "hard")
    actor = Actor(fleet, one)
    begin = fleet.day(30, 110) if seed else 0.0
    rate = fleet.between(0.4, 1.0)
    bites = float(fleet.rng.uniform(0.5, 0.95))
    if seed:
        for t in fleet.moments(rate, begin):
            actor.run(t)
            for down in downs:
                if fleet.chance(bites):
                    alert(fleet, down.checks[0], t + float(fleet.rng.uniform(30, 800)), acts=False)
    else:
        for day in range(DAYS - 1):
            t = at(day, 2)
            if fleet.chance(0.5):
                actor.run(t)
            for down in downs:
                if fleet.chance(0.6):
                    alert(fleet, down.checks[0], t + float(fleet.rng.uniform(30, 800)), acts=False)
    every = [name for down in downs for name in (down.name, *(check.name for check in down.checks))]
    fleet.plant(
        kind,
        seed,
        actor.function,
        born=begin,
        component=one,
        pace=30 * rate,
        names=actor.names,
        touched=every,
    )


def radius_creep(fleet: Fleet, kind: str, seed: bool) -> None:
    """A pattern matches more than it did; around the twin the whole fleet doubled."""
    one = place(fleet, "symptom")
    actor = Actor(fleet, one)
    begin, rate = fleet.day(118, 145), fleet.between(0.7, 1.4)
    times, size, group = fleet.between(2.8, 5), float(fleet.rng.integers(4, 9)), 50
    for t in fleet.moments(rate, 0):
        grown = t >= at(begin)
        many = max(1, round(size * (times if grown else 1.0) * float(fleet.rng.uniform(0.9, 1.05))))
        there = round(group * times) if grown and not seed else group
        actor.run(t, targets=many, group_size=there, fleet=many / there, target_limit=200)
    fleet.plant(kind, seed, actor.function, born=begin, component=one, pace=30 * rate, names=actor.names)


def dry_run_differs(fleet: Fleet, kind: str, seed: bool) -> None:
    """The run touched more than its rehearsal named; of the twin's one target had died."""
    one = place(fleet, "symptom")
    actor = Actor(fleet, one)
    begin, rate = fleet.day(100, 150), fleet.between(0.4, 1.2)
    for t in fleet.moments(rate, 20):
        plan = [
            f"{one.name}/{int(i)}"
            for i in fleet.rng.choice(40, int(fleet.rng.integers(6, 12)), replace=False)
        ]
        touched, gone = plan, 0
        if t >= at(begin) and fleet.chance(0.6):
            if seed:
                more = [
                    f"{one.name}/{int(i)}" for i in 40 + fleet.rng.choice(20, len(plan) // 2, replace=False)
                ]
                touched = plan + more
            else:
                touched, gone = plan[:-1], 1
        actor.run(t, planned=plan, touched=touched, gone_targets=gone, targets=len(touched), target_limit=60,
                  fleet=8 / 40, planned_at=t - fleet.between(1, 8) * MINUTE)  # fmt: skip
    fleet.plant(kind, seed, actor.function, born=begin, component=one, pace=18 * rate, names=actor.names)


def two_hands(fleet: Fleet, kind: str, seed: bool) -> None:
    """One scales up, the other down again; of the twin it is an operator who tests on purpose."""
    one = place(fleet, "symptom")
    actor = Actor(fleet, one)
    begin = fleet.day(90, 150)
    count = int((DAYS - begin) / 25 * fleet.rng.integers(5, 14))
    other = fleet.name("deployer" if seed else "operator")
    fleet.add("principal", name=other, owner=one.team.name, shared=False, since=at(-400))
    for day in sorted(fleet.rng.uniform(begin, 179, count)):
        t = at(float(day))
        high, low = str(fleet.rng.integers(8, 12)), str(fleet.rng.integers(2, 5))
        actor.run(t, field="replicas", value=high, test=not seed)
        run(fleet, t + fleet.between(3, 40) * MINUTE, "set-replicas-" + one.name, actor=other, field="replicas",
            value=low, actor_kind="program" if seed else "person", target=one.name, owner=one.team.name,
            test=not seed)  # fmt: skip
    fleet.plant(
        kind,
        seed,
        one.name,
        born=begin,
        component=one,
        pace=30 * count / (DAYS - begin),
        names=[*actor.names, other],
    )


def acts_on_blindness(fleet: Fleet, kind: str, seed: bool) -> None:
    """Acts while half of what it looks at is silent; the twin's rule does not read that half."""
    one = place(fleet, "symptom")
    actor = Actor(fleet, one)
    begin = fleet.day(WATCHED, 165) if seed else 30.0
    for t in fleet.moments(0.5, 0, begin):
        actor.run(t)
    for t in [*fleet.moments(0.6, begin, begin + 12), at(begin, 20)]:
        actor.run(t, stale=float(fleet.rng.uniform(0.3, 0.9)), stale_unread=not seed)
    fleet.plant(kind, seed, actor.name, born=begin, component=one, pace=7, names=actor.names)


def manual_mirror(fleet: Fleet, kind: str, seed: bool) -> None:
    """Nearly every suggestion is carried out as it is; of the twin's two were caught in time."""
    one = place(fleet, "symptom")
    may = function(fleet, one.team)
    name = automation(fleet, one.team, may, level=2 if fleet.chance(0.5) else 1, touches=[one.name])
    number = grant(fleet, one.team, name, may)
    times = [at(day) for day in sorted(fleet.rng.uniform(5, 178, int(fleet.rng.integers(110, 150))))]
    saves = set() if seed else set(range(5, len(times), 18))
    for i, t in enumerate(times):
        suggested(fleet, t, name, may, one.team, [one], unchanged=i not in saves)
        use(fleet, number, name, t, may, target=f"{one.name}/{i % 6}")
    fleet.plant(kind, seed, name, born=5, component=one, pace=20, names=[may, number])


PAIRS = {
    "same-fix-again": same_fix_again,
    "unverified": unverified,
    "placebo": placebo,
    "harmful": harmful,
    "radius-creep": radius_creep,
    "dry-run-differs": dry_run_differs,
    "two-hands": two_hands,
    "acts-on-blindness": acts_on_blindness,
    "manual-mirror": manual_mirror,
}
