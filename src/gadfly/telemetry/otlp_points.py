"""What a request of OpenTelemetry's metrics holds, whichever encoding it came in.

Source: opentelemetry-proto, metrics/v1/metrics.proto. What a point belongs to is told as bytes (`key`): its
attributes as they stand there, so that whoever has seen the same bytes before need not read them again.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Container
from typing import Literal, NamedTuple

NO_VALUE: float = struct.unpack("<d", (0x7FF0000000000002).to_bytes(8, "little"))[0]
"""The value of a point that says that there is none any more: Prometheus' stale marker, bit for bit."""
DELTA, CUMULATIVE = 1, 2
"""Temporalities of a sum or histogram; 0: not said."""

Type = Literal["gauge", "sum", "histogram", "exponential", "summary", ""]
KINDS: dict[int, Type] = {5: "gauge", 7: "sum", 9: "histogram", 10: "exponential", 11: "summary"}
"""By the number of its field in a Metric."""


class Head(NamedTuple):
    """What a metric is."""

    name: str
    unit: str
    type: Type
    temporality: int = 0
    monotonic: bool = False


class Numbers(NamedTuple):
    """Points of gauges and sums, in columns of one length. Times in ns since the epoch; 0: not said."""

    keys: list[bytes]
    starts: list[int]
    times: list[int]
    values: list[float]


class Histogram(NamedTuple):
    """A point of a histogram. Counts of the buckets, not added up; one more than bounds, or none."""

    key: bytes
    start: int
    time: int
    observed: int
    sum: float | None
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    none: bool = False
    """There is no value any more."""


class Summary(NamedTuple):
    """A point of a summary. Pairs of quantile and value."""

    key: bytes
    start: int
    time: int
    observed: int
    sum: float
    quantiles: tuple[tuple[float, float], ...]
    none: bool = False


class Exponential(NamedTuple):
    """A point of an exponential histogram. Buckets as the index of the first, and their counts."""

    key: bytes
    start: int
    time: int
    observed: int
    sum: float | None
    scale: int
    zero: int
    """What lies within the threshold of zero."""
    threshold: float
    positive: tuple[int, tuple[int, ...]]
    negative: tuple[int, tuple[int, ...]]
    none: bool = False


class Metric(NamedTuple):
    """One metric of a resource, with its points."""

    head: Head
    help: str
    numbers: Numbers
    histograms: list[Histogram]
    summaries: list[Summary]
    exponentials: list[Exponential]


class Resource(NamedTuple):
    """Who measured, as bytes, and what."""

    key: bytes
    metrics: list[Metric]


Seen = Callable[[bytes, Head], Container[bytes]]
"""By resource and metric, the keys of which it is known that they are attributes and nothing else."""


def nobody(resource: bytes, head: Head) -> Container[bytes]:
    """Nothing was seen before."""
    return ()
