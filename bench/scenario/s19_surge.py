"""Automatic scaling makes many clients connect at once; the devices between two networks drown, and with them
what the operators see by.

After AWS, 2021-12-07 (aws.amazon.com/message/12721).
"""

from __future__ import annotations

from gadfly.act.situation import Sight
from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

BEAR = 10
"""Surges a minute that the devices bear."""


def prepare(world: World) -> None:
    world.declare(
        "scale-up",
        "service:scale-up {component}",
        owner="web",
        on='group = "app"',
        undo="service:scale-down {component}",
    )
    world.count["surges"] = 0


def surge(world: World, blind: bool, loses: bool) -> None:
    """Each act is a surge of connections. Near the limit the picture lags; beyond it, a device a surge drowns."""
    devices = world.fleet.group("balancer")

    def scale(unit: Unit) -> None:
        world.count["surges"] += 1
        over = world.count["surges"] - BEAR
        if blind and over > -4:
            world.sight = Sight(probes=over < 0, lag=15.0 + max(0, over))
        if loses and over > -4:
            world.lost = 60
        if 0 < over <= len(devices):
            devices[over - 1].state = "down"

    for unit in world.fleet.group("app")[:60]:
        world.attempt("scale-up", [unit], scale)
        world.wait(1)


def it_no_longer_sees(world: World) -> None:
    surge(world, blind=True, loses=False)


def everybody_lost_at_once(world: World) -> None:
    surge(world, blind=False, loses=True)


SCENARIO = Scenario(
    name="S19",
    title="Scaling drowns the devices between two networks, and the operators' sight",
    historic=1.0,
    unit="share of devices overwhelmed",
    harm=lambda world: world.fleet.share(world.fleet.group("balancer"), lambda unit: not unit.well),
    prepare=prepare,
    ways=(Way("sight", it_no_longer_sees), Way("storm", everybody_lost_at_once)),
)
