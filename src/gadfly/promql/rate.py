"""How fast: rate, increase, delta and their instant kin; how often: changes and resets.

The extrapolation is Prometheus': a window's first and last samples rarely stand at its edges, so the increase
is stretched to the edges where the samples reach near them (1.1 of their mean distance), and by half a
distance where they do not; a counter is not stretched to before it was zero.
"""

from __future__ import annotations

import numpy as np

from gadfly.promql.budget import Budget
from gadfly.promql.values import Bools, Floats, Ints, Windows

Result = tuple[Floats, Bools]


def _ends(windows: Windows, least: int) -> tuple[Bools, Ints, Ints]:
    """Which windows have at least so many samples; positions of their first and last (0 in others)."""
    present = windows.hi - windows.lo >= least
    return present, np.where(present, windows.lo, 0), np.where(present, windows.hi - 1, 0)


def _falls(windows: Windows) -> Ints:
    """Positions of samples smaller than the one before. At the first sample of a series this means nothing,
    and is never asked for."""
    return np.flatnonzero(windows.value[1:] < windows.value[:-1]) + 1


def _resets_between(falls: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Which of the falls lie in (first, last]: a range of indices into `falls` for each window."""
    return np.searchsorted(falls, first, side="right"), np.searchsorted(falls, last, side="right")


def _extrapolated(windows: Windows, budget: Budget, *, counter: bool, per_second: bool) -> Result:
    present, first, last = _ends(windows, 2)
    if not present.any():
        return np.empty(present.shape), present
    budget.on()
    start_value = windows.value[first]
    result = windows.value[last] - start_value
    if counter:
        falls = _falls(windows)
        if len(falls):
            _add_what_resets_hid(result, windows.value, falls, first, last)
    right = windows.right[None, :]
    first_at, last_at = windows.at[first], windows.at[last]
    to_start = (first_at - (right - windows.span)) / 1000
    to_end = (right - last_at) / 1000
    sampled = (last_at - first_at) / 1000
    mean_distance = sampled / (last - first)
    if counter:
        to_zero = sampled * (start_value / result)
        np.copyto(to_start, to_zero, where=(result > 0) & (start_value >= 0) & (to_zero < to_start))
    near = mean_distance * 1.1
    stretched = (
        sampled
        + np.where(to_start < near, to_start, mean_distance / 2)
        + np.where(to_end < near, to_end, mean_distance / 2)
    )
    factor = stretched / sampled
    if per_second:
        factor /= windows.span / 1000
    return result * factor, present


def _add_what_resets_hid(result: Floats, value: Floats, falls: Ints, first: Ints, last: Ints) -> None:
    """Add, in order, the value before each reset within the windows."""
    low, high = _resets_between(falls, first, last)
    for k in range(int((high - low).max(initial=0))):
        there = high - low > k
        result[there] += value[falls[low[there] + k] - 1]


def rate(windows: Windows, budget: Budget) -> Result:
    """Per second, of a counter."""
    return _extrapolated(windows, budget, counter=True, per_second=True)


def increase(windows: Windows, budget: Budget) -> Result:
    """Over the window, of a counter."""
    return _extrapolated(windows, budget, counter=True, per_second=False)


def delta(windows: Windows, budget: Budget) -> Result:
    """Over the window, of a gauge."""
    return _extrapolated(windows, budget, counter=False, per_second=False)


def _instant(windows: Windows, *, per_second: bool) -> Result:
    present, _first, last = _ends(windows, 2)
    before = np.maximum(last - 1, 0)
    now, then = windows.value[last], windows.value[before]
    elapsed = windows.at[last] - windows.at[before]
    result = now - then
    if per_second:
        result = np.where(now < then, now, result) / (elapsed / 1000)
    return result, present & (elapsed != 0)


def irate(windows: Windows, _budget: Budget) -> Result:
    """Per second, from the last two samples of a counter."""
    return _instant(windows, per_second=True)


def idelta(windows: Windows, _budget: Budget) -> Result:
    """Between the last two samples of a gauge."""
    return _instant(windows, per_second=False)


def changes(windows: Windows, _budget: Budget) -> Result:
    """How often the value changed; from NaN to NaN is none."""
    value = windows.value
    nan = np.isnan(value)
    moved = np.flatnonzero((value[1:] != value[:-1]) & ~(nan[1:] & nan[:-1])) + 1
    return _count_between(windows, moved)


def resets(windows: Windows, _budget: Budget) -> Result:
    """How often the value fell."""
    return _count_between(windows, _falls(windows))


def _count_between(windows: Windows, events: Ints) -> Result:
    present, first, last = _ends(windows, 1)
    low, high = _resets_between(events, first, last)
    return (high - low).astype(np.float64), present
