"""From columns of many targets to the store: gathered for half a second, written together, counted."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gadfly.errors import StoreError
from gadfly.intake.target_series import Columns, join

if TYPE_CHECKING:
    from gadfly.store.series import Refusal, Series  # it brings DuckDB; the node is up before that is loaded

log = logging.getLogger("gadfly.scrape")

SCRAPE, REPORT = "scrape", "scrape report"
"""Whose samples they are: a target's, or ours of it, which nobody else may write."""
PENDING = 4_000_000
"""Samples that wait at most for a store that does not take them; beyond, the newest are lost and counted."""

TOLD = 600.0
"""Seconds for which a refusal is shown. Who writes ahead into a series of a target stops it for as long."""
SHOWN = 10


class Writer:
    """One for all jobs. `forget(job)` is called when the store does not know numbers of theirs any more."""

    def __init__(self, batch: int, forget: Callable[[str], None], now: Callable[[], float]) -> None:
        self.refused: Counter[str] = Counter()
        """Samples and series, by job and reason."""
        self.failing = ""
        """Why nothing is kept at the moment; empty where it is."""
        self._batch = batch
        self._forget = forget
        self._now = now
        self._latest: dict[str, tuple[float, str]] = {}
        """By job and reason: when it was so last, and in words."""
        self._pending: dict[tuple[str, str], list[Columns]] = {}
        self._waiting = 0

    def opener(
        self, store: Series, job: str, what: str = SCRAPE
    ) -> Callable[[Sequence[Mapping[str, str]]], NDArray[np.int64]]:
        """Labels to numbers, in the name of a job.

        What we write of its targets has a `what` of its own, and so room of its own: a target that names a
        series after every request must not take away the `up` of others.
        """

        def opened(labels: Sequence[Mapping[str, str]]) -> NDArray[np.int64]:
            numbers, refusals = store.intern(labels, f"{what}:{job}")
            self._count(job, refusals)
            return numbers

        return opened

    def put(self, job: str, columns: Columns, report: Columns) -> None:
        """To be written soon: what a target exposes, and what we say of it."""
        size = len(columns.series) + len(report.series)
        if self._waiting + size > PENDING:
            self.refused[f"{job} waited_too_long"] += size
            return
        self._waiting += size
        self._pending.setdefault((job, SCRAPE), []).append(columns)
        self._pending.setdefault((job, REPORT), []).append(report)

    async def flush(self, store: Series) -> None:
        """Write what waits; it is on disk then."""
        pending, self._pending, self._waiting = self._pending, {}, 0
        await asyncio.gather(
            *(self._write(store, job, what, join(parts)) for (job, what), parts in pending.items())
        )

    async def _write(self, store: Series, job: str, what: str, columns: Columns) -> None:
        from gadfly.store.series import Batch

        for start in range(0, len(columns.series), self._batch):
            place = slice(start, start + self._batch)
            part = Batch(columns.series[place], columns.at[place], columns.value[place])
            try:
                taken = await store.append(part, f"{what}:{job}")
            except StoreError as error:
                if not self.failing:
                    log.error("what is scraped is not kept: %s", error)
                self.failing = str(error)
                self.refused[f"{job} disk"] += len(part.series)
                continue
            self.failing = ""
            self._count(job, taken.refused)

    def _count(self, job: str, refusals: Sequence[Refusal]) -> None:
        """Each reason is told once a job; how often it was so stands in the node's metrics."""
        for one in refusals:
            told = f"{job} {one.reason}"
            if told not in self.refused:
                log.warning("scrape %s: %s", job, one)
            self.refused[told] += one.number
            self._latest[told] = (self._now(), f"scrape {job}: {one}")
            if one.reason == "unknown_series":
                self._forget(job)

    def warnings(self) -> list[str]:
        """What is not kept of what is scraped: the log says it once, this as long as it goes on."""
        since = self._now() - TOLD
        return [words for at, words in self._latest.values() if at >= since][:SHOWN]
