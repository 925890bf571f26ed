"""The record gate: a view speaks only when a point is among the strangest of all its episodes.

Of n exchangeable episodes the newest is the strangest with probability 1/n, and among the k strangest with
k/n, whatever they are drawn from (Rényi, 1962). So this gate needs no distribution, and speaks less often the
more a series has shown. The usual of the hour may be among its two strangest; the other views must be the
strangest. An episode is what is no further than `apart` points from its strangest point. Each view of a
series remembers its two strangest episodes; they fade by one mean excess in `record` points, which is done by
measuring on a scale that moves up as slowly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.warning.tuning import Tuning
from gadfly.predict.warning.views import View

Floats = NDArray[np.float32]
Places = NDArray[np.intp]

FIRST, SECOND, NOW, WHEN = range(4)
ROWS = 4
"""The strangest episode, the second, this episode's strangest point so far, and when that was, in points."""
NONE = -9.0
NEARLY = 1.5
"""Mean excesses below that from which a view may speak: what is less is no episode, and costs nothing."""


def fresh(count: int) -> Floats:
    """Rows, float32[4, views, series], of series that were never seen."""
    rows = np.full((ROWS, len(View), count), NONE, np.float32)
    rows[WHEN] = -np.inf
    return rows


def least(tuning: Tuning) -> Floats:
    """The mean excesses from which each view may speak, float32[views]."""
    found = np.full(len(View), tuning.other, np.float32)
    found[[View.HIGH, View.LOW]] = tuning.extreme
    found[View.DAY] = tuning.daily
    return found


def beyond(
    rows: Floats, seen: Floats, excess: Floats, view: Places, column: Places, tuning: Tuning
) -> Floats:
    """By how much points pass the gate, in mean excesses (negative: they do not), float32[m]; then learnt.

    `rows` float32[4, views, n], `seen` float32[n] points so far; `excess` float32[m], by how many mean
    excesses points are in the tail of their `view`, and their `column`, int[m].
    """
    flat = rows.reshape(ROWS, -1)
    place = view * len(seen) + column
    count = seen[column]
    level = excess + count / tuning.record
    first, second, now, when = (flat[row][place] for row in range(ROWS))
    ended = count - when > tuning.apart
    second = np.where(ended, np.maximum(second, np.minimum(first, now)), second)
    first = np.where(ended, np.maximum(first, now), first)
    higher = ended | (level > now)
    flat[FIRST][place] = first
    flat[SECOND][place] = second
    flat[NOW][place] = np.where(higher, level, now)
    flat[WHEN][place] = np.where(higher, count, when)
    record = np.where(view == View.DAY, second, first)
    passed = np.minimum(level - record - tuning.tie, excess - least(tuning)[view])
    # Below the gate far is hardly worse than near, or a larger budget would be led there for months.
    found: Floats = np.where(passed < 0, -np.log1p(np.maximum(-passed, 0)), passed).astype(np.float32)
    return found
