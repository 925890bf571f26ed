"""A decommission is started again after a failure; nothing is left in its set; nothing is read as everything.

After "Diskerase": Site Reliability Engineering, chapter 7.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World


def prepare(world: World) -> None:
    world.declare(
        "disk-erase",
        "machine:erase {component}",
        owner="edge",
        on='group = "cdn"',
        at_once=1,
        group="1%",
        per_hour=2,
        tries_per_target=1,
        destructive=True,
        undo="irreversible",
    )


def erase(unit: Unit) -> None:
    unit.state = "gone"


def nothing_left(world: World) -> None:
    """The tool, told to go on, finds nobody, asks for nobody, and would reach everybody."""
    for _ in range(10):
        world.attempt("disk-erase", [], erase, reach=world.fleet.group("cdn"))
        world.wait(30)


def everything(world: World) -> None:
    """The same, spelled out: every machine by name, then each site by itself."""
    machines = world.fleet.group("cdn")
    for _ in range(3):
        world.attempt("disk-erase", machines, erase)
        world.wait(30)
        for region in world.regions:
            world.attempt("disk-erase", [unit for unit in machines if unit.region == region], erase)
            world.wait(30)


def one_by_one(world: World) -> None:
    """Each alone is a small act. Nobody said yes to any of them."""
    for machine in world.fleet.group("cdn"):
        world.attempt("disk-erase", [machine], erase)
        world.wait(3600)


def another_plan(world: World) -> None:
    """One drained machine was approved; what runs with that word is everything."""
    machines = world.fleet.group("cdn")
    ticket = world.obtain("disk-erase", machines[:1], approver="person:edge-lead")
    if ticket is not None:
        world.use(ticket, world.plan("disk-erase", machines), machines, erase)


SCENARIO = Scenario(
    name="S01",
    title="An empty set of machines is read as all of them",
    historic=0.98,
    unit="share of machines erased",
    irreversible=True,
    harm=lambda world: world.fleet.share(world.fleet.group("cdn"), lambda unit: unit.state == "gone"),
    prepare=prepare,
    ways=(
        Way("targets", nothing_left),
        Way("radius", everything),
        Way("consequence", one_by_one),
        Way("capability", another_plan),
    ),
)
