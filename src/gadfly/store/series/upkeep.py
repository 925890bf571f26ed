"""What the store does while nobody looks: rolls the head into blocks, merges, thins, drops, forgets names."""

from __future__ import annotations

import asyncio

from gadfly.clock import Clock
from gadfly.config.series import Series as Settings
from gadfly.store.series import block as plans
from gadfly.store.series import csr, head, record
from gadfly.store.series.block import HOUR, Block
from gadfly.store.series.holding import Holding
from gadfly.store.series.journal import Journal, sync_folder
from gadfly.store.series.writer import Writer

KEPT = 2 * HOUR
"""Milliseconds that stay in the head at least; an hour that is older goes into a block."""
CROWDED = 30_000_000
"""Samples of the head, half a gigabyte, beyond which only the last minutes stay."""
SHORT = 600_000
"""Milliseconds that then stay: what rules look back at."""
MINUTE = 60_000
DEAD = 1000
"""Names of series without samples that may stand in the file of names before it is written anew."""


def cut(oldest: int, latest: int, samples: int) -> int | None:
    """The time before which samples of a head like this go into blocks now; None: there are none such."""
    before = (latest - KEPT) // HOUR * HOUR
    if samples > CROWDED:
        before = max(before, (latest - SHORT) // MINUTE * MINUTE)
    return before if oldest < before else None


class Upkeep:
    """One call at a time. After a StoreError (a full disk, say) the next goes on where this one stopped."""

    def __init__(self, holding: Holding, writer: Writer, settings: Settings, clock: Clock) -> None:
        self._held = holding
        self._writer = writer
        self._settings = settings
        self._clock = clock

    async def __call__(self) -> None:
        """Roll in what is old enough, then merge, thin and drop until all is as it shall be."""
        try:
            await self._look()
        finally:
            # DuckDB keeps what it once took, 30 MB and more after a roll-in; to open it again takes 10 ms.
            self._held.blocks.rest()

    async def _look(self) -> None:
        writer = self._writer
        oldest, latest = self._held.head.oldest(), self._held.head.latest()
        if oldest is not None and latest is not None:
            # What a clock that ran ahead wrote must not close the present for writing.
            latest = min(latest, int((self._clock.wall() + self._settings.ahead) * 1000))
            before = cut(oldest, latest, len(self._held.head))
            if before is not None:
                # From the writer's thread, so that no older sample is on its way into the head.
                await writer.call(lambda: writer.close_before(before))
                await asyncio.to_thread(self._roll, before)
                await writer.call(lambda: writer.segments.release(before))
                self._held.index.revive(await asyncio.to_thread(self._held.live))
        if await asyncio.to_thread(self._tidy):
            kept = await asyncio.to_thread(self._left)
            if len(self._held.index) - len(kept) > max(DEAD, len(kept) // 4):
                await writer.call(lambda: self._forget(kept))

    def _roll(self, before: int) -> None:
        blocks, _ = self._held.now()
        done = blocks[-1].end if blocks else 0
        while (oldest := self._held.head.oldest()) is not None and oldest < before:
            start = max(oldest // HOUR * HOUR, done)
            end = min(oldest // HOUR * HOUR + HOUR, before)
            _, runs = self._held.now()
            piece = csr.join(head.select(runs, None, start - 1, end - 1))
            self._held.roll(Block(start, end, "raw", int(piece.ids[-1]) + 1), piece)
            done = end

    def _tidy(self) -> bool:
        """Whether anything was dropped."""
        dropped = False
        while True:
            now = int(self._clock.wall() * 1000)
            step = plans.plan(self._held.blocks.all, now, self._settings)
            if step is None:
                return dropped
            self._held.blocks.make(step)
            dropped |= step.result is None

    def _left(self) -> set[int]:
        """The series of which a block has samples."""
        return set(csr.union(self._held.blocks.ids(one) for one in self._held.blocks.all).tolist())

    def _forget(self, kept: set[int]) -> None:
        """In the writer's thread: let go of the names of series of which nothing is left."""
        left = self._held.index.forget(kept | set(self._held.live().tolist()))
        path = self._held.folder / "names.log"
        new = Journal(path.with_name("names.new"))
        new.write(record.names(left, self._held.metrics))
        new.path.rename(path)
        sync_folder(path.parent)
        new.path = path
        self._writer.rename(new)
