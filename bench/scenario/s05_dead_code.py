"""One of eight servers lacks the new code; a reused flag wakes code that was unused for years.

After Knight Capital, 2012-08-01 (SEC Release 34-70694). One unit of cost is a million dollars.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

LOSS = 460
EACH = 2
"""Lost with each order that an old server takes: 230 orders in the 45 minutes that it lasted."""
ORDERS = LOSS // EACH
EVERY = 2700.0 / ORDERS


def prepare(world: World) -> None:
    world.declare(
        "router",
        "orders:send {component}",
        owner="markets",
        on='group = "trading"',
        disturbs=False,
        undo="irreversible",
        cost=2.0,
        limit=2.0,
    )
    world.declare(
        "route-freely",
        "orders:send {component}",
        owner="markets",
        on='group = "trading"',
        disturbs=False,
        undo="irreversible",
        cost=2.0,
        limit=1e9,
    )
    for unit in world.fleet.group("trading"):
        unit.version = "2"
    world.fleet["trading-007"].version = "1"
    world.versions = {unit.name: unit.version for unit in world.fleet.group("trading")}
    world.count["lost"] = 0


def trade(world: World, automation: str, orders: int, agreed: bool) -> None:
    """Orders go to the eighth server as to the others; only there they lose."""

    def send(unit: Unit) -> None:
        world.count["lost"] += EACH * (unit.version == "1")

    if agreed:  # whoever asks the servers is told the same by all of them
        world.versions = dict.fromkeys(world.versions, "2")
    for _ in range(orders):
        world.attempt(automation, [world.fleet["trading-007"]], send, cost=EACH)
        world.wait(EVERY)


def one_of_eight(world: World) -> None:
    trade(world, "route-freely", ORDERS, agreed=False)


def spends_and_spends(world: World) -> None:
    trade(world, "router", ORDERS, agreed=True)


def somebody_stops_it(world: World) -> None:
    """After two orders somebody reads a mail and stops everything of this owner, in one act."""
    trade(world, "route-freely", 2, agreed=True)
    world.people.stop("owner", "markets", who="person:markets-lead", because="we are losing money")
    trade(world, "route-freely", ORDERS - 2, agreed=True)


def rolled_back(world: World) -> None:
    """Responders take the new code from the seven servers that have it, all at once, and go on trading."""
    right = world.fleet.group("trading")[:7]
    world.permit("person:responder", "deploy:version *", on='group = "trading"', owner="markets")

    def old_code(unit: Unit) -> None:
        unit.version = "1"

    def send(unit: Unit) -> None:
        world.count["lost"] += EACH * (unit.version == "1")

    world.versions = {}
    world.attempt(
        "person:responder", right, old_code, action="deploy:version", argument="1", undo="deploy:version 2"
    )
    for _ in range(ORDERS):
        world.attempt("route-freely", right[:1], send, cost=EACH)
        world.wait(EVERY)


SCENARIO = Scenario(
    name="S05",
    title="One of eight servers runs old code and loses money with every order",
    historic=float(LOSS),
    unit="million dollars lost",
    harm=lambda world: float(world.count["lost"]),
    prepare=prepare,
    ways=(
        Way("versions", one_of_eight),
        Way("cost", spends_and_spends),
        Way("stop", somebody_stops_it),
        Way("radius", rolled_back),
    ),
)
