"""How often it is looked at the data, as its schedule says: what counts as days in a row follows from it."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from gadfly.ask.life.rules import DAY
from gadfly.monitor.jobs import Plan, next_due

TURNS = 60
"""Turns of a schedule that are counted: two months of days, with all weekdays."""


class Pace(NamedTuple):
    """Seconds between two looks."""

    longest: float = DAY
    mean: float = DAY


def pace(schedule: str, now: float) -> Pace:
    """Of a cron schedule (a zone may stand behind it) from `now` on; a day where it never comes."""
    plan, turns = Plan(schedule=schedule), [now]
    while len(turns) <= TURNS and (due := next_due(plan, turns[-1])) is not None:
        turns.append(due)
    gaps = [later - sooner for sooner, later in pairwise(turns[1:])]
    return Pace(max(gaps), sum(gaps) / len(gaps)) if gaps else Pace()
