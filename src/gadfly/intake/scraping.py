"""Scraping: every target at its own moment of the interval, answers to columns, columns to the store.

One heap of turns and one sleeper; a target that hangs costs a socket until its timeout, and nobody else.
Samples wait half a second at most, so that those of many targets share one durable write.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import resource
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LimitError, StoreError
from gadfly.intake import scrape_view
from gadfly.intake.declared_jobs import declared_jobs
from gadfly.intake.discovery import Discovery
from gadfly.intake.scrape_ask import FAILURES, ask, explained
from gadfly.intake.scrape_job import Job, Labels, Turn
from gadfly.intake.scrape_writer import REPORT, Writer
from gadfly.intake.target_series import Harvest, OverLimit
from gadfly.intake.targets import Found, Target
from gadfly.monitor.probe.context import Context
from gadfly.promql.source import Metadata
from gadfly.telemetry.exposition_line import Described
from gadfly.web.scraped import Page

if TYPE_CHECKING:
    from gadfly.store.series import Series  # it brings DuckDB; the node is up before that is loaded

log = logging.getLogger("gadfly.scrape")

FLUSH = 0.5
"""Seconds that samples wait at most for others, to share one write."""
NAP = 0.25
"""Longest sleep, so that a reload needs no alarm clock."""
GRAIN = 0.01
"""Seconds in which turns are started together."""
ALIGN = 0.01
"""A start this near to its time counts as that time, as regular times take less room on disk. Prometheus
allows 2 ms; ours is the grain in which turns are started."""
WAIT = 1.0
"""Seconds between looks whether the store is open."""


class Scraping:
    """A part of the intake. `store` gives the store of series, or None while it is not open."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        *,
        name: str,
        store: Callable[[], Series | None],
        context: Callable[[], Context] | None = None,
    ) -> None:
        self.jobs: dict[str, Job] = {}
        self._clock = clock
        self._name = name
        self._store = store
        self._make_context = context or (lambda: Context(clock))
        self._context: Context | None = None
        self._discovery: Discovery | None = None
        self._changed = asyncio.Event()
        self._turns: list[tuple[float, int, int, Turn]] = []
        self._leaving: dict[Target, tuple[float, Turn]] = {}
        self._order = 0
        self._asking = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._counts: Counter[str] = Counter()
        self._writer = Writer(config.series.batch, self._forget, clock.monotonic)
        self._config = config
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = files // 4
        self._kept = files // 3
        """Connections; the rest of the process's file descriptors is for probes, the page and the store."""
        self._at_once = min(config.scraping.at_once, self._most)

    # What the intake asks of a part.

    async def run(self) -> None:
        """Discover and scrape until cancelled."""
        self._context = self._make_context()
        self._discovery = Discovery(self._context, self._clock, self._told)
        try:
            await self._take(self._config)
            while self._store() is None:
                await self._clock.sleep(WAIT)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_jobs())
                group.create_task(self._keep_turns())
                group.create_task(self._keep_writing())
                group.create_task(self._discovery.run())
        finally:
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            with contextlib.suppress(StoreError):
                await asyncio.shield(self.flush())
            for job in self.jobs.values():
                for turn in job.turns.values():
                    turn.line.close()
            await self._context.close()

    def reconfigure(self, config: Config) -> None:
        """Jobs that stay keep their targets, and targets that stay keep their series."""
        self._config, self._at_once = config, min(config.scraping.at_once, self._most)
        self._changed.set()

    def counts(self) -> Mapping[str, int]:
        return {
            **scrape_view.counts(self.jobs.values()),
            "asking": self._asking,
            **{f"{what}_total": self._counts[what] for what in ("scrapes", "samples", "failed", "skipped")},
            "refused_total": sum(self._writer.refused.values()),
        }

    def shown(self) -> list[Page]:
        """For the web."""
        return scrape_view.pages(self.jobs.values())

    def warnings(self) -> Sequence[str]:
        found = scrape_view.warnings(self.jobs.values())
        if self._writer.failing:
            found.append(f"what is scraped is not kept at the moment: {self._writer.failing}")
        return found + self._writer.warnings()

    # Targets.

    async def _keep_jobs(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._take(self._config)

    async def _take(self, config: Config) -> None:
        """The jobs of this configuration from now on."""
        wanted = config.scrape
        if config.scraping.files:
            wanted = await asyncio.to_thread(declared_jobs, config)
        assert self._discovery is not None
        for name in [name for name in self.jobs if name not in wanted]:
            self._leave(list(self.jobs.pop(name).turns.values()))
        fresh = []
        for name, scrape in wanted.items():
            job = self.jobs.get(name)
            if job is None:
                job = self.jobs[name] = Job(name, scrape)
            elif job.scrape != scrape:
                job.configure(scrape)
            else:
                continue
            fresh.append(job)
        self._discovery.replace({name: job.scrape for name, job in self.jobs.items()})
        for job in fresh:
            await self._sort(job)

    async def _told(self, name: str, provider: str, labels: Sequence[Labels] | None, why: str) -> None:
        """By discovery: what it found, or why it could not ask (what it found before stays)."""
        job = self.jobs.get(name)
        if job is None:
            return
        if why:
            if provider not in job.trouble:
                log.warning("scrape %s: %s: %s", name, provider, why)
            job.trouble[provider] = why
        else:
            job.trouble.pop(provider, None)
        if labels is not None:
            job.found(provider, labels)
            await self._sort(job)

    async def _sort(self, job: Job) -> None:
        """Bring a job's targets to what was found."""
        async with job.settling:
            found = await job.sifted()
            if self.jobs.get(job.name) is job:  # it may have been taken out meanwhile
                self._settle(job, found)

    def _settle(self, job: Job, found: Found) -> None:
        changes = job.settle(found)
        now, wall = self._clock.monotonic(), self._clock.wall()
        for turn in changes.new:
            if left := self._leaving.pop(turn.target, None):  # it comes back: its series go on
                turn.series, turn.rules, turn.forgot = left[1].series, None, left[1].forgot
            every = turn.target.every
            turn.due = now + (turn.target.offset(self._name) - wall) % every
            self._push(turn)
        self._leave(changes.gone)

    def _leave(self, turns: Sequence[Turn]) -> None:
        for turn in turns:
            turn.gone = True
            turn.number = -1
            if not turn.busy:
                turn.line.close()
            if turn.asked_at:
                self._leaving[turn.target] = (turn.due, turn)

    def _push(self, turn: Turn) -> None:
        self._order += 1
        turn.number = self._order
        heapq.heappush(self._turns, (turn.due, self._order, self._order, turn))

    # Turns.

    async def _keep_turns(self) -> None:
        while True:
            now = self._clock.monotonic()
            turns = self._turns
            while turns and turns[0][0] <= now + GRAIN / 2:
                _, _, number, turn = heapq.heappop(turns)
                if turn.number == number:
                    self._start(turn, now)
            self._see_off(now)
            nap = min(NAP, max(GRAIN, turns[0][0] - now)) if turns else NAP
            await self._clock.sleep(nap)

    def _start(self, turn: Turn, now: float) -> None:
        due, every = turn.due, turn.target.every
        turn.due = due + every * max(1, int((now - due) / every) + 1)
        self._push(turn)
        if turn.busy or self._asking >= self._at_once:
            self._counts["skipped"] += 1
            return
        turn.busy = True
        self._asking += 1
        wall = self._clock.wall() - (now - due if abs(now - due) <= ALIGN else 0.0)
        task = asyncio.create_task(self._scrape(turn, round(wall * 1000)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _see_off(self, now: float) -> None:
        """Series of targets that are gone end where their next sample would have been: a target may only have
        left a list for a moment."""
        store = self._store()
        if store is None:
            return
        for due, turn in list(self._leaving.values()):
            if now < due or turn.busy:
                continue
            del self._leaving[turn.target]
            at = round((self._clock.wall() - (now - due)) * 1000)
            opened = self._writer.opener(store, turn.job.name, REPORT)
            self._writer.put(turn.job.name, turn.series.end(at), turn.series.report(None, at, opened))

    async def _scrape(self, turn: Turn, at: int) -> None:
        """Ask, parse, hand over; `at` in milliseconds since the epoch."""
        job, context, store = turn.job, self._context, self._store()
        began = self._clock.monotonic()
        harvest: Harvest | None = None
        why, scraped, kept = "", 0, 0
        try:
            if store is None or context is None:
                return
            try:
                harvest, told = await ask(turn, at, context, self._writer.opener(store, job.name))
                self._describe(job, store, told)
            except StoreError:
                raise
            except Exception as error:
                harvest, why = None, explained(error, turn)
                if isinstance(error, OverLimit):
                    scraped, kept = error.scraped, error.kept
                elif not isinstance(error, FAILURES):
                    turn.rules = None
                    if why != turn.error:
                        log.exception("scrape %s: %s", job.name, turn.target.url.partition("?")[0])
                turn.line.close()
                self._counts["failed"] += 1
            seconds = self._clock.monotonic() - began
            job.renew(turn)
            columns = harvest.columns if harvest is not None else turn.series.end(at)
            told_of = (
                (1.0, seconds, harvest.scraped, harvest.kept, harvest.added)
                if harvest is not None
                else (0.0, seconds, scraped, kept, 0)
            )
            opened = self._writer.opener(store, job.name, REPORT)
            self._writer.put(job.name, columns, turn.series.report(told_of, at, opened))
            turn.health = "up" if harvest is not None else "down"
            turn.error, turn.asked_at, turn.seconds = why, at / 1000, seconds
            turn.samples = harvest.scraped if harvest is not None else 0
            self._counts["scrapes"] += 1
            self._counts["samples"] += turn.samples
        except StoreError:
            return  # it was closed meanwhile, as the node is stopping
        finally:
            turn.busy = False
            self._asking -= 1
            if turn.gone or (self._context is not None and len(self._context.poller) > self._kept):
                turn.line.close()

    def _describe(self, job: Job, store: Series, told: Sequence[Described]) -> None:
        for metric, (kind, words, unit) in job.describe(told).items() if told else ():
            try:
                store.describe(metric, Metadata(kind, words, unit))
            except LimitError:
                self._counts["undescribed"] += 1

    async def _keep_writing(self) -> None:
        while True:
            await self._clock.sleep(FLUSH)
            await self.flush()

    async def flush(self) -> None:
        """Write what waits; it is on disk then."""
        store = self._store()
        if store is not None:
            await self._writer.flush(store)

    def _forget(self, name: str) -> None:
        if name in self.jobs:
            self.jobs[name].forget_numbers()
