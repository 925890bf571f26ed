"""Series held in memory: a `Source` for tests, benches and the unit tests of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from gadfly.errors import LimitError
from gadfly.promql.limits import Limits
from gadfly.promql.notation import sequence
from gadfly.promql.parse import parse_selector
from gadfly.promql.regex import compiled
from gadfly.promql.source import Cardinality, Chunk, Labels, Matcher, Metadata
from gadfly.promql.values import Floats, Ints


class Held:
    """Series that are given whole: ``(labels, at, value)`` each, times ascending, ms."""

    def __init__(self, series: Iterable[tuple[Labels, Ints, Floats]]) -> None:
        given = sorted(series, key=lambda one: tuple(sorted(one[0].items())))
        self._labels = [labels for labels, _at, _value in given]
        self._at = [np.asarray(at, dtype=np.int64) for _labels, at, _value in given]
        self._value = [np.asarray(value, dtype=np.float64) for _labels, _at, value in given]

    @classmethod
    def load(cls, text: str, interval: int, start: int = 0) -> Held:
        """From promtool's notation, a series a line: ``requests{job="a"} 0+10x5 _ stale 7``.

        The first value is at `start`, the following each `interval` later (ms).
        """
        series = []
        for line in text.strip().splitlines():
            name, _, values = line.strip().partition("} ") if "}" in line else line.strip().partition(" ")
            labels = {m.name: m.value for m in parse_selector(name + "}" if "}" in line else name)}
            index, value = sequence(values)
            series.append((labels, start + index * interval, value))
        return cls(series)

    def _matching(self, matchers: Sequence[Matcher]) -> list[int]:
        return [i for i, labels in enumerate(self._labels) if all(holds(m, labels) for m in matchers)]

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        at, value, sizes, labels = [], [], [0], []
        for i in self._matching(matchers):
            low, high = np.searchsorted(self._at[i], (start, end), side="right")
            labels.append(self._labels[i])
            at.append(self._at[i][low:high])
            value.append(self._value[i][low:high])
            sizes.append(int(high - low))
        if sum(sizes) > limit.samples or len(labels) > limit.series:
            raise LimitError(f"more than {limit.samples:,} samples or {limit.series:,} series")
        return Chunk(
            labels,
            np.cumsum(sizes, dtype=np.int64),
            np.concatenate(at) if at else np.empty(0, dtype=np.int64),
            np.concatenate(value) if value else np.empty(0),
        )

    def series(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None, limit: Limits
    ) -> list[Labels]:
        found = []
        for i, labels in enumerate(self._labels):
            at = self._at[i]
            inside = (start is None or at[-1:] >= start) & (end is None or at[:1] <= end)
            if np.all(inside) and (not matchers or any(i in self._matching(one) for one in matchers)):
                found.append(labels)
        if len(found) > limit.series:
            raise LimitError(f"more than {limit.series:,} series")
        return found

    def label_names(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        return sorted({name for labels in self.series(matchers, start, end, Limits()) for name in labels})

    def label_values(
        self, name: str, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        return sorted({s[name] for s in self.series(matchers, start, end, Limits()) if name in s})

    def metadata(self, metric: str | None = None) -> dict[str, list[Metadata]]:
        return {}

    def cardinality(self, limit: int) -> Cardinality:
        return Cardinality(len(self._labels), 0, None, None, [], [], [], [])

    def sql(self, text: str, rows: int, ends: Callable[[], bool]) -> bytes:
        raise LimitError("series that are held in memory only are not asked in SQL")

    def lacking(self, start: int, end: int) -> list[str]:
        return []


def holds(matcher: Matcher, labels: Labels) -> bool:
    """Whether the label set meets the condition."""
    value = labels.get(matcher.name, "")
    if matcher.op in ("=", "!="):
        return (value == matcher.value) == (matcher.op == "=")
    return (compiled(matcher.value).fullmatch(value) is not None) == (matcher.op == "=~")
