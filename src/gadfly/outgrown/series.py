"""The node's store where it has outgrown the node: written here and sent on, read there if that is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gadfly.clock import Clock
from gadfly.config.remote import Remote
from gadfly.config.series import Series as Settings
from gadfly.errors import StoreError
from gadfly.outgrown.reading import Reading
from gadfly.outgrown.sender import Sender
from gadfly.outgrown.spool import Spool
from gadfly.promql.limits import Limits
from gadfly.promql.source import Chunk, Labels, Matcher, Metadata
from gadfly.store.series import Series


class OutgrownSeries(Series):
    """A store like any other, for whoever writes or reads it."""

    def __init__(self, folder: Path, settings: Settings, clock: Clock, remote: Remote) -> None:
        super().__init__(folder, settings, clock)
        self._elsewhere = Reading(remote) if remote.read else None
        self._spool: Spool | None = None
        self.sender: Sender | None = None
        if remote.write:
            self._spool = Spool(folder, folder / "spool", remote.spool_mb * 1_000_000)
            self.sender = Sender(remote, self._spool, clock, self._named, lambda: Series.metadata(self))

    def _open(self) -> None:
        super()._open()
        if self._spool is not None:
            try:
                self._spool.open()
            except OSError as error:
                raise StoreError(
                    f"What waits to be sent cannot be kept in {self.folder / 'spool'}: {error}. Check owner, "
                    "mode and mount."
                ) from error

    def _letting_go(self) -> None:
        if self._spool is not None:
            try:
                self._spool.collect()
            except OSError as error:
                raise StoreError(f"{self.folder / 'spool'} cannot be written: {error}. Make room.") from error

    def _named(self, numbers: Sequence[int]) -> list[dict[str, str] | None]:
        keys = map(self._held.index.key, numbers)
        return [dict(zip(key[::2], key[1::2], strict=True)) if key else None for key in keys]

    async def run(self) -> None:
        """Look after the store, and send, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(super().run())
            if self.sender is not None:
                group.create_task(self.sender.run())

    async def close(self) -> None:
        """Finish what waits and release files and connections."""
        await super().close()
        for one in (self.sender, self._elsewhere):
            if one is not None:
                one.close()

    def warnings(self) -> list[str]:
        """What the operator should know, and do."""
        return [] if self.sender is None else self.sender.warnings()

    def counts(self) -> Mapping[str, int]:
        """What was sent, what was not, and what waits."""
        return {} if self.sender is None else self.sender.counts()

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        """The samples with ``start < at <= end``, from where they are asked for."""
        if self._elsewhere is None:
            return super().select(matchers, start, end, limit)
        return self._elsewhere.select(matchers, start, end, limit)

    def label_names(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        """Sorted names of labels."""
        if self._elsewhere is None:
            return super().label_names(matchers, start, end)
        return self._elsewhere.label_names(matchers, start, end)

    def label_values(
        self, name: str, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        """Sorted values of that label."""
        if self._elsewhere is None:
            return super().label_values(name, matchers, start, end)
        return self._elsewhere.label_values(name, matchers, start, end)

    def series(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None, limit: Limits
    ) -> list[Labels]:
        """The label sets."""
        if self._elsewhere is None:
            return super().series(matchers, start, end, limit)
        return self._elsewhere.series(matchers, start, end, limit)

    def metadata(self, metric: str | None = None) -> dict[str, list[Metadata]]:
        """What metrics are: what this node was told, and what the other side knows besides."""
        here = super().metadata(metric)
        return here if self._elsewhere is None else self._elsewhere.metadata(metric) | here

    def lacking(self, start: int, end: int) -> list[str]:
        """What this node has lost on disk is elsewhere, where that is asked."""
        return super().lacking(start, end) if self._elsewhere is None else []


def opener(remote: Remote) -> Callable[[Path, Settings, Clock], Series]:
    """Makes the node's store: a plain one where nothing is set in [remote]."""
    if not (remote.write or remote.read):
        return Series
    return lambda folder, settings, clock: OutgrownSeries(folder, settings, clock, remote)
