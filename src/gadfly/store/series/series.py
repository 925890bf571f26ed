"""The store of series: what the rest of the node uses of it."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.clock import Clock
from gadfly.config.series import Series as Settings
from gadfly.errors import LimitError, StoreError
from gadfly.promql.source import Metadata
from gadfly.store.series import record
from gadfly.store.series.admission import NEVER
from gadfly.store.series.batch import Batch, Refusal, Taken
from gadfly.store.series.block import Block
from gadfly.store.series.holding import Holding
from gadfly.store.series.index import Named
from gadfly.store.series.journal import Journal
from gadfly.store.series.label_rules import show
from gadfly.store.series.owner import by_node
from gadfly.store.series.reader import Reader
from gadfly.store.series.segments import Segments
from gadfly.store.series.upkeep import Upkeep
from gadfly.store.series.writer import Writer

log = logging.getLogger("gadfly.series")

EVERY = 60.0
"""Seconds between two looks at what is to be done."""
METRICS = 100_000
"""Metrics whose type and help are remembered."""


class Standing(NamedTuple):
    """What the store holds, for the node's own metrics and its page."""

    series: int
    live: dict[str, int]
    """By source: series with a sample in the head."""
    head: int
    """Samples in memory."""
    journal: int
    """Bytes."""
    blocks: tuple[Block, ...]
    taken: dict[str, int]
    """By source, samples since the start."""
    refused: dict[tuple[str, str], int]
    """By source and reason, samples and series since the start."""
    exemplars: dict[tuple[str, str], str]
    """The newest of each."""
    damaged: tuple[Block, ...]
    """Blocks that were set aside."""


