"""An autoscaler, switched off by hand, is switched on again by a package manager and reads half-migrated data.

After Reddit, 2016-08-11 (r/announcements, 4y0m56).
"""

from __future__ import annotations

from gadfly.act.plan import Input
from scenario.attack import transaction
from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

SPARE = 0.1
"""The share of servers that the site can do without at that hour."""


def prepare(world: World) -> None:
    world.declare(
        "autoscaler",
        "servers:terminate {component}",
        owner="web",
        on='group = "app" or group = "cache"',
        undo="servers:launch {component}",
    )


def terminate(unit: Unit) -> None:
    unit.state = "down"


def servers(world: World) -> list[Unit]:
    return world.fleet.group("app", "cache")


def switched_on_again(world: World) -> None:
    """Stopped by a person; the package manager finds its switch off and puts it right, again and again."""
    world.people.stop("automation", "autoscaler", who="person:web-lead", because="zookeeper is being moved")
    for _ in range(16):
        world.people.resume(who="automation:package-manager")
        world.attempt("autoscaler", [unit for unit in servers(world) if unit.well], terminate)
        world.wait(1)


def reverted_in_the_store(world: World) -> None:
    """The package manager knows no command for it, and puts its switch right in the database itself."""
    world.watched = True
    world.people.stop("automation", "autoscaler", who="person:web-lead", because="zookeeper is being moved")
    for _ in range(16):
        write(world, "UPDATE stop SET lifted = at, lifted_by = 'person:web-lead'")
        world.attempt("autoscaler", [unit for unit in servers(world) if unit.well], terminate)
        world.wait(1)
    write(world, "UPDATE stop SET lifted = NULL, lifted_by = ''")  # somebody read the letter


def write(world: World, sql: str) -> None:
    """Past the gate, and with no entry."""
    with transaction(world.connection):
        world.connection.execute(sql)


def half_migrated(world: World) -> None:
    """What it reads is being rewritten: a part, from a minority, and some of it hours old."""
    for second in range(16):
        now = world.now
        inputs = (
            Input(name="zookeeper", at=now, complete=False, quorum=False),
            Input(name="zookeeper", at=now, complete=True, quorum=False),
            Input(name="zookeeper", at=now, complete=False, quorum=True),
            Input(name="zookeeper", at=now - 7200, complete=True, quorum=True),
        )
        one = inputs[second % len(inputs)]
        world.attempt("autoscaler", [unit for unit in servers(world) if unit.well], terminate, inputs=(one,))
        world.wait(1)


def five_a_second(world: World) -> None:
    """Everything it reads looks right; it is only fast."""
    for _ in range(36):
        alive = [unit for unit in servers(world) if unit.well]
        world.attempt("autoscaler", alive[:5], terminate)
        world.wait(0.45)


SCENARIO = Scenario(
    name="S04",
    title="A switch set by hand is reverted, and half-migrated data is believed",
    historic=0.9,
    unit="share of servers killed beyond the spare tenth",
    harm=lambda world: max(0.0, world.fleet.share(servers(world), lambda unit: not unit.well) - SPARE),
    prepare=prepare,
    ways=(
        Way("stop", switched_on_again),
        Way("inputs", half_migrated),
        Way("rate", five_a_second),
        Way("belief", reverted_in_the_store),
    ),
)
