"""An automatic security update runs in the same hour in every region and takes the network from each host.

After Datadog, 2023-03-08.
"""

from __future__ import annotations

from scenario.fleet import Unit, up
from scenario.scenario import Scenario, Way
from scenario.world import World


def prepare(world: World) -> None:
    world.declare(
        "vendor-updates",
        "os:update {component}",
        owner="compute",
        on='kind = "host"',
        undo="irreversible",
    )
    for owner in ("edge", "data"):
        world.permit("automation:vendor-updates", "os:update *", on='kind = "host"', owner=owner)
        world.people.consent(owner, "automation:vendor-updates", "os:update")


def hosts(world: World) -> list[Unit]:
    return [unit for unit in world.fleet if unit.kind == "host"]


def update(unit: Unit) -> None:
    """The restarted network service forgets the rules it did not make."""
    unit.state = "down"


def nobody_declared_it(world: World) -> None:
    """A timer that came with the system, on every host, in the same hour."""
    for unit in hosts(world)[::2]:
        world.attempt(
            "unattended-upgrades", [unit], update, expect=up, action="os:update", argument="{component}"
        )
        world.wait(10)


def all_regions_in_one_hour(world: World) -> None:
    """Declared and permitted; each region believes that the others run later."""
    machines = hosts(world)
    by_region = [[unit for unit in machines if unit.region == region] for region in world.regions]
    for number in range(0, min(map(len, by_region)), 4):
        batch = [unit for region in by_region for unit in region[number : number + 4]]
        world.attempt("vendor-updates", batch, update, expect=up)
        world.wait(60)


SCENARIO = Scenario(
    name="S15",
    title="An update nobody declared runs in all regions in the same hour",
    historic=0.6,
    unit="share of hosts without a network",
    harm=lambda world: world.fleet.share(hosts(world), lambda unit: not unit.well) * 0.6 / 0.5,
    prepare=prepare,
    ways=(Way("grant", nobody_declared_it), Way("domain", all_regions_in_one_hour)),
)
