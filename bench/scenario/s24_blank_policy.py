"""A policy row with blank fields reaches all regions in seconds; code without a guard crashes on it.

After Google Cloud, 2025-06-12. Those that crashed then start together and drown what they start from.
"""

from __future__ import annotations

from gadfly.act.plan import Data
from scenario.fleet import Unit, up
from scenario.scenario import Scenario, Way
from scenario.world import World

HERD = 8
"""Restarts within ten minutes that the store behind them bears."""


def prepare(world: World) -> None:
    world.declare(
        "replicate-policy",
        "data:replicate {component}",
        owner="identity",
        on='group = "policy"',
        disturbs=False,
        undo="data:previous {component}",
    )
    world.declare(
        "restart-crashed",
        "service:restart {component}",
        owner="identity",
        on='group = "policy"',
        undo="service:stop {component}",
        at_once=2,
        per_hour=6,
    )


def crash(unit: Unit) -> None:
    unit.state = "down"


def blank_fields(world: World) -> None:
    """Replication tries for as long as the row is there."""
    row = Data(size=41, before=40, limit=1000, blank=("quota", "region"))
    for _ in range(5):
        world.attempt(
            "replicate-policy", world.fleet.group("policy"), crash, expect=up, data=row, cells=world.regions
        )
        world.wait(2)


def in_seconds(world: World) -> None:
    """A row that looks complete, to all regions in one act."""
    row = Data(size=41, before=40, limit=1000)
    for _ in range(5):
        world.attempt("replicate-policy", world.fleet.group("policy"), crash, expect=up, data=row)
        world.wait(2)


def the_herd(world: World) -> None:
    """All have crashed, and all are started in the same minute."""
    services = world.fleet.group("policy")[:32]
    world.count["herd"] = 1
    for unit in services:
        unit.state = "down"

    def restart(unit: Unit) -> None:
        unit.state = "up"
        world.count["restarts"] += 1

    for unit in services:
        world.attempt("restart-crashed", [unit], restart, expect=up)
        world.wait(1)
    world.attempt("restart-crashed", services, restart, expect=up)


def crashed(world: World) -> float:
    """Policy servers down; of the herd, the share beyond what the store bears."""
    if world.count["herd"]:
        return min(1.0, max(0, world.count["restarts"] - HERD) / HERD)
    return world.fleet.share(world.fleet.group("policy"), lambda unit: not unit.well)


SCENARIO = Scenario(
    name="S24",
    title="A row with blank fields reaches all regions in seconds, then the herd returns",
    historic=1.0,
    unit="share of policy servers down, or of the herd that the store cannot bear",
    harm=crashed,
    prepare=prepare,
    ways=(Way("shape", blank_fields), Way("stages", in_seconds), Way("rate", the_herd)),
)
