"""The node's own series: what its probes found, how its heartbeats do, and its metrics about itself.

Nothing here holds up detection or an alert: answers of probes wait in a bounded buffer, heartbeats are taken
in bulk from the members' columns, and both go to the store together, in one durable batch.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gadfly import own_heartbeats, own_probes
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import StoreError
from gadfly.instrument.exposition import Family
from gadfly.monitor.check import Check
from gadfly.monitor.heard import Heard
from gadfly.monitor.picture import Picture
from gadfly.monitor.probe.result import Result
from gadfly.own_heartbeats import METRICS, Heartbeats, labels_of
from gadfly.own_probes import Probes
from gadfly.promql.source import STALE, Metadata

if TYPE_CHECKING:
    from gadfly.store.series import Refusal, Series  # it brings DuckDB; the node is up before that is loaded

log = logging.getLogger("gadfly")

EVERY = 15.0
"""Seconds between looks at the heartbeats and the node's metrics, as Prometheus' scrapes are apart by default
in most fleets; a lost beat stays in the counters until then."""
FLUSH = 5.0
"""Seconds that an answer of a probe waits at most for others, to share one write with them."""
WAITING = 50_000
"""Answers that wait for a store that is not open yet or refuses; beyond, the oldest are lost and counted."""
PIECE = 400
"""Components given series, or answers taken, at a time; between two the page gets its turn."""
SHARE = 0.8
"""Of the room for all own series, how much heartbeats may take; so that probes always have some."""
SOURCE = "gadfly"

Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""Series, times in ms, values."""


