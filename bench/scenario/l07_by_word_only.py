"""An entry without an act: the actor says "done", and nothing was done."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from gadfly.act.books import book
from gadfly.act.guard import GUARDS
from gadfly.errors import Refused
from scenario.attack import Attack, Found, transaction
from scenario.fleet import Unit, up
from scenario.world import World


def nothing(unit: Unit) -> None:
    """It says that it restarted."""


def restart(unit: Unit) -> None:
    unit.state = "up"


def told(folder: Path, off: frozenset[str]) -> tuple[str, str]:
    """What is written of two acts that were not done, and why the automation is then frozen."""
    folder.mkdir()
    world = World(folder, GUARDS, off=off)
    try:
        prepare(world)
        for number in (1, 2):
            world.attempt("restart", [world.fleet[f"node-{number:03d}"]], nothing, expect=up, says=True)
            world.wait(700)
            # The record lowers it first; a person then approves its next act, and it lies again.
            world.connection.execute("UPDATE standing SET level = 'act'")
        states = {state for (state,) in world.connection.execute("SELECT state FROM intent")}
        (frozen,) = world.connection.execute("SELECT frozen FROM standing").fetchone()
        return ",".join(sorted(states)), frozen
    finally:
        world.close()


def prepare(world: World) -> None:
    world.declare(
        "restart", "service:restart {component}", owner="compute", on='group = "node"', undo="service:stop x"
    )
    for number in range(3):
        world.fleet[f"node-{number:03d}"].state = "down"


def measures_itself(folder: Path) -> bool:
    """Whether the actor may write its own outcome."""
    folder.mkdir()
    world = World(folder, GUARDS)
    try:
        prepare(world)
        world.attempt("restart", [world.fleet["node-000"]], nothing, expect=up, answers=False)
        outcome = book.Outcome(state="verified", by="automation:restart", at=world.now)
        with transaction(world.connection):
            book.finish(world.connection, world.ledger, 1, outcome)
    except (Refused, sqlite3.Error):
        return False
    finally:
        world.close()
    return True


def run(folder: Path, dice: random.Random) -> Found:
    honest = folder / "honest"
    honest.mkdir()
    world = World(honest, GUARDS)
    try:
        prepare(world)
        world.attempt("restart", [world.fleet["node-000"]], restart, expect=up)
        (control,) = world.connection.execute("SELECT state = 'verified' FROM intent").fetchone()
    finally:
        world.close()
    states, frozen = told(folder / "liar", frozenset())
    believed, _ = told(folder / "believed", frozenset({"observer"}))
    return Found(
        tried=3,
        detected=(states == "failed") + bool(frozen) + (not measures_itself(folder / "itself")),
        control=bool(control),
        bare=1,
        unnoticed=believed == "verified",
        words=f"the outcomes are {states}; frozen: {frozen}",
    )


ATTACK = Attack(
    name="L7",
    title='An actor says "done", and did nothing',
    by="the post-condition, measured by another than the actor",
    run=run,
)
