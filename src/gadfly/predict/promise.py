"""What follows from what is foreseen: which alarms stand, and which predictions are made. Pure.

A prediction is made of every series once in each `act` of its predictor, however small its probability is:
only so can be said what a probability is worth. And besides whenever an alarm begins. Of what is full already
nothing is foreseen; that it is told is written down as an alarm, and is void at once: it is nobody's merit,
and costs no budget, lest what is full hides what will be.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import msgspec

from gadfly.predict.alarm import needed, stands
from gadfly.predict.prediction import Foreseen, Key, key
from gadfly.store.predictions import Row

ROOM = 200
"""Predictions that one turn makes without an alarm; the others are made at the next ones."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One that stands. `withheld`: the budget is spent; `silent`: its predictor is demoted."""

    since: float
    state: Literal["told", "withheld", "silent"]


def alarms(
    foreseen: Sequence[Foreseen],
    before: Mapping[Key, Alarm],
    now: float,
    *,
    chance: float,
    budget: float,
    told: Mapping[str, int],
    owner: Callable[[Key], str],
    silent: Callable[[Key], bool],
) -> dict[Key, Alarm]:
    """Those that stand now; the most probable first, so that it gets what is left of the budget.

    `told`: alarms of the last week, by owner; `budget`: how many a week each of them may have; `owner`: who
    answers for a series; `silent`: of which nothing is told.
    """
    spent = Counter(told)
    found: dict[Key, Alarm] = {}
    for one in sorted(foreseen, key=lambda one: (-chance_of(one), one.key)):
        stood = before.get(one.key)
        if not stands(chance_of(one), chance, stood=stood is not None):
            continue
        if silent(one.key):
            state: Literal["told", "withheld", "silent"] = "silent"
        elif stood is not None and stood.state == "told":
            state = "told"
        elif chance_of(one) >= needed(chance, spent[owner(one.key)], budget):
            state = "told"
            spent[owner(one.key)] += not one.full
        else:
            state = "withheld"
        same = stood is not None and stood.state == state
        found[one.key] = (
            Alarm(since=stood.since, state=state) if stood and same else Alarm(since=now, state=state)
        )
    return found


def recalled(
    open: Sequence[Row], said: Callable[[Row], bool], *, chance: float, silent: bool
) -> dict[Key, Alarm]:
    """Alarms that an earlier run wrote down and held back, or could not tell any more; by the predictions
    that wait. What it told stands among the alerts, and is known from there.

    `said`: whether anybody heard of this one. Only in its last turn a run can have been stopped in between.
    """
    found: dict[Key, Alarm] = {}
    last = max((row.made for row in open), default=0.0)
    for row in open:
        if not row.told and row.probability >= chance:
            state: Literal["withheld", "silent"] = "silent" if silent else "withheld"
            found[key(row.labels)] = Alarm(since=row.made, state=state)
        elif row.told and row.made == last and not said(row):
            found[key(row.labels)] = Alarm(since=row.made, state="told")
    return found


def due(
    foreseen: Sequence[Foreseen],
    before: Mapping[Key, Alarm],
    after: Mapping[Key, Alarm],
    open: Collection[Key],
) -> list[tuple[Foreseen, bool]]:
    """What is to be written down now, and whether it is told. `open`: of which series a prediction waits, or
    has come true before its deadline."""
    found: list[tuple[Foreseen, bool]] = []
    routine: list[Foreseen] = []
    for one in foreseen:
        if math.isnan(one.probability) and not one.full:
            continue
        alarm, stood = after.get(one.key), before.get(one.key)
        told = alarm is not None and alarm.state == "told" and (stood is None or stood.state != "told")
        if told or (alarm is not None and stood is None and not one.full):
            found.append((one, told))
        elif not one.full and one.key not in open:
            routine.append(one)
    routine.sort(key=lambda one: (-one.probability, one.key))
    return found + [(one, False) for one in routine[:ROOM]]


def chance_of(one: Foreseen) -> float:
    """What is full now is certain; of what has no limit nothing is known."""
    return 1.0 if one.full else one.probability
