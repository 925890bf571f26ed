"""A store of series in a fresh folder, at a time of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.promql.limits import Limits
from gadfly.promql.source import Matcher
from gadfly.store.series import Batch, Series, Taken

NOW = 1_800_000_000
HOUR = 3_600_000


class Store:
    """The store and what the tests do with it again and again."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.clock = VirtualClock(float(NOW))
        self.folder = folder
        self.settings = settings
        self.series = Series(folder, settings, self.clock)

    async def again(self) -> None:
        """Close it and open it, as a restart does."""
        await self.series.close()
        self.series = Series(self.folder, self.settings, self.clock)
        await self.series.open()

    async def put(
        self, labels: Mapping[str, str], samples: Sequence[tuple[int, float]], source: str = "test"
    ) -> Taken:
        """Samples of one series."""
        ids, refused = self.series.intern([labels], source)
        assert not refused
        at, value = zip(*samples, strict=True)
        batch = Batch(np.repeat(ids, len(at)), np.array(at, np.int64), np.array(value, np.float64))
        return await self.series.append(batch, source)

    def got(
        self, *matchers: Matcher, start: int = -1, end: int = 2**60
    ) -> dict[str, list[tuple[int, float]]]:
        """By `name` or `name{label}`, what `select` answers."""
        chunk = self.series.select(matchers or (Matcher("__name__", "=~", ".+"),), start, end, Limits())
        found = {}
        for number, labels in enumerate(chunk.labels):
            part = slice(chunk.offsets[number], chunk.offsets[number + 1])
            rest = {name: value for name, value in labels.items() if name != "__name__"}
            name = labels["__name__"] + (str(rest) if rest else "")
            found[name] = list(zip(chunk.at[part].tolist(), chunk.value[part].tolist(), strict=True))
        return found


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Callable[[Settings], Awaitable[Store]]]:
    """Open a store with these settings."""
    opened: list[Store] = []

    async def open_(settings: Settings) -> Store:
        store = Store(tmp_path / "series", settings)
        await store.series.open()
        opened.append(store)
        return store

    yield open_
    for store in opened:
        await store.series.close()


@pytest.fixture
async def store(make: Callable[[Settings], Awaitable[Store]]) -> Store:
    """One with the default settings."""
    return await make(Settings())
