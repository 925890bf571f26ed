"""The metric that an autoscaler lives by is gone; no load is read as no need, and everything is stopped.

No single account: scaling to zero on a missing metric is seen again and again.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

NEEDED = 0.5


def prepare(world: World) -> None:
    world.declare(
        "scale-in",
        "service:stop {component}",
        owner="web",
        on='group = "app" or group = "cache"',
        undo="service:start {component}",
    )


def stop(unit: Unit) -> None:
    unit.state = "down"


def to_zero(world: World) -> None:
    for _ in range(10):
        alive = [unit for unit in world.fleet.group("app", "cache") if unit.well]
        world.attempt("scale-in", alive, stop, cells=world.regions)
        world.wait(15)


def step_by_step(world: World) -> None:
    """A tenth of what is left, every ten minutes and a bit: no step is remarkable."""
    for _ in range(60):
        alive = [unit for unit in world.fleet.group("cache") if unit.well]
        world.attempt("scale-in", alive[: max(1, len(alive) // 10)], stop)
        world.wait(620)


def missing(world: World) -> float:
    """How far the worse group is below the half that it needs."""
    found = []
    for group in ("app", "cache"):
        alive = world.fleet.share(world.fleet.group(group), lambda unit: unit.well)
        found.append(max(0.0, NEEDED - alive) / NEEDED)
    return max(found)


SCENARIO = Scenario(
    name="S33",
    title="No metric is read as no load, and everything is scaled in",
    historic=1.0,
    unit="share of the needed capacity missing, worse group",
    harm=missing,
    prepare=prepare,
    ways=(Way("capacity", to_zero), Way("capacity", step_by_step)),
)
