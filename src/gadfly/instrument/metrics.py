"""Counters, gauges and histograms for a program's own numbers, exposed as Prometheus text.

Updates are thread safe. A metric keeps at most `limit` series (sets of label values); updates of further ones
are dropped and counted in ``gadfly_metrics_dropped_total{metric="…"}``, and the program goes on.
"""

from __future__ import annotations

import re
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from gadfly.instrument.exposition import Family, Sample, render

LIMIT = 1000
"""Series a metric: beyond this a label holds something unbounded, such as a user or a path."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds, as Prometheus' own clients have them."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)


class Registry:
    """A set of metrics that are exposed together."""

    def __init__(self) -> None:
        self._metrics: dict[str, Metric] = {}
        self._lock = threading.Lock()

    def add(self, metric: Metric) -> None:
        """Take a metric; ValueError where one of that name is here already."""
        with self._lock:
            if metric.name in self._metrics:
                raise ValueError(f"a metric named {metric.name} is registered already")
            self._metrics[metric.name] = metric

    def exposition(self) -> str:
        """Everything as Prometheus text, version 0.0.4; serve it as :data:`exposition.CONTENT_TYPE`."""
        with self._lock:
            metrics = list(self._metrics.values())
        families = [metric.collect() for metric in metrics]
        dropped: list[Sample] = [
            ("", (("metric", each.name),), each.dropped) for each in metrics if each.dropped
        ]
        if dropped:
            text = "Updates dropped because a metric has too many series."
            families.append(Family("gadfly_metrics_dropped_total", "counter", text, dropped))
        return render(families)


REGISTRY = Registry()
"""The registry metrics go into unless told otherwise."""


class Metric:
    """What the three kinds share: a name, label names, and a state for each set of label values."""

    type = "untyped"

    def __init__(
        self,
        name: str,
        help: str = "",
        labels: Sequence[str] = (),
        *,
        registry: Registry | None = REGISTRY,
        limit: int = LIMIT,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is no metric name: letters, digits, _ and :, not beginning with a digit"
            )
        for label in labels:
            if not _LABEL.fullmatch(label) or (label == "le" and self.type == "histogram"):
                raise ValueError(f"{name}: {label!r} cannot be a label's name")
        if len(set(labels)) != len(labels):
            raise ValueError(f"{name}: a label is named twice")
        self.name = name
        self.help = help
        self.dropped = 0.0
        self._labels = tuple(labels)
        self._limit = limit
        self._lock = threading.Lock()
        self._states: dict[tuple[str, ...], Any] = {}
        if not labels:
            self._states[()] = self._new()
        if registry is not None:
            registry.add(self)

    def collect(self) -> Family:
        """What it holds now."""
        with self._lock:
            samples = [
                (suffix, tuple(zip(self._labels, values, strict=True)) + extra, number)
                for values, state in self._states.items()
                for suffix, extra, number in self._samples(state)
            ]
        return Family(self.name, self.type, self.help, samples)

    def _new(self) -> Any:
        return [0.0]

    def _samples(self, state: Any) -> Iterator[tuple[str, tuple[tuple[str, str], ...], float]]:
        yield "", (), state[0]

    def _state(self, labels: Mapping[str, object]) -> Any:
        """The state of a series, made at its first use; None beyond the limit. The lock is held."""
        try:
            values = tuple([str(labels[label]) for label in self._labels])
        except KeyError as missing:
            raise ValueError(f"{self.name} needs the label {missing}") from None
        if len(labels) != len(values):
            raise ValueError(f"{self.name} has the labels {self._labels}, not {tuple(labels)}")
        state = self._states.get(values)
        if state is None:
            if len(self._states) >= self._limit:
                self.dropped += 1
                return None
            state = self._states[values] = self._new()
        return state


class Counter(Metric):
    """A number that only grows; by convention its name ends in ``_total``."""

    type = "counter"

    def inc(self, amount: float = 1.0, /, **labels: object) -> None:
        """Add an amount, not negative."""
        if not amount >= 0:
            raise ValueError(f"{self.name} is a counter and cannot grow by {amount}")
        with self._lock:
            state = self._state(labels)
            if state is not None:
                state[0] += amount


class Gauge(Metric):
    """A number that goes up and down."""

    type = "gauge"

    def set(self, value: float, /, **labels: object) -> None:
        """Make it so."""
        with self._lock:
            state = self._state(labels)
            if state is not None:
                state[0] = float(value)

    def inc(self, amount: float = 1.0, /, **labels: object) -> None:
        """Add an amount; :meth:`dec` takes one away."""
        with self._lock:
            state = self._state(labels)
            if state is not None:
                state[0] += amount

    def dec(self, amount: float = 1.0, /, **labels: object) -> None:
        """Take an amount away."""
        self.inc(-amount, **labels)

    def track(self, read: Callable[[], float]) -> None:
        """Call `read` at every exposition instead of holding a number; for a gauge without labels."""
        if self._labels:
            raise ValueError(f"{self.name} has labels; set it instead")
        with self._lock:
            self._states[()] = [read]

    def _samples(self, state: Any) -> Iterator[tuple[str, tuple[tuple[str, str], ...], float]]:
        value = state[0]
        try:
            yield "", (), float(value()) if callable(value) else value
        except Exception:  # one gauge that cannot be read must not hide the others
            yield "", (), float("nan")


class Histogram(Metric):
    """How values are distributed: a count a bucket, cumulative when exposed, and their sum.

    `buckets` are upper bounds, ascending; the last, infinity, is understood.
    """

    type = "histogram"

    def __init__(
        self,
        name: str,
        help: str = "",
        labels: Sequence[str] = (),
        *,
        buckets: Sequence[float] = BUCKETS,
        registry: Registry | None = REGISTRY,
        limit: int = LIMIT,
    ) -> None:
        bounds = [float(bound) for bound in buckets if bound != float("inf")]
        if bounds != sorted(set(bounds)) or any(bound != bound for bound in bounds):
            raise ValueError(f"{name}: the buckets' bounds must ascend")
        self._bounds = bounds
        super().__init__(name, help, labels, registry=registry, limit=limit)

    def observe(self, value: float, /, **labels: object) -> None:
        """Count one value."""
        with self._lock:
            state = self._state(labels)
            if state is not None:
                state[bisect_left(self._bounds, value)] += 1
                state[-1] += value

    @contextmanager
    def time(self, **labels: object) -> Iterator[None]:
        """Observe how many seconds the block takes, also when it raises."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.observe(time.perf_counter() - start, **labels)

    def _new(self) -> list[float]:
        return [0.0] * (len(self._bounds) + 2)

    def _samples(self, state: Any) -> Iterator[tuple[str, tuple[tuple[str, str], ...], float]]:
        from gadfly.instrument.exposition import number

        count = 0.0
        for bound, inside in zip([*self._bounds, float("inf")], state[:-1], strict=True):
            count += inside
            yield "_bucket", (("le", number(bound)),), count
        yield "_sum", (), state[-1]
        yield "_count", (), count
