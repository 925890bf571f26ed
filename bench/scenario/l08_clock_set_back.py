"""The clock is set back, so that a grant that has ended lives again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

from gadfly.act.guard import GUARDS, Guard
from scenario.attack import Attack, Found, transaction
from scenario.fleet import Unit
from scenario.world import World

HOUR = 3600.0


def touch(unit: Unit) -> None:
    unit.data["touched"] = True


def act(world: World) -> bool:
    """A person restarts one node by a grant of six hours. Whether it was done."""
    found = world.attempt(
        "person:on-call",
        [world.fleet["node-000"]],
        touch,
        action="service:restart",
        argument="{component}",
        undo="service:stop {component}",
    )
    return found.touched > 0


def tried(
    folder: Path, guards: Mapping[str, Guard], *, forgets: bool, witness: bool
) -> tuple[bool, bool, bool]:
    """Whether it was done in time, after the end, and with the clock set back. `forgets`: the store's own memory of
    the time is wiped, as a restored copy would be; `witness`: another machine has cosigned since."""
    folder.mkdir()
    world = World(folder, guards)
    try:
        world.permit("person:on-call", "service:restart *", on='group = "node"', owner="compute")
        in_time = act(world)
        world.wait(7 * HOUR)
        late = act(world)
        world.witness = world.now if witness else 0.0
        if forgets:
            with transaction(world.connection):
                world.connection.execute("UPDATE latest SET at = 0")
        world.now -= 3 * HOUR
        return in_time, late, act(world)
    finally:
        world.close()


def run(folder: Path, dice: random.Random) -> Found:
    seen = {
        "memory": tried(folder / "memory", GUARDS, forgets=False, witness=False),
        "witness": tried(folder / "witness", GUARDS, forgets=True, witness=True),
    }
    _, _, alive = tried(folder / "neither", GUARDS, forgets=True, witness=False)
    return Found(
        tried=len(seen),
        detected=sum(not late and not back for _, late, back in seen.values()),
        control=all(in_time for in_time, _, _ in seen.values()),
        bare=1,
        unnoticed=alive,
        words="judged by the latest time that the store or a witness vouches for; with neither it lives again",
    )


ATTACK = Attack(
    name="L8",
    title="The clock is set back so that a grant lives again",
    by="the latest time seen: in the store, and by the witness",
    run=run,
)
