"""What a fleet consists of: teams with habits, components, checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fleet.calendar import DAYS, START, WEEK, at

Row = dict[str, Any]
Days = dict[str, np.ndarray]
"""The columns of a daily table for one subject, each a view that may be written to."""
Shape = Callable[[Days], None]


@dataclass(slots=True)
class Team:
    """People who answer. Habits are medians and chances, drawn once a team from wide priors."""

    name: str
    zone: str
    people: list[str]
    promise: float
    ack: float
    """Median seconds until a page is acknowledged."""
    quick: float
    """Median seconds from there until something is done."""
    acts: float
    """Chance that a page leads to something being done."""
    reads: float
    """Chance that the runbook is opened."""
    row: Row = field(default_factory=dict)
    rota: list[Row] | None = None
    """Written instead of the usual rota of two levels."""

    def on_call(self, t: float, level: int = 1) -> str:
        """Who is called at that time: the people take turns by weeks."""
        return self.people[(int((t - START) // WEEK) + level - 1) % len(self.people)]


@dataclass(slots=True, eq=False)
class Component:
    """Something that runs."""

    name: str
    team: Team
    tier: int
    kind: str = "service"
    trouble: float = 0.0
    """Real failures a day."""
    born: float = -1000.0
    died: float | None = None
    """Days of the simulation."""
    load: float = 0.0
    """Growth of its load over the 180 days, as a factor's logarithm."""
    beat: float = 10.0
    jitter: float = 0.2
    dead_after: float = 60.0
    silent: bool = False
    """Nothing is heard of it."""
    row: Row = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    shapes: list[Callable[[Days], None]] = field(default_factory=list)
    """Applied to what its three listeners heard, arrays of (listener, day)."""

    def alive(self, t: float) -> bool:
        """Whether it runs at that time."""
        return t >= at(self.born) and (self.died is None or t < at(self.died))


@dataclass(slots=True, eq=False)
class Check:
    """A condition on a component, with the behaviour of what it reads."""

    name: str
    component: Component
    kind: str
    level: float
    """Usual value."""
    spread: float
    """How far the 99th percentile of a day lies above the usual value, as a share of it."""
    margin: float
    """How far the threshold lies beyond the 99.9th percentile, in lengths of the way from there to the usual."""
    interval: float = 15.0
    hold: float = 300.0
    pages: bool = True
    noise: float = 0.0
    """Alerts a day that no failure is behind."""
    row: Row = field(default_factory=dict)
    shapes: list[Shape] = field(default_factory=list)
    """Applied to its daily samples, arrays of (day)."""

    @property
    def team(self) -> Team:
        return self.component.team


def days_alive(born: float, died: float | None) -> np.ndarray:
    """Flags of the 180 days on which something was there the whole day."""
    days = np.arange(DAYS)
    return (days >= born) & (days + 1 <= (DAYS if died is None else died))
