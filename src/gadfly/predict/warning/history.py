"""The score of each point of one series that is there already, as if it had come point by point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.warning.detector import NOTHING, Detector, Scores
from gadfly.predict.warning.tuning import TUNING, Tuning


def scores(
    at: NDArray[np.float64],
    values: NDArray[np.float64],
    *,
    alarms_a_week: float | None = None,
    tuning: Tuning = TUNING,
    reached: Callable[[int, float], None] = lambda *_: None,
) -> Scores:
    """Early warning on one series: `at` in seconds, float64[n]; `values` float64[n], NaN is missing.

    Each point is scored by the points before it only. Without a budget it is
    what passes the record gate. `reached` is told of each point its place and score, as soon as it has one.
    """
    n = len(at)
    found = Scores(
        np.zeros(n, np.float32),
        np.full(n, np.nan, np.float32),
        np.zeros(n, np.bool_),
        np.full(n, NOTHING, np.uint8),
    )
    detector = Detector(1, alarms_a_week=alarms_a_week, tuning=tuning)
    first = np.zeros(1, np.int64)
    for i in range(n):
        told = detector.take(first, at[i : i + 1], values[i : i + 1])
        found.score[i], found.p[i], found.alarm[i], found.why[i] = (
            told.score[0],
            told.p[0],
            told.alarm[0],
            told.why[0],
        )
        reached(i, float(told.score[0]))
    return found
