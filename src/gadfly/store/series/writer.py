"""One thread that takes batches: those that wait together are admitted, written and synced together."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from gadfly.clock import Clock
from gadfly.config.series import Series as Settings
from gadfly.errors import StoreError
from gadfly.promql.source import Metadata
from gadfly.store.series import record
from gadfly.store.series.admission import Newest, admit
from gadfly.store.series.batch import Batch, Refusal, Taken
from gadfly.store.series.head import Head
from gadfly.store.series.index import NOBODY, Index, Named
from gadfly.store.series.journal import Journal
from gadfly.store.series.label_rules import show
from gadfly.store.series.ownership import Ownership, Part
from gadfly.store.series.segments import Segments

GROUP = 1_000_000
"""Samples that are committed together at most."""
WAITING = 256
"""Batches that may wait; more senders than that wait in `append` for a place."""


class _Job(NamedTuple):
    batch: Batch
    source: str
    work: Callable[[], None] | None
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Taken]


class Writer:
    """Owns the files of names and journal, the newest samples, and what goes into the head."""

    def __init__(
        self,
        names: Journal,
        segments: Segments,
        index: Index,
        head: Head,
        settings: Settings,
        clock: Clock,
        tell: Callable[[str, Sequence[Refusal]], None],
    ) -> None:
        """`tell`: what is gone, by a source, of what was taken of it; called in the writer's thread."""
        self._names = names
        self.segments = segments
        self._index = index
        self._head = head
        self._settings = settings
        self._clock = clock
        self.newest = Newest()
        self.ownership = Ownership(index, head, self.newest, self.name, tell)
        self.floor = 0
        """Samples older than this are refused."""
        self.taken: Counter[str] = Counter()
        """Samples taken, by source."""
        self._unwritten: list[Named] = []
        self._unsaid: dict[str, Metadata] = {}
        self._new = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._places = asyncio.Semaphore(WAITING)
        self._thread = threading.Thread(target=self._serve, name="series-write", daemon=True)
        self._closed = False

    def start(self) -> None:
        """Begin to take batches."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits. Blocks."""
        self._closed = True
        self._jobs.put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def release(self) -> None:
        """Close the files; after `stop`."""
        self._names.close()
        self.segments.rotate()

    def replay(self, batch: Batch, latest: int) -> int:
        """A batch of the journal, when the store opens. Samples after `latest` are left out: how many."""
        ahead = batch.at > latest
        keep = (batch.at >= self.floor) & ~ahead
        self.newest.reach(int(batch.series.max()) + 1)
        self.ownership.replayed(batch)
        if not keep.all():
            batch = Batch(batch.series[keep], batch.at[keep], batch.value[keep])
        if len(batch.at):
            self.newest.advance(batch)
            self._head.append(batch)
        return int(ahead.sum())

    def close_before(self, at: int) -> None:
        """From now on older samples are refused: their time belongs to blocks. In the writer's thread."""
        self.floor = max(self.floor, at)

    def name(self, new: Sequence[Named], metrics: dict[str, Metadata]) -> None:
        """To be on disk before the next samples are."""
        with self._new:
            self._unwritten += new
            self._unsaid.update(metrics)

    def rename(self, names: Journal) -> None:
        """In the writer's thread: from now on names go there."""
        self._names.close()
        self._names = names

    async def append(self, batch: Batch, source: str) -> Taken:
        """Returns when what was taken is on disk."""
        async with self._places:
            taken = await self._hand(batch, source, None)
        self.taken[source] += taken.samples
        return taken

    async def call(self, work: Callable[[], None]) -> None:
        """Run it in the writer's thread, between two groups."""
        await self._hand(_NOTHING, "", work)

    async def _hand(self, batch: Batch, source: str, work: Callable[[], None] | None) -> Taken:
        if self._closed:
            raise StoreError(
                "The store of series is closed: the node is stopping. Send again to the next one."
            )
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Taken] = loop.create_future()
        self._jobs.put(_Job(batch, source, work, loop, done))
        # A caller that gives up does not take back what is being written.
        return await asyncio.shield(done)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            if job.work is None:
                size = len(job.batch.at)
                while size < GROUP and not self._jobs.empty():
                    following = self._jobs.get()
                    if following is None or following.work is not None:
                        self._commit(group)
                        group = []
                        if following is None:
                            return
                        self._call(following)
                        break
                    group.append(following)
                    size += len(following.batch.at)
                if group:
                    self._commit(group)
            else:
                self._call(job)

    def _call(self, job: _Job) -> None:
        assert job.work is not None
        try:
            job.work()
        except Exception as error:
            _answer(job, error)
        else:
            _answer(job, Taken(0, ()))

    def _commit(self, group: list[_Job]) -> None:
        try:
            answers = self._take([job.batch for job in group], [job.source for job in group])
        except Exception as error:
            for job in group:
                _answer(job, error)
        else:
            for job, taken in zip(group, answers, strict=True):
                _answer(job, taken)

    def _take(self, batches: list[Batch], sources: list[str]) -> list[Taken]:
        whole = batches[0]
        if len(batches) > 1:
            whole = Batch(*(np.concatenate(column) for column in zip(*batches, strict=True)))
        self.newest.reach(self._index.bound)
        ends = np.cumsum([len(batch.at) for batch in batches])
        spans = list(zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True))
        now = int(self._clock.wall() * 1000)
        latest = now + int(self._settings.ahead * 1000)
        parts = [Part(*span, source) for span, source in zip(spans, sources, strict=True)]
        standing = self._index.standing(whole.series)
        barred = self.ownership.settle(whole, parts, standing, self.floor, latest, now)
        admitted = admit(whole, standing != NOBODY, self.newest, self.floor, latest, barred)
        self._write_names()
        kept = admitted.keep
        if kept.any():
            taken = whole if kept.all() else Batch(whole.series[kept], whole.at[kept], whole.value[kept])
            self.segments.write(taken)
            self.newest.advance(taken)
            self._head.append(taken)
        before = np.concatenate(([0], np.cumsum(kept)))
        answers = []
        for start, end in spans:
            refused = []
            for reason, positions in admitted.refused.items():
                first, last = np.searchsorted(positions, (start, end))
                if last > first:
                    number = int(whole.series[positions[first]])
                    exemplar = show(self._index.key(number)) or f"number {number}"
                    refused.append(Refusal(reason, int(last - first), exemplar))
            answers.append(Taken(int(before[end] - before[start]), tuple(refused)))
        return answers

    def _write_names(self) -> None:
        with self._new:
            series, metrics = self._unwritten, self._unsaid
            self._unwritten, self._unsaid = [], {}
        if series or metrics:
            try:
                self._names.write(record.names(series, metrics))
            except BaseException:
                with self._new:
                    self._unwritten = series + self._unwritten
                    self._unsaid = metrics | self._unsaid
                raise


_NOTHING = Batch(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))


def _answer(job: _Job, outcome: Taken | Exception) -> None:
    def tell() -> None:
        if not job.done.done():
            if isinstance(outcome, Exception):
                job.done.set_exception(outcome)
            else:
                job.done.set_result(outcome)

    try:
        job.loop.call_soon_threadsafe(tell)
    except RuntimeError:  # the loop is closed: nobody waits any more
        return
