"""A tool that keeps a DNS zone as it should be reads half of what it should be, and deletes the rest.

No single account: mass deletion by reconciliation with a partial list is seen again and again.
"""

from __future__ import annotations

from gadfly.act.plan import Input
from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World


def prepare(world: World) -> None:
    world.declare(
        "zone-sync",
        "dns:delete-record {component}",
        owner="web",
        on='group = "app"',
        destructive=True,
        undo="irreversible",
        at_once=2,
        group="2%",
    )


def delete(unit: Unit) -> None:
    unit.state = "gone"


def half_a_list(world: World) -> None:
    """The list of services timed out in the middle. A person signs what the tool shows: it looks usual."""
    for start in range(0, 120, 2):
        now = world.now
        world.attempt(
            "zone-sync",
            world.fleet.group("app")[start : start + 2],
            delete,
            inputs=(Input(name="services", at=now, complete=False),),
            approver="person:web-lead",
        )
        world.wait(601)


def all_at_once(world: World) -> None:
    """A list that is complete, fresh and wrong."""
    for _ in range(3):
        inputs = (Input(name="services", at=world.now),)
        world.attempt(
            "zone-sync", world.fleet.group("app"), delete, inputs=inputs, approver="person:web-lead"
        )
        world.wait(60)


SCENARIO = Scenario(
    name="S32",
    title="A zone is reconciled with half a list",
    historic=1.0,
    unit="share of names deleted",
    irreversible=True,
    harm=lambda world: world.fleet.share(world.fleet.group("app"), lambda unit: unit.state == "gone"),
    prepare=prepare,
    ways=(Way("inputs", half_a_list), Way("radius", all_at_once)),
)
