"""A declared prediction of failures at work: by the hour, what components show, and which then fail.

What was learnt is not kept: after a start it is learnt anew, from the series and the history of verdicts.
Computes in a thread; nothing here writes or tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gadfly.config.predict import Prediction
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.predict.gauge import Look
from gadfly.predict.prediction import Foreseen, key
from gadfly.predict.resolve import Resolution, warning
from gadfly.promql import Limits
from gadfly.promql.query import range_query
from gadfly.promql.source import Selects
from gadfly.store.flips import Flip
from gadfly.store.predictions import Row

if TYPE_CHECKING:
    from gadfly.predict.failure import Foresight

Floats = NDArray[np.float64]

HOUR = 3600
HOURS = 30 * 24
"""That are learnt from after a start: a month of this program tells more than a year of the one before."""
LEARNT = float(HOURS * HOUR)
"""The same in seconds."""
MOST = 1_000
"""Components of one prediction: more are a fleet, whose parts should be foreseen apart."""
ANEW = 6
"""Hours after which components that came or went are taken into account."""
PIECE = 24
"""Hours that are read at once."""
BAD = frozenset((Verdict.down, Verdict.gray, Verdict.zombie, Verdict.missing))
"""A component fails when its verdict becomes one of these, from one that is none."""
SIGNS: Mapping[str, str] = {
    "jitter": "max by (component) (avg_over_time(heartbeat_jitter_seconds{%s}[1h]))",
    "restarts": "sum by (component) (increase(heartbeat_restarts_total{%s}[1h]))",
    "probe latency": 'max by (component) (avg_over_time(probe_duration_seconds{phase="",%s}[1h]))',
    "losses": "sum by (component) (increase(heartbeat_lost_total{%s}[1h]))",
    "budget burn": "1 - min by (component) (avg_over_time(probe_success{%s}[1h]))",
}
"""What is seen of a component in an hour, in PromQL over the node's own series; `%s`: of which components."""
LIMITS = Limits(samples=20_000_000)
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


def failed(one: Flip) -> bool:
    """Whether a component that was not bad became so."""
    return one.after in BAD and one.before not in BAD


def matcher(names: Sequence[str]) -> str:
    """The condition on the label `component` that means exactly these."""
    pattern = "|".join(_SPECIAL.sub(r"\\\g<0>", name) for name in names)
    return f"component=~{json.dumps(pattern, ensure_ascii=False)}"


class Failing:
    """`fleet` gives the components that are meant. Not to be used by two threads at once."""

    kind = "failure"

    def __init__(self, name: str, config: Prediction, fleet: Callable[[], Sequence[Subject]]) -> None:
        self.name = name
        self.config = config
        self.flips: Sequence[Flip] = ()
        """Changes of verdict of the last month, the oldest first; set before each look."""
        self._fleet = fleet
        self._foresight: Foresight | None = None
        self._names: list[str] = []
        self._begun = 0
        self._hour = 0
        self._chances: Floats = np.empty(0)

    @property
    def act(self) -> float:
        """Seconds ahead, whole hours."""
        return float(self.horizon * HOUR)

    @property
    def horizon(self) -> int:
        """Hours ahead."""
        return max(1, round(float(self.config.act) / HOUR))

    def look(
        self,
        source: Selects,
        now: float,
        open: Sequence[Row] = (),
        acted: Callable[[Row], bool] = lambda row: False,
        stopping: Callable[[], bool] = lambda: False,
        again: Callable[[Row], bool] = lambda row: False,
    ) -> Look:
        """As :meth:`gadfly.predict.gauge.Gauge.look`. What somebody acted upon is a failure all the same."""
        present = int(now // HOUR)
        self._gather(present)
        while self._names and self._hour < present and not stopping():
            self._learn(source, min(PIECE, present - self._hour))
        foresight = self._foresight
        newest = {one.component: one.after for one in self.flips}
        foreseen = [
            Foreseen(
                key=key({"component": name}),
                probability=float(self._chances[row]),
                value=np.nan,
                limit=np.nan,
                kind="fails",
                why="too little to say" if np.isnan(self._chances[row]) else foresight.why(row),
            )
            for row, name in enumerate(self._names)
            if foresight is not None and row < len(self._chances) and newest.get(name) not in BAD
        ]
        return Look(now, foreseen, self._resolved(open, now), None)

    def _gather(self, present: int) -> None:
        """Begin anew where other components are meant than before."""
        if self._foresight is not None and present - self._begun < ANEW:
            return
        fleet = sorted(self._fleet(), key=lambda one: one.name)[:MOST]
        names = [one.name for one in fleet]
        self._begun = present
        if self._foresight is not None and names == self._names:
            return
        from gadfly.predict.failure import Foresight

        words = sorted({one.group for one in fleet})
        groups = np.array([words.index(one.group) for one in fleet], np.int64)
        self._foresight = Foresight(groups, horizon=self.horizon, signs=tuple(SIGNS))
        self._names, self._hour = names, present - HOURS
        self._chances = np.full(len(names), np.nan)

    def _learn(self, source: Selects, hours: int) -> None:
        """The next so many hours."""
        assert self._foresight is not None  # gathered
        places = {name: row for row, name in enumerate(self._names)}
        numbers = np.full((hours, len(places), len(SIGNS)), np.nan)
        first, chosen = self._hour, matcher(self._names)
        for sign, text in enumerate(SIGNS.values()):
            start, end = (first + 1) * HOUR * 1000, (first + hours) * HOUR * 1000
            for one in range_query(source, text % chosen, start, end, HOUR * 1000, LIMITS).series:
                row = places.get(one.labels.get("component", ""))
                if row is not None:
                    numbers[(one.at - start) // (HOUR * 1000), row, sign] = np.maximum(one.value, 0.0)
        failed = np.zeros((hours, len(places)), np.bool_)
        for name, at in self._failures():
            hour = int(at // HOUR) - first
            if 0 <= hour < hours and name in places:
                failed[hour, places[name]] = True
        for hour in range(hours):
            self._chances = self._foresight.hour(numbers[hour], failed[hour])
            self._hour += 1

    def _failures(self) -> list[tuple[str, float]]:
        return [(one.component, one.at) for one in self.flips if failed(one)]

    def _resolved(self, open: Sequence[Row], now: float) -> list[tuple[Row, Resolution]]:
        failures: dict[str, list[float]] = {}
        for name, when in self._failures():
            failures.setdefault(name, []).append(when)
        found = []
        for row in open:
            if row.outcome:
                continue  # nobody looks whether it failed after all: in the end everything does
            at = np.array(failures.get(row.component, ()), np.float64)
            end = warning(at, made=row.made, deadline=row.deadline, now=now)
            if end is not None:
                found.append((row, end))
        return found
