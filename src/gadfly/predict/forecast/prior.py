"""What each component usually counts, before a series has shown what is best for it."""

from __future__ import annotations

import numpy as np

from gadfly.predict.forecast.components import Components
from gadfly.predict.forecast.history import Floats

REVERTS = 0.15
"""How much of the level goes back to the mean of everything known over a season; it grows with the horizon."""


def usual(parts: Components, centre: float) -> Floats:
    """float64[components]: weights for horizons about `centre`, on the scale of `log2(1 + horizon)`."""
    ahead = 2.0**centre - 1.0
    weights = np.zeros(len(parts.names))
    for i, name in enumerate(parts.names):
        kind, _, span = name.partition(" ")
        if kind == "level" and span != "all":
            # A level counts when it is about as long as one looks ahead.
            weights[i] = 0.3 * float(np.exp(-np.log(float(span) / ahead) ** 2 / 2))
        elif name == "shape 16":
            weights[i] = 0.5
        elif kind == "week":
            weights[i] = 0.4
        elif name == "slope all" and parts.season < 2:
            weights[i] = 0.3
        elif kind == "jump":
            weights[i] = 0.3
    return weights
