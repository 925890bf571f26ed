"""Early warning on many series at once: one point of each in a call, in constant time and memory.

The way of a point: views (views.py) → each one's tail (tail.py) → each one's record gate (record.py) → the
view that came furthest → the budget (budget.py). Everything is learnt from the points before; the same points
give the same answer, in whatever calls they come (but for a budget that series share, led once a call).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gadfly.errors import FormatError
from gadfly.predict.warning import budget, record, tail, views
from gadfly.predict.warning.budget import Budget
from gadfly.predict.warning.tuning import TUNING, Tuning
from gadfly.predict.warning.views import View

VIEWS = views.ROWS
TAILS = VIEWS + 2 * len(View)
RECORDS = TAILS + record.ROWS * len(View)
ROWS = RECORDS + budget.ROWS
NOTHING = 255
"""In `Scores.why`: no view is in its tail, or there is too little to say."""
LARGEST = 1e300
FORMAT = 1
HEAD = 512
"""Bytes before the rows in what `state` gives."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What is said of each point of a call, in its order."""

    score: NDArray[np.float32]
    """In [0, 1]; at least 0.5 where there is an alarm, and only there. 0 where there is too little to say."""
    p: NDArray[np.float32]
    """How often the view `why` is this strange, by its tail; 1: none is; NaN: too little to say."""
    alarm: NDArray[np.bool_]
    why: NDArray[np.uint8]
    """The View that came furthest through the gate; NOTHING: none is in its tail."""


