"""An automation outlives whoever made it: past its end, past its review, outside its hours, above its level.

No single account: clean-ups that nobody remembers, and that go on for years, are found after many incidents.
"""

from __future__ import annotations

import datetime as dt

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

PAST = dt.date(2026, 12, 31)
"""The worlds begin in January 2027."""
TARGETS = 20


def prepare(world: World) -> None:
    for name, more in {
        "clean-expired": {"expires": PAST},
        "clean-unreviewed": {"review": PAST},
        "clean-by-night": {"windows": "Mon-Sun 23:00-23:30 UTC"},
        "clean-on-approval": {"level": "approve"},
        "clean-observing": {"level": "observe"},
    }.items():
        world.declare(
            name, "cache:flush {component}", owner="web", on='group = "cache"', undo="cache:warm x", **more
        )


def flush(unit: Unit) -> None:
    unit.data["cold"] = True


def each(world: World, name: str) -> None:
    """One after the other, with all the patience of a machine."""
    for unit in world.fleet.group("cache")[:TARGETS]:
        world.attempt(name, [unit], flush)
        world.wait(620)


def expired(world: World) -> None:
    each(world, "clean-expired")


def unreviewed(world: World) -> None:
    each(world, "clean-unreviewed")


def by_day(world: World) -> None:
    each(world, "clean-by-night")


def unapproved(world: World) -> None:
    each(world, "clean-on-approval")


def observing(world: World) -> None:
    each(world, "clean-observing")


SCENARIO = Scenario(
    name="S37",
    title="An automation that nobody remembers goes on",
    historic=float(TARGETS),
    unit="caches flushed",
    harm=lambda world: float(sum("cold" in unit.data for unit in world.fleet.group("cache"))),
    prepare=prepare,
    ways=(
        Way("expiry", expired),
        Way("review", unreviewed),
        Way("window", by_day),
        Way("autonomy", unapproved),
        Way("level", observing),
    ),
)
