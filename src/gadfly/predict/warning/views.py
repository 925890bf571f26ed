"""Cheap views of a point: each says, in logarithms, how far the point is from what the series has been.

All state is in rows of one float32 array, a column a series; `far` holds what needs float64: when the series
was last seen, its mean, and its mean absolute deviation. A view compares the point with the past only, and
the point is learnt after it was looked at.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.warning.tuning import Tuning

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


class View(IntEnum):
    """What can be strange about a point."""

    HIGH = 0
    """higher than it used to be"""
    LOW = 1
    """lower than it used to be"""
    JUMP = 2
    """away from the points just before"""
    LEVEL = 3
    """a level that is not that of the day before"""
    TREND = 4
    """a day that is not like the days before"""
    DAY = 5
    """not what this hour of the day used to be"""
    LOUD = 6
    """rougher than it used to be"""
    QUIET = 7
    """smoother than it used to be"""
    DENSE = 8
    """jumps come closer together"""
    SPARSE = 9
    """no jump for longer"""


N, STEP, FAST, NEAR, SLOW, LONG, ROUGH, SMOOTH, REST, RATE, GAP = range(11)
HOURS = 11
ROWS = HOURS + 24
"""Rows of `look`: points seen, seconds between points, running means, the usual of each hour of the day."""
LAST, MEAN, SPREAD = range(3)
FAR = 3

BEGIN = 8.0
"""Points until a mean and a deviation are good enough to measure by."""
DAY = 86400.0
SAME = 0.05
"""This share of the mean is added to the mean absolute deviation: in a series that hardly moves, a change is
not the larger for that."""
TINY = 1e-290
FURTHEST = 1e4
LEAST = 0.05
"""Added before a logarithm is taken: differences below it are all alike."""
RARE = 0.02
"""The same for the density of events."""


def fresh(count: int) -> tuple[Floats, Doubles]:
    """Rows and far rows of series that were never seen."""
    far = np.zeros((FAR, count))
    far[LAST] = -np.inf
    return np.zeros((ROWS, count), np.float32), far


def look(
    rows: Floats, far: Doubles, at: Doubles, value: Doubles, usual_jump: Floats, tuning: Tuning
) -> tuple[Floats, Floats]:
    """How far each point is, by each view, float32[views, n]; and the days that were seen, float32[n].

    `at` is in seconds and later than the time before; `value` is finite and within ±1e300; `usual_jump` is
    where the tail of JUMP begins. Changes `rows` and `far`.
    """
    seen = rows[N]
    young = bool(seen.min() < BEGIN)
    inverse = 1 / (seen + 1)
    scaled = _scaled(rows, far, at, value, inverse, young, tuning)
    distance = np.abs(scaled)
    distance += 1
    y = np.copysign(np.log(distance), scaled)
    out = np.empty((len(View), len(y)), np.float32)
    np.maximum(y, 0, out=out[View.HIGH])
    np.maximum(-y, 0, out=out[View.LOW])
    raw = np.empty((7, len(y)), np.float32)
    jump = np.abs(np.subtract(y, rows[FAST], out=raw[0]), out=raw[0])
    np.abs(np.subtract(rows[NEAR], rows[SLOW], out=raw[1]), out=raw[1])
    np.abs(np.subtract(rows[SLOW], rows[LONG], out=raw[2]), out=raw[2])
    rest, days = _of_the_day(rows, at, y, tuning)
    np.abs(rest, out=raw[3])
    np.divide(rows[ROUGH] + LEAST, rows[SMOOTH] + LEAST, out=raw[4])
    raw[5] = rows[RATE]
    raw[6] = rows[GAP]
    raw[:4] += LEAST
    raw[5] += RARE
    raw[6] += 1
    logs = np.log(raw)
    out[View.JUMP : View.DAY + 1] = logs[:4]
    out[View.LOUD] = logs[4]
    np.negative(logs[4], out=out[View.QUIET])
    out[View.DENSE :] = logs[5:]
    event = (logs[0] > usual_jump).astype(np.float32)
    _learn(rows, y, jump, event, inverse, tuning)
    return out, days


def _scaled(
    rows: Floats, far: Doubles, at: Doubles, value: Doubles, inverse: Floats, young: bool, tuning: Tuning
) -> Floats:
    """The value in mean absolute deviations from the mean, ±FURTHEST; learns both, and the step."""
    seen, step = rows[N], rows[STEP]
    apart = at - far[LAST]
    far[LAST] = at
    deviation = value - far[MEAN]
    if young:
        new = seen == 0
        deviation[new] = 0
        far[MEAN][new] = value[new]
        apart[new] = 0
        np.copyto(step, apart, where=seen <= 1, casting="same_kind")
    apart = np.minimum(apart, 4 * step).astype(np.float32)
    step += (apart - step) * np.maximum(inverse, 0.02)
    unit = np.abs(far[MEAN])
    unit *= SAME
    unit += far[SPREAD]
    unit += TINY
    with np.errstate(over="ignore"):
        scaled: Floats = np.clip(deviation / unit, -FURTHEST, FURTHEST).astype(np.float32)
    if young:
        scaled[seen < BEGIN] = 0
    gain = np.maximum(inverse, 1 / tuning.place)
    far[MEAN] += gain * deviation
    np.abs(deviation, out=deviation)
    deviation -= far[SPREAD]
    deviation *= gain
    far[SPREAD] += deviation
    return scaled


def _of_the_day(rows: Floats, at: Doubles, y: Floats, tuning: Tuning) -> tuple[Floats, Floats]:
    """What is left of the newest points beside the usual of their hours, and the days that were seen."""
    hours = at * (1 / DAY)
    hours -= np.floor(hours)
    hours *= 24
    hour = np.minimum(hours.astype(np.intp), 23)
    step = np.maximum(rows[STEP], 1e-3)
    lived = rows[N] * step
    lived *= 1 / DAY
    gain = 1 / (np.minimum(np.floor(lived), tuning.days) * np.maximum(3600 / step, 1) + 1)
    usual = rows[HOURS:]
    if hour.min() == hour.max():
        row = usual[hour[0]]
        left = y - row
        row += gain * left
    else:
        column = np.arange(len(y))
        before = usual[hour, column]
        left = y - before
        usual[hour, column] = before + gain * left
    left *= lived >= 1
    rest = rows[REST]
    rest += (left - rest) * (1 / tuning.residual)
    return rest, lived


def _learn(rows: Floats, y: Floats, jump: Floats, event: Floats, inverse: Floats, tuning: Tuning) -> None:
    youngest = float(inverse.max())
    for row, value, memory in (
        (FAST, y, tuning.fast),
        (NEAR, y, tuning.near),
        (SLOW, y, tuning.slow),
        (LONG, y, tuning.long),
        (ROUGH, jump, tuning.rough),
        (SMOOTH, jump, tuning.smooth),
        (RATE, event, tuning.rate),
    ):
        mean = rows[row]
        mean += (value - mean) * (1 / memory if youngest * memory <= 1 else np.maximum(inverse, 1 / memory))
    gap = rows[GAP]
    gap += 1
    gap *= 1 - event
    rows[N] += 1