class Detector:
    """Watches `count` series, numbered from 0. `alarms_a_week` is of all of them together, or of `each`.
    None: the record gate alone decides, and alarms become fewer the more a series has shown.

    Memory is about 420 bytes a series.
    """

    def __init__(
        self,
        count: int = 0,
        *,
        alarms_a_week: float | None,
        each: bool = False,
        tuning: Tuning = TUNING,
    ) -> None:
        _check(alarms_a_week)
        self._budget = Budget(alarms_a_week, each=each)
        self._tuning = tuning
        self._near_gate = record.least(tuning) - record.NEARLY
        self._near = np.zeros((ROWS, 0), np.float32)
        self._far = np.zeros((views.FAR, 0))
        self.grow(count)

    @property
    def count(self) -> int:
        """Series that are watched."""
        return self._near.shape[1]

    @property
    def alarms_a_week(self) -> float | None:
        """The budget. A new one holds from the next point on."""
        return self._budget.alarms_a_week

    @alarms_a_week.setter
    def alarms_a_week(self, value: float | None) -> None:
        _check(value)
        self._budget.alarms_a_week = value

    def grow(self, count: int) -> None:
        """Watch `count` series from now on; the new ones start unknown. Fewer than now: ValueError."""
        more = count - self.count
        if more < 0:
            raise ValueError(f"{self.count} series are watched; they cannot become {count}")
        if not more:
            return
        rows, far = views.fresh(more)
        tails, records = tail.fresh(more).reshape(-1, more), record.fresh(more).reshape(-1, more)
        new = np.concatenate([rows, tails, records, budget.fresh(more)])
        self._near = np.ascontiguousarray(np.concatenate([self._near, new], axis=1))
        self._far = np.ascontiguousarray(np.concatenate([self._far, far], axis=1))
        self._all = np.arange(count)

    def take(self, series: NDArray[np.int64], at: NDArray[np.float64], values: NDArray[np.float64]) -> Scores:
        """Look at one point each of some series: their numbers int64[n], no one twice; seconds; values.

        A value that is not finite, or a time not after the one before, says nothing and is not learnt.
        """
        n = len(series)
        score, p = np.zeros(n, np.float32), np.full(n, np.nan, np.float32)
        alarm, why = np.zeros(n, np.bool_), np.full(n, NOTHING, np.uint8)
        if not n:
            return Scores(score, p, alarm, why)
        whole = n == self.count and np.array_equal(series, self._all)
        last = self._far[views.LAST]
        good = np.isfinite(values)
        good &= np.isfinite(at)
        good &= at > (last if whole else last[series])
        if not good.all():
            chosen = np.flatnonzero(good)
            if len(chosen):
                told = self.take(series[chosen], at[chosen], values[chosen])
                score[chosen], p[chosen], alarm[chosen], why[chosen] = (
                    told.score,
                    told.p,
                    told.alarm,
                    told.why,
                )
            return Scores(score, p, alarm, why)
        values = np.clip(values, -LARGEST, LARGEST)
        if whole:
            return self._look(self._near, self._far, at, values)
        near, far = self._near.take(series, axis=1), self._far.take(series, axis=1)
        told = self._look(near, far, at, values)
        self._near[:, series], self._far[:, series] = near, far
        return told

    def _look(
        self,
        near: NDArray[np.float32],
        far: NDArray[np.float64],
        at: NDArray[np.float64],
        values: NDArray[np.float64],
    ) -> Scores:
        n = near.shape[1]
        tuning = self._tuning
        tails = near[VIEWS:TAILS].reshape(2, len(View), n)
        seen = near[views.N].copy()
        distance, days = views.look(near[:VIEWS], far, at, values, tails[0, View.JUMP], tuning)
        excess, view, column = tail.excess(
            tails, seen, distance, days, self._budget.unspent(near[RECORDS:]), tuning
        )
        near_gate = np.flatnonzero(excess > self._near_gate[view])
        excess, view, column = excess[near_gate], view[near_gate], column[near_gate]
        records = near[TAILS:RECORDS].reshape(record.ROWS, len(View), n)
        passes = record.beyond(records, seen, excess, view, column, tuning)
        passed = np.full(n, -np.inf, np.float32)
        np.maximum.at(passed, column, passes)
        score, alarm = self._budget.spend(near[RECORDS:], passed, near[views.STEP], seen, self.count, tuning)
        p, why = np.ones(n, np.float32), np.full(n, NOTHING, np.uint8)
        first = np.flatnonzero(passes == passed[column])
        column = column[first]
        why[column] = view[first]
        p[column] = np.exp(-tail.nats(excess[first], seen[column], tuning))
        if seen.min() < tuning.warm:
            p[seen < tuning.warm] = np.nan
        return Scores(score, p, alarm, why)

    def state(self) -> bytes:
        """Everything, to be `restored` by the same version after a restart."""
        head = {
            "format": FORMAT,
            "count": self.count,
            "rows": ROWS,
            "alarms_a_week": self._budget.alarms_a_week,
            "each": self._budget.each,
            "offset": self._budget.offset,
            "credit": self._budget.credit,
        }
        return (
            json.dumps(head).encode().ljust(HEAD)
            + self._near.astype("<f4").tobytes()
            + self._far.astype("<f8").tobytes()
        )

    @classmethod
    def restored(cls, data: bytes) -> Self:
        """What `state` gave. FormatError where it is cut, or of another version: begin anew then."""
        try:
            head = json.loads(data[:HEAD])
            count = int(head["count"])
            if head["format"] != FORMAT or head["rows"] != ROWS or count < 0:
                raise FormatError("the state of early warning is of another version; it begins anew")
            told = head["alarms_a_week"]
            found = cls(
                alarms_a_week=None if told is None else float(told),
                each=bool(head["each"]),
            )
            offset, credit = float(head["offset"]), float(head["credit"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise FormatError("this is not a state of early warning; it begins anew") from error
        near, far = ROWS * count * 4, views.FAR * count * 8
        if len(data) != HEAD + near + far or not math.isfinite(offset + credit):
            raise FormatError("the state of early warning is cut short; it begins anew")
        found._budget.offset, found._budget.credit = offset, credit
        found._near = np.frombuffer(data, "<f4", ROWS * count, HEAD).astype(np.float32).reshape(ROWS, count)
        found._far = (
            np.frombuffer(data, "<f8", views.FAR * count, HEAD + near).astype(float).reshape(views.FAR, count)
        )
        found._all = np.arange(count)
        return found


def _check(alarms_a_week: float | None) -> None:
    if alarms_a_week is not None and not (math.isfinite(alarms_a_week) and alarms_a_week > 0):
        raise ValueError("alarms_a_week must be more than 0")
