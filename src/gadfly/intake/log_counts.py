"""Lines and matches as series: each combination a counter, as many as there is room for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gadfly.promql.source import Metadata
from gadfly.store.logs import SEVERITIES

if TYPE_CHECKING:
    from gadfly.store.series import Series

SOURCE = "log"
OTHER = "other"
HELP = {
    "log_lines_total": "Lines taken, by the way they came, host, unit and severity.",
    "log_matches_total": "Lines that matched a rule, by the rule and their host.",
}

Way = tuple[str, str, str, int]
"""Source, host, unit, severity."""


class LogCounts:
    """Counters since the start. They are written at a steady pace; the first sample of each is a zero."""

    def __init__(self, room: int, now: float) -> None:
        self.room = room
        self.lumped = 0
        """Lines counted under `other`, as there was no room for a counter of theirs."""
        self._lines: Counter[Way] = Counter()
        self._matches: Counter[tuple[str, str]] = Counter()
        self._numbers: dict[tuple[str, ...], int] = {}
        """-1 where the store no longer knows a series that has begun."""
        self._before = int(now * 1000)

    def add(self, lines: Mapping[Way, int], matches: Mapping[tuple[str, str], int]) -> None:
        """So many more."""
        for way, count in lines.items():
            if way not in self._lines and len(self._lines) >= self.room:
                self.lumped += count
                way = (way[0], OTHER, OTHER, way[3])
            self._lines[way] += count
        for key, count in matches.items():
            self._matches[key] += count

    def matched(self) -> Mapping[tuple[str, str], int]:
        """By rule and host."""
        return self._matches

    async def write(self, store: Series, now: float) -> None:
        """One sample of each counter. What the store refuses, it counts."""
        from gadfly.store.series import Batch

        labels, values = self._samples()
        fresh = [key for key in labels if key not in self._numbers]
        asked = [key for key in labels if self._numbers.get(key, -1) < 0]
        if asked:
            numbers, _ = store.intern([dict(zip(key[::2], key[1::2], strict=True)) for key in asked], SOURCE)
            found = zip(asked, numbers.tolist(), strict=True)
            self._numbers.update((key, number) for key, number in found if number >= 0)
            for metric, words in HELP.items():
                store.describe(metric, Metadata("counter", words, ""))
        at = int(now * 1000)
        known = self._numbers
        rows = [
            *((known[key], self._before, 0.0) for key in fresh if key in known),
            *((known[key], at, value) for key, value in zip(labels, values, strict=True) if key in known),
        ]
        if rows and at > self._before:
            batch = Batch(*(np.array(column) for column in zip(*rows, strict=True)))
            taken = await store.append(batch, SOURCE)
            self._before = at
            if any(one.reason == "unknown_series" for one in taken.refused):
                self._numbers = dict.fromkeys(self._numbers, -1)

    def _samples(self) -> tuple[Sequence[tuple[str, ...]], Sequence[float]]:
        """Labels as name, value, name, value …; empty ones are left out, as they mean nothing."""
        labels: list[tuple[str, ...]] = []
        for source, host, unit, severity in self._lines:
            pairs = (("source", source), ("host", host), ("unit", unit), ("severity", SEVERITIES[severity]))
            labels.append(_key("log_lines_total", pairs))
        for rule, host in self._matches:
            labels.append(_key("log_matches_total", (("rule", rule), ("host", host))))
        return labels, [float(count) for count in (*self._lines.values(), *self._matches.values())]


def _key(name: str, pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return ("__name__", name, *(part for pair in pairs if pair[1] for part in pair))
