"""A command that should assess the backbone takes it down; the audit that should have stopped it has a bug.

After Facebook, 2021-10-04. The DNS sites then withdraw their own routes, by design.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

AUDIT = "capacity"
"""The guard that plays the audit tool."""


def prepare(world: World) -> None:
    world.declare(
        "assess-backbone",
        "backbone:drain {component}",
        owner="network",
        on='group = "backbone"',
        undo="backbone:undrain {component}",
    )
    world.declare(
        "withdraw-routes",
        "dns:withdraw {component}",
        owner="network",
        on='group = "dns"',
        undo="dns:announce {component}",
    )


def drain(unit: Unit) -> None:
    unit.state = "down"


def audited_by_a_bug(world: World) -> None:
    """The audit says yes to everything, also to the weekly request to which it must say no."""
    world.breaks(AUDIT)
    for _ in range(5):
        world.attempt("assess-backbone", world.fleet.group("backbone"), drain, cells=world.regions)
        world.wait(60)


def every_site_withdraws(world: World) -> None:
    """Each DNS site sees that it cannot reach the centre, and withdraws itself, each for itself."""
    for _ in range(3):
        for unit in world.fleet.group("dns"):
            if unit.well:
                world.attempt("withdraw-routes", [unit], drain)
        world.wait(10)


def dark(world: World) -> float:
    """The worse of the two: links drained, or name servers withdrawn beyond the quarter that is spare."""
    links = world.fleet.share(world.fleet.group("backbone"), lambda unit: not unit.well)
    sites = world.fleet.share(world.fleet.group("dns"), lambda unit: not unit.well)
    return max(links, max(0.0, sites - 0.25) / 0.75)


SCENARIO = Scenario(
    name="S08",
    title="The backbone is drained by a command whose audit has a bug",
    historic=1.0,
    unit="share of links or name servers gone",
    harm=dark,
    prepare=prepare,
    ways=(Way("proof", audited_by_a_bug), Way("domain", every_site_withdraws)),
)
