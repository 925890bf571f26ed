"""Maintenance automation deschedules the network's control plane in several sites at once.

After Google Cloud, 2019-06-02 (incident 19009).
"""

from __future__ import annotations

import msgspec

from scenario.fleet import Unit, up
from scenario.scenario import Scenario, Way
from scenario.world import World, target


def prepare(world: World) -> None:
    for name in ("maintenance", *(f"maintenance-{region}" for region in world.regions)):
        world.declare(
            name,
            "controller:deschedule {component}",
            owner="network",
            on='group = "controller"',
            undo="controller:schedule {component}",
        )


def deschedule(unit: Unit) -> None:
    """The two misconfigurations: it is told to stop, and nothing starts it again."""
    unit.state = "down"


def three_sites(world: World) -> None:
    """One event, three sites, as the automation understood it."""
    sites = [unit for unit in world.fleet.group("controller") if unit.region in world.regions[:3]]
    for _ in range(5):
        world.attempt("maintenance", sites, deschedule, expect=up)
        world.wait(60)


def one_big_cell(world: World) -> None:
    """It is staged, by a label that is the same everywhere: three sites are one cell."""
    sites = [unit for unit in world.fleet.group("controller") if unit.region in world.regions[:3]]
    aimed = tuple(msgspec.structs.replace(target(unit), cell="all") for unit in sites)
    for _ in range(5):
        world.attempt("maintenance", sites, deschedule, expect=up, targets=aimed, cells=("all",))
        world.wait(60)


def each_for_itself(world: World) -> None:
    """Each site has its own automation, and none knows of the others. Cell by cell, within minutes."""
    for region in world.regions[:3]:
        site = [unit for unit in world.fleet.group("controller") if unit.region == region]
        for _ in range(3):
            world.attempt(f"maintenance-{region}", site, deschedule, answers=False)
            world.wait(20)


def sites_beyond_the_first(world: World) -> float:
    """A site whose controllers are all gone is covered by the others; more than one at once is not."""
    dead = [
        region
        for region in world.regions
        if not any(unit.well for unit in world.fleet.group("controller") if unit.region == region)
    ]
    return max(0, len(dead) - 1) / (len(world.regions) - 1)


SCENARIO = Scenario(
    name="S06",
    title="Maintenance takes the control plane of several sites at once",
    historic=2 / 3,
    unit="share of further sites without control, while one is",
    harm=sites_beyond_the_first,
    prepare=prepare,
    ways=(Way("domain", three_sites), Way("domain", each_for_itself), Way("stages", one_big_cell)),
)
