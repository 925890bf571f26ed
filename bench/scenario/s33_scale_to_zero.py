"""The metric that an autoscaler lives by is gone; no load is read as no need, and everything is stopped.

No single account: scaling to zero on a missing metric is seen again and again.
"""

from __future__ import annotations

import msgspec

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World, target

NEEDED = 0.5


def prepare(world: World) -> None:
    world.declare(
        "scale-in",
        "service:stop {component}",
        owner="web",
        on="",
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


def of_no_group(world: World) -> None:
    """The same with a catalogue in which nobody wrote down what belongs together: fifty every ten minutes."""
    world.count["whole"] = 1
    units = [unit for region in world.regions for unit in world.fleet if unit.region == region]
    for start in range(0, len(units), 50):
        batch = units[start : start + 50]
        aimed = tuple(msgspec.structs.replace(target(unit), group="", owner="web") for unit in batch)
        world.attempt("scale-in", batch, stop, targets=aimed)
        world.wait(620)


def missing(world: World) -> float:
    """How far the worse of the two groups, or the whole, is below the half that it needs."""
    alive = world.fleet.share(world.fleet, lambda unit: unit.well)
    if world.count["whole"]:
        return max(0.0, NEEDED - alive) / NEEDED
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
    ways=(Way("capacity", to_zero), Way("capacity", step_by_step), Way("capacity", of_no_group)),
)
