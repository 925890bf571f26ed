"""How much a level has just moved, as far as that is unusual.

Small departures of the last few points from the level of the season are noise, and go away. One that is far
beyond the usual is a new level, and stays. So each is shrunk the more, the less it stands out (as the
positive part of James and Stein 1961 does), and what such a shift says of the points ahead is learnt apart
from what the noise says.
"""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.history import Floats, Ints, Rows

CUT = 2.0
"""A departure of so many usual ones counts for nothing; of twice as many, for three quarters."""
PLACES = 128
"""Moments at which the usual departure is measured."""


class Shift:
    """Departures of some levels from another, and how large each usually was until any moment.

    places: int64[places], ascending moments. away: float64[series, places], for each of the levels.
    counted: bool[series or 1, places], False where too little was known.
    """

    def __init__(self, places: Ints, away: list[Floats], counted: Ints) -> None:
        self.places = places
        often = np.maximum(np.cumsum(counted, axis=1), 1)
        self.usual = [
            (np.cumsum(np.abs(one) * counted, axis=1) / often + 1e-9).astype(np.float32) for one in away
        ]

    def size(self, moments: Ints, away: list[Floats]) -> Rows:
        """float32[series, moments]: the mean of departures float64[series, moments], each shrunk."""
        at = np.maximum(np.searchsorted(self.places, moments, side="right") - 1, 0)
        total = np.zeros(away[0].shape, np.float32)
        for one, usual in zip(away, self.usual, strict=True):
            departure = one.astype(np.float32)
            limit = np.float32(CUT) * usual[:, at]
            noise = limit / np.maximum(np.abs(departure), limit)
            total += departure * (1 - noise * noise)
        total /= np.float32(len(away))
        return total


def places(points: int) -> Ints:
    """int64[places]: moments spread over a history of so many points, the last one at its end."""
    return np.unique(np.linspace(1, points, min(points, PLACES)).round().astype(np.int64))
