"""A gauge by the hour: minus what is left at the end of each of the clock's hours, and at its fullest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

HOUR = 3600.0
HISTORY = 672
"""Hours that are kept: four weeks, so that what comes every week was seen four times."""
MOST = 1e30
"""No gauge is larger; what claims to be is no sample."""
AT_ONCE = 128
"""Series that are gathered together, so that the copies stay small beside what is given."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of many series by the hour; the last column is the hour that `now` lies in, as far as it went.

    Without holes from `since` on: between two samples that are hours apart a level goes straight. Before the
    first sample it is NaN.
    """

    now: float
    """Seconds since the epoch."""
    last: Float
    """[series, hours] at the end of the hour."""
    peak: Float
    """[series, hours] at the fullest moment of the hour; never below `last`."""
    since: Int
    """[series] the first column with a sample; the number of columns where there is none."""
    heard: Int
    """[series] the last column with a sample; -1 where there is none."""

    def rows(self, chosen: Int) -> Levels:
        """Some of the series."""
        return Levels(self.now, self.last[chosen], self.peak[chosen], self.since[chosen], self.heard[chosen])


def rises(values: Float, limit: Float) -> Bool:
    """[series] Whether it is full at or above its limit: it was below it more often than above.

    `values` [series, points], `limit` [series]. NaN counts for neither; what is never on either side rises.
    """
    bound = limit[:, None]
    below: Int = np.count_nonzero(values < bound, axis=1).astype(np.int64)
    above: Int = np.count_nonzero(values > bound, axis=1).astype(np.int64)
    return below >= above


def gathered(
    at: Float,
    values: Float,
    limit: Float,
    *,
    now: float,
    rising: Bool | None = None,
    hours: int = HISTORY,
) -> Levels:
    """The levels of series that were sampled at the same moments.

    `at` [points] seconds since the epoch, in any order; `values` [series, points] with NaN or infinity where
    there is no sample; `limit` [series]; `rising` as :func:`rises` tells unless given. What is later than
    `now` or older than `hours` is not looked at.
    """
    values = np.asarray(values, dtype=np.float64)
    at = np.asarray(at, dtype=np.float64)
    limit = np.asarray(limit, dtype=np.float64)
    if values.ndim != 2 or at.shape != values.shape[1:] or limit.shape != values.shape[:1]:
        raise ValueError(
            "give times [points], values [series, points] and limits [series]; "
            f"got {at.shape}, {values.shape} and {limit.shape}"
        )
    present = np.floor(now / HOUR)
    chosen = np.flatnonzero((at <= now) & (at >= (present - hours + 1) * HOUR))
    chosen = chosen[np.argsort(at[chosen], kind="stable")]
    last = np.full((len(values), hours), np.nan)
    peak = np.full((len(values), hours), np.nan)
    if len(chosen):
        column = (np.floor(at[chosen] / HOUR) - present).astype(np.int64) + hours - 1
        starts = np.flatnonzero(np.diff(column, prepend=-1))
        for first in range(0, len(values), AT_ONCE):
            rows = slice(first, first + AT_ONCE)
            usable = (np.abs(values[rows, chosen]) <= MOST) & (np.abs(limit[rows]) <= MOST)[:, None]
            some = np.where(usable, values[rows, chosen], np.nan)
            bound = limit[rows, None]
            up = (rises(some, limit[rows]) if rising is None else rising[rows])[:, None]
            level = np.where(up, some - bound, bound - some)
            peak[rows, column[starts]] = np.fmax.reduceat(level, starts, axis=1)
            position = np.where(np.isnan(level), -1, np.arange(len(chosen)))
            newest = np.maximum.reduceat(position, starts, axis=1)
            found = np.take_along_axis(level, np.maximum(newest, 0), axis=1)
            last[rows, column[starts]] = np.where(newest >= 0, found, np.nan)
    return joined(now, last, peak)


def joined(now: float, last: Float, peak: Float) -> Levels:
    """Levels without holes, from `last` and `peak` [series, hours] that have NaN where no sample came."""
    count, hours = last.shape
    heard_in = ~np.isnan(last)
    column = np.arange(hours)
    before = np.maximum.accumulate(np.where(heard_in, column, -1), axis=1)
    heard = before[:, -1].astype(np.int64) if hours else np.full(count, -1, dtype=np.int64)
    some = heard >= 0
    since = np.where(some, np.argmax(heard_in, axis=1), hours).astype(np.int64)
    if not bool(np.all(heard_in | (before < 0))):
        after = np.minimum.accumulate(np.where(heard_in, column, hours)[:, ::-1], axis=1)[:, ::-1]
        left = np.take_along_axis(last, np.maximum(before, 0), axis=1)
        right = np.take_along_axis(last, np.minimum(after, hours - 1), axis=1)
        share = (column - before) / np.maximum(after - before, 1)
        between = left + np.where(after < hours, (right - left) * share, 0.0)
        last = np.where(heard_in | (before < 0), last, between)
    peak = np.where(np.isnan(peak), last, np.maximum(peak, last))
    return Levels(now, last, peak, since, heard)
