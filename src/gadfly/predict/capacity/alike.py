"""How alike each hour of a series' past is to now: its weight in the replay."""

from __future__ import annotations

import numpy as np

from gadfly.predict.capacity.habit import Habit
from gadfly.predict.capacity.levels import HOUR, Float, Int, Levels

DAY, WEEK = 24, 168
HALF_LIFE = 10.0
"""Days after which a moment weighs half: what fills a disk changes within weeks."""
LEAST_HALF_LIFE = 0.2
"""Of that at least, where the last days tell growth much better than those of a week before;"""
FADING = 2
"""how fast the half-life falls with how much better they tell."""
STRICT = 6
"""How fast the weight of another hour or weekday falls with how much better the same one tells."""
STATE = 0.2
"""Width of being alike in what was written since the last clean-up, as a share of what is written between
two."""
UNLIKE = 1e-3
"""The least weight by that, so that a moment like no other still has a past."""


def ages(hours: int, now: float) -> Float:
    """[hours - 1] Hours from the end of each complete hour until now."""
    return np.arange(hours - 2, -1, -1, dtype=np.float64) + (now / HOUR) % 1.0


def weights(levels: Levels, habit: Habit) -> Float:
    """[series, hours - 1] One for each complete hour; 0 before the first sample. Not normalised."""
    hours = levels.last.shape[1]
    age = ages(hours, levels.now)
    of_day = np.minimum(age % DAY, DAY - age % DAY)
    of_week = np.minimum(age % WEEK, WEEK - age % WEEK)
    same_hour = np.exp(-0.5 * of_day**2)
    other_hour, other_day = _others(habit.grown, levels.since)
    found = other_hour[:, None] + (1.0 - other_hour)[:, None] * same_hour
    found *= np.where(of_week < DAY / 2, 1.0, other_day[:, None])
    found *= 0.5 ** (age / (HALF_LIFE * DAY * _fading(habit.grown, levels.since)[:, None]))
    has = ~np.isnan(habit.most) & (habit.most > 0)
    width = STATE * np.where(has, habit.most, 1.0)[:, None]
    apart = (habit.written[:, :-1] - habit.written[:, -1:]) / width
    like = np.exp(-0.5 * np.minimum(np.nan_to_num(apart, nan=10.0) ** 2, 100.0))
    found *= np.where(has[:, None], UNLIKE + like, 1.0)
    return np.where(np.arange(hours - 1) >= levels.since[:, None], found, 0.0)


def _others(grown: Float, since: Int) -> tuple[Float, Float]:
    """[series] The weight of another hour of the day, and of another day of the week, 0 … 1.

    How much worse the growth of 6 hours is told by that of 6, 12 and 18 hours before than by yesterday's, and
    that of a day by those of the days before than by that of a week ago. As good: 1.
    """
    hour = _worse(grown, since, 6, (DAY,), (6, 12, 18))
    day = _worse(grown, since, DAY, (WEEK,), (DAY, 2 * DAY, 3 * DAY, 4 * DAY))
    return hour**STRICT, day**STRICT


def _fading(grown: Float, since: Int) -> Float:
    """[series] The half-life as a share of :data:`HALF_LIFE`."""
    fresh = _worse(grown, since, DAY, (DAY, 2 * DAY, 3 * DAY), (8 * DAY, 9 * DAY, 10 * DAY))
    return np.maximum(fresh**FADING, LEAST_HALF_LIFE)


def _worse(grown: Float, since: Int, span: int, same: tuple[int, ...], other: tuple[int, ...]) -> Float:
    """[series] Error by the same phase / error by others, at most 1; 1 where none can be told."""
    hours = grown.shape[1]
    most = max(*same, *other)
    if hours <= span + most:
        return np.ones(len(grown))
    rise = grown[:, span:] - grown[:, :-span]
    moments = np.arange(span + most, hours)
    counted = moments >= (since + span + most)[:, None]
    number = np.count_nonzero(counted, axis=1)

    def error(lags: tuple[int, ...]) -> Float:
        total = np.zeros(len(grown))
        for lag in lags:
            missed = np.abs(rise[:, most:] - rise[:, most - lag : rise.shape[1] - lag])
            total += np.sum(np.where(counted, missed, 0.0), axis=1)
        return total / len(lags)

    size = np.sum(np.where(counted, np.abs(rise[:, most:]), 0.0), axis=1)
    floor = 1e-3 * size
    ratio = (error(same) + floor) / np.where(size > 0, error(other) + floor, 1.0)
    # Fewer than three days of comparisons tell nothing.
    told = (number >= 3 * DAY) & (size > 0)
    return np.where(told, np.minimum(ratio, 1.0), 1.0)
