"""From the samples of a selector to what each step sees of them: the last value, or a window."""

from __future__ import annotations

import numpy as np

from gadfly.promql.source import STALE_BITS, Chunk, Labels
from gadfly.promql.values import Bools, Floats, Ints, Vectors, Windows, seen

_WIDEST_KEY = 2**62


class Finder:
    """Finds times in all series of a CSR column at once.

    Time and series make one ascending key, so that one binary search serves every series and step.
    """

    def __init__(self, at: Ints, offsets: Ints, first: int, last: int) -> None:
        """`first` and `last` bound every time that will be looked for."""
        self._at, self._offsets = at, offsets
        low = min(first, int(at.min())) if len(at) else first
        high = max(last, int(at.max())) if len(at) else last
        self._low, self._width = low, high - low + 2
        count = len(offsets) - 1
        self._fits = count * self._width < _WIDEST_KEY
        self._rows = np.arange(count, dtype=np.int64)
        if self._fits:
            self._keys = np.repeat(self._rows * self._width - low, np.diff(offsets)) + at

    def up_to(self, times: Ints) -> Ints:
        """(N, T): the position after the last sample with ``at <= time``."""
        if not self._fits:
            return self._each(times)
        wanted = (self._rows * self._width - self._low)[:, None] + times[None, :]
        found: Ints = np.searchsorted(self._keys, wanted.ravel(), side="right").reshape(wanted.shape)
        return found

    def before(self, times: Ints) -> Ints:
        """(N, T): the position after the last sample with ``at < time``."""
        return self.up_to(times - 1)

    def _each(self, times: Ints) -> Ints:
        found = np.empty((len(self._rows), len(times)), dtype=np.int64)
        for row in self._rows:
            start, end = self._offsets[row], self._offsets[row + 1]
            found[row] = start + np.searchsorted(self._at[start:end], times, side="right")
        return found


def is_stale(value: Floats) -> Bools:
    """Which values are the stale marker: one NaN of many, known by its bits."""
    marked: Bools = np.ascontiguousarray(value).view(np.uint64) == STALE_BITS
    return marked


def last_values(chunk: Chunk, times: Ints, lookback: int) -> tuple[Vectors, Ints]:
    """What an instant selector sees at each time, and (N, T) when that was sampled, ms.

    The newest sample that is not older than `lookback` ms; none, where that is a stale marker.
    """
    steps = len(times)
    if not len(chunk.at):
        return Vectors.empty(steps), np.empty((0, steps), dtype=np.int64)
    finder = Finder(chunk.at, chunk.offsets, int(times.min()) - 1, int(times.max()))
    position = finder.up_to(times) - 1
    present = position >= chunk.offsets[:-1, None]
    np.maximum(position, 0, out=position)
    value, when = chunk.value[position], chunk.at[position]
    present &= when >= (times - lookback)[None, :]
    stale = is_stale(chunk.value)
    if stale.any():
        present &= ~stale[position]
    rows = seen(present)
    found = Vectors(chunk.labels, value, present)
    if not rows.all():
        return found.rows(rows), when[rows]
    return found, when


def windows(labels: list[Labels], at: Ints, value: Floats, offsets: Ints, right: Ints, span: int) -> Windows:
    """What a range selector sees at each time: ``right - span <= at <= right``, without stale markers."""
    stale = is_stale(value)
    if stale.any():
        kept = np.concatenate(([0], np.cumsum(~stale)))
        at, value, offsets = at[~stale], value[~stale], kept[offsets]
    if not len(at):
        none = np.empty((0, len(right)), dtype=np.int64)
        return Windows([], at, value, none, none, right, span)
    finder = Finder(at, offsets, int(right.min()) - span - 1, int(right.max()))
    lo, hi = finder.before(right - span), finder.up_to(right)
    rows = seen(hi > lo)
    if not rows.all():
        labels = [one for one, seen in zip(labels, rows, strict=True) if seen]
        lo, hi = lo[rows], hi[rows]
    return Windows(labels, at, value, lo, hi, right, span)
