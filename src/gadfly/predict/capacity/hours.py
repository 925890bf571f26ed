"""The last weeks of many gauges by the hour, kept as samples come."""

from __future__ import annotations

import numpy as np

from gadfly.predict.capacity.levels import HISTORY, HOUR, MOST, Bool, Float, Int, Levels, joined


class Hours:
    """What :func:`~gadfly.predict.capacity.foresee.foresee` needs of each series: two numbers an hour.

    Memory: 8 bytes an hour and series (5.4 kB for four weeks), whatever the samples' distance. A series is
    known by its number, from 0. Samples of one series are taken in the order of their times; one that is not
    later than the newest is dropped, as is what is not finite, and what is later than `now`.
    """

    def __init__(self, hours: int = HISTORY) -> None:
        self.hours = hours
        self._hour: int | None = None
        """The newest hour with a column, in hours since the epoch; its column is its remainder."""
        self._last = np.empty((0, hours), dtype=np.float32)
        self._most = np.empty((0, hours), dtype=np.float32)
        self._newest = np.empty(0)
        self._rising = np.empty(0, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self._newest)

    def grow(self, rising: Bool) -> None:
        """So many more series; `rising` [more]: whether each is full at or above its limit."""
        more = len(rising)
        empty = np.full((more, self.hours), np.nan, dtype=np.float32)
        self._last = np.concatenate([self._last, empty])
        self._most = np.concatenate([self._most, empty])
        self._newest = np.concatenate([self._newest, np.full(more, -np.inf)])
        self._rising = np.concatenate([self._rising, np.asarray(rising, dtype=np.bool_)])

    def take(self, series: Int, at: Float, values: Float, *, now: float) -> None:
        """Samples: of which series [n], when [n] in seconds since the epoch, and how much [n]."""
        self._turn(int(now // HOUR))
        assert self._hour is not None
        order = np.argsort(at, kind="stable")
        series, at, values = series[order], at[order], values[order]
        oldest = np.maximum(self._newest[series], (self._hour - self.hours + 1) * HOUR - 1e-6)
        good = (np.abs(values) <= MOST) & (at <= now) & (at > oldest)
        series, at, values = series[good], at[good], values[good]
        column = np.floor(at / HOUR).astype(np.int64) % self.hours
        # Where a series comes twice the last assignment stays, and the samples are in order.
        self._last[series, column] = values
        self._newest[series] = at
        towards = np.where(self._rising[series], values, -values).astype(np.float32)
        np.fmax.at(self._most, (series, column), towards)

    def levels(self, limit: Float, *, now: float) -> Levels:
        """The levels of all series against their limits [series]; NaN: this one has none."""
        self._turn(int(now // HOUR))
        assert self._hour is not None
        columns = np.arange(self._hour - self.hours + 1, self._hour + 1) % self.hours
        sign = np.where(self._rising, 1.0, -1.0)[:, None]
        bound = sign * np.where(np.abs(limit) <= MOST, limit, np.nan)[:, None]
        return joined(now, self._last[:, columns] * sign - bound, self._most[:, columns] - bound)

    def _turn(self, hour: int) -> None:
        """Make room for the hours up to this one. A clock that goes back changes nothing."""
        if self._hour is None:
            self._hour = hour
        elif hour > self._hour:
            first = max(self._hour + 1, hour - self.hours + 1)
            columns = np.arange(first, hour + 1) % self.hours
            self._last[:, columns] = np.nan
            self._most[:, columns] = np.nan
            self._hour = hour
