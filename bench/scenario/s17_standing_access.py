"""A person with lasting access runs a maintenance process against production by mistake.

After AWS ELB, 2012-12-24 (aws.amazon.com/message/680587).
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

DAY = 86_400.0


def prepare(world: World) -> None:
    world.permit(
        "person:developer",
        "balancer:delete-state *",
        on='group = "balancer"',
        owner="network",
        since=world.now - 200 * DAY,
        until=world.now + 165 * DAY,
    )
    world.permit(
        "person:on-call",
        "balancer:delete-state *",
        on='group = "balancer"',
        owner="network",
        since=world.now - 600,
        until=world.now + 6 * 3600,
    )


def forget(unit: Unit) -> None:
    unit.data["state"] = "lost"


def process(world: World, who: str, environment: str) -> None:
    for unit in world.fleet.group("balancer")[::12]:
        world.attempt(
            who,
            [unit],
            forget,
            action="balancer:delete-state",
            argument="{component}",
            environment=environment,
            undo="balancer:restore-state {component}",
        )
        world.wait(601)


def with_lasting_access(world: World) -> None:
    process(world, "person:developer", "production")


def meant_for_staging(world: World) -> None:
    """Access for this shift, and a process that was started with the wrong list."""
    process(world, "person:on-call", "staging")


SCENARIO = Scenario(
    name="S17",
    title="A maintenance process meets production through access that never ended",
    historic=0.068,
    unit="share of balancers without state",
    harm=lambda world: world.fleet.share(world.fleet.group("balancer"), lambda unit: "state" in unit.data),
    prepare=prepare,
    ways=(Way("standing", with_lasting_access), Way("targets", meant_for_staging)),
)
