"""The past of what an expression comes to, on a regular grid of times, read once and then continued."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.prediction import Key, key
from gadfly.promql import Limits
from gadfly.promql.query import range_query
from gadfly.promql.source import Selects

Floats = NDArray[np.float64]

POINTS = 4_032
"""Times of a grid at most: four weeks at ten minutes."""
FINEST = 1.0
"""Seconds between two times at least."""
SERIES = 1_000
"""Series of one expression at most: 32 MB. Of more, those that are there now come first, the longest known
before the others; the rest is named, and nobody looks at so many gauges one by one."""
PIECE = 86_400.0
"""Seconds that are read at once: a day of a thousand series is some million samples."""
LOOKBACK = 300_000


class History:
    """`at` (points, wall seconds, multiples of `step`, which is whole), `values` (series, points; NaN: no
    sample), `keys` one a series."""

    def __init__(self, of: str, span: float, every: float) -> None:
        self.of = of
        self.step = float(math.ceil(max(FINEST, min(every, span), span / POINTS)))
        self._points = max(2, int(span // self.step))
        self.keys: list[Key] = []
        self.at: Floats = np.empty(0)
        self.values: Floats = np.empty((0, 0))
        self.left_out: list[Key] = []
        """Those that are there now, and for which there is no room."""

    def read(
        self,
        source: Selects,
        now: float,
        stopping: Callable[[], bool] = lambda: False,
        there: Collection[Key] = (),
    ) -> None:
        """Bring it up to `now`. QueryError, LimitError, StoreError: it stays as it was, or is shorter.

        Only times after the newest known are asked; where these lie ahead, as the clock was wrong, it begins
        anew. `there`: which series have a sample now.
        """
        last = int(now // self.step)
        if len(self.at) and self.at[-1] > now + self.step:
            self.keys, self.at, self.values = [], np.empty(0), np.empty((0, 0))
        first = last - self._points + 1
        if len(self.at):
            first = max(first, round(self.at[-1] / self.step) + 1)
        width = max(1, int(PIECE // self.step))
        for start in range(first, last + 1, width):
            if stopping():
                return
            self._read(source, start, min(last, start + width - 1), there)
        known = set(self.keys)
        self.left_out = sorted(set(there) - known) if len(known) >= SERIES else []

    def _read(self, source: Selects, first: int, last: int, there: Collection[Key]) -> None:
        step = round(self.step * 1000)
        limits = Limits(lookback_ms=max(LOOKBACK, step))
        matrix = range_query(source, self.of, first * step, last * step, step, limits)
        fresh = {key(one.labels): one for one in matrix.series}
        names = list(dict.fromkeys([*self.keys, *fresh]))
        if len(names) > SERIES:  # the order stays: those known for longest are the first of their kind
            names = sorted(names, key=lambda name: name not in there)[:SERIES]
        places = {name: place for place, name in enumerate(self.keys)}
        old = max(0, min(len(self.at), self._points - (last - first + 1)))
        values = np.full((len(names), old + last - first + 1), np.nan)
        for row, name in enumerate(names):
            if old and name in places:
                values[row, :old] = self.values[places[name], -old:]
            if (one := fresh.get(name)) is not None:
                values[row, old + (one.at // step - first)] = one.value
        some = np.isfinite(values).any(axis=1)
        self.keys = [name for name, any_ in zip(names, some.tolist(), strict=True) if any_]
        self.values = values[some]
        before = self.at[-old:] if old else np.empty(0)
        self.at = np.concatenate([before, np.arange(first, last + 1) * self.step])

    def known(self) -> tuple[Floats, Floats]:
        """`at` and `values` from the first time at which anything is known."""
        some = np.isfinite(self.values).any(axis=0)
        begin = int(np.argmax(some)) if some.any() else len(self.at)
        return self.at[begin:], self.values[:, begin:]
