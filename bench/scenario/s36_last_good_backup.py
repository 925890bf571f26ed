"""Retention deletes by age. The newest backups are all broken, and the oldest are the last good ones.

No single account: pruning the last restorable backup is seen again and again.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

GOOD = 10
DAY = 86_400.0


def prepare(world: World) -> None:
    world.rule(floors={"backup": "25%"})
    world.declare(
        "prune",
        "backup:delete {component}",
        owner="storage",
        on='group = "backup"',
        destructive=True,
        undo="irreversible",
    )
    for number, unit in enumerate(world.fleet.group("backup")):
        unit.used = world.now - 60 * DAY
        if number >= GOOD:  # numbered from the oldest on: since the tenth, none can be restored
            unit.state = "down"


def delete(unit: Unit) -> None:
    unit.state = "gone"


def oldest_first(world: World, approver: str) -> None:
    for unit in world.fleet.group("backup")[:GOOD]:
        world.attempt("prune", [unit], delete, approver=approver)
        world.wait(DAY)


def by_itself(world: World) -> None:
    oldest_first(world, "")


def signed_by_rote(world: World) -> None:
    """A person approves each: it is what is approved every day."""
    oldest_first(world, "person:storage-lead")


SCENARIO = Scenario(
    name="S36",
    title="Retention deletes the last backup that can be restored",
    historic=float(GOOD),
    unit="good backups deleted",
    irreversible=True,
    harm=lambda world: float(world.gone("backup")),
    prepare=prepare,
    ways=(Way("consequence", by_itself), Way("capacity", signed_by_rote)),
)
