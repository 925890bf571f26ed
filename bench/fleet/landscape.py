"""The clean part: components with their checks, and who needs whom."""

from __future__ import annotations

from fleet.calendar import DAYS, at
from fleet.estate import Component
from fleet.fleet import Fleet

SLO = {1: 0.9995, 2: 0.999, 3: 0.995, 4: 0.99}
RULES = {"HostDiskFilling": 48.0, "HostMemoryPressure": 52.0, "PoolNearlyTaken": 30.0}
"""Published rules that several checks are copies of, with what those usually read."""


def settle(fleet: Fleet, count: int) -> None:
    """So many components that nothing is wrong with."""
    fleet.published |= RULES
    clean = [_component(fleet) for _ in range(count)]
    for one in clean:
        one.row["grp"] = "clean"
    _edges(fleet, clean)


def _component(fleet: Fleet) -> Component:
    rng = fleet.rng
    kind = str(rng.choice(["service", "host", "job", "function", "device"], p=[0.72, 0.12, 0.06, 0.06, 0.04]))
    born, died = -fleet.between(100, 1500), None
    if fleet.chance(0.05):
        born = fleet.day(20, 130)
    elif fleet.chance(0.03):
        died = fleet.day(60, 170)
    users = kind == "service" and fleet.chance(0.35)
    made = fleet.component(kind=kind, born=born, died=died, row={"users": users})
    deploys = 0 if fleet.chance(0.4) else fleet.between(4, 45)
    for t in fleet.moments(deploys / DAYS):
        if made.alive(t):
            fleet.add("change", at=t, subject=made.name, kind="deploy", owner=made.team.name, what="release")
    tended = deploys > 12 or abs(made.load) > 0.06
    kinds = ["blackbox"] if users else []
    kinds += ["cause"] * int(rng.integers(2, 5)) + ["capacity"] * int(rng.integers(0, 3))
    kinds += ["symptom"] * int(rng.integers(0, 2)) + ["heartbeat"] * int(fleet.chance(0.4))
    kinds += ["health"] * int(kind == "service" and fleet.chance(0.5)) + ["job"] * int(kind == "job")
    for one in kinds:
        check = fleet.check(made, one, noise=0.25 if fleet.chance(0.012) else fleet.between(0.001, 0.03))
        age = fleet.between(2, 175) if tended else fleet.between(2, 900)
        check.row["edited"] = max(at(-age), at(made.born))
        if one == "capacity" and fleet.chance(0.5):
            rule = str(rng.choice(list(RULES)))
            check.level = RULES[rule] * fleet.between(0.75, 1.3)
            check.row["published"] = rule
    return made


def _edges(fleet: Fleet, clean: list[Component]) -> None:
    """Hard edges lead to what is at least as important and was there before: no loops."""
    rng = fleet.rng
    order = sorted(clean, key=lambda one: one.tier)
    for place, one in enumerate(order):
        able = [dst for dst in order[:place] if dst.died is None and dst.born < one.born + 1]
        if not able:
            continue
        for dst in rng.choice(len(able), min(len(able), int(rng.integers(1, 4))), replace=False):
            kind = "soft" if fleet.chance(0.3) else "hard"
            fleet.edge(
                one.name,
                able[int(dst)].name,
                kind,
                since=at(max(one.born, -600.0)),
                until=None if one.died is None else at(one.died),
                declared=fleet.chance(0.93),
            )
    twins = [one for one in order if one.died is None and one.born < 0]
    for first, second in zip(twins[0:10:2], twins[1:11:2], strict=True):
        fleet.edge(second.name, first.name, "watch", fences=True, witness=True, paths=2)


def write(fleet: Fleet) -> None:
    """Rows of every component and check there is by now; thresholds are set by then."""
    for one in fleet.components:
        usual = {
            "name": one.name,
            "kind": one.kind,
            "owner": one.team.name,
            "tier": one.tier,
            "environment": "production",
            "declared": True,
            "users": False,
            "ephemeral": False,
            "hosts": int(1 + one.tier % 3),
            "slo": SLO[one.tier],
            "on_call": one.tier <= 2,
            "since": at(one.born),
            "until": None if one.died is None else at(one.died),
        }
        row = usual | one.row
        if row.get("grp") == "clean":
            row["grp"] = None
        fleet.add("component", **row)
    for check in fleet.checks:
        one = check.component
        usual = {
            "name": check.name,
            "component": one.name,
            "kind": check.kind,
            "expr": f"{check.row['reads']} > {check.row.get('threshold', 0):.4g}",
            "aggregation": ("mean", "max", "p99", "rate")[len(check.name) % 4],
            "above": True,
            "hold": check.hold,
            "span": 60.0,
            "interval": check.interval,
            "severity": "critical" if check.pages else "warning",
            "pages": check.pages,
            "edited": at(max(one.born, -200.0)),
            "since": at(max(one.born, -1000.0)),
            "until": None if one.died is None else at(one.died),
        }
        fleet.add("check", **(usual | check.row))
