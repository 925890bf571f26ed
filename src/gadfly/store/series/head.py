"""The newest hours in memory, so that rules and the last minutes of a page touch no disk.

Batches as they came are the tail; when it has grown it is sorted by series into a run. Runs that are
neighbours in time and alike in size become one, up to a size at which reading five minutes out of it costs
little. Runs follow each other in time within every series, since a series only goes forward.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gadfly.store.series import csr
from gadfly.store.series.batch import Batch
from gadfly.store.series.csr import Ints, Piece

TAIL = 1 << 16
"""Samples of the tail; sorting so many takes 5 ms."""
RUN = 1 << 20
"""Samples of a run at most."""


class Run(NamedTuple):
    """Samples that were sorted, and the times between which they lie, inclusive."""

    oldest: int
    latest: int
    piece: Piece


def _run(piece: Piece) -> Run:
    return Run(int(piece.at.min()), int(piece.at.max()), piece)


def select(runs: Sequence[Run], ids: Ints | None, start: int, end: int) -> list[Piece]:
    """What they have of these series (ascending; None: of all) with ``start < at <= end``, in order."""
    near = [run for run in runs if run.latest > start and run.oldest <= end]
    found = (
        csr.cut(run.piece, ids, start, end, within=run.oldest > start and run.latest <= end) for run in near
    )
    return [piece for piece in found if len(piece.at)]


class Head:
    """Safe in any thread. What `append` took is in the next `runs`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: list[Run] = []
        self._tail: list[Batch] = []
        self._waiting = 0
        self._sorted: Run | None = None

    def __len__(self) -> int:
        with self._lock:
            return self._waiting + sum(len(run.piece.at) for run in self._runs)

    def append(self, batch: Batch) -> None:
        """Samples that were admitted."""
        with self._lock:
            self._tail.append(batch)
            self._waiting += len(batch.at)
            self._sorted = None
            if self._waiting >= TAIL:
                self._settle()

    def _sort_tail(self) -> Run | None:
        if self._sorted is None and self._tail:
            series, at, value = (np.concatenate(column) for column in zip(*self._tail, strict=True))
            self._sorted = _run(csr.sort(series, at, value))
        return self._sorted

    def _settle(self) -> None:
        """Make the tail a run, and runs that are alike in size one."""
        run = self._sort_tail()
        self._tail, self._waiting, self._sorted = [], 0, None
        if run is None:
            return
        while self._runs:
            before, size = len(self._runs[-1].piece.at), len(run.piece.at)
            if before > 2 * size or before + size > RUN:
                break
            run = _run(csr.join((self._runs.pop().piece, run.piece)))
        self._runs.append(run)

    def withdraw(self, ids: Ints, since: Ints) -> Ints:
        """Let go of the samples of these series (ascending) at and after these times; of each how many."""
        gone = np.zeros(len(ids), np.int64)
        with self._lock:
            self._settle()
            kept = []
            for run in self._runs:
                piece = run.piece
                if run.latest >= int(since.min()):
                    series = np.repeat(piece.ids, np.diff(piece.offsets))
                    place = np.minimum(np.searchsorted(ids, series), len(ids) - 1)
                    ahead = (ids[place] == series) & (piece.at >= since[place])
                    gone += np.bincount(place[ahead], minlength=len(ids))
                    piece = csr.group(series[~ahead], piece.at[~ahead], piece.value[~ahead])
                if len(piece.at):
                    kept.append(_run(piece))
            self._runs = kept
        return gone

    def runs(self) -> list[Run]:
        """All there is, in order. None of them ever changes."""
        with self._lock:
            tail = self._sort_tail()
            return list(self._runs) if tail is None else [*self._runs, tail]

    def oldest(self) -> int | None:
        """The time of its oldest sample."""
        return min((run.oldest for run in self.runs()), default=None)

    def latest(self) -> int | None:
        """The time of its newest sample."""
        return max((run.latest for run in self.runs()), default=None)

    def drop(self, before: int) -> None:
        """Forget the samples older than `before`: they are in a block now."""
        with self._lock:
            self._settle()
            kept = []
            for run in self._runs:
                if run.oldest >= before:
                    kept.append(run)
                elif run.latest >= before:
                    kept.append(_run(csr.cut(run.piece, None, before - 1, run.latest)))
            self._runs = kept
