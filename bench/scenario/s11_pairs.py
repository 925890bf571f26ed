"""The network freezes for ninety seconds, and each of many pairs believes the other dead and shoots it.

After GitHub, 2012-12-22.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World


def prepare(world: World) -> None:
    world.declare(
        "fence",
        "power:off {component}",
        owner="data",
        on='group = "pair"',
        undo="power:on {component}",
    )


def power_off(unit: Unit) -> None:
    unit.state = "down"


def everybody_shoots(world: World) -> None:
    """All 40 pairs lose each other in the same second; both halves of each act, again every ten seconds."""
    units = world.fleet.group("pair")
    world.lost = len(units)
    for _ in range(3):
        for unit in units:
            if unit.well:
                world.attempt("fence", [unit], power_off, symptom="silent")
        world.wait(10)


def both_off(world: World) -> float:
    """Pairs are neighbours by number."""
    units = world.fleet.group("pair")
    pairs = list(zip(units[::2], units[1::2], strict=True))
    return sum(not one.well and not other.well for one, other in pairs) / len(pairs)


SCENARIO = Scenario(
    name="S11",
    title="A network freeze makes pairs of servers shoot each other",
    historic=0.5,
    unit="share of pairs with both halves off",
    harm=both_off,
    prepare=prepare,
    ways=(Way("storm", everybody_shoots),),
)
