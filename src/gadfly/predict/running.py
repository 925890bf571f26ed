"""One declared prediction at work, and what is known of it between two turns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gadfly.config.predict import Prediction
from gadfly.predict import demote, wording
from gadfly.predict.alarm import a_week
from gadfly.predict.failing import Failing
from gadfly.predict.gauge import Gauge, Look
from gadfly.predict.prediction import Key
from gadfly.predict.promise import Alarm
from gadfly.store.predictions import Row, Tally

LASTS = 3
"""Turns for which something may rest on what was seen, where none could look since;"""
SOONEST = 60.0
"""of so many seconds at least."""


@dataclass(slots=True, eq=False)
class Running:
    """`due`: monotonic seconds of the next look."""

    gauge: Gauge | Failing
    due: float = float("-inf")
    look: Look | None = None
    """What the last turn found."""
    alarms: dict[Key, Alarm] = field(default_factory=dict)
    """Those that stand."""
    firing: dict[Key, float] = field(default_factory=dict)
    """Alarms that an earlier run told of, by their labels: since when. Until the first look."""
    open: list[Row] = field(default_factory=list)
    """Predictions whose time has not come."""
    late: list[Row] = field(default_factory=list)
    """Alarms that had not come true at their deadline, and may as long again."""
    spent: dict[Key, float] = field(default_factory=dict)
    """The deadlines of those that came true before: until then none is made of the same series."""
    recalled: bool = False
    """Whether what an earlier run left was read back."""
    told_to: Counter[str] = field(default_factory=Counter)
    """Alarms of the last week, by owner."""
    tally: Tally = field(default_factory=Tally)
    """Its record over its window."""
    by_series: dict[str, Tally] = field(default_factory=dict)
    """The same of each series, by its name, while it is silent;"""
    by_owner: dict[str, Tally] = field(default_factory=dict)
    """and of each owner's."""
    silent: bool = False
    why: str = ""
    """Why it is silent."""
    trouble: str = ""
    """Why it could not look."""
    written: set[Key] = field(default_factory=set)
    """The series that the last turn wrote."""

    @property
    def name(self) -> str:
        return self.gauge.name

    @property
    def config(self) -> Prediction:
        return self.gauge.config

    @property
    def source(self) -> str:
        """Who its alerts say that they are from."""
        return f"prediction:{self.name}"

    @property
    def arithmetic(self) -> bool:
        """Whether it says what is known: when an end is due. Such a one is not judged: it cannot mislead."""
        return isinstance(self.gauge, Gauge) and self.gauge.ends

    def mute(self, series: str, owner: str) -> bool:
        """Whether nothing is told of this series, whose owner this is, because it did worse than a guess."""
        own, others = self.by_series.get(series, Tally()), self.by_owner.get(owner, Tally())
        return self.silent and not demote.heard(own, others)

    @property
    def told(self) -> int:
        """Alarms of the last week."""
        return self.told_to.total()

    @property
    def budget(self) -> float:
        """Alarms a week that each owner may have."""
        return a_week(self.config.budget)

    def current(self, now: float) -> Look | None:
        """What the last turn found; None where that is too long ago to act on it."""
        if self.look is None or abs(now - self.look.at) > LASTS * max(SOONEST, float(self.config.every)):
            return None
        return self.look

    @property
    def left_out(self) -> str:
        """Which series it has no room for, in words; empty: none."""
        return wording.left_out(self.look.left_out) if self.look is not None else ""

    def labels(self, labels: dict[str, str]) -> dict[str, str]:
        """Those of an alarm about a series with `labels`: its own, its metric among them, and what was
        declared."""
        rest = {name: word for name, word in labels.items() if name != "__name__"}
        metric = {"metric": labels["__name__"]} if "__name__" in labels else {}
        declared = self.config
        return {**metric, **rest, "severity": declared.severity, **declared.labels, "alertname": self.name}
