"""A partner's scheduled clean-up removes a resource group that is in use.

After GitHub Copilot, 2024-07-13.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

DAY = 86_400.0


def prepare(world: World) -> None:
    world.declare(
        "partner-clean-up",
        "cloud:delete-group {component}",
        owner="tenants",
        on='group = "cache"',
        destructive=True,
        undo="irreversible",
    )
    world.declare(
        "partner-settings",
        "cloud:settings {component}",
        owner="tenants",
        on='group = "cache"',
        disturbs=False,
        undo="cloud:settings-before {component}",
    )
    # The platform's rule lets the clean-up reach everybody's resources: how it was then.
    world.permit("automation:partner-clean-up", "cloud:delete-group *", on='group = "cache"', owner="web")
    for number, unit in enumerate(world.fleet.group("cache")):
        unit.used = world.now - (3600.0 if number % 2 else 3 * DAY)


def delete(unit: Unit) -> None:
    unit.state = "gone"


def by_its_schedule(world: World) -> None:
    """Every night, as long as anything is left; somebody on the partner's side approves it."""
    for _ in range(3):
        for unit in world.fleet.group("cache"):
            if unit.state != "gone":
                world.attempt("partner-clean-up", [unit], delete, approver="person:tenants-lead")
        world.wait(DAY)


def with_an_old_consent(world: World) -> None:
    """The owner once agreed to clean-ups. What is in use was not meant."""
    for unit in world.fleet.group("cache"):
        world.people.consent("web", "automation:partner-clean-up", "cloud:delete-group", unit)
    by_its_schedule(world)


def as_a_setting(world: World) -> None:
    """It deletes nothing and disturbs nobody, as it says: it only sets how many are kept, to none."""
    for unit in world.fleet.group("cache"):
        world.attempt("partner-settings", [unit], delete)
        world.wait(60)


SCENARIO = Scenario(
    name="S13",
    title="A partner's clean-up deletes what somebody else uses",
    historic=0.63,
    unit="share of resources in use that were deleted",
    irreversible=True,
    harm=lambda world: world.fleet.share(world.fleet.group("cache"), lambda unit: unit.state == "gone"),
    prepare=prepare,
    ways=(
        Way("consent", by_its_schedule),
        Way("consent", with_an_old_consent),
        Way("consent", as_a_setting),
    ),
)
