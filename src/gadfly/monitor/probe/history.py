"""The last answers to every check, for the component's story: a ring of a few hundred bytes a check."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gadfly.monitor.probe.result import Outcome, Result

KEPT = 60
ANSWER = np.dtype([("at", "f8"), ("seconds", "f4"), ("outcome", "u1")])


class _Ring:
    __slots__ = ("answers", "count", "last", "last_at")

    def __init__(self, last: Result, at: float) -> None:
        self.answers: npt.NDArray[np.void] = np.zeros(KEPT, ANSWER)
        self.count = 0
        self.last, self.last_at = last, at


class History:
    """Answers by component and by the check's name."""

    def __init__(self) -> None:
        self._rings: dict[str, dict[str, _Ring]] = {}

    def add(self, component: str, check: str, result: Result, at: float) -> None:
        """Keep an answer; `at` is wall seconds."""
        checks = self._rings.setdefault(component, {})
        ring = checks.get(check)
        if ring is None:
            ring = checks[check] = _Ring(result, at)
        ring.answers[ring.count % KEPT] = (at, result.seconds, result.outcome)
        ring.count += 1
        ring.last, ring.last_at = result, at

    def last(self, component: str, check: str) -> tuple[Result, float] | None:
        """The newest answer and when it came."""
        ring = self._rings.get(component, {}).get(check)
        return None if ring is None else (ring.last, ring.last_at)

    def recent(self, component: str, check: str) -> list[tuple[float, Outcome, float]]:
        """The last answers, oldest first: at, outcome, seconds."""
        ring = self._rings.get(component, {}).get(check)
        if ring is None:
            return []
        rows = (
            np.roll(ring.answers, -(ring.count % KEPT)) if ring.count > KEPT else ring.answers[: ring.count]
        )
        return [(float(row["at"]), Outcome(int(row["outcome"])), float(row["seconds"])) for row in rows]

    def keep(self, components: frozenset[str]) -> None:
        """Forget everything about components that are no longer asked."""
        for name in self._rings.keys() - components:
            del self._rings[name]
