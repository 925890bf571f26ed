"""What a remote write says, whichever version of the protocol it came by: samples in columns.

Pure shapes, and the bounds of one request.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.errors import LimitError

SERIES = 500_000
"""Series of one request; senders stay below 10,000."""
SAMPLES = 1_000_000
"""Samples of one request."""
METRICS = 100_000
"""Metrics that one request describes."""
LABELS = 1000
"""Labels of one series that are looked at; no store keeps so many."""
TYPES = ("unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset")
"""The enumeration of metadata, in both versions."""


class Described(NamedTuple):
    """What a sender says of a metric."""

    metric: str
    type: str
    help: str
    unit: str


class Fresh(NamedTuple):
    """A series that was not known."""

    key: Hashable
    """What it will be known by; None where its labels stand in a form that gives no key."""
    labels: dict[str, str]


class Written(NamedTuple):
    """A request in columns of one length, one row a sample."""

    series: NDArray[np.int64]
    """A number that was known, or ``-2 - n`` for the n-th of `fresh`."""
    at: NDArray[np.int64]
    """Milliseconds since the epoch."""
    value: NDArray[np.float64]
    """The bits as they were sent; Prometheus' stale marker among them."""
    fresh: list[Fresh]
    described: list[Described]
    exemplars: int
    """How many there were. They are not kept."""
    histograms: int
    """How many native histograms there were. They are not kept."""
    strays: int
    """Samples of series whose labels cannot be any: there are none or more than 1,000, or a name stands
    twice. Not in the columns."""


class Samples(NamedTuple):
    """Columns of one length, and where in the message each sample ends, so that what was read by several ways
    gets its order back."""

    series: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    place: NDArray[np.int64]


class Columns:
    """Samples on their way into columns."""

    def __init__(self, limit: int = SAMPLES) -> None:
        """`limit`: samples that there may be."""
        self._limit = limit
        self._count = 0
        self.series: list[int] = []
        self.at: list[int] = []
        self.value: list[float] = []
        self.place: list[int] = []
        self.bulk: list[Samples] = []
        self.fresh: list[Fresh] = []
        self.described: list[Described] = []
        self.exemplars = self.histograms = self.strays = 0
        self._seen: dict[Hashable, int] = {}

    def number(self, key: Hashable, labels: dict[str, str]) -> int:
        """The stand-in of a series that is not known."""
        found = None if key is None else self._seen.get(key)
        if found is None:
            self.fresh.append(Fresh(key, labels))
            found = -1 - len(self.fresh)
            if key is not None:
                self._seen[key] = found
        return found

    def sample(self, number: int, at: int, value: float, place: int) -> None:
        self._within(1)
        self.series.append(number)
        self.at.append(at)
        self.value.append(value)
        self.place.append(place)

    def together(self, some: Samples) -> None:
        """Many at once."""
        self._within(len(some.at))
        self.bulk.append(some)

    def _within(self, more: int) -> None:
        self._count += more
        if self._count > self._limit:
            raise LimitError(f"There may be {self._limit:,} samples at once; take fewer.")

    def written(self) -> Written:
        """All of it, in the order of the message."""
        parts = [
            *self.bulk,
            Samples(
                np.array(self.series, np.int64),
                np.array(self.at, np.int64),
                np.array(self.value, np.float64),
                np.array(self.place, np.int64),
            ),
        ]
        parts = [part for part in parts if len(part.at)] or parts[:1]
        series, at, value, place = parts[0]
        if len(parts) > 1:
            series = np.concatenate([part.series for part in parts])
            at = np.concatenate([part.at for part in parts])
            value = np.concatenate([part.value for part in parts])
            place = np.concatenate([part.place for part in parts])
            order = np.argsort(place, kind="stable")
            series, at, value = series[order], at[order], value[order]
        counts = (self.exemplars, self.histograms, self.strays)
        return Written(series, at, value, self.fresh, self.described, *counts)


class Wrote(NamedTuple):
    """What became of a request."""

    samples: int
    """Those that are in the store, repetitions of what was there among them."""
    refused: list[str]
    """Why others are not; empty: none was refused."""
