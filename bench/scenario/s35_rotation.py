"""Old credentials are revoked before everybody holds the new ones, and nobody can come in to give them out.

No single account: lock-outs by rotation are seen again and again.
"""

from __future__ import annotations

from scenario.fleet import Unit, up
from scenario.scenario import Scenario, Way
from scenario.world import World


def prepare(world: World) -> None:
    world.declare(
        "rotate",
        "credential:revoke-old {component}",
        owner="web",
        on='group = "app" or group = "cache"',
        disturbs=False,
        undo="credential:restore-old {component}",
    )


def holders(world: World) -> list[Unit]:
    return world.fleet.group("app", "cache")


def revoke(unit: Unit) -> None:
    """It has no new one yet."""
    unit.state = "down"


def all_at_once(world: World) -> None:
    for _ in range(3):
        world.attempt("rotate", holders(world), revoke, expect=up)
        world.wait(30)


def region_by_region(world: World) -> None:
    """In stages, and each stage is said to have worked: the command ended with 0."""
    for _ in range(3):
        world.attempt("rotate", holders(world), revoke, expect=up, cells=world.regions, says=True)
        world.wait(30)


SCENARIO = Scenario(
    name="S35",
    title="Old credentials are revoked before the new ones arrived",
    historic=1.0,
    unit="share of services locked out",
    harm=lambda world: world.fleet.share(holders(world), lambda unit: not unit.well),
    prepare=prepare,
    ways=(Way("stages", all_at_once), Way("observer", region_by_region)),
)
