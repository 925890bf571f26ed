"""Lines of logs from whoever has some: bounded, kept, counted, matched; and read again by cursor.

Whoever is sent lines hands them over with :meth:`Logs.take` (syslog), which never waits, or, where there is
an answer to give, with :meth:`Logs.keep` (OTLP): what has no room is refused and counted. Whoever fetches
lines (files, journald) hands them over with :meth:`Logs.feed`, which waits for room, together with the mark
up to which they were fetched: both are synced in one write, so that after a crash no line is lost or doubled.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gadfly.alert.reported import Reported
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import GadflyError, LimitError, StoreError
from gadfly.intake.log_alerts import reported
from gadfly.intake.log_counts import LogCounts
from gadfly.intake.log_pace import Pace
from gadfly.intake.log_queue import LogQueue
from gadfly.intake.log_rules import Rules
from gadfly.intake.log_writer import RETRY, LogWriter, Written
from gadfly.store.logs import Line, LogStore, Page, Query

if TYPE_CHECKING:
    from gadfly.store.series import Series

log = logging.getLogger("gadfly.logs")

LOOK = 15.0
"""Seconds between two samples of the counters."""
UPKEEP = 60.0
REMEMBER = 3600.0
"""Seconds for which the operator is told that lines were refused."""
TELL = 1.0
"""Seconds between two looks at what is to be told."""
SEARCHES = 2
"""Searches at once, of some seconds at most; the other processor is for what the node is there for."""
PATIENCE = 10.0
"""Seconds that a sender waits for the disk, before it is told to try again; its own patience is about as
long."""
READERS = 32
"""Searches that are under way or wait."""


class Logs:
    """One for each node; a part of the intake."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        *,
        series: Callable[[], Series | None],
        report: Callable[[Sequence[Reported]], Awaitable[object]],
        generator: str = "",
    ) -> None:
        self._config = config
        self._clock = clock
        self._series = series
        self._report = report
        self._generator = generator
        self._store = LogStore(Path(config.node.state).expanduser() / "logs", config.logs)
        self._rules = Rules(config.log_rule)
        self._counts = LogCounts(config.logs.series, clock.wall())
        self._pace = Pace(config.logs.rate, config.logs.burst)
        self._queue = LogQueue()
        self._writer = LogWriter(
            self._store,
            self._queue,
            clock,
            rules=lambda: self._rules,
            line_bytes=lambda: self._config.logs.line_bytes,
            written=self._wrote,
        )
        self._taken = self._cut = 0
        self._refused: Counter[str] = Counter()
        self._complaints: dict[str, tuple[float, str]] = {}
        self._searching = asyncio.Semaphore(SEARCHES)
        self._readers = 0

    @property
    def trouble(self) -> str:
        """Why lines cannot be kept or read now; empty where they can."""
        return self._writer.trouble

    def _wrote(self, done: Written) -> None:
        self._counts.add(done.ways, done.matches)
        self._taken += done.lines
        self._cut += done.cut

    # Lines come in.

    def take(self, lines: Sequence[Line]) -> int:
        """How many of the lines were taken: the first so many of each sender within its rate.

        The rest is refused and counted. Never waits; what is taken is on disk within a second.
        """
        return self._admit(lines)[0]

    async def keep(self, lines: Sequence[Line]) -> int:
        """The same, and what was taken is on disk when it returns.

        StoreError where the disk does not take it: who sent it sends it again. It is withdrawn, unless it is
        being written at that very moment: then it may be there twice.
        """
        if not self._writer.opened.is_set():
            raise StoreError(self.trouble)
        taken, number = self._admit(lines)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._queue.until_written(number)
        except TimeoutError:
            self._queue.withdraw(number)
            raise StoreError(
                self.trouble or f"The disk took longer than {PATIENCE:.0f} s; try again."
            ) from None
        return taken

    def _admit(self, lines: Sequence[Line]) -> tuple[int, int]:
        """How many were taken, and their number in the queue; 0 where none were."""
        if not lines:
            return 0, 0
        settings = self._config.logs
        admitted = self._pace.admit(lines, self._clock.monotonic())
        if len(admitted) < len(lines):
            self._refuse(
                "rate",
                len(lines) - len(admitted),
                f"as their sender had more than logs.rate ({settings.rate:,} a second); let it say less, or "
                "raise it",
            )
        if len(admitted) > (room := self._queue.room(settings.waiting)):
            self._refuse("waiting", len(admitted) - room, "as the disk was slower than they came")
            admitted = admitted[:room]
        number = self._queue.put(admitted, {}, settings.line_bytes) if admitted else 0
        return len(admitted), number

    def _refuse(self, reason: str, count: int, words: str) -> None:
        self._refused[reason] += count
        self._complaints[reason] = (self._clock.monotonic(), words)

    async def feed(self, lines: Sequence[Line], marks: Mapping[str, str], sender: str) -> None:
        """Hand over lines that can wait where they are, and the marks behind them.

        Waits for room, and for the rate of the sender: a file, a peer, the journal.
        """
        while pause := self._pace.pause(sender, len(lines), self._clock.monotonic()):
            await self._clock.sleep(pause)
        await self._queue.until_half(self._config.logs.waiting)
        self._queue.put(lines, marks, self._config.logs.line_bytes)

    async def marks(self) -> Mapping[str, str]:
        """How far lines were handed over, by who fetches them; once the store is open. A copy."""
        await self._writer.opened.wait()
        # No await between the two: a job leaves the queue only after the store has its marks.
        found = {**self._store.marks, **self._queue.marks()}
        return {name: mark for name, mark in found.items() if mark}

    # Lines are read.

    async def read(self, query: Query) -> Page:
        """A page of them. QueryError for a bad pattern; StoreError where there is no store.

        LimitError where too many others search.
        """
        if not self._writer.opened.is_set():
            raise StoreError(self.trouble)
        if self._readers >= READERS:
            raise LimitError(f"{READERS} searches of logs wait already; ask again in a moment.")
        self._readers += 1
        try:
            async with self._searching:
                return await asyncio.to_thread(self._store.read, query)
        finally:
            self._readers -= 1

    @property
    def last(self) -> int:
        """The number of the newest line."""
        return self._store.last

    # What a part of the intake has.

    async def run(self) -> None:
        """Keep what comes, until cancelled; what was taken is on disk when it returns."""
        try:
            await self._writer.open()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._writer.run())
                group.create_task(self._count())
                group.create_task(self._tell())
                group.create_task(self._look_after())
        finally:
            await asyncio.shield(self._writer.close())

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on. Folder and memory stay as they are until a restart."""
        if config.log_rule != self._config.log_rule:
            self._rules = Rules(config.log_rule)
        self._config = config
        self._store.settings = config.logs
        self._counts.room = config.logs.series
        self._pace.set(config.logs.rate, config.logs.burst)

    def counts(self) -> Mapping[str, int]:
        """For `/metrics`."""
        standing = self._store.standing()
        return {
            "taken_total": self._taken,
            "cut_total": self._cut,
            "refused_rate_total": self._refused["rate"],
            "refused_waiting_total": self._refused["waiting"],
            "waiting": self._queue.lines,
            "uncounted_total": self._counts.lumped,
            **{f"kept_{what}": count for what, count in standing.items()},
        }

    def warnings(self) -> Sequence[str]:
        """What was refused of late, and what holds lines up."""
        found = []
        if self.trouble and self._writer.opened.is_set():
            found.append(f"lines of logs wait for the disk: {self.trouble}")
        elif self.trouble and self._writer.unopened:
            found.append(f"no logs are kept: {self.trouble}")
        now = self._clock.monotonic()
        for reason, (at, words) in self._complaints.items():
            if now - at < REMEMBER:
                found.append(f"{self._refused[reason]:,} lines of logs were refused since the start, {words}")
        return found

    # The work.

    async def _count(self) -> None:
        while True:
            await self._clock.sleep(LOOK)
            store = self._series()
            if store is None:
                continue
            try:
                await self._counts.write(store, self._clock.wall())
            except StoreError as error:
                log.warning("the counters of logs were not written: %s", error)

    async def _tell(self) -> None:
        while True:
            rules = self._rules
            if rules.pending:
                firings = await self._writer.threaded(rules.changed)
                reports = [reported(rules.rule(one.rule), one, self._generator) for one in firings]
                while True:
                    try:
                        await self._report(reports)
                    except GadflyError as error:
                        log.error("alerts of log rules wait: %s", error)
                        await self._clock.sleep(RETRY)
                        continue
                    break
            await self._clock.sleep(TELL)

    async def _look_after(self) -> None:
        while True:
            await self._clock.sleep(UPKEEP)
            try:
                await self._writer.threaded(partial(self._store.upkeep, self._clock.wall()))
            except (StoreError, OSError) as error:
                log.error("logs were not tidied: %s", error)
