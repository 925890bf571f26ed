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
JUST_BELOW = 0.499
"""The score of what would have been an alarm, had the budget allowed it."""
FAR = 7.0
"""Mean excesses above the threshold, a thousand times as rare as what the budget buys: that is told though
nothing is left, and paid for later, lest one alarm hides all that is worse. As much as a week's alarms."""
SPOKE = 1.0
"""Mean excesses that the last alarm of a series left, from which on it has spoken lately: for a day, about,
of points of ten minutes."""
USUAL = 1000.0
"""Points to a point that passes the gate, about; whatever it is really, the threshold is led there."""


def fresh(count: int) -> Floats:
    """Rows of series that were never seen."""
    return np.zeros((ROWS, count), np.float32)


class Budget:
    """Alarms a week: of each series, or of `count` series together. `offset` is the threshold
    of theirs together, and `credit` the alarms that they may raise at once.

    Without a number of alarms a week, the gate alone decides.
    """

    def __init__(self, alarms_a_week: float | None, *, each: bool) -> None:
        self.alarms_a_week = alarms_a_week
        self.each = each
        self.offset = 0.0
        self.credit = 1.0

    def unspent(self, rows: Floats) -> Floats | np.float32:
        """How far the threshold was led down, in mean excesses: of each series, float32[n], or of all."""
        if self.each:
            found: Floats = np.maximum(-rows[OFFSET], 0)
            return found
        return np.float32(max(-self.offset, 0))

    def spend(
        self, rows: Floats, passed: Floats, step: Floats, seen: Floats, count: int, tuning: Tuning
    ) -> tuple[Floats, Bools]:
        """The score, float32[n] in [0, 1], at least 0.5 where there is an alarm, and the alarms, bool[n].

        `passed` is by how much a point passes the gate, in mean excesses (-inf: it is in no tail), `step` the
        seconds between points, `seen` the points so far.
        """
        offset, height = rows
        speaks = seen >= tuning.warm
        allowed = speaks.astype(np.float32)
        if self.alarms_a_week is not None:
            share = 1 if self.each else max(count, 1)
            allowed *= np.clip(step * (self.alarms_a_week / WEEK / share), SELDOM, OFTEN)
        told = np.flatnonzero(speaks & (passed > -np.inf))
        above = passed[told] - height[told]
        if self.alarms_a_week is not None:
            above += np.log(allowed[told] * USUAL)
            above -= offset[told] if self.each else np.float32(self.offset)
        speaks_now = above >= 0
        if self.alarms_a_week is not None and not self.each:
            new = height[told] < SPOKE
            self._afford(above, speaks_now, new, float(allowed.sum(dtype=np.float64)), tuning)
        score, alarm = np.zeros_like(passed), np.zeros(len(passed), np.bool_)
        score[told] = 1 / (1 + np.exp(-np.clip(above, -60, 60)))
        alarm[told] = speaks_now
        score[told] = np.where(speaks_now, score[told], np.minimum(score[told], JUST_BELOW))
        height[told] += np.where(speaks_now, above + tuning.stranger, 0)
        height *= 1 - 1 / tuning.rest
        if self.alarms_a_week is not None and self.each:
            offset += tuning.gain_alone * (alarm - allowed)
            np.clip(offset, LOWEST, HIGHEST, out=offset)
        return score, alarm

    def _afford(self, above: Floats, alarm: Bools, new: Bools, allowed: float, tuning: Tuning) -> None:
        """Lead the shared threshold; of more alarms at once than half a week's, only the strangest stay.

        What strikes all series at the same time is one event, and shall not cost the budget of months. So of
        what is FAR above, too, one is told on credit, and only of a series that is `new`, having had no alarm
        lately: no series alone can spend what all have.
        """
        week = self.alarms_a_week or 0
        self.credit = min(self.credit + allowed, max(week / 2, 1))
        wanted = np.flatnonzero(alarm)
        if len(wanted) > max(self.credit, 0):
            by_strangeness = wanted[np.argsort(-above[wanted], kind="stable")]
            alarm[by_strangeness[max(int(self.credit), 0) :]] = False
            far = by_strangeness[(above[by_strangeness] >= FAR) & new[by_strangeness]]
            if self.credit < 1 and len(far) and self.credit - 1 >= -max(week, 1):
                alarm[far[0]] = True
        count = int(alarm.sum())
        self.credit -= count
        self.offset = min(max(self.offset + tuning.gain * (count - allowed), LOWEST), HIGHEST)
