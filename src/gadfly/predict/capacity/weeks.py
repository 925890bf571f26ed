"""The chance of being full within weeks: days of the past, drawn again in blocks of a week."""

from __future__ import annotations

import numpy as np

from gadfly.predict.capacity.alike import DAY
from gadfly.predict.capacity.levels import Float, Int

PATHS = 64
BLOCK = 7
"""Days that stay together, so that a weekend follows a Friday (the moving block bootstrap, Künsch 1989)."""
HALF_LIFE = 14.0
"""Days after which a day is drawn half as often."""
LEAST = 3
"""Days that must be known."""


def days_ahead(horizon: int) -> Int:
    """The days at whose end chances are told: each of the first fortnight, then each third."""
    return np.unique(np.concatenate([np.arange(1, 15), np.arange(17, horizon, 3), [horizon]])).astype(
        np.int64
    )


def full_within_days(last: Float, peak: Float, since: Int, room: Float, horizon: int) -> Float:
    """[series, days_ahead(horizon)] The chance to be full by the end of each day; NaN where too little is
    known. `last` and `peak` [series, hours] as in :class:`~gadfly.predict.capacity.habit.Habit`."""
    told = days_ahead(horizon)
    count, hours = last.shape
    most = (hours - 1) // DAY
    # Day 0 is the last 24 hours, as many columns each, back from the last one.
    ends = last[:, hours - 1 - DAY * np.arange(most + 1)]
    net = ends[:, :-1] - ends[:, 1:]
    inside = peak[:, hours - DAY * most :].reshape(count, most, DAY)[:, ::-1]
    top = np.max(inside, axis=2) - ends[:, 1:]
    known = np.clip((hours - 1 - since) // DAY, 0, most)
    found = np.full((count, len(told)), np.nan)
    enough = np.flatnonzero(known >= LEAST)
    if not len(enough):
        return found
    known = known[enough]
    rng = np.random.default_rng(4)  # the same draws each time: the same past gives the same chance
    blocks = -(-horizon // BLOCK)
    draw = rng.random((PATHS, blocks))
    at = np.zeros((len(enough), PATHS))
    highest = np.full((len(enough), PATHS, horizon), -np.inf)
    rows = enough[:, None]
    kept = 0.5 ** (known / HALF_LIFE)
    for block in range(blocks):
        # By the inverse of the geometric distribution, cut off where the past begins.
        age = -HALF_LIFE * np.log2(1.0 - draw[:, block] * (1.0 - kept[:, None]))
        start = np.minimum(age.astype(np.int64), known[:, None] - 1)
        # What comes first in a block lies a whole week back, and has the same weekday as the day ahead.
        weekly = np.minimum((start // BLOCK + 1) * BLOCK - 1, most - 1)
        start = np.where(
            known[:, None] >= 2 * BLOCK, np.where(weekly < known[:, None], weekly, BLOCK - 1), start
        )
        for day in range(block * BLOCK, min((block + 1) * BLOCK, horizon)):
            one = start - (day - block * BLOCK)
            one = np.where(one < 0, one % np.minimum(known, BLOCK)[:, None], one)
            highest[:, :, day] = at + top[rows, one]
            at = at + net[rows, one]
    highest = np.maximum.accumulate(highest, axis=2)[:, :, told - 1]
    reached = np.mean(highest >= room[enough, None, None], axis=1)
    found[enough] = np.minimum(reached, (1.0 - 0.5 / (known / BLOCK + 1.0))[:, None])
    return found
