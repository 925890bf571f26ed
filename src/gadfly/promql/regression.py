"""Lines through the samples of a window, and smoothing along them: deriv, predict_linear, holt_winters."""

from __future__ import annotations

import numpy as np

from gadfly.errors import QueryError
from gadfly.promql.budget import Budget
from gadfly.promql.ragged import Lanes, flattened
from gadfly.promql.values import Bools, Floats, Ints, Windows

Result = tuple[Floats, Bools]


def _line(windows: Windows, origin: Ints, budget: Budget) -> tuple[Floats, Floats, Bools]:
    """Slope per second and value at `origin` (N, T; ms) of the least-squares line.

    The sums are taken in extended precision and rounded once, which is what Prometheus' compensated sums come
    to; what follows is done in its order, for far from the origin the last digits depend on it.
    """
    present = windows.hi - windows.lo >= 2
    slope, intercept = np.empty(present.shape), np.empty(present.shape)
    origins = origin.reshape(-1)
    for flat in flattened(windows.lo, windows.hi, present, budget):
        y = windows.value[flat.position]
        x = (windows.at[flat.position] - origins[flat.which][flat.owner]) / 1000

        def total(term: Floats, starts: Ints = flat.starts) -> Floats:
            summed: Floats = np.add.reduceat(term, starts, dtype=np.longdouble).astype(np.float64)
            return summed

        count = np.bincount(flat.owner, minlength=len(flat.starts)).astype(np.float64)
        sum_x, sum_y, sum_xy, sum_xx = total(x), total(y), total(x * y), total(x * x)
        covariance = sum_xy - sum_x * sum_y / count
        steep = covariance / (sum_xx - sum_x * sum_x / count)
        level = sum_y / count - steep * sum_x / count
        first = y[flat.starts]
        constant = np.logical_and.reduceat(y == first[flat.owner], flat.starts)
        steep = np.where(constant, np.where(np.isinf(first), np.nan, 0.0), steep)
        level = np.where(constant, np.where(np.isinf(first), np.nan, first), level)
        slope.reshape(-1)[flat.which], intercept.reshape(-1)[flat.which] = steep, level
    return slope, intercept, present


def deriv(windows: Windows, budget: Budget) -> Result:
    """Per second, of a gauge."""
    first = windows.at[np.minimum(windows.lo, len(windows.at) - 1)]
    slope, _intercept, present = _line(windows, first, budget)
    return slope, present


def predict_linear(windows: Windows, ahead: Floats, now: Ints, budget: Budget) -> Result:
    """The value `ahead` (T) seconds after `now` (T, ms), the time of evaluation."""
    slope, intercept, present = _line(windows, np.broadcast_to(now, windows.lo.shape), budget)
    return slope * ahead + intercept, present


def holt_winters(windows: Windows, smoothing: Floats, trend: Floats, budget: Budget) -> Result:
    """Double exponential smoothing; both factors (T) between 0 and 1, without these."""
    for factor, what in ((smoothing, "smoothing"), (trend, "trend")):
        bad = factor[~((factor > 0) & (factor < 1))]
        if len(bad) and len(windows.labels):
            raise QueryError(f"invalid {what} factor. Expected: 0 < {what[0]}f < 1, got: {bad[0]:f}")
    present = windows.hi - windows.lo >= 2
    out = np.empty(present.shape)
    if not present.any():
        return out, present
    lanes = Lanes(windows.lo[present] + 1, windows.hi[present])
    alpha = np.broadcast_to(smoothing, present.shape)[present][lanes.order]
    beta = np.broadcast_to(trend, present.shape)[present][lanes.order]
    before, level, slope = np.zeros(len(lanes)), np.zeros(len(lanes)), np.zeros(len(lanes))
    for k, position in enumerate(lanes.positions(budget)):
        n, value = len(position), windows.value[position]
        if k == 0:
            level[:n] = windows.value[position - 1]
            slope[:n] = value - level[:n]
        else:
            slope[:n] = beta[:n] * (level[:n] - before[:n]) + (1 - beta[:n]) * slope[:n]
        smoothed = (1 - alpha[:n]) * (level[:n] + slope[:n])
        before[:n] = level[:n]
        level[:n] = alpha[:n] * value + smoothed
    out[present] = lanes.back(level)
    return out, present
