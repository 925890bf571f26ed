"""Which series the points of OpenTelemetry's metrics are: looked up by their bytes, translated once.

A point's resource, metric and attributes are the same bytes in every export, so they are the key. What is
remembered is bounded in bytes; beyond, all is forgotten and learnt again, which costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gadfly.errors import LimitError
from gadfly.promql.source import Metadata
from gadfly.telemetry import otlp_names
from gadfly.telemetry.otlp_points import Head, Histogram, Metric, Summary
from gadfly.telemetry.otlp_resource import Who, who
from gadfly.telemetry.otlp_value import attributes, fields_left, json_attributes

if TYPE_CHECKING:
    from gadfly.store.series import Series

MOST = 128 << 20
"""Bytes of keys remembered, and what they cost."""
EACH = 200
"""Bytes that a key costs beside itself."""
JOBS = 1000
"""Services whose series are limited each by itself; further ones share the limits of one."""
AGAIN = 60.0
"""Seconds until a series that was refused is tried again."""
ATTRIBUTES = {"gauge": 7, "sum": 7, "summary": 7, "histogram": 9, "exponential": 1}
"""The number of the field that a point's attributes are."""

TYPES = {"sum": "gauge", "exponential": "histogram"}
"""What metrics are in Prometheus' words, where these are others."""

Family = tuple[int, ...]
"""The series of a histogram: count, sum, a bucket each, the last of them +Inf. Of a summary: count, sum, a
quantile each."""


class Known:
    """A metric of a resource: which series its points are; -1 where refused."""

    __slots__ = ("families", "labels", "name", "numbers", "refused", "retry", "source")

    def __init__(self, name: str, labels: Mapping[str, str], source: str) -> None:
        self.name = name
        self.labels = labels
        self.source = source
        self.numbers: dict[bytes, int] = {}
        self.families: dict[tuple[bytes, tuple[float, ...]], Family] = {}
        self.refused = ""
        self.retry = 0.0


class Sender(NamedTuple):
    """What is known of a resource."""

    who: Who | None
    labels: dict[str, str]
    source: str
    info: int
    """The series of its `target_info`, -1: none."""


