"""A permission change doubles a generated file, which is pushed everywhere in minutes; its readers have a limit.

After Cloudflare, 2025-11-18.
"""

from __future__ import annotations

from gadfly.act.plan import Data
from scenario.fleet import Unit, up
from scenario.scenario import Scenario, Way
from scenario.world import World

DOUBLED = Data(size=120_000, before=60_000, limit=200_000)
"""Bytes: twice as many as before."""
BEARABLE = Data(size=70_000, before=60_000, limit=200_000)
"""Nothing about its size says that it is bad."""


def prepare(world: World) -> None:
    world.declare(
        "push-features",
        "config:push {component}",
        owner="edge",
        on='group = "proxy" or group = "cdn"',
        undo="config:previous {component}",
    )


def readers(world: World) -> list[Unit]:
    return world.fleet.group("proxy", "cdn")


def panic(unit: Unit) -> None:
    unit.state = "down"


def doubled(world: World) -> None:
    """Made anew every five minutes, each time as bad, and pushed again."""
    for _ in range(5):
        world.attempt("push-features", readers(world), panic, expect=up, data=DOUBLED, cells=world.regions)
        world.wait(300)


def everywhere_at_once(world: World) -> None:
    """The file is bad in a way that no check of it can see. It goes everywhere in one act, then as one act a
    region, all of them within a minute."""
    for _ in range(2):
        world.attempt("push-features", readers(world), panic, expect=up, data=BEARABLE)
        for region in world.regions:
            there = [unit for unit in readers(world) if unit.region == region]
            world.attempt("push-features", there, panic, expect=up, data=BEARABLE, cells=(region,))
            world.wait(15)


def stopped_by_a_person(world: World) -> None:
    """It trickles out by single acts; somebody sees the first panic and stops everything."""
    for number, unit in enumerate(readers(world)):
        world.attempt("push-features", [unit], panic, expect=up, data=BEARABLE)
        if number == 0:
            world.people.stop("everything", "", who="person:edge-lead", because="proxies panic")
        world.wait(1)


SCENARIO = Scenario(
    name="S23",
    title="A generated file that is too large goes everywhere in minutes",
    historic=1.0,
    unit="share of proxies that panicked",
    harm=lambda world: world.fleet.share(readers(world), lambda unit: not unit.well),
    prepare=prepare,
    ways=(
        Way("shape", doubled),
        Way("domain", everywhere_at_once, alone=0.25),
        Way("stop", stopped_by_a_person),
    ),
)
