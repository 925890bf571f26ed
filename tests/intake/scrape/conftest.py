"""A store in memory, and a node's clock: what scraping is given in these tests."""

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.errors import StoreError
from gadfly.promql.source import STALE_BITS
from gadfly.store.series import Refusal, Taken


class Store:
    """Gives numbers and remembers samples as (metric, labels without job, milliseconds, value or "stale")."""

    def __init__(self):
        self.keys = []
        self.samples = []
        self.described = {}
        self.full = False
        self.forgets = False
        """The next batch is refused, as its numbers stand for nothing."""
        self.sources = set()
        self.writers = {}
        """By metric, as whose it was last appended."""
        self.no_room_for = ""
        """The source that has too many series."""

    def intern(self, labels, source=""):
        self.sources.add(source)
        if source == self.no_room_for:
            return np.full(len(labels), -1), (Refusal("series_per_source", len(labels), "a"),)
        numbers = []
        for one in labels:
            key = tuple(sorted((name, value) for name, value in one.items() if value))
            if key not in self.keys:
                self.keys.append(key)
            numbers.append(self.keys.index(key))
        return np.array(numbers, np.int64), ()

    def describe(self, metric, meta):
        self.described[metric] = meta

    async def append(self, batch, source=""):
        if self.full:
            raise StoreError("the disk is full")
        if self.forgets:
            self.forgets = False
            return Taken(0, (Refusal("unknown_series", len(batch.series), "a"),))
        for number, at, value in zip(batch.series.tolist(), batch.at.tolist(), batch.value, strict=True):
            labels = dict(self.keys[number])
            shown = "stale" if value.view(np.uint64) == STALE_BITS else float(value)
            self.samples.append((labels.pop("__name__"), labels, at, shown))
            self.writers[self.samples[-1][0]] = source
        return Taken(len(batch.series), ())

    def of(self, metric, **labels):
        """(milliseconds, value) of the series with these labels among theirs."""
        return [
            (at, value)
            for name, own, at, value in self.samples
            if name == metric and labels.items() <= own.items()
        ]


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def clock():
    return VirtualClock()
