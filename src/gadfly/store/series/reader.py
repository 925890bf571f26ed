"""The reading half of the store: selectors and labels, over blocks and head as they are at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from gadfly.errors import LimitError, StoreError
from gadfly.promql.limits import Limits
from gadfly.promql.source import Cardinality, Chunk, Labels, Matcher, Metadata
from gadfly.store.series import csr, export, head, sql
from gadfly.store.series.block import moment
from gadfly.store.series.csr import Ints, Piece
from gadfly.store.series.holding import Holding


class Reader:
    """A `gadfly.promql.source.Source`: synchronous, and safe in any thread."""

    def __init__(self, holding: Holding) -> None:
        self._held = holding

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        """The samples with ``start < at <= end``; where only minutes or hours are left, the last of each."""
        ids = self._held.index.find(matchers)
        if len(ids) > limit.series:
            raise LimitError(
                f"The selector means {len(ids)} series, at most {limit.series} are read: narrow it."
            )
        piece = self._read(ids, start, end, limit.samples)
        return Chunk(self._held.index.labels(piece.ids), piece.offsets, piece.at, piece.value)

    def _read(self, ids: Ints, start: int, end: int, limit: int) -> Piece:
        if not len(ids):
            return csr.EMPTY
        while True:
            blocks, runs = self._held.now()
            try:
                pieces = []
                left = limit
                for block in blocks:
                    if block.end > start + 1 and block.start <= end:
                        pieces.append(self._held.blocks.read(block, ids, start, end, left))
                        left -= len(pieces[-1].at)
                break
            except StoreError:
                if self._held.blocks.all == blocks:
                    raise
                # A block that was replaced meanwhile: read what stands in its place.
        pieces += head.select(runs, ids, start, end)
        total = sum(len(piece.at) for piece in pieces)
        if total > limit:
            raise LimitError(
                f"The query reads more than {limit} samples: ask for fewer series or a shorter time."
            )
        return csr.join(pieces)

    def _present(self, start: int | None, end: int | None) -> Ints | None:
        """The series that have samples in blocks or runs that touch that time. None: no time was given."""
        if start is None and end is None:
            return None
        start = 0 if start is None else start
        end = csr.FOREVER if end is None else end
        while True:
            blocks, runs = self._held.now()
            try:
                parts = [self._held.blocks.ids(one) for one in blocks if one.end > start and one.start <= end]
                break
            except StoreError:
                if self._held.blocks.all == blocks:
                    raise
        return np.union1d(
            csr.union(piece.ids for piece in head.select(runs, None, start - 1, end)), csr.union(parts)
        )

    def _met(self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None) -> Ints | None:
        """The series that meet one of the lists and have samples in that time. None: all."""
        present = self._present(start, end)
        if not matchers and present is None:
            return None
        met = csr.union([self._held.index.find(one) for one in matchers or ((),)])
        return met if present is None else np.intersect1d(met, present, assume_unique=True)

    def label_names(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        """Sorted names of labels; times to the hour, as blocks are."""
        return self._held.index.names(self._met(matchers, start, end))

    def label_values(
        self, name: str, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        """Sorted values of that label; times to the hour."""
        return self._held.index.values(name, self._met(matchers, start, end))

    def series(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None, limit: Limits
    ) -> list[Labels]:
        """The label sets; times to the hour. LimitError beyond `limit.series`."""
        ids = self._met(matchers, start, end)
        if ids is None:
            ids = self._held.index.find(())
        if len(ids) > limit.series:
            raise LimitError(
                f"{len(ids)} series meet the selectors, at most {limit.series} are told: narrow them."
            )
        return self._held.index.labels(np.sort(ids))

    def metadata(self, metric: str | None = None) -> dict[str, list[Metadata]]:
        """What was described, by metric name."""
        if metric is None:
            return {name: [meta] for name, meta in list(self._held.metrics.items())}
        meta = self._held.metrics.get(metric)
        return {} if meta is None else {metric: [meta]}

    def cardinality(self, limit: int) -> Cardinality:
        """Of what there are how many series; takes a moment where there are a million."""
        head = self._held.head
        return self._held.index.cardinality(limit)._replace(oldest=head.oldest(), newest=head.latest())

    def lacking(self, start: int, end: int) -> list[str]:
        """What an answer about ``start < at <= end`` does not know, for whoever asked; most are empty."""
        blocks = self._held.blocks
        told = [
            f"no samples from {moment(one.start)} to {moment(one.end)}: the block that held them is damaged "
            f"and was set aside ({one.name}.damaged)"
            for one in blocks.damaged
            if one.start <= end and one.end > start
        ]
        for tier, row in (("minutes", "minute"), ("hours", "hour")):
            thin = [one for one in blocks.all if one.tier == tier and one.start <= end and one.end > start]
            if thin:
                told.append(
                    f"from {moment(thin[0].start)} to {moment(thin[-1].end)} only the last sample of each "
                    f"{row} is kept: what counts, adds or compares samples sees no others, and rate and "
                    "increase miss a reset between them"
                )
        return told

    def export(self, path: Path, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> int:
        """What `select` answers as one Parquet file with labels, for SQL; the number of samples."""
        found = self.select(matchers, start, end, limit)
        export.chunk(self._held.blocks, found, path)
        return len(found.at)

    def sql(self, text: str, rows: int, ends: Callable[[], bool]) -> bytes:
        """What a SELECT over the samples as they are now comes to; `sql.ask` says how. Blocks."""
        return sql.ask(self.snapshot, self._held.folder, text, rows, self._held.memory_mb, ends)

    def snapshot(self, path: Path) -> None:
        """All there is now, for SQL, in a new folder that later changes do not touch: blocks are linked.

        StoreError where the folder is there already, or on another file system.
        """
        export.begin(path)
        while True:
            blocks, runs = self._held.now()
            rest = csr.join([run.piece for run in runs])
            try:
                for one in blocks:
                    self._held.blocks.prove(one)
                export.folder(self._held.blocks, blocks, rest, self._held.index.named(), path)
            except StoreError:
                if self._held.blocks.all == blocks:
                    raise
                export.clear(path)  # a block was replaced meanwhile
            else:
                return