class Streams:
    """Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, Head], Known] = {}
        self._senders: dict[bytes, Sender] = {}
        self._jobs: set[str] = set()
        self._bytes = 0
        self._left = fields_left()

    def __len__(self) -> int:
        return sum(len(one.numbers) + len(one.families) for one in self._known.values())

    def forget(self) -> None:
        """All of it."""
        self._known.clear()
        self._senders.clear()
        self._bytes = 0

    def tidy(self) -> None:
        """Before a request: where too much is remembered, nothing is."""
        self._left = fields_left()
        if self._bytes > MOST:
            self.forget()

    def seen(self, resource: bytes, head: Head) -> Container[bytes]:
        """For the decoder: the keys that were read before."""
        known = self._known.get((resource, head))
        return () if known is None else known.numbers

    def sender(self, resource: bytes, json: bool, store: Series) -> Sender:
        """Who that is. FormatError where its attributes are none."""
        found = self._senders.get(resource)
        if found is None:
            said = json_attributes(resource) if json else attributes(resource, 1, left=self._left)
            labels = otlp_names.target(said)
            info, number = otlp_names.target_info(said), -1
            source = self._source(labels.get("job", ""))
            if info is not None:
                number = int(store.intern([info], source)[0][0])
            found = self._senders[resource] = Sender(who(said), labels, source, number)
            self._bytes += len(resource) + EACH
        return found

    def _source(self, job: str) -> str:
        word = "".join(letter for letter in job[:100] if letter.isprintable())
        if not word or (word not in self._jobs and len(self._jobs) >= JOBS):
            return "otlp"
        self._jobs.add(word)
        return f"otlp:{word}"

    def metric(self, resource: bytes, sender: Sender, metric: Metric, store: Series, now: float) -> Known:
        """Which series it is; `now`: monotonic seconds."""
        head = metric.head
        known = self._known.get((resource, head))
        if known is None:
            counter, gauge = head.monotonic, head.type == "gauge"
            name = otlp_names.metric_name(head.name, head.unit, counter=counter, gauge=gauge)
            known = self._known[resource, head] = Known(name, sender.labels, sender.source)
            self._bytes += len(resource) + len(head.name) + EACH
            kind = "counter" if counter else TYPES.get(head.type, head.type)
            meta = Metadata(
                kind, metric.help[:1000], " per ".join(filter(None, otlp_names.unit_words(head.unit)))
            )
            if name:
                try:
                    store.describe(name, meta)
                except LimitError:
                    known.refused = "its description: too many metrics are described"
        elif known.refused and now >= known.retry:
            known.numbers = {key: number for key, number in known.numbers.items() if number >= 0}
            known.families = {key: some for key, some in known.families.items() if min(some) >= 0}
            known.refused = ""
        return known

    def numbers(
        self, known: Known, head: Head, keys: Sequence[bytes], json: bool, store: Series, now: float
    ) -> list[int]:
        """The series of points of a gauge or a sum."""
        numbers = known.numbers
        try:
            return [numbers[key] for key in keys]
        except KeyError:
            fresh = [key for key in dict.fromkeys(keys) if key not in numbers]
        labels = [self._labels(known, head, key, json) for key in fresh]
        numbers.update(zip(fresh, self._intern(known, labels, store, now), strict=True))
        self._bytes += sum(map(len, fresh)) + EACH * len(fresh)
        return [numbers[key] for key in keys]

    def histogram(
        self, known: Known, head: Head, point: Histogram, json: bool, store: Series, now: float
    ) -> Family:
        """The series of a point of a histogram."""
        family = known.families.get((point.key, point.bounds))
        if family is None:
            base = self._labels(known, head, point.key, json)
            bounds = [*map(bound, point.bounds), "+Inf"] if point.counts or not point.bounds else ["+Inf"]
            labels = [
                {**base, "__name__": f"{known.name}_count"},
                {**base, "__name__": f"{known.name}_sum"},
                *({**base, "__name__": f"{known.name}_bucket", "le": le} for le in bounds),
            ]
            family = self._family(known, (point.key, point.bounds), labels, store, now)
        return family

    def summary(
        self, known: Known, head: Head, point: Summary, json: bool, store: Series, now: float
    ) -> Family:
        """The series of a point of a summary."""
        quantiles = tuple(quantile for quantile, _ in point.quantiles)
        family = known.families.get((point.key, quantiles))
        if family is None:
            base = self._labels(known, head, point.key, json)
            labels = [
                {**base, "__name__": f"{known.name}_count"},
                {**base, "__name__": f"{known.name}_sum"},
                *({**base, "quantile": bound(quantile)} for quantile in quantiles),
            ]
            family = self._family(known, (point.key, quantiles), labels, store, now)
        return family

    def ended(self, known: Known, key: bytes) -> Family:
        """All series of the points with these attributes, whatever bounds they had."""
        return tuple({series for (one, _), some in known.families.items() if one == key for series in some})

    def _labels(self, known: Known, head: Head, key: bytes, json: bool) -> dict[str, str]:
        number = ATTRIBUTES[head.type]
        said = json_attributes(key) if json else attributes(key, number, left=self._left)
        return {**otlp_names.labels(said), **known.labels, "__name__": known.name}

    def _family(
        self,
        known: Known,
        key: tuple[bytes, tuple[float, ...]],
        labels: Sequence[Mapping[str, str]],
        store: Series,
        now: float,
    ) -> Family:
        found = known.families[key] = tuple(self._intern(known, labels, store, now))
        self._bytes += len(key[0]) + EACH * len(labels)
        return found

    def _intern(
        self, known: Known, labels: Sequence[Mapping[str, str]], store: Series, now: float
    ) -> list[int]:
        numbers, refusals = store.intern(labels, known.source)
        if refusals:
            known.refused, known.retry = str(refusals[0]).partition(": ")[2], now + AGAIN
        found: list[int] = numbers.tolist()
        return found


def bound(number: float) -> str:
    """A bucket's bound, or a quantile, as a label's text."""
    if not np.isfinite(number):
        return "NaN" if np.isnan(number) else "+Inf" if number > 0 else "-Inf"
    return np.format_float_positional(number, trim="-")
