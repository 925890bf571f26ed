"""Forty-three seconds of partition; the failover promotes across the country; both sides take writes.

After GitHub, 2018-10-21.
"""

from __future__ import annotations

from gadfly.act.plan import Signal
from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

PARTITION = 43


def prepare(world: World) -> None:
    world.declare(
        "failover",
        "database:promote {component}",
        owner="data",
        on='group = "database"',
        crosses=True,
        undo="irreversible",
    )
    for unit in world.fleet.group("database"):
        unit.data["leads"] = unit.region == "east"


def promote(unit: Unit) -> None:
    unit.data["leads"] = True


def promotes_at_once(world: World) -> None:
    """The orchestrator's own nodes agree within seconds: to the gate they are one source."""
    began = world.now
    west = [unit for unit in world.fleet.group("database") if unit.region == "west"]
    for second in range(0, PARTITION, 4):
        for node in range(3):
            signals = (Signal(source="orchestrator", since=began + min(node, second)),)
            world.attempt("failover", [west[node]], promote, signals=signals)
        signals = (Signal(source="orchestrator", since=began), Signal(source="heartbeat", since=began))
        world.attempt("failover", [west[0]], promote, signals=signals)
        world.wait(4)


def two_leaders(world: World) -> float:
    """Whether both coasts take writes. What then diverges nobody puts together again."""
    leading = {unit.region for unit in world.fleet.group("database") if unit.data["leads"]}
    return float(len(leading) > 1)


SCENARIO = Scenario(
    name="S10",
    title="A failover promotes across the country within a 43 s partition",
    historic=1.0,
    unit="both coasts take writes (0 or 1)",
    irreversible=True,
    harm=two_leaders,
    prepare=prepare,
    ways=(Way("consequence", promotes_at_once),),
)
