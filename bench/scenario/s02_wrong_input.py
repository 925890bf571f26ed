"""A playbook command with one wrong input removes far more servers than were meant.

After the AWS S3 event of 2017-02-28 (aws.amazon.com/message/41926).
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

FLOOR = 0.8


def prepare(world: World) -> None:
    world.rule(floors={"index": "80%", "placement": "80%"})
    world.declare(
        "remove-capacity",
        "servers:remove {component}",
        owner="storage",
        on='group = "index" or group = "placement"',
        undo="servers:add {component}",
    )
    world.declare(
        "remove-capacity-slowly",
        "servers:remove {component}",
        owner="storage",
        on='group = "index" or group = "placement"',
        at_once=3,
        group="5%",
        undo="servers:add {component}",
    )


def remove(unit: Unit) -> None:
    unit.state = "down"


def meant_for_a_few(world: World) -> None:
    """The tool that existed: no limit of its own. What holds it is what must keep working."""
    wrong = world.fleet.group("index") + world.fleet.group("placement")[:20]
    for _ in range(5):
        world.attempt("remove-capacity", wrong, remove, cells=world.regions)
        world.wait(60)


def too_fast(world: World) -> None:
    """Two at a time, every ten seconds, for as long as it takes somebody to notice."""
    servers = world.fleet.group("index", "placement")
    for start in range(0, len(servers), 2):
        world.attempt("remove-capacity", servers[start : start + 2], remove)
        world.wait(6)


def with_limits(world: World) -> None:
    """The same wrong input, with the tool as it was mended."""
    world.attempt("remove-capacity-slowly", world.fleet.group("index", "placement"), remove)


def below_the_floor(world: World) -> float:
    """How far the worse of the two is below what it needs."""
    missing = []
    for group in ("index", "placement"):
        alive = world.fleet.share(world.fleet.group(group), lambda unit: unit.well)
        missing.append(max(0.0, FLOOR - alive) / FLOOR)
    return max(missing)


SCENARIO = Scenario(
    name="S02",
    title="One wrong input removes the servers that two subsystems live on",
    historic=1.0,
    unit="share of the needed capacity missing, worse subsystem",
    harm=below_the_floor,
    prepare=prepare,
    ways=(
        Way("capacity", meant_for_a_few),
        Way("rate", too_fast),
        Way("radius", with_limits),
    ),
)
