"""One number for each window: sums, means, extremes, spread, quantiles and the like of its samples."""

from __future__ import annotations

import numpy as np

from gadfly.promql.budget import Budget
from gadfly.promql.ragged import Kahan, Lanes, compensated, flattened, reduce, where_ill
from gadfly.promql.values import Bools, Floats, Ints, Windows

Result = tuple[Floats, Bools]


def _filled(windows: Windows) -> Bools:
    filled: Bools = windows.hi > windows.lo
    return filled


def count_over_time(windows: Windows, _budget: Budget) -> Result:
    return (windows.hi - windows.lo).astype(np.float64), _filled(windows)


def present_over_time(windows: Windows, _budget: Budget) -> Result:
    return np.ones(windows.lo.shape), _filled(windows)


def last_over_time(windows: Windows, _budget: Budget) -> Result:
    present = _filled(windows)
    return windows.value[np.where(present, windows.hi - 1, 0)], present


def min_over_time(windows: Windows, budget: Budget) -> Result:
    """NaN only where all are NaN."""
    return reduce(np.fmin, windows.value, windows.lo, windows.hi, budget), _filled(windows)


def max_over_time(windows: Windows, budget: Budget) -> Result:
    """NaN only where all are NaN."""
    return reduce(np.fmax, windows.value, windows.lo, windows.hi, budget), _filled(windows)


def _sums(windows: Windows, budget: Budget) -> tuple[Floats, Bools, Bools]:
    """Plain sums, which windows have samples, and in which of these the sum is not to be trusted."""
    present = _filled(windows)
    total = reduce(np.add, windows.value, windows.lo, windows.hi, budget)
    magnitude = reduce(np.add, np.abs(windows.value), windows.lo, windows.hi, budget)
    return total, present, present & where_ill(total, magnitude)


def sum_over_time(windows: Windows, budget: Budget) -> Result:
    """As exact as Prometheus' compensated sum."""

    def exact(lo: Ints, hi: Ints) -> Floats:
        lanes = Lanes(lo, hi)
        kahan = Kahan(len(lanes))
        for position in lanes.positions(budget):
            kahan.add(windows.value[position])
        return lanes.back(kahan.total())

    total, present, ill = _sums(windows, budget)
    # Added to 0, from which Prometheus begins: the sum of -0 is 0.
    return compensated(total, ill, windows.lo, windows.hi, budget, exact) + 0.0, present


def avg_over_time(windows: Windows, budget: Budget) -> Result:
    """As exact as Prometheus' compensated mean, and like it without overflow."""

    def exact(lo: Ints, hi: Ints) -> Floats:
        lanes = Lanes(lo, hi)
        kahan = Kahan(len(lanes))
        for k, position in enumerate(lanes.positions(budget), start=1):
            value, mean = windows.value[position], kahan.sum[: len(position)]
            # An infinite mean stays as it is, but for NaN and the other infinity.
            stays = np.isinf(mean) & ((np.isinf(value) & ((mean > 0) == (value > 0))) | np.isfinite(value))
            moving = np.flatnonzero(~stays)
            kahan.add(value[moving] / k - mean[moving] / k, moving)
        return lanes.back(kahan.total())

    total, present, ill = _sums(windows, budget)
    mean = total / np.maximum(windows.hi - windows.lo, 1)
    return compensated(mean, ill, windows.lo, windows.hi, budget, exact) + 0.0, present


def stdvar_over_time(windows: Windows, budget: Budget) -> Result:
    """The population variance: Welford's method with compensated sums, in Prometheus' order of operations."""
    lanes = Lanes(windows.lo, windows.hi)
    mean, squares = Kahan(len(lanes)), Kahan(len(lanes))
    for k, position in enumerate(lanes.positions(budget), start=1):
        value, first = windows.value[position], slice(len(position))
        off = value - (mean.sum[first] + mean.rest[first])
        mean.add(off / k)
        squares.add(off * (value - (mean.sum[first] + mean.rest[first])))
    size = np.maximum(windows.hi - windows.lo, 1)
    return lanes.back(squares.sum + squares.rest) / size, _filled(windows)


def stddev_over_time(windows: Windows, budget: Budget) -> Result:
    """The population standard deviation."""
    variance, present = stdvar_over_time(windows, budget)
    return np.sqrt(np.where(present, variance, 0.0)), present


def quantile_over_time(windows: Windows, quantile: Floats, budget: Budget) -> Result:
    """The quantile (T) of each window, between the two nearest ranks; NaN sorts below all."""
    present = _filled(windows)
    out = np.empty(present.shape)
    flat_out = out.reshape(-1)
    wanted = np.broadcast_to(quantile, present.shape).reshape(-1)
    for flat in flattened(windows.lo, windows.hi, present, budget):
        value = windows.value[flat.position]
        rank = np.where(np.isnan(value), -np.inf, value)
        order = np.lexsort((~np.isnan(value), rank, flat.owner))
        size = np.bincount(flat.owner, minlength=len(flat.starts))
        flat_out[flat.which] = interpolated(wanted[flat.which], value[order], flat.starts, size)
    return out, present


def interpolated(quantile: Floats, ordered: Floats, starts: Ints, size: Ints) -> Floats:
    """Quantiles of runs of ascending values: run i is ``ordered[starts[i]:starts[i] + size[i]]``, not empty.

    Below 0 it is -Inf, above 1 +Inf.
    """
    rank = np.clip(np.nan_to_num(quantile), 0, 1) * (size - 1)
    lower = np.floor(rank)
    upper = np.minimum(size - 1, lower + 1)
    weight = rank - lower
    between = ordered[starts + lower.astype(np.int64)] * (1 - weight)
    between = between + ordered[starts + upper.astype(np.int64)] * weight
    result = np.where(quantile < 0, -np.inf, np.where(quantile > 1, np.inf, between))
    return np.where(np.isnan(quantile), np.nan, result)
