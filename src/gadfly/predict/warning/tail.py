"""How often a view is this strange: a tail that each series learns for each view, one point at a time.

Above the (1 - share) quantile the logarithms of a heavy or a light tail are close to exponential (Pickands,
Balkema and de Haan; Hill's estimator is the mean excess). The quantile is found by stochastic approximation
(Robbins and Monro, 1951), the mean excess as a running mean of what is above it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.warning.tuning import Tuning
from gadfly.predict.warning.views import View

Floats = NDArray[np.float32]
Places = NDArray[np.intp]

FROM = 12.0
"""Points of a series before its tails are learnt: the first views are those of an empty memory."""
SLOWLY = 20.0
"""Added to the points seen in a gain, so that the first few do not throw the quantile about."""
EXCESS = 5.0
"""One excess counts at most so many mean excesses; of an exponential tail 0.7 % are beyond."""
HURRY = 3.0
"""How much quicker a tail sinks for each mean excess by which the threshold was led down."""
SCALE = 0.5
"""The mean excess that is presumed, and how many excesses that is worth."""
PRESUMED = 4.0


def fresh(count: int) -> Floats:
    """Quantiles and mean excesses, float32[2, views, series], of series that were never seen."""
    rows = np.zeros((2, len(View), count), np.float32)
    rows[1] = SCALE
    return rows


def excess(
    rows: Floats, seen: Floats, far: Floats, days: Floats, unspent: Floats | np.float32, tuning: Tuning
) -> tuple[Floats, Places, Places]:
    """By how many mean excesses points are above the quantile of their view, float32[m], and where they are.

    `rows` float32[2, views, n]; `seen` float32[n], the points so far; `far` float32[views, n], how far the
    points are (overwritten); `days` float32[n], the days so far: on the second one View.DAY is learnt, from
    the third on it may say something. Only the points in a tail are told: with their view and their column,
    int[m], view by view. `unspent` float32[n] or one for all: where the alarms that the budget allows do not
    come, the tail sinks quicker.
    """
    quantile, scale = rows
    if seen.min() <= FROM:
        np.copyto(quantile, far, where=seen <= FROM)
    first = days < 1
    if first.any():
        np.copyto(quantile[View.DAY], far[View.DAY], where=first)
    over = np.subtract(far, quantile, out=far)
    above = np.flatnonzero(over.reshape(-1) > 0)
    views, columns = _places(above, *far.shape)
    counted = np.minimum(seen, tuning.tail_memory)
    gain = 1 / (counted + SLOWLY)
    quantile -= scale * (gain * (HURRY * unspent + 1))
    flat, wide = quantile.reshape(-1), scale.reshape(-1)
    width, more = wide[above], over.reshape(-1)[above]
    found = more / width
    flat[above] += width * (gain / tuning.tail)[columns]
    more = np.minimum(more, EXCESS * width) - width
    more /= (counted * tuning.tail + PRESUMED)[columns]
    wide[above] = np.maximum(width + more, tuning.narrow)
    if days.min() < 2:
        found[(views == View.DAY) & (days[columns] < 2)] = 0
    return found, views, columns


def _places(above: Places, views: int, n: int) -> tuple[Places, Places]:
    """View and column of ascending places in a flattened [views, n]; quicker than dividing them."""
    starts = np.searchsorted(above, np.arange(views + 1) * n)
    view = np.repeat(np.arange(views), np.diff(starts))
    return view, above - view * n


def nats(excess: Floats, seen: Floats, tuning: Tuning) -> Floats:
    """-ln of the probability of being so many mean excesses above the quantile, by a tail learnt from `seen`.

    The mean excess is itself only estimated; with that left open, an exponential tail becomes a Lomax
    distribution (the posterior predictive under a gamma prior), with as many degrees as there were excesses.
    """
    degrees = np.minimum(seen, tuning.tail_memory) * tuning.tail + PRESUMED
    found: Floats = (np.log(excess / degrees + 1) * degrees - math.log(tuning.tail)).astype(np.float32)
    return found
