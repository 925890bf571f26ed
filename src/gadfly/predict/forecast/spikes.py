"""Single points that are nothing like the rest: they are brought near to it before anything is learnt.

Levels and shapes are means, and one point a thousand times too large would be in all of them. Only what is
rare and stands alone is changed: far from the point before it, from the few before that, and from the same
phase a season ago. A new level is far only from what was before its first point, and what comes back every
day is not far from itself a day ago. So the last point may be a new level that is not believed yet; the next
one tells.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STANDS_OUT = 6.0
"""Deviations from the mean: without such a point there is nothing to look for."""
FAR = 20.0
"""A step is far that is so many usual ones."""
NEAR = 5
"""Points before, whose median it is compared with."""
RARE = 100
"""At most one point in so many may be changed; if there are more, they belong to the series."""
STILL = 0.1
"""The step of a series that does not move, in parts of its level."""
CALM = 0.95
"""The usual step is the mean of all but the largest twentieth."""


def without_spikes(x: Floats, start: Ints, season: int) -> Floats:
    """float64[series, points], without gaps: `x`, or a copy of it where something was changed."""
    if x.shape[1] < 4 * NEAR:
        return x
    late = x.shape[1] - start
    late_x = np.where(np.arange(x.shape[1]) >= start[:, None], x, 0.0) if start.any() else x
    mean = late_x.sum(axis=1) / late
    deviation = np.sqrt(np.maximum(np.einsum("ij,ij->i", late_x, late_x) / late - mean * mean, 0.0))
    peak = np.maximum(x.max(axis=1) - mean, mean - x.min(axis=1))
    out = x
    for i in np.flatnonzero(peak > STANDS_OUT * deviation).tolist():
        one = _calmed(x[i, start[i] :], season)
        if one is not None:
            out = x.copy() if out is x else out
            out[i, start[i] :] = one
    return out


def _calmed(y: Floats, season: int) -> Floats | None:
    """float64[points] of one series; None: it has no such point."""
    step = np.abs(np.diff(y, prepend=y[0]))
    # What never moves has no usual step: there only what is more than twice its level is far.
    usual = _usual(step[1:]) or STILL * abs(float(np.median(y)))
    if usual <= 0:
        return None
    far = np.flatnonzero(step > FAR * usual)
    far = far[far >= 2 * NEAR]
    before = np.median(y[far[:, None] - 1 - np.arange(NEAR)], axis=1)
    far = far[np.abs(y[far] - before) > FAR * usual]
    if 1 < season < len(y):
        apart = np.abs(y[season:] - y[:-season])
        apart_usual = _usual(apart)
        old = far >= season
        same = np.zeros(len(far), np.bool_)
        same[old] = apart[far[old] - season] <= FAR * apart_usual
        far = far[~same]
    if not len(far) or len(far) > max(len(y) // RARE, 1):
        return None
    found, calmed = y.copy(), False
    for at in far.tolist():
        # What is before it is calm already.
        near = float(np.median(found[at - NEAR : at]))
        if at + 1 < len(y) and abs(y[at + 1] - y[at]) < abs(y[at + 1] - near):
            continue  # the next one is there too: it was a new level
        found[at] = near + float(np.clip(y[at] - near, -FAR * usual, FAR * usual))
        calmed = True
    return found if calmed else None


def _usual(step: Floats) -> float:
    """The mean of all but the largest."""
    most = max(int(CALM * len(step)), 1)
    return float(np.partition(step, most - 1)[:most].mean())
