"""What a scenario is: an incident that happened, as an actor that tries it again, and the harm it would do.

To add one, write a file beside this with one `SCENARIO = Scenario(...)` in it; nothing else needs to know. A
*way* is one form in which the actor tried, or would have tried next, and the guard that must hold it. Each way
is played with the guard and without it: a guard whose removal changes nothing has not been tested.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from scenario.world import World

Play = Callable[["World"], None]


class Way(NamedTuple):
    """One form of the incident, and the one guard whose removal must bring its harm back."""

    guard: str
    """A name in `gadfly.act.guard.GUARDS`, or one of `course.STRUCTURE`."""
    play: Play
    alone: float | None = None
    """The harm that this guard bounds when all that overlap with it are left out; None: the scenario's bound. One
    failure domain at a time, alone, still lets one domain be harmed."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One incident. Harm is 0 where nothing bad happened."""

    name: str
    title: str
    historic: float
    """The harm that was done then, in the unit of `harm`."""
    unit: str
    """What harm counts, in words."""
    harm: Callable[[World], float]
    prepare: Play
    """What was so before: automations, grants, freezes."""
    ways: tuple[Way, ...]
    irreversible: bool = False
    """What is gone stays gone: not even a hundredth of it is borne."""
    budget: float = 600.0
    """Seconds of the budget unit: the harm must have stopped growing so long after it began."""

    @property
    def bound(self) -> float:
        """The harm that is borne with all guards in force."""
        return 0.0 if self.irreversible else 0.01 * self.historic

    @property
    def returned(self) -> float:
        """The harm from which on it has come back."""
        return 0.5 * self.historic


def scenarios() -> dict[str, Scenario]:
    """All of them by name, in the order of their names: one file each in this folder."""
    package = importlib.import_module("scenario")
    found: dict[str, Scenario] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(package.__path__)):
        if module[0] == "s" and module[1:3].isdigit():
            scenario: Scenario = importlib.import_module(f"scenario.{module}").SCENARIO
            found[scenario.name] = scenario
    return found
