"""What statsd lines add up to: counters that only grow, gauges, histograms of timers, quantiles, sets.

Between two flushes lines are only added up. A timer (`ms`) is a histogram in seconds, with Prometheus' usual
buckets, so that many programs can be looked at together; a histogram or distribution (`h`, `d`) may be of
anything, so it gives quantiles of the last interval, beside its sum and count; a set gives how many different
members the last interval had.
"""

from __future__ import annotations

import bisect
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gadfly.errors import FormatError
from gadfly.telemetry.statsd import Line, labels_of, parse

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, as Prometheus' clients have them."""
QUANTILES = (0.5, 0.9, 0.99)
KEPT = 1024
"""Values of one interval from which quantiles are taken; of more, a fair sample."""
MEMBERS = 10_000
"""Members of a set that are told apart in one interval."""
SHARE = 2
"""A sender has at most so many times the room that is still free (dynamic thresholds, Choudhury and Hahne
1998): one alone gets two thirds of all, and there is always some left for the next."""
Labels = tuple[tuple[str, str], ...]


class Row(NamedTuple):
    """A series and its value now."""

    suffix: str
    extra: Labels
    value: float
    counts: bool
    """It only grows, from 0."""


class _Count:
    def __init__(self) -> None:
        self.total = 0.0

    def add(self, line: Line) -> None:
        self.total += sum(line.values) / line.rate

    def rows(self) -> Iterator[Row]:
        yield Row("", (), self.total, True)


class _Gauge:
    def __init__(self) -> None:
        self.value = 0.0

    def add(self, line: Line) -> None:
        self.value = self.value + sum(line.values) if line.relative else line.values[-1]

    def rows(self) -> Iterator[Row]:
        yield Row("", (), self.value, False)


class _Timer:
    def __init__(self) -> None:
        self.counts = [0.0] * (len(BUCKETS) + 1)
        self.sum = 0.0

    def add(self, line: Line) -> None:
        weight = 1 / line.rate
        for value in line.values:
            seconds = value / 1000
            self.counts[bisect.bisect_left(BUCKETS, seconds)] += weight
            self.sum += seconds * weight

    def rows(self) -> Iterator[Row]:
        total = 0.0
        for bound, count in zip((*map(_number, BUCKETS), "+Inf"), self.counts, strict=True):
            total += count
            yield Row("_bucket", (("le", bound),), total, True)
        yield Row("_sum", (), self.sum, True)
        yield Row("_count", (), total, True)


class _Values:
    def __init__(self) -> None:
        self.sum = 0.0
        self.count = 0.0
        self._kept: list[float] = []
        self._seen = 0

    def add(self, line: Line) -> None:
        weight = 1 / line.rate
        for value in line.values:
            self.sum += value * weight
            self.count += weight
            self._seen += 1
            if len(self._kept) < KEPT:
                self._kept.append(value)
            elif (place := random.randrange(self._seen)) < KEPT:  # noqa: S311 - a sample, not a secret
                self._kept[place] = value

    def rows(self) -> Iterator[Row]:
        kept = sorted(self._kept)
        self._kept, self._seen = [], 0
        for quantile in QUANTILES:
            value = kept[min(len(kept) - 1, int(quantile * len(kept)))] if kept else float("nan")
            yield Row("", (("quantile", _number(quantile)),), value, False)
        yield Row("_sum", (), self.sum, False)
        yield Row("_count", (), self.count, True)


class _Set:
    def __init__(self) -> None:
        self._members: set[bytes] = set()

    def add(self, line: Line) -> None:
        if len(self._members) < MEMBERS:
            self._members.update(line.members)

    def rows(self) -> Iterator[Row]:
        count = len(self._members)
        self._members = set()
        yield Row("", (), float(count), False)


_State = _Count | _Gauge | _Timer | _Values | _Set
_MAKE: dict[bytes, Callable[[], _State]] = {
    b"c": _Count,
    b"g": _Gauge,
    b"ms": _Timer,
    b"h": _Values,
    b"d": _Values,
    b"s": _Set,
}
TYPES = {b"c": "counter", b"g": "gauge", b"ms": "histogram", b"h": "summary", b"d": "summary", b"s": "gauge"}


class Metric:
    """One name with its tags."""

    __slots__ = ("kind", "labels", "name", "numbers", "peer", "seen", "state")

    def __init__(self, name: str, labels: Labels, kind: bytes, peer: str, now: float) -> None:
        self.name = name
        self.labels = labels
        self.kind = kind
        self.peer = peer
        """Who sent it first; it counts as theirs."""
        self.state = _MAKE[kind]()
        self.seen = now
        self.numbers: list[int] = []
        """Of its series, in the order of its rows; empty: not known yet."""


class Totals:
    """All metrics of one node. `room`: how many there may be."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.lines = 0
        self.refused: Counter[str] = Counter()
        """Lines, by reason."""
        self.exemplars: dict[str, tuple[str, str]] = {}
        """Of each reason the last line, and who sent it."""
        self._metrics: dict[tuple[str, Labels], Metric] = {}
        self._known: dict[tuple[bytes, bytes, bytes], Metric] = {}
        self._kinds: dict[str, tuple[bytes, int]] = {}
        """What a name is, and how many metrics have it."""
        self._of: Counter[str] = Counter()
        """How many metrics each sender has."""

    def __len__(self) -> int:
        return len(self._metrics)

    def take(self, data: bytes, peer: str, now: float) -> None:
        """The lines of a datagram, each for itself. Never raises."""
        for line in data.split(b"\n"):
            if not line or line == b"\r":
                continue
            self.lines += 1
            try:
                self._add(parse(line.rstrip(b"\r")), peer, now)
            except FormatError as error:
                reason = str(error)
                self.refused[reason] += 1
                self.exemplars[reason] = (line[:200].decode("utf-8", "replace"), peer)

    def _add(self, line: Line, peer: str, now: float) -> None:
        key = (line.name, line.tags, line.kind)
        metric = self._known.get(key)
        if metric is None:
            metric = self._meet(line, peer, now)
            if len(self._known) >= 4 * self.room:
                self._known.clear()  # many spellings of the same; they are read anew
            self._known[key] = metric
        metric.seen = now
        metric.state.add(line)

    def _meet(self, line: Line, peer: str, now: float) -> Metric:
        name, labels = labels_of(line.name, line.tags)
        metric = self._metrics.get((name, labels))
        kind, count = self._kinds.get(name, (line.kind, 0))
        if TYPES[kind] != TYPES[line.kind] or (metric is not None and metric.kind != line.kind):
            raise FormatError("conflict")  # the same name with another type: one of the two is wrong
        if metric is None:
            if self._of[peer] >= SHARE * (self.room - len(self._metrics)):
                raise FormatError("metrics")
            metric = self._metrics[name, labels] = Metric(name, labels, line.kind, peer, now)
            self._of[peer] += 1
            self._kinds[name] = (kind, count + 1)
        return metric

    def expire(self, before: float) -> list[Metric]:
        """Those that nobody sent since then; they are forgotten."""
        gone = [metric for metric in self._metrics.values() if metric.seen < before]
        for metric in gone:
            del self._metrics[metric.name, metric.labels]
            self._of[metric.peer] -= 1
            kind, count = self._kinds[metric.name]
            if count > 1:
                self._kinds[metric.name] = (kind, count - 1)
            else:
                del self._kinds[metric.name]
        if gone:
            self._known.clear()
            self._of = +self._of  # without those that have none any more
        return gone

    def metrics(self) -> list[Metric]:
        """All, as they are now."""
        return list(self._metrics.values())


def _number(value: float) -> str:
    return f"{value:g}"
