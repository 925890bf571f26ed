"""The only knob: alarms a week. The threshold follows from it, and from what was spent.

A point may be as rare as one in so many, and that is what the budget buys at the rate that points come. As no
probability is exactly true, the threshold is led by what happens (adaptive conformal inference, Gibbs and
Candès, 2021): each alarm raises it by `gain`, and it sinks again just as fast as the budget allows alarms. So
over a long time the alarms are the budget's, whatever the series do; a series that says nothing strange at
all stays below, because the threshold never sinks far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.warning.tuning import Tuning

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

WEEK = 7 * 86400.0
OFFSET, HEIGHT = range(2)
ROWS = 2
"""How far the threshold was led (where each series has its budget), and what the last alarm left above it."""
LOWEST, HIGHEST = -4.0, 30.0
"""How far the threshold is led, in mean excesses."""
OFTEN = 0.05
"""More than one point in twenty is no warning, however large the budget."""
SELDOM = 1e-12
USUAL = 1000.0
"""Points to a point that passes the gate, about; whatever it is really, the threshold is led there."""


def fresh(count: int) -> Floats:
    """Rows of series that were never seen."""
    return np.zeros((ROWS, count), np.float32)


class Budget:
    """Alarms a week: of each series, or of `count` series together. `offset` is theirs together.

    Without a number of alarms a week, the gate alone decides.
    """

    def __init__(self, alarms_a_week: float | None, *, each: bool) -> None:
        self.alarms_a_week = alarms_a_week
        self.each = each
        self.offset = 0.0

    def spend(
        self, rows: Floats, passed: Floats, step: Floats, seen: Floats, count: int, tuning: Tuning
    ) -> tuple[Floats, Bools]:
        """The score, float32[n] in [0, 1], at least 0.5 where there is an alarm, and the alarms, bool[n].

        `passed` is by how much a point passes the gate, in mean excesses (-inf: it is in no tail), `step` the
        seconds between points, `seen` the points so far.
        """
        offset, height = rows
        speaks = seen >= tuning.warm
        above = passed - height
        allowed = np.zeros_like(step)
        if self.alarms_a_week is not None:
            share = 1 if self.each else max(count, 1)
            allowed += np.clip(step * (self.alarms_a_week / WEEK / share), SELDOM, OFTEN)
            above += np.log(allowed * USUAL)
            above -= offset if self.each else np.float32(self.offset)
            allowed *= speaks
        alarm = (above >= 0) & speaks
        score = 1 / (1 + np.exp(-np.clip(above, -60, 60)))
        score *= speaks
        np.copyto(height, height + above + tuning.stranger, where=alarm)
        height *= 1 - 1 / tuning.rest
        if self.alarms_a_week is None:
            return score, alarm
        if self.each:
            offset += tuning.gain * (alarm - allowed)
            np.clip(offset, LOWEST, HIGHEST, out=offset)
        else:
            moved = self.offset + tuning.gain * float(alarm.sum() - allowed.sum(dtype=np.float64))
            self.offset = min(max(moved, LOWEST), HIGHEST)
        return score, alarm
