"""Lines of logs that wait go to disk, in groups; log rules see each as it is written."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

from gadfly.clock import Clock
from gadfly.errors import StoreError
from gadfly.intake.log_counts import Way
from gadfly.intake.log_queue import Job, LogQueue
from gadfly.intake.log_rules import Rules
from gadfly.store.logs import Kept, LogStore, Query
from gadfly.store.logs.frame import rows_of

log = logging.getLogger("gadfly.logs")

T = TypeVar("T")

GROUP = 20_000
"""Lines that are synced together at most."""
GATHER = 0.2
"""Seconds that lines wait for others, to share one write with them."""
RETRY = 5.0
"""Seconds until a disk that refused is tried again."""
REPLAY = 200_000
"""Lines that rules see again after a restart at most."""


class Written(NamedTuple):
    """What a group was."""

    lines: int
    ways: Counter[Way]
    matches: Counter[tuple[str, str]]
    cut: int
    """Lines that were longer than there is room for."""


class LogWriter:
    """One for each store. `rules` gives those of now, `line_bytes` how long a line may be, and `written`
    takes what was written."""

    def __init__(
        self,
        store: LogStore,
        queue: LogQueue,
        clock: Clock,
        *,
        rules: Callable[[], Rules],
        line_bytes: Callable[[], int],
        written: Callable[[Written], None],
    ) -> None:
        self.trouble = "the logs are still being opened; ask again in a moment"
        """Why lines cannot be kept or read now; empty where they can."""
        self.opened = asyncio.Event()
        self.unopened = False
        """The store refused to be opened at least once."""
        self._store = store
        self._queue = queue
        self._clock = clock
        self._rules = rules
        self._line_bytes = line_bytes
        self._written = written
        self._thread = ThreadPoolExecutor(1, "logs")

    async def open(self) -> None:
        """Again and again until the disk lets it."""
        while True:
            try:
                await self.threaded(self._store.open)
            except StoreError as error:
                self.trouble = str(error)
                if not self.unopened:
                    log.critical("no logs are kept: %s", error)
                self.unopened = True
                await self._clock.sleep(RETRY)
                continue
            break
        self.trouble = ""
        await self._recall()
        self.opened.set()

    async def run(self) -> None:
        """Write what waits, until cancelled."""
        while True:
            await self._queue.until_some()
            await self._clock.sleep(GATHER)
            jobs = self._queue.group(GROUP)
            writing = asyncio.ensure_future(self.threaded(partial(self._commit, jobs)))
            try:
                done = await asyncio.shield(writing)
            except asyncio.CancelledError:
                # What is being written is not written twice by who closes.
                await asyncio.wait([writing])
                if writing.exception() is None:
                    self._queue.forget(jobs)
                raise
            except (StoreError, OSError) as error:
                if not self.trouble:
                    log.error("lines of logs wait for the disk: %s", error)
                self.trouble = str(error)
                self._queue.retain()
                await self._clock.sleep(RETRY)
                continue
            self.trouble = ""
            self._queue.forget(jobs)
            self._written(done)

    async def close(self) -> None:
        """What waits is written, unless the disk refuses; and nothing is left half open."""
        while self._queue and self.opened.is_set():
            jobs = self._queue.group(GROUP)
            try:
                await self.threaded(partial(self._commit, jobs))
            except (StoreError, OSError) as error:
                log.error("lines of logs that waited are lost: %s", error)
                break
            self._queue.forget(jobs)
        if self._queue:
            log.error("%d lines of logs that waited for the disk are lost", self._queue.lines)
        await self.threaded(self._store.close)
        self._thread.shutdown(wait=False)

    async def threaded(self, work: Callable[[], T]) -> T:
        """In the thread of the store."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _recall(self) -> None:
        """Let rules see the latest lines again: what a crash kept from being told is told now."""
        rules = self._rules()
        if not rules.memory:
            return
        since = int((self._clock.wall() - rules.memory) * 1e6)
        seen = 0
        while seen < REPLAY:
            try:
                page = await self.threaded(partial(self._store.read, Query(after=since, limit=5_000)))
            except StoreError as error:
                log.error("log rules do not see again what came before the restart: %s", error)
                return
            await self.threaded(partial(rules.match, page.lines))
            seen += len(page.lines)
            since = page.cursor
            if not page.more:
                break

    def _commit(self, jobs: Sequence[Job]) -> Written:
        """In the thread of the store."""
        lines = [line for job in jobs for line in job.lines]
        marks = {name: mark for job in jobs for name, mark in job.marks.items()}
        rows, cut = rows_of(lines, self._line_bytes())
        first = self._store.append(rows, marks, self._clock.wall())
        ways: Counter[Way] = Counter([row[1:5] for row in rows])
        matches: Counter[tuple[str, str]] = Counter()
        if len(rules := self._rules()):
            matches = rules.match(Kept(number, *row) for number, row in enumerate(rows, first))
        return Written(len(lines), ways, matches, cut)
