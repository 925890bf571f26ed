"""How unusual a component's numbers are for itself: deviations from its own past."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]

MEMORY = 168.0
"""Hours over which the usual is a mean: a week, so that nights and weekends are in it."""
LEAST_DEVIATION = 0.1
"""What is never called unusual: a tenth, in natural logarithms, of the typical size in the group."""
MOST = 6.0
"""Deviations; beyond, one is as strange as another."""
SMOOTHED = 3.0
"""Hours over which the smoothed deviation is a mean."""
ENOUGH = 200
"""Positive numbers in a group from which its typical size is known; it stays as it is then."""
LARGEST = 1e30
"""No sign is larger; what claims to be is no number."""


class Unusual:
    """The usual of each component and sign, learnt hour by hour.

    Numbers are compared as log(1 + number / typical of the group), so that units do not matter and twice is
    twice.
    """

    def __init__(self, group: Int, signs: int) -> None:
        self._group = group
        groups = int(group.max(initial=-1)) + 1
        self._sum = np.zeros((groups, signs))
        self._seen = np.zeros((groups, signs))
        self._mean = np.zeros((len(group), signs))
        self._deviation = np.zeros((len(group), signs))
        self._number = np.zeros((len(group), signs))
        self._smooth = np.zeros((len(group), signs))

    def take(self, numbers: Float) -> tuple[Float, Float]:
        """One hour's numbers [components, signs], NaN where unknown: deviations now, and smoothed ones.

        Judged by the hours before; then this one is learnt from. Unknown is usual (0).
        """
        known = (numbers >= 0) & (numbers <= LARGEST)
        numbers = np.where(known, numbers, 0.0)
        open_ = self._seen[self._group] < ENOUGH
        counted = known & (numbers > 0) & open_
        np.add.at(self._sum, self._group, np.where(counted, numbers, 0.0))
        np.add.at(self._seen, self._group, counted)
        typical = (self._sum / np.maximum(self._seen, 1.0))[self._group]
        told = np.log1p(numbers / np.where(typical > 0, typical, 1.0))
        apart = told - self._mean
        width = np.maximum(1.25 * self._deviation, LEAST_DEVIATION)
        judged = known & (self._number >= 1)
        unusual = np.where(judged, np.clip(apart / width, -MOST, MOST), 0.0)
        self._smooth += (unusual - self._smooth) / SMOOTHED
        self._number += known
        # A new component's first hours weigh alike; later ones fade over a week. What is far off moves the
        # usual by no more than what is MOST off, so that one bad hour does not become the usual.
        rate = np.where(known, 1.0 / np.clip(self._number, 1.0, MEMORY), 0.0)
        first = known & (self._number == 1)
        step = np.where(first, apart, np.clip(apart, -MOST * width, MOST * width))
        self._mean += rate * step
        self._deviation += np.where(first, 0.0, rate) * (np.abs(step) - self._deviation)
        return unusual, self._smooth.copy()

    @property
    def hours(self) -> Float:
        """[components] Of how many hours something is known: those of the sign known best."""
        found: Float = self._number.max(axis=1, initial=0.0)
        return found
