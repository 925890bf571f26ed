"""People approve, things change, and the audit log has no line of it.

After gagan114662/openbot#73: four approvals changed state and left no audit row.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

APPROVALS = 4


def prepare(world: World) -> None:
    world.declare(
        "clean-up",
        "data:delete {component}",
        owner="web",
        on='group = "sandbox"',
        destructive=True,
        undo="irreversible",
        environment="staging",
    )


def delete(unit: Unit) -> None:
    unit.state = "gone"


def nothing_is_written(world: World) -> None:
    """Whatever should write the line fails, each time; people go on approving."""
    world.ledger.refuses = frozenset({"approval"})
    for unit in world.fleet.group("sandbox")[:APPROVALS]:
        world.attempt("clean-up", [unit], delete, approver="person:web-lead", environment="staging")
        world.wait(700)
    world.ledger.refuses = frozenset()


SCENARIO = Scenario(
    name="S28",
    title="Approvals change state and leave no line",
    historic=float(APPROVALS),
    unit="approvals in force without an entry, or effects of one",
    harm=lambda world: float(max(world.unwritten_approvals(), world.gone("sandbox"))),
    prepare=prepare,
    ways=(Way("transaction", nothing_is_written),),
    irreversible=True,
)
