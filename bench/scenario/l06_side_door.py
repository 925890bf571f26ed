"""An act without an entry: something is restarted or stopped by hand, past the gate."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path

from gadfly.act.bypass.side_door import SideDoor
from gadfly.act.guard import GUARDS
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.monitor.subject import Subject
from gadfly.store.sqlite import Database
from scenario.attack import Attack, Found
from scenario.fleet import Fleet, Unit
from scenario.world import World

DIGEST = "simulated"
WITHIN = 60.0
"""Seconds in which it must be found."""


def act(unit: Unit) -> None:
    unit.data["runs"] = 2


def explained(folder: Path) -> tuple[str, float, Log]:
    """One unit is restarted through the gate: its name, when, and the ledger it stands in."""
    world = World(folder, GUARDS)
    try:
        world.declare(
            "restart",
            "service:restart {component}",
            owner="compute",
            on='group = "node"',
            undo="service:stop x",
        )
        unit = world.fleet["node-000"]
        world.attempt("restart", [unit], act)
        return unit.name, world.now, world.ledger
    finally:
        world.close()


class Shut(SideDoor):
    """It sees, and never looks for what explains it."""

    async def turn(self) -> None:
        return


async def watch(folder: Path, dice: random.Random, kind: type[SideDoor]) -> Found:
    inside, at, ledger = explained(folder)
    fleet = Fleet(at)
    database = Database(folder / "gadfly.db")
    clock = VirtualClock(at)

    def subject(name: str) -> Subject:
        unit = fleet[name]
        return Subject(name=name, kind=unit.kind, owner=unit.owner, group=unit.group)

    came = Entry(kind="configuration", who="node", body={"configuration": DIGEST}, at=at)
    await database.write(lambda connection: ledger.append(connection, [came]))
    door = kind(
        database, ledger, clock, Config, subject, lambda config: DIGEST, path=None, url="", node="simulated"
    )
    try:
        door.see("restarted", inside, clock.wall())
        await pass_time(door, clock, WITHIN)
        control = door.unexplained == 0
        hands = dice.sample(
            [unit.name for unit in fleet if unit.group in ("app", "node") and unit.name != inside], 12
        )
        took = []
        for name in hands:
            before, began = door.unexplained, clock.monotonic()
            door.see(dice.choice(("restarted", "stopped")), name, clock.wall())
            while door.unexplained == before and clock.monotonic() - began < 2 * WITHIN:
                await pass_time(door, clock, 1.0)
            took.append(clock.monotonic() - began)
        written = await database.read(lambda connection: ledger.read(connection, 0, 1 << 40))
        named = {name for _, entry, _ in written if entry.kind == "unexplained" for name in entry.about}
        found = [
            f"component:{name}" in named and seconds <= WITHIN
            for name, seconds in zip(hands, took, strict=True)
        ]
    finally:
        database.close()
    return Found(
        tried=len(hands),
        detected=sum(found),
        control=control,
        bare=0,
        unnoticed=0,
        words=f"each was said in an entry within {max(took):.0f} s",
    )


async def pass_time(door: SideDoor, clock: VirtualClock, seconds: float) -> None:
    """The side door has its turn each second."""
    for _ in range(int(seconds)):
        await clock.advance(1.0)
        await door.turn()


def run(folder: Path, dice: random.Random) -> Found:
    folders = folder / "watched", folder / "shut"
    for one in folders:
        one.mkdir()
    found = asyncio.run(watch(folders[0], dice, SideDoor))
    shut = asyncio.run(watch(folders[1], dice, Shut))
    return replace(found, bare=shut.tried, unnoticed=shut.tried - shut.detected)


ATTACK = Attack(
    name="L6",
    title="Something is restarted or stopped past the gate",
    by="the side door: an effect that no intent explains, within 60 s",
    run=run,
)
