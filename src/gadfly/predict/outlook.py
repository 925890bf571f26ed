"""How a series will go on, as quantiles over time: for fan charts and for the series `gadfly_forecast`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 24
"""Times ahead: twelve until its owner must have acted, and as many beyond."""
PAST = 1_000
"""Points of the past that a forecast is made from."""


class Outlook(NamedTuple):
    """What was, and how it goes on. `ahead` and `past` are wall seconds."""

    past: Floats
    """(points)"""
    values: Floats
    """(series, points), NaN where there was no sample."""
    ahead: Floats
    """(steps)"""
    levels: tuple[float, ...]
    quantiles: Floats
    """(series, steps, levels); NaN: too little to say."""


def outlook(at: Floats, values: Floats, act: float) -> Outlook:
    """Twice as far as `act` seconds, from `values` (series, points) at the regular times `at` (points)."""
    from gadfly.predict.forecast import LEVELS, forecast, seasons

    levels = tuple(float(level) for level in LEVELS)
    if len(at) < 2:
        return Outlook(at, values, np.empty(0), levels, np.empty((len(values), 0, len(levels))))
    step = float(at[1] - at[0])
    stride = max(1, round(act * 2 / STEPS / step))
    past, thin = at[::-1][::stride][::-1][-PAST:], values[:, ::-1][:, ::stride][:, ::-1][:, -PAST:]
    horizon = max(1, min(STEPS, round(act * 2 / (stride * step))))
    season = seasons(thin, stride * step)
    quantiles = forecast(np.ascontiguousarray(thin), horizon, season, levels=LEVELS)
    return Outlook(past, thin, past[-1] + stride * step * np.arange(1, horizon + 1), levels, quantiles)
