"""What rules find, on its way into the store."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from gadfly.promql.source import STALE_BITS
from gadfly.rules.active import Key
from gadfly.rules.standing import Rows

if TYPE_CHECKING:
    from gadfly.store.series import Series  # it brings DuckDB; the node is up before that is loaded

SOURCE = "rule"
PART = 1000
"""Series that are named to the store at once; between two parts others have their turn."""


class Samples:
    """Appends rows, those of one group after those of another; it keeps the numbers of their series.

    `source`: under which name the store counts them.
    """

    def __init__(self, source: str = SOURCE) -> None:
        self._source = source
        self.refused: Counter[str] = Counter()
        """Samples that the store did not take, by reason."""
        self._numbers: dict[Key, int] = {}
        self._writing = asyncio.Lock()

    async def append(self, source: Series, rows: Rows, at: float) -> None:
        """They are on disk when it returns. StoreError: none is."""
        if rows:
            async with self._writing:
                await self._append(source, rows, at)

    async def _append(self, source: Series, rows: Rows, at: float) -> None:
        from gadfly.store.series import Batch

        numbers = self._numbers
        fresh = [key for key, _ in rows if key not in numbers]
        for start in range(0, len(fresh), PART):
            part = fresh[start : start + PART]
            found, refusals = source.intern([dict(key) for key in part], self._source)
            for one in refusals:
                self.refused[one.reason] += one.number
            numbers.update(
                (key, number) for key, number in zip(part, found.tolist(), strict=True) if number >= 0
            )
            await asyncio.sleep(0)
        value = np.array([value for _, value in rows])
        series = np.array([numbers.get(key, -1) for key, _ in rows], np.int64)
        taken = await source.append(Batch(series, np.full(len(rows), round(at * 1000)), value), self._source)
        for one in taken.refused:
            self.refused[one.reason] += one.number
            if one.reason == "unknown_series":
                numbers.clear()
        for (key, _), ended in zip(rows, (value.view(np.uint64) == STALE_BITS).tolist(), strict=True):
            if ended:
                numbers.pop(key, None)
