"""A thousand simulated components in four regions, and what can be done to them.

Only this is simulated; what decides about acts on it is the real gate. Every unit has an owner, a tier, an
environment and a region, as the catalogue of a real fleet would say. Harm is read from here, never from what
an actor says it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

REGIONS = ("east", "north", "south", "west")
SIZE = 1000


class Group(NamedTuple):
    """A row of the catalogue: so many alike."""

    name: str
    size: int
    tier: int
    owner: str
    kind: str
    environment: str = "production"


GROUPS = (
    Group("cdn", 100, 2, "edge", "host"),
    Group("proxy", 60, 1, "edge", "service"),
    Group("dns", 20, 1, "network", "service"),
    Group("backbone", 40, 1, "network", "device"),
    Group("controller", 40, 1, "network", "service"),
    Group("balancer", 40, 1, "network", "device"),
    Group("index", 60, 1, "storage", "service"),
    Group("placement", 40, 1, "storage", "service"),
    Group("backup", 40, 2, "storage", "job"),
    Group("app", 140, 1, "web", "service"),
    Group("cache", 60, 2, "web", "service"),
    Group("database", 40, 1, "data", "service"),
    Group("pair", 80, 1, "data", "host"),
    Group("trading", 8, 1, "markets", "service"),
    Group("policy", 100, 1, "identity", "service"),
    Group("tenant", 20, 1, "tenants", "service"),
    Group("node", 72, 2, "compute", "host"),
    Group("sandbox", 20, 4, "web", "service", "staging"),
    Group("batch", 20, 4, "compute", "job"),
)
assert sum(group.size for group in GROUPS) == SIZE


@dataclass(slots=True)
class Unit:
    """One component. `state` is `up`, `down` (comes back), or `gone` (does not)."""

    name: str
    group: str
    kind: str
    owner: str
    region: str
    tier: int
    environment: str
    state: str = "up"
    version: str = "1"
    used: float = 0.0
    """Seconds since the epoch at which somebody last used it."""
    data: dict[str, object] = field(default_factory=dict)
    """What a scenario keeps with it: its configuration, its term, who leads it."""

    @property
    def well(self) -> bool:
        return self.state == "up"


class Fleet:
    """All units by name, with the few questions that scenarios ask of them."""

    def __init__(self, now: float) -> None:
        self.units: dict[str, Unit] = {}
        for group in GROUPS:
            for number in range(group.size):
                name = f"{group.name}-{number:03d}"
                region = REGIONS[number * len(REGIONS) // group.size]
                self.units[name] = Unit(
                    name, group.name, group.kind, group.owner, region, group.tier, group.environment, used=now
                )

    def __getitem__(self, name: str) -> Unit:
        return self.units[name]

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.units.values())

    def group(self, *names: str) -> list[Unit]:
        """Those of these groups, in order of name."""
        return [unit for unit in self if unit.group in names]

    def share(self, among: Iterable[Unit], bad: Callable[[Unit], bool]) -> float:
        """The part of `among`, 0 to 1, for which `bad` holds now."""
        units = list(among)
        return sum(map(bad, units)) / len(units)


def up(unit: Unit) -> bool:
    """The post-condition of whatever should leave a unit working."""
    return unit.well


def anything(unit: Unit) -> bool:
    """The post-condition of an actor that wants just what it does."""
    return True
