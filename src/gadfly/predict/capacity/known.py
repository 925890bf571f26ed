"""What ends at a moment that is known: a certificate, a licence, a lease."""

from __future__ import annotations

import numpy as np

from gadfly.predict.capacity.filling import Filling
from gadfly.predict.capacity.levels import Float

MOMENT = 1.0
"""Seconds: no end is known better, and a distribution needs a width."""


def known(ends: Float, *, now: float) -> Filling:
    """The distribution of ends at `ends` [series], seconds since the epoch; NaN: too little to say."""
    ends = np.asarray(ends, dtype=np.float64)
    told = np.isfinite(ends)
    left = np.where(told, np.maximum(ends - now, 0.0), np.nan)
    chance = np.where(told, 1.0, np.nan)
    return Filling(
        edges=np.stack([np.maximum(left - MOMENT, 0.0), left], axis=1),
        chances=np.stack([np.where(left > 0, 0.0, chance), chance], axis=1),
        room=left,
        certain=True,
    )
