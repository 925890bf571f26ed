"""The constants of early warning, each with its reason. None is for the user: his only knob is the budget.

Time constants are in points of the series, unless told otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """How long each part remembers, and from where it speaks."""

    place: float = 2000.0
    """Of the mean and the mean absolute deviation that a value is measured by: a week at a point in five
    minutes, so that a day's rhythm is inside."""
    fast: float = 3.0
    """Of what a jump is measured from."""
    near: float = 4.0
    """Of the level now."""
    slow: float = 288.0
    """Of the level before: a day at a point in five minutes."""
    long: float = 1440.0
    """Of the level that a trend leaves behind: five of these days."""
    rough: float = 24.0
    """Of the roughness now."""
    smooth: float = 500.0
    """Of the roughness before."""
    residual: float = 4.25
    """Of what the usual of this hour does not explain: a few points agree, or it was noise."""
    rate: float = 96.0
    """Of the density of jumps."""
    days: float = 14.0
    """Days that the usual of an hour of the day is made of, if there were as many: two weekends."""
    tail: float = 0.05
    """The share of points that is a view's tail."""
    tail_memory: float = 4000.0
    """Points that a tail is learnt from, so two hundred excesses."""
    narrow: float = 0.05
    """The least scale of a tail, in logarithms: less than 5 % more than ever before says nothing."""
    record: float = 20000.0
    """Points in which a record fades by one mean excess: ten weeks at a point in five minutes."""
    apart: float = 180.0
    """Points between two episodes: a little more than half a day at a point in five minutes."""
    tie: float = 0.1
    """Mean excesses beyond a record that are no new record yet."""
    daily: float = 1.1
    """Mean excesses from which View.DAY may speak. It is a running mean, so it is seldom in its tail, and for
    long when it is."""
    extreme: float = 2.5
    """The same of View.HIGH and View.LOW, which are single points: one in 250 is there."""
    other: float = 5.0
    """The same of the other views, seven of them: one in 3,000 is there."""
    rest: float = 50.0
    """Points in which an alarm is forgotten: so long, what follows is the same, unless it is stranger."""
    stranger: float = 1.5
    """By how many mean excesses it must be, just after the alarm."""
    warm: float = 200.0
    """Points before a series is judged at all: ten in a tail."""
    gain: float = 0.5
    """How far an alarm raises a threshold that series share; between alarms it sinks as fast as the budget
    allows them."""
    gain_alone: float = 2.0
    """The same of a series with its own budget, which has fewer alarms to be led by."""


TUNING = Tuning()
