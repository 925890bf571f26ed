"""A node is reset again and again, because the reset itself raises the event that calls for it.

After NVIDIA/NVSentinel#1543, pfnet/node-operation-controller#31 and outbrain/orchestrator#206.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

RESETS = 160


def prepare(world: World) -> None:
    world.declare(
        "reset-node",
        "node:reset {component}",
        owner="compute",
        on='group = "node"',
        undo="node:uncordon {component}",
        tries_per_target=1,
    )
    world.count["resets"] = 0


def loop(world: World) -> None:
    """Once every ten minutes for more than a day; half-way the automation takes its own brake off."""
    node = world.fleet["node-042"]

    def reset(unit: Unit) -> None:
        world.count["resets"] += 1

    for number in range(RESETS):
        if number == RESETS // 2:
            world.people.release(node, "gpu-fault", who="automation:reset-node")
        world.attempt("reset-node", [node], reset, symptom="gpu-fault")
        world.wait(601)


SCENARIO = Scenario(
    name="S26",
    title="A remedy raises the event that calls for it",
    historic=float(RESETS),
    unit="resets of one node",
    harm=lambda world: float(world.count["resets"]),
    prepare=prepare,
    ways=(Way("attempts", loop),),
    budget=3600.0,
)
