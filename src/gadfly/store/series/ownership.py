"""A series that the node itself writes is the node's: senders are refused there, and lose what was theirs.

Anybody who may send may name any labels, also those of `up` or `ALERTS` here, and a sample that lies ahead
would stop the node's own until its time has come. So samples of senders are refused for a series of the node,
by its number: senders keep numbers. Where a sender wrote a series first, the node's next sample takes it
over, and what lies at or after it goes. Whose a series is stands in the file of names, by its source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gadfly.promql.source import STALE_BITS, Metadata
from gadfly.store.series.admission import NEVER, Newest
from gadfly.store.series.batch import Batch, Refusal
from gadfly.store.series.csr import Ints
from gadfly.store.series.head import Head
from gadfly.store.series.index import NODE as OWN
from gadfly.store.series.index import SENDER, Index, Named
from gadfly.store.series.label_rules import show
from gadfly.store.series.owner import by_node

LET_GO = 3_600_000
"""Milliseconds after its last sample, if no marker ended it, that a series of the node is anybody's again:
most are written each minute, and where a scrape job moves to a Prometheus its series shall be taken."""

Bools = NDArray[np.bool_]


class Part:
    """The rows of one batch among those that are committed together."""

    __slots__ = ("own", "rows", "source")

    def __init__(self, start: int, end: int, source: str) -> None:
        self.rows = slice(start, end)
        self.source = source
        self.own = by_node(source)


class Ownership:
    """For the writer's thread, but for `barred`."""

    def __init__(
        self,
        index: Index,
        head: Head,
        newest: Newest,
        name: Callable[[Sequence[Named], dict[str, Metadata]], None],
        tell: Callable[[str, Sequence[Refusal]], None],
    ) -> None:
        """`name`: to be on disk before the next samples are. `tell`: what is gone of what a source sent."""
        self._index = index
        self._head = head
        self._newest = newest
        self._name = name
        self._tell = tell

    def barred(self, numbers: Ints, now: int) -> Bools:
        """Which of these a sender may not write; `now` in milliseconds. In any thread."""
        owned: Bools = self._index.standing(numbers) == OWN
        if owned.any():
            owned[owned] = ~self._ended(numbers[owned], now)
        return owned

    def settle(
        self,
        whole: Batch,
        parts: Sequence[Part],
        standing: NDArray[np.uint8],
        oldest: int,
        latest: int,
        now: int,
    ) -> Bools | None:
        """Take over for the node, and let go, as these samples ask for it; the ones that are refused as they
        are a sender's in a series of the node. None: none.

        `standing`: whose the series of each sample is. Samples count with ``oldest <= at <= latest``.
        """
        mine = [part for part in parts if part.own]
        for part in mine:
            fresh = standing[part.rows] == SENDER
            if fresh.any():
                at = whole.at[part.rows]
                self._take_over(whole, part, fresh & (at >= oldest) & (at <= latest))
        if mine:
            standing = self._index.standing(whole.series)
        barred: Bools = standing == OWN
        for part in mine:
            barred[part.rows] = False
        if not barred.any():
            return None
        written = np.concatenate([whole.series[:0], *(whole.series[part.rows] for part in mine)])
        for part in parts:
            some = np.unique(whole.series[part.rows][barred[part.rows]])
            free = some[self._ended(some, now) & ~np.isin(some, written)]
            if len(free):
                self._name(self._index.assign(free, part.source), {})
                barred[part.rows] &= ~np.isin(whole.series[part.rows], free)
        return barred

    def _ended(self, numbers: Ints, now: int) -> Bools:
        """Whether the node writes them no more. One that has no sample here yet counts as such."""
        ats, values = self._newest.at, self._newest.value  # may be growing in the writer's thread
        place = np.minimum(numbers, min(len(ats), len(values)) - 1)
        at = np.where(place == numbers, ats[place], NEVER)
        ended: Bools = (values[place].view(np.uint64) == STALE_BITS) | (at < now - LET_GO)
        return ended

    def _take_over(self, whole: Batch, part: Part, fresh: Bools) -> None:
        numbers, first = np.unique(whole.series[part.rows][fresh], return_index=True)
        if not len(numbers):
            return
        since = whole.at[part.rows][fresh][first]
        before = [self._index.source(number) for number in numbers.tolist()]
        self._name(self._index.assign(numbers, part.source), {})
        gone = self.withdraw(numbers, since)
        lost: dict[str, list[int]] = {}
        for place in np.flatnonzero(gone).tolist():
            lost.setdefault(before[place], []).append(place)
        for source, places in lost.items():
            exemplar = show(self._index.key(int(numbers[places[0]])))
            self._tell(source, [Refusal("taken_over", int(gone[places].sum()), exemplar)])

    def withdraw(self, numbers: Ints, since: Ints) -> Ints:
        """Let go of the samples of these series (ascending) at and after these times; of each how many."""
        gone = np.zeros(len(numbers), np.int64)
        ahead = self._newest.at[numbers] >= since
        if ahead.any():
            gone[ahead] = self._head.withdraw(numbers[ahead], since[ahead])
            self._newest.at[numbers[ahead]] = NEVER
            self._newest.value[numbers[ahead]] = 0.0
        return gone

    def replayed(self, batch: Batch) -> None:
        """Before a batch of the journal is taken again: a series in which it goes back was taken over."""
        back = batch.at <= self._newest.at[batch.series]
        if back.any():
            numbers, first = np.unique(batch.series[back], return_index=True)
            self.withdraw(numbers, batch.at[back][first])
