"""Two workers keep a name service right. One is slow: it puts an old plan in force over a newer one, and the clean-up
of what is old then takes the only one there is.

After the AWS DynamoDB event of 2025-10-19 in us-east-1 (aws.amazon.com/message/101925).
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

NEWEST = 2


def prepare(world: World) -> None:
    for name in ("enactor-a", "enactor-b"):
        world.declare(
            name,
            "dns:put {component}",
            owner="network",
            on='group = "dns"',
            undo="dns:previous {component}",
        )
    for unit in world.fleet.group("dns"):
        unit.data["plan"] = 0


def race(world: World, seconds: float) -> None:
    """A is permitted plan 1 and falls asleep; B puts plan 2 in force; A wakes up after so many seconds."""
    endpoint = world.fleet["dns-000"]

    def put(number: int, unit: Unit) -> None:
        unit.data["plan"] = number

    ticket = world.obtain("enactor-a", [endpoint])
    world.wait(5)
    world.attempt("enactor-b", [endpoint], lambda unit: put(NEWEST, unit))
    newer = endpoint.data["plan"] == NEWEST
    world.wait(seconds)
    if ticket is not None:
        world.use(ticket, ticket.plan, [endpoint], lambda unit: put(1, unit))
    if newer and endpoint.data["plan"] != NEWEST:  # B tidies up what is older than its own
        endpoint.state = "gone"


def at_the_same_time(world: World) -> None:
    race(world, 10)


def much_later(world: World) -> None:
    race(world, 120)


SCENARIO = Scenario(
    name="S38",
    title="A late worker puts an old plan in force, and the clean-up takes it",
    historic=1.0,
    unit="endpoints without any address",
    irreversible=True,
    harm=lambda world: float(world.gone("dns")),
    prepare=prepare,
    ways=(
        Way("targets", at_the_same_time),
        Way("capability", at_the_same_time),
        Way("capability", much_later),
    ),
)
