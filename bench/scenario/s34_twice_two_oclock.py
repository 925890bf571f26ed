"""Clocks go back, the hour from two to three happens twice, and whatever was missed is caught up, all of it.

No single account: jobs that run twice, or sixty times, at the end of summer time are seen every autumn.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

RUNS = 120


def prepare(world: World) -> None:
    world.declare(
        "billing-run",
        "job:run {component}",
        owner="compute",
        on='group = "batch"',
        disturbs=False,
        undo="irreversible",
        per_hour=1,
    )
    world.declare(
        "billing-run-by-cost",
        "job:run {component}",
        owner="compute",
        on='group = "batch"',
        disturbs=False,
        undo="irreversible",
        cost=1.0,
        limit=1.0,
    )
    world.count["runs"] = 0


def run(world: World, automation: str, cost: float) -> None:
    """A scheduler that believes it missed two hours of a job for each minute."""

    def bill(unit: Unit) -> None:
        world.count["runs"] += 1

    for _ in range(RUNS):
        world.attempt(automation, [world.fleet["batch-003"]], bill, cost=cost)
        world.wait(10)


def caught_up(world: World) -> None:
    run(world, "billing-run", 0.0)


def paid_for(world: World) -> None:
    run(world, "billing-run-by-cost", 1.0)


SCENARIO = Scenario(
    name="S34",
    title="An hour happens twice, and every job in it is caught up",
    historic=float(RUNS - 1),
    unit="runs beyond the one that was due",
    harm=lambda world: float(max(0, world.count["runs"] - 1)),
    prepare=prepare,
    ways=(Way("rate", caught_up), Way("cost", paid_for)),
    budget=3600.0,
)
