"""Late at night somebody who is allowed to work on the databases deletes the one that is in use.

After GitLab, 2017-01-31 (about.gitlab.com/blog, postmortem of the database outage).
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

ENGINEER = "person:on-call"


def prepare(world: World) -> None:
    world.permit(ENGINEER, "database:wipe *", on='group = "database"', owner="data")


def wipe(unit: Unit) -> None:
    unit.state = "gone"


def tries(world: World, approver: str) -> None:
    for _ in range(3):
        world.attempt(
            ENGINEER,
            [world.fleet["database-001"]],
            wipe,
            action="database:wipe",
            argument="{component}",
            destructive=True,
            approver=approver,
        )
        world.wait(60)


def alone(world: World) -> None:
    tries(world, "")


def says_yes_to_himself(world: World) -> None:
    tries(world, ENGINEER)


SCENARIO = Scenario(
    name="S39",
    title="The database in use is deleted by a tired person",
    historic=1.0,
    unit="databases in use deleted",
    irreversible=True,
    harm=lambda world: float(world.gone("database")),
    prepare=prepare,
    ways=(Way("consequence", alone), Way("consequence", says_yes_to_himself)),
)
