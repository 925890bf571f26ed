"""Which samples of a batch are taken. Pure: columns in, a mask and reasons out.

As Prometheus' head does it without an out-of-order window: within a series time only goes forward; a sample
that is there already, with the same value bit for bit, is taken in silence and not kept twice; another value
at a time that is taken is refused, and so is an older sample.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.store.series.batch import Batch

NEVER = np.iinfo(np.int64).min
"""The time of the newest sample of a series that has none."""


class Newest:
    """For each series, by its number, the time and the value of its newest sample. Not locked: one thread."""

    def __init__(self) -> None:
        self.at = np.full(1024, NEVER, dtype=np.int64)
        self.value = np.zeros(1024, dtype=np.float64)

    def reach(self, bound: int) -> None:
        """Make room for the numbers below `bound`."""
        if bound > len(self.at):
            more = max(bound, 2 * len(self.at)) - len(self.at)
            self.at = np.concatenate((self.at, np.full(more, NEVER, dtype=np.int64)))
            self.value = np.concatenate((self.value, np.zeros(more)))

    def advance(self, batch: Batch) -> None:
        """These samples were taken. Where a series comes twice, its last one is the newest."""
        order = np.argsort(batch.series, kind="stable")
        ids = batch.series[order]
        last = np.ones(len(ids), dtype=np.bool_)
        last[:-1] = ids[1:] != ids[:-1]
        self.at[ids[last]] = batch.at[order[last]]
        self.value[ids[last]] = batch.value[order[last]]


class Admitted(NamedTuple):
    """What `admit` found."""

    keep: NDArray[np.bool_]
    """One for each sample of the batch."""
    refused: dict[str, NDArray[np.int64]]
    """By reason, the positions in the batch."""


def admit(
    batch: Batch,
    known: NDArray[np.bool_],
    newest: Newest,
    oldest: int,
    latest: int,
    barred: NDArray[np.bool_] | None = None,
) -> Admitted:
    """Take the samples with ``oldest <= at <= latest`` of known series that go forward in time.

    `barred`: those that are refused as a sender's in a series of the node; None: there are none.

    `newest` must reach every number in the batch; it is left as it is.
    """
    refused: dict[str, NDArray[np.int64]] = {}

    def refuse(reason: str, bad: NDArray[np.bool_]) -> None:
        positions = np.flatnonzero(bad)
        if len(positions):
            refused[reason] = positions

    meant = batch.series >= 0
    refuse("unknown_series", meant & ~known)
    open_ = meant & known
    if barred is not None:
        refuse("node_writes", barred)
        open_ &= ~barred
    refuse("too_far_ahead", open_ & (batch.at > latest))
    refuse("too_old", open_ & (batch.at < oldest))
    open_ &= (batch.at <= latest) & (batch.at >= oldest)
    positions = np.flatnonzero(open_)
    keep = np.zeros(len(open_), dtype=np.bool_)
    if not len(positions):
        return Admitted(keep, refused)

    order = positions[np.argsort(batch.series[positions], kind="stable")]
    ids, at, bits = batch.series[order], batch.at[order], batch.value[order].view(np.int64)
    before_at = newest.at[ids]
    before_bits = newest.value[ids].view(np.int64)
    count = len(ids)
    first = np.ones(count, dtype=np.bool_)
    first[1:] = ids[1:] != ids[:-1]
    if not first.all():
        # The newest of those that stand before it in the batch: a running maximum within each series, made
        # of one over all by lifting every series above the one before.
        span = int(at.max()) - oldest + 2
        relative = at - oldest + 1
        start = np.maximum(before_at, oldest - 1) - oldest + 1
        lift = (np.cumsum(first) - 1) * span
        running = np.maximum.accumulate(
            np.maximum(np.where(first, np.minimum(start, span - 1), 0), relative) + lift
        )
        within = np.flatnonzero(~first)
        highest = running[within - 1] - lift[within] + oldest - 1
        # Whose value stands at that time: the first that reached it.
        rose = np.ones(count, dtype=np.bool_)
        rose[1:] = running[1:] > running[:-1]
        rose[first] = at[first] > before_at[first]
        carrier = np.maximum.accumulate(np.where(rose | first, np.arange(count), 0))
        holder = carrier[within - 1]
        from_batch = rose[holder]
        before_bits[within] = np.where(from_batch, bits[holder], before_bits[within])
        before_at[within] = np.where(from_batch, highest, before_at[within])
    forward = at > before_at
    keep[order[forward]] = True
    same = at == before_at
    late = np.zeros(len(open_), dtype=np.bool_)
    late[order[~forward & ~same]] = True
    refuse("out_of_order", late)
    other = np.zeros(len(open_), dtype=np.bool_)
    other[order[same & (bits != before_bits)]] = True
    refuse("duplicate", other)
    return Admitted(keep, refused)