class Series(Reader):
    """One for each node, and a `gadfly.promql.source.Source`: reading is synchronous and safe in any thread.

    The folder is made where it is not there, and is used by one process at a time.
    """

    def __init__(self, folder: Path, settings: Settings, clock: Clock) -> None:
        super().__init__(Holding(folder, settings))
        self.folder = folder
        self._settings = settings
        self._clock = clock
        self._refused: Counter[tuple[str, str]] = Counter()
        self._exemplars: dict[tuple[str, str], str] = {}
        self._writer: Writer | None = None
        self._upkeep: Upkeep | None = None
        self._handle = -1
        self._busy = asyncio.Lock()

    async def open(self) -> None:
        """Read names and journal back, in a thread. StoreError where a file is damaged: says which."""
        try:
            await asyncio.to_thread(self._open)
        except BaseException:
            self._release()
            raise
        assert self._writer is not None
        self._writer.start()

    def _open(self) -> None:
        held = self._held
        latest = int((self._clock.wall() + self._settings.ahead) * 1000)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            aside = held.blocks.open(latest)
        except BlockingIOError:
            raise StoreError(
                f"The series in {self.folder} are in use by another process: stop it, or choose another "
                "`node.state` folder."
            ) from None
        except OSError as error:
            raise StoreError(
                f"The series in {self.folder} cannot be opened: {error}. Check owner, mode and mount."
            ) from error
        (self.folder / "names.new").unlink(missing_ok=True)
        names = Journal(self.folder / "names.log")
        series: list[Named] = []
        for payload in names.read():
            more, metrics = record.named(payload)
            series += more
            held.metrics.update(metrics)
        held.index.load(series)
        segments = Segments(self.folder, self._letting_go)
        writer = Writer(names, segments, held.index, held.head, self._settings, self._clock, self._count)
        self._writer = writer
        if held.blocks.all:
            writer.close_before(held.blocks.all[-1].end)
        held.index.reserve(max((one.bound for one in held.blocks.all), default=0))
        left = 0
        for batch in segments.read():
            held.index.reserve(int(batch.series.max()) + 1)
            left += writer.replay(batch, latest)
        if aside or left:
            log.error(
                "this machine's clock ran ahead: %d samples of the journal lie in the future and were left "
                "out, and so were these blocks, which were renamed: %s",
                left,
                ", ".join(aside) or "none",
            )
        held.index.revive(held.live())
        self._upkeep = Upkeep(held, writer, self._settings, self._clock)

    def _letting_go(self) -> None:
        """Files of the journal are about to be removed, in the writer's thread; StoreError: not yet."""

    async def run(self) -> None:
        """Look after the store once a minute (roll in, merge, thin, drop) until cancelled."""
        while True:
            await self._clock.sleep(EVERY)
            try:
                await self.upkeep()
            except StoreError as error:
                log.error("%s", error)

    async def upkeep(self) -> None:
        """Do now what `run` does once a minute."""
        async with self._busy:
            if self._upkeep is not None:
                await self._upkeep()

    async def close(self) -> None:
        """Finish what waits and release the files."""
        async with self._busy:
            if self._writer is not None:
                await asyncio.to_thread(self._writer.stop)
            self._release()

    def _release(self) -> None:
        self._held.blocks.rest()
        if self._writer is not None:
            self._writer.release()
            self._writer = self._upkeep = None
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise StoreError("The store of series is not open (yet, or any more): try again in a moment.")
        return self._writer

    def intern(
        self, labels: Sequence[Mapping[str, str]], source: str = ""
    ) -> tuple[NDArray[np.int64], tuple[Refusal, ...]]:
        """The numbers of these series, new ones made; -1 where refused.

        `source`: under which they are counted; by `owner.by_node` the node's own, which a sender is refused.
        The caller may keep the numbers; one of whose series nothing is left, because it had no samples for as
        long as the store keeps any, is refused as `unknown_series`. Labels come to disk with the next
        `append`.
        """
        writer = self._open_writer()
        numbers, new, objections = self._held.index.intern(labels, source)
        if new:
            writer.name(new, {})
        if not by_node(source):
            barred = writer.ownership.barred(numbers, int(self._clock.wall() * 1000))
            if barred.any():
                key = self._held.index.key
                objections += [("node_writes", key(number)) for number in numbers[barred].tolist()]
                numbers[barred] = -1
        if not objections:
            return numbers, ()
        counted = Counter(reason for reason, _ in objections)
        shown = {reason: show(key) for reason, key in reversed(objections)}
        refused = tuple(Refusal(reason, count, shown[reason]) for reason, count in counted.items())
        self._count(source, refused)
        return numbers, refused

    def owned(self, labels: Mapping[str, str]) -> bool:
        """Whether the node itself writes, or wrote last, the series of these labels; in any thread."""
        return self._held.index.owned(labels)

    def newest(self, number: int) -> tuple[int, float] | None:
        """Time and value of the last sample of a series; None: it has none that is still open for writing."""
        known = self._open_writer().newest
        if not 0 <= number < len(known.at) or known.at[number] == NEVER:
            return None
        return int(known.at[number]), float(known.value[number])

    def describe(self, metric: str, meta: Metadata) -> None:
        """What a metric is; the newest word counts. LimitError beyond 100,000 metrics."""
        if self._held.metrics.get(metric) == meta:
            return
        if metric not in self._held.metrics and len(self._held.metrics) >= METRICS:
            raise LimitError(f"{metric}: {METRICS} metrics are described already; send fewer names.")
        self._held.metrics[metric] = meta
        self._open_writer().name((), {metric: meta})

    async def append(self, batch: Batch, source: str = "") -> Taken:
        """Returns when the samples are on disk. StoreError where the disk does not take them: none was taken.

        ValueError where the columns are not of one length.
        """
        writer = self._open_writer()
        if not len(batch.series) == len(batch.at) == len(batch.value):
            raise ValueError("the columns of a batch have different lengths")
        batch = Batch(
            np.asarray(batch.series, np.int64),
            np.asarray(batch.at, np.int64),
            np.asarray(batch.value, np.float64),
        )
        if len(batch.at) > self._settings.batch:
            exemplar = show(self._held.index.key(int(batch.series[0])))
            taken = Taken(0, (Refusal("batch", len(batch.at), exemplar),))
        elif not len(batch.at):
            return Taken(0, ())
        else:
            taken = await writer.append(batch, source)
        self._count(source, taken.refused)
        return taken

    def _count(self, source: str, refused: Sequence[Refusal]) -> None:
        for one in refused:
            self._refused[source, one.reason] += one.number
            self._exemplars[source, one.reason] = one.exemplar

    def warnings(self) -> list[str]:
        """What the operator should know, and do."""
        return []

    def counts(self) -> Mapping[str, int]:
        """What is told at `/metrics` of a store that is also elsewhere."""
        return {}

    def standing(self) -> Standing:
        """What there is now."""
        writer = self._open_writer()
        return Standing(
            len(self._held.index),
            self._held.index.live(),
            len(self._held.head),
            writer.segments.size(),
            self._held.blocks.all,
            dict(writer.taken),
            dict(self._refused),
            dict(self._exemplars),
            self._held.blocks.damaged,
        )
