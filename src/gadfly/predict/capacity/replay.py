"""What came after the moments that are like now, and how likely that fills what is left, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gadfly.predict.capacity.alike import DAY, WEEK, ages
from gadfly.predict.capacity.levels import Float, Int
from gadfly.predict.capacity.momentum import Momentum

AHEAD = 48
"""Hours that are replayed one by one."""
MOMENTS = np.array([1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 27, 30, 33, 36, 40, 44, 48])
"""Hours ahead at which chances are told."""
ASKED = 128
"""How many moments are replayed: drawn evenly along their summed weights, so that each comes as often as it
weighs (systematic resampling, Kitagawa 1996)."""
NOISE = 0.08
"""The least width of a rise, as a share: tomorrow is not exactly like any day before;"""
DOUBT = 0.3
"""with one day's worth of moments it is so much, and falls with the root of their number."""


@dataclass(frozen=True, slots=True)
class Replay:
    """For each series what its past says."""

    chances: Float
    """[series, MOMENTS] that it is full by then."""
    usual: Float
    """[series] the rise within a day, by the median moment."""
    days: Float
    """[series] how many days' worth of moments were asked (Kish's effective number)."""


def replay(
    last: Float, peak: Float, since: Int, room: Float, weight: Float, moving: Momentum, now: float
) -> Replay:
    """`last`, `peak` [series, hours] as in :class:`~gadfly.predict.capacity.habit.Habit`; `room` [series]
    what is left, above 0; `weight` [series, hours - 1] of :func:`~gadfly.predict.capacity.alike.weights`."""
    hours = last.shape[1]
    chosen = _drawn(weight)
    days = _days(weight, now)
    ahead = _continued(last, peak, since)
    windows = np.lib.stride_tricks.sliding_window_view(ahead, AHEAD, axis=1)[:, 1:]
    rows = np.arange(len(last))[:, None]
    rise = windows[rows, chosen] - np.take_along_axis(last[:, : hours - 1], chosen, axis=1)[:, :, None]
    excess = moving.now[:, None] - np.take_along_axis(moving.then, chosen, axis=1)
    rise += excess[:, :, None] * moving.carried(AHEAD)[:, None, :]
    rise = np.maximum.accumulate(rise, axis=2)[:, :, MOMENTS - 1]
    tiny = 1e-9 * room[:, None, None]
    width = np.sqrt(NOISE**2 + DOUBT**2 / days)[:, None, None]
    # The chance that a rise with a log-logistic doubt about its size reaches what is left.
    with np.errstate(over="ignore", under="ignore"):
        reached = 1.0 / (1.0 + (room[:, None, None] / np.maximum(rise, tiny)) ** (1.7 / width))
    chances = np.mean(reached, axis=1)
    # However often it was so, one more time it may be different.
    chances = np.minimum(np.maximum.accumulate(chances, axis=1), (1.0 - 0.5 / (days + 1.0))[:, None])
    of_a_day = rise[:, :, int(np.flatnonzero(MOMENTS == DAY)[0])]
    return Replay(chances, np.median(of_a_day, axis=1), days)


def _drawn(weight: Float) -> Int:
    """[series, ASKED] Columns of `weight`, each as often as it weighs."""
    summed = np.cumsum(weight, axis=1)
    summed /= summed[:, -1:]
    place = (np.arange(ASKED) + 0.5) / ASKED
    # One search for all series: each has its own whole number before the point.
    row = np.arange(len(weight))[:, None]
    found = np.searchsorted((summed + 2 * row).ravel(), (place + 2 * row).ravel()).reshape(len(weight), ASKED)
    column: Int = (found - row * weight.shape[1]).astype(np.int64)
    return column


def _continued(last: Float, peak: Float, since: Int) -> Float:
    """[series, hours - 1 + AHEAD] The peaks of the complete hours and, beyond them, those of a week ago once
    more (a day ago, where there is no week), risen by as much as that week or day rose."""
    complete = last.shape[1] - 1
    count = np.arange(AHEAD)
    beyond = []
    for span in (DAY, WEEK):
        if complete > span:
            source = complete - span + count % span
            gain = last[:, complete - 1] - last[:, complete - 1 - span]
            beyond.append(peak[:, source] + gain[:, None] * (1 + count // span))
    week = (complete - 1 - WEEK >= since)[:, None]
    more = np.where(week, beyond[-1], beyond[0])
    return np.concatenate([peak[:, :complete], more], axis=1)


def _days(weight: Float, now: float) -> Float:
    """[series] Of how many days the weight is: neighbouring hours lead to one and the same future."""
    day = (ages(weight.shape[1] + 1, now) // DAY).astype(np.int64)
    starts = np.flatnonzero(np.diff(day, prepend=day[0] + 1))
    daily = np.add.reduceat(weight, starts, axis=1)
    found: Float = np.sum(daily, axis=1) ** 2 / np.sum(daily**2, axis=1)
    return found
