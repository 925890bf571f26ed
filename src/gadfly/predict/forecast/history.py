"""What is known of some series: gaps filled from the past, resets of counters undone, all on one scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.forecast.spikes import without_spikes

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
"""What is learnt from is kept in half the room: it is many rows, and good to seven digits."""
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST = 3
"""With fewer values than these there is too little to say."""


@dataclass(frozen=True)
class History:
    """Some series that end together.

    x: float64[series, points], without gaps, mean 0 and deviation 1; 0 before the start.
    seen: bool[series, points], which of them were measured.
    start: int64[series], the first point.
    middle, scale: float64[series], so that `x * scale + middle` are the values.
    lost: float64[series], what resets took away, in all; values are that much lower.
    low, high: float64[series], the least and the greatest value.
    """

    x: Floats
    seen: Bools
    start: Ints
    middle: Floats
    scale: Floats
    lost: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, values: Floats, season: int) -> History:
        """float64[series, points] → history. A gap repeats the season before, or the value before.

        Nothing is filled from what came after it. Each series must have a finite value.
        """
        seen = np.isfinite(values)
        start = seen.argmax(axis=1)
        x = values if seen.all() else _filled(values, seen, start, season)
        # Through the span first: squares of very large and very small values have no place in a float.
        span = np.maximum(np.abs(x).max(axis=1), np.finfo(np.float64).tiny)
        x, lost = _without_resets(x / span[:, None], start)
        x = without_spikes(x, start, season)
        late = np.arange(x.shape[1]) >= start[:, None]
        whole = bool(late.all())
        low = x.min(axis=1) if whole else np.where(late, x, np.inf).min(axis=1)
        high = x.max(axis=1) if whole else np.where(late, x, -np.inf).max(axis=1)
        count = x.shape[1] - start
        middle = (x if whole else np.where(late, x, 0.0)).sum(axis=1) / count
        x = x - middle[:, None]
        if not whole:
            x = np.where(late, x, 0.0)
        scale = np.sqrt(np.einsum("ij,ij->i", x, x) / count)
        scale = np.where((scale > 1e-13) & (high > low), scale, 1.0)
        x /= scale[:, None]
        x[high <= low] = 0.0
        return cls(x, seen, start, middle * span, scale * span, lost * span, low * span, high * span)


def _filled(values: Floats, seen: Bools, start: Ints, season: int) -> Floats:
    points = values.shape[1]
    at = np.arange(points)
    last = np.maximum.accumulate(np.where(seen, at, -1), axis=1)
    x = np.take_along_axis(values, np.maximum(last, start[:, None]), axis=1)
    x = np.where(at >= start[:, None], x, 0.0)
    if season < 2:
        return x
    # A value or two may be held; a longer gap takes the shape of the season before it.
    gap = ~seen & (at >= start[:, None] + season) & (at - last > 2)
    for begin in range(season, points, season):
        piece = slice(begin, min(begin + season, points))
        if gap[:, piece].any():
            before = x[:, piece.start - season : piece.stop - season]
            x[:, piece] = np.where(gap[:, piece], before, x[:, piece])
    return x


def _without_resets(x: Floats, start: Ints) -> tuple[Floats, Floats]:
    """A counter that starts again from about 0, as Prometheus means it, goes on instead.

    A counter never falls but to less than a tenth, and rarely (at most once in 50 steps) does. `x` is
    changed.
    """
    lost = np.zeros(len(x))
    if x.shape[1] < 2:
        return x, lost
    step = np.diff(x, axis=1)
    falls = step < 0
    count = falls.sum(axis=1)
    steps = x.shape[1] - 1 - start
    maybe = (count > 0) & (count * 50 <= steps) & (x.min(axis=1) >= 0) & ((step > 0).sum(axis=1) * 4 >= steps)
    maybe &= x[np.arange(len(x)), np.minimum(start, x.shape[1] - 1)] >= 0
    for i in np.flatnonzero(maybe):
        after = x[i, 1:][falls[i]]
        before = x[i, :-1][falls[i]]
        if (after <= 0.1 * before).all():
            gone = np.concatenate([[0.0], np.cumsum(np.where(falls[i], x[i, :-1], 0.0))])
            x[i] += gone
            lost[i] = gone[-1]
    return x, lost
