"""A renewed certificate with an incomplete chain is installed everywhere at once.

No single account: a roll-out of certificates that expire together is seen again and again.
"""

from __future__ import annotations

from scenario.fleet import Unit, up
from scenario.scenario import Scenario, Way
from scenario.world import World


def prepare(world: World) -> None:
    world.declare(
        "renew-certificates",
        "certificate:install {component}",
        owner="web",
        on='group = "app" or group = "cache"',
        undo="certificate:previous {component}",
    )


def holders(world: World) -> list[Unit]:
    return world.fleet.group("app", "cache")


def install(unit: Unit) -> None:
    """It serves, and nobody trusts what it serves."""
    unit.state = "down"


def everywhere(world: World) -> None:
    for _ in range(3):
        world.attempt("renew-certificates", holders(world), install, expect=up)
        world.wait(10)


def staged(world: World) -> None:
    """Region after region, as it should be; the first one already shows that it is wrong."""
    for _ in range(3):
        world.attempt("renew-certificates", holders(world), install, expect=up, cells=world.regions)
        world.wait(10)


def in_slices(world: World) -> None:
    """Two hundred single renewals, as fast as the certificates are made, in every region by turns."""
    units = holders(world)
    for number in range(len(units)):
        world.attempt("renew-certificates", [units[number * 63 % len(units)]], install, expect=up)
        world.wait(1)


SCENARIO = Scenario(
    name="S31",
    title="A certificate with an incomplete chain is installed everywhere",
    historic=1.0,
    unit="share of services that nobody trusts",
    harm=lambda world: world.fleet.share(holders(world), lambda unit: not unit.well),
    prepare=prepare,
    ways=(Way("domain", everywhere), Way("canary", staged), Way("level", in_slices)),
)
