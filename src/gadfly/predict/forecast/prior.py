"""What each component usually counts, before a series has shown what is best for it.

The weights of one least squares over many series of weather, traffic, power, prices and machines at once, rounded;
none of the points that `bench/forecast.py` scores were among them.
"""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.components import Components
from gadfly.predict.forecast.history import Floats

SEASONAL: dict[str, tuple[float, ...]] = {
    # log2 of the horizon in seasons: -7, -5, -4, -3, -2, -1, 0, 1, 3
    "level -4": (0.50, 0.20, 0.15, 0.10, 0.10, 0.02, 0.02, 0.00, 0.00),
    "level -3": (0.40, 0.45, 0.25, 0.25, 0.12, 0.03, 0.02, 0.02, 0.02),
    "level -2": (0.05, 0.20, 0.35, 0.25, 0.20, 0.10, 0.07, 0.02, 0.00),
    "level -1": (0.00, 0.05, 0.08, 0.14, 0.15, 0.05, 0.04, 0.02, 0.01),
    "level 1": (0.02, 0.04, 0.08, 0.08, 0.10, 0.10, 0.10, 0.17, 0.20),
    "level 2": (0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.05, 0.15, 0.30),
    "level 3": (0.00, 0.00, 0.02, 0.04, 0.08, 0.10, 0.11, 0.10, 0.10),
    "shape 1": (0.02, 0.04, 0.06, 0.07, 0.07, 0.00, -0.05, -0.03, -0.04),
    "shape 16": (0.03, 0.15, 0.25, 0.43, 0.60, 0.62, 0.64, 0.68, 0.70),
    "seasonal naive": (0.00, 0.01, 0.02, 0.05, 0.06, 0.16, 0.20, 0.12, 0.08),
    "week 6": (0.00, 0.05, 0.10, 0.22, 0.30, 0.34, 0.37, 0.42, 0.38),
    "year": (0.50, 0.60, 0.60, 0.60, 0.50, 0.40, 0.35, 0.33, 0.33),
}
"""Levels by how many times three longer than a season they are."""
SEASONS = (-7.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 3.0)
PLAIN: dict[str, tuple[float, ...]] = {
    # log2 of the horizon: 0, 1, 2, 4, 6, 8
    "level 1": (0.12, 0.12, 0.10, 0.05, 0.03, 0.00),
    "level 2": (0.05, 0.10, 0.15, 0.20, 0.15, 0.05),
    "level 3": (0.10, 0.15, 0.20, 0.30, 0.30, 0.15),
    "level 4": (0.05, 0.06, 0.06, 0.08, 0.15, 0.30),
    "slope 1": (0.50, 0.40, 0.30, 0.10, 0.05, 0.00),
    "slope all": (-0.25, -0.25, -0.25, -0.15, 0.00, 0.00),
}
"""The same where there is no season."""
POINTS = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0)


def usual(parts: Components, centre: float) -> Floats:
    """float64[components]: weights for horizons about `centre`, on the scale of `log2(1 + horizon)`."""
    ahead = float(np.log2(2.0**centre - 1.0))
    if parts.season > 1:
        table, grid, at = SEASONAL, SEASONS, ahead - float(np.log2(parts.season))
    else:
        table, grid, at = PLAIN, POINTS, ahead
    return np.array([np.interp(at, grid, table[name]) if name in table else 0.0 for name in parts.names])
