"""What each component usually counts, before a series has shown what is best for it.

The weights of one least squares over many series of weather, traffic, power, prices and machines at
once, rounded. The points that `bench/forecast.py` scores were not among them, but for weekly means of some.
"""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.components import Components
from gadfly.predict.forecast.history import Floats

SEASONS: tuple[float, ...] = (-7.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 3.0)
"""log2 of the horizon in seasons, for each column of the tables."""
SEASONAL: dict[str, tuple[float, ...]] = {
    "level -4": (0.35, 0.10, 0.15, 0.05, 0.00, -0.05, -0.02, 0.00, 0.00),
    "level -3": (0.50, 0.40, 0.15, 0.14, 0.00, 0.05, 0.00, 0.00, 0.00),
    "level -2": (0.06, 0.20, 0.45, 0.28, 0.33, 0.16, 0.15, 0.00, 0.00),
    "level -1": (0.06, 0.17, 0.25, 0.32, 0.42, 0.42, 0.30, 0.20, 0.10),
    "level 1": (0.00, 0.00, 0.00, 0.00, 0.00, 0.03, 0.03, 0.25, 0.30),
    "level 2": (0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.05),
    "level 3": (0.00, 0.00, 0.01, 0.04, 0.03, 0.03, 0.04, 0.05, 0.15),
    "shape short": (0.06, 0.10, 0.13, 0.13, 0.10, 0.08, 0.03, -0.03, 0.05),
    "shape long": (0.02, 0.02, 0.06, 0.10, 0.30, 0.45, 0.45, 0.50, 0.40),
    "seasonal naive": (0.03, 0.03, 0.02, 0.04, 0.02, 0.03, 0.08, 0.06, 0.04),
    "year": (0.20, 0.20, 0.20, 0.20, 0.15, 0.10, 0.10, 0.14, 0.30),
}
"""For a season without a week above it. Levels by how many times three longer than a season they are."""
WEEKLY: dict[str, tuple[float, ...]] = {
    "level -4": (0.90, 0.25, 0.25, 0.25, 0.25, 0.05, 0.05, 0.02, 0.00),
    "level -3": (0.00, 0.65, 0.50, 0.35, 0.20, 0.10, 0.05, 0.05, 0.05),
    "level -2": (0.00, 0.10, 0.15, 0.20, 0.10, 0.05, 0.06, 0.00, 0.00),
    "level -1": (-0.03, -0.03, 0.02, 0.07, 0.12, 0.09, 0.10, 0.08, 0.01),
    "level 1": (0.00, 0.00, 0.00, 0.00, 0.01, 0.03, 0.03, 0.00, 0.05),
    "level 2": (0.00, -0.03, -0.10, -0.20, -0.30, -0.28, -0.25, -0.25, -0.08),
    "level 3": (0.00, 0.02, 0.05, 0.09, 0.14, 0.17, 0.20, 0.24, 0.20),
    "level all": (0.00, 0.00, 0.00, 0.01, 0.01, 0.02, 0.03, 0.04, 0.06),
    "shape short": (0.00, 0.02, 0.05, 0.10, 0.10, 0.08, 0.01, 0.00, 0.05),
    "shape long": (0.00, 0.06, 0.06, 0.05, 0.00, -0.10, -0.15, -0.25, -0.13),
    "seasonal naive": (0.00, 0.00, 0.00, 0.04, 0.10, 0.16, 0.13, 0.10, 0.02),
    "week short": (0.00, 0.00, 0.00, 0.05, 0.09, 0.12, 0.14, 0.15, 0.17),
    "week long": (0.00, 0.02, 0.05, 0.11, 0.20, 0.28, 0.33, 0.48, 0.44),
    "year": (0.50, 0.60, 0.60, 0.60, 0.45, 0.45, 0.45, 0.40, 0.30),
}
"""For a day with a week above it."""
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
POINTS: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0)
SMOOTH = 0.2
"""The weight of the smooth shape."""
SLOPE = 0.3
"""A line is soon far away from all that was seen, so it must earn its weight more slowly."""
SHIFT = 3.0
"""Shifts are few, and what follows on them is a matter of the series: it may say so sooner."""
SEASONAL_KINDS: tuple[dict[str, float], ...] = (
    {},
    {"seasonal naive": 1.0},
    {"level 1": 0.3, "level 2": 0.3, "level 3": 0.3, "shape long": 1.0, "week long": 0.5},
    {"level -4": 1.0, "shape long": 0.7},
    {"week naive": 1.0},
)
PLAIN_KINDS: tuple[dict[str, float], ...] = (
    {},
    {"level 2": 1.0},
    {"level 3": 1.0},
    {"level all": 1.0},
    {"slope all": 1.0},
)


def usual(parts: Components, centre: float) -> Floats:
    """float64[kinds, components]: weights for horizons about `centre`, as `log2(1 + horizon)`."""
    ahead = float(np.log2(2.0**centre - 1.0))
    tables, grid, kinds, at = [PLAIN], POINTS, PLAIN_KINDS, ahead
    if parts.season > 1:
        tables = [WEEKLY, SEASONAL] if parts.week else [SEASONAL]
        grid, kinds, at = SEASONS, SEASONAL_KINDS, ahead - float(np.log2(parts.season))
    pooled = [{name: float(np.interp(at, grid, row)) for name, row in table.items()} for table in tables]
    found = np.array([[kind.get(name, 0.0) for name in parts.names] for kind in (*pooled, *kinds)])
    if parts.half:
        found[:, parts.names.index("shape smooth")] = SMOOTH
    return found


def loose(parts: Components) -> Floats:
    """float64[components]: how far weights may be from the usual, in parts of what others may."""
    apart = {"slope 1": SLOPE, "slope all": SLOPE, "shift": SHIFT}
    return np.array([apart.get(name, 1.0) for name in parts.names])