class OwnSeries:
    """One for each node."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        *,
        name: str,
        heard: Heard,
        picture: Picture,
    ) -> None:
        room = config.series.own
        self.source: Series | None = None
        """None until it is open."""
        self.trouble = "the series are still being opened; ask again in a moment"
        """Why there is no store; empty where there is one."""
        self.refused: Counter[str] = Counter()
        """Samples and series that were not kept, by reason."""
        self._settings = config.series
        self._remote = config.remote
        self._folder = Path(config.node.state).expanduser() / "series"
        self._clock = clock
        self._name = name
        self._heard = heard
        self._picture = picture
        self._heartbeats = Heartbeats(int(room * SHARE) // len(METRICS))
        self._probes = Probes(room - int(room * SHARE))
        self._own: dict[tuple[tuple[str, str], ...], int] = {}
        self._unheard = 0
        self._failing = ""
        self._lost = False
        self._answers: deque[tuple[int, Check, Result]] = deque(maxlen=WAITING)
        self._ended: list[int] = []

    def counts(self) -> Mapping[str, int]:
        """Series that are written, by what they are of."""
        return {
            "heartbeats": self._heartbeats.count,
            "probes": self._probes.count,
            "node": len(self._own),
        }

    def kept(self) -> Mapping[str, int]:
        """What the store holds: series, samples in memory, bytes of its journal and of its blocks."""
        if self.source is None:
            return {}
        standing = self.source.standing()
        return {
            "series": standing.series,
            "samples_in_memory": standing.head,
            "journal_bytes": standing.journal,
            "block_bytes": sum(block.size for block in standing.blocks),
        }

    def warnings(self) -> list[str]:
        """What the operator should know: whose series are not kept, and why."""
        found = []
        if self._unheard:
            found.append(
                f"{self._unheard:,} components beat without series of their own, as series.own has room for "
                f"{self._heartbeats.room:,}; raise it where disk and memory allow"
            )
        if self._probes.refused:
            found.append(
                f"{len(self._probes.refused):,} probes have no series of their own, as series.own has room "
                f"for {self._probes.room:,} of theirs; raise it where disk and memory allow"
            )
        if self._failing:
            found.append(f"series are not kept at the moment: {self._failing}")
        elif self._lost:
            found.append(f"no series are kept: {self.trouble}")
        if self.source is not None:
            found += self.source.warnings()
        if self.source is not None and (damaged := self.source.standing().damaged):
            found.append(
                f"{len(damaged)} blocks of series are damaged and were set aside in "
                f"{self._folder / 'blocks'}, {damaged[0].name}.damaged among them; look at the disk, restore "
                "them from a copy or remove them"
            )
        return found

    def remote(self) -> Mapping[str, int]:
        """What was sent to the store elsewhere, what was not, and what waits."""
        return {} if self.source is None else self.source.counts()

    def asked(self, check: Check, result: Result) -> None:
        """A probe answered. Taken at once, written soon; when the buffer is full the oldest is lost."""
        if len(self._answers) == WAITING:
            self.refused["waited_too_long"] += 1
        self._answers.append((int(self._clock.wall() * 1000), check, result))

    def replace(self, checks: Sequence[Check]) -> None:
        """These are the checks from now on."""
        self._ended += [series for series, _ in self._probes.keep(checks)]

    async def run(self, metrics: Callable[[], Sequence[Family]]) -> None:
        """Open the store in the background, then write to it, until cancelled.

        `metrics` gives the node's metrics about itself.
        """
        self._metrics = metrics
        store = await self._open()
        if store is None:
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(store.run())
                group.create_task(self._write(store))
        finally:
            self.source = None
            self.trouble = "the node is stopping"
            await asyncio.shield(store.close())

    async def _open(self) -> Series | None:
        def load() -> Series:
            from gadfly.outgrown.series import opener

            return opener(self._remote)(self._folder, self._settings, self._clock)

        try:
            store = await asyncio.to_thread(load)
            opening = asyncio.ensure_future(store.open())
            try:
                await asyncio.shield(opening)
            except asyncio.CancelledError:
                # Who stops a node at once may start it again at once: nothing is left half open.
                await asyncio.wait([opening])
                await store.close()
                raise
        except (StoreError, OSError) as error:
            # Series are worth less than alerts: the node goes on without them, and says so.
            self.trouble, self._lost = str(error), True
            log.critical("no series are kept: %s", error)
            return None
        for metric, (kind, words) in {**own_heartbeats.HELP, **own_probes.HELP}.items():
            store.describe(metric, Metadata(kind, words, ""))
        self.source, self.trouble = store, ""
        return store

    async def _write(self, store: Series) -> None:
        looked = -EVERY
        while True:
            columns: list[Columns] = []
            if self._answers or self._ended:
                columns.append(await self._take_answers(store))
            if (now := self._clock.monotonic()) - looked >= EVERY - FLUSH / 2:
                looked = now
                columns += await self._look(store)
            if columns:
                await self._append(store, columns)
            await self._clock.sleep(FLUSH)

    async def _append(self, store: Series, columns: Sequence[Columns]) -> None:
        from gadfly.store.series import Batch

        series, at, value = (np.concatenate(parts) for parts in zip(*columns, strict=True))
        most = self._settings.batch
        for start in range(0, len(series), most):
            part = slice(start, start + most)
            try:
                taken = await store.append(Batch(series[part], at[part], value[part]), SOURCE)
            except StoreError as error:
                if not self._failing:
                    log.error("series are not kept: %s", error)
                self._failing = str(error)
                self.refused["disk"] += len(series[part])
                continue
            self._failing = ""
            self._count(taken.refused)

    def _count(self, refusals: Sequence[Refusal]) -> None:
        """Each reason is told once; how often it was so stands in the node's metrics."""
        for one in refusals:
            if one.reason not in self.refused:
                log.warning("series of the node's own: %s", one)
            self.refused[one.reason] += one.number

    def _opener(self, store: Series) -> Callable[[Sequence[Mapping[str, str]]], NDArray[np.int64]]:
        def opened(labels: Sequence[Mapping[str, str]]) -> NDArray[np.int64]:
            numbers, refusals = store.intern(labels, SOURCE)
            self._count(refusals)
            return numbers

        return opened

    async def _take_answers(self, store: Series) -> Columns:
        """What waits, in the order of its times within each series."""
        rows: list[tuple[int, int, float]] = []
        opened = self._opener(store)
        for count in range(len(self._answers)):
            at, check, result = self._answers.popleft()
            slot = self._picture.slot(check.component)
            if slot is not None:
                labels = labels_of(slot, self._heard, self._picture.columns)
                rows += [
                    (series, at, STALE if number is None else number)
                    for series, number in self._probes.rows(check, result, labels, opened)
                ]
            if count % PIECE == PIECE - 1:
                await asyncio.sleep(0)
        now = int(self._clock.wall() * 1000)
        rows += [(series, now, STALE) for series in self._ended]
        self._ended.clear()
        return (
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([row[2] for row in rows], np.float64),
        )

    async def _look(self, store: Series) -> list[Columns]:
        """The heartbeats and the node itself, now."""
        opened = self._opener(store)
        ended: list[NDArray[np.int64]] = []
        while True:
            look = self._heartbeats.look(self._heard, self._picture.columns, opened, PIECE)
            ended.append(look.ended)
            if not look.waiting:
                break
            await asyncio.sleep(0)
        if look.refused and not self._unheard:
            log.warning(
                "%d components beat without series of their own; series.own is %d",
                look.refused,
                self._settings.own,
            )
        self._unheard = look.refused
        gone = np.concatenate(ended)
        now = int(self._clock.wall() * 1000)
        return [
            (series, np.full(len(series), now, np.int64), value)
            for series, value in (
                (gone, np.full(len(gone), STALE)),
                (look.series, look.value),
                self._of_itself(store, opened),
            )
        ]

    def _of_itself(
        self, store: Series, opened: Callable[[Sequence[Mapping[str, str]]], NDArray[np.int64]]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        values: dict[tuple[tuple[str, str], ...], float] = {}
        families = self._metrics()
        for family in families:
            for suffix, labels, number in family.samples:
                name = family.name + suffix
                values[(("__name__", name), ("job", "gadfly"), ("instance", self._name), *labels)] = number
        fresh = [key for key in values if key not in self._own]
        if fresh:
            self._own.update(zip(fresh, opened([dict(key) for key in fresh]).tolist(), strict=True))
            for family in families:
                store.describe(family.name, Metadata(family.type, family.help, ""))
        gone = [self._own.pop(key) for key in list(self._own) if key not in values]
        series = [*(self._own[key] for key in values), *gone]
        return (
            np.array(series, np.int64),
            np.array([*values.values(), *(STALE for _ in gone)], np.float64),
        )
