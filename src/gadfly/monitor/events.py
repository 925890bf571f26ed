"""What the ear tells the node: a ring of fixed records in shared memory, one writer, one reader.

The ear never waits for the node. When the ring is full the ear counts what it could not write; the node, once
it sees that count grow, compares the columns with what it last knew and makes up the events itself. So a node
that was stopped for an hour misses no state, only the steps in between.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

EVENT = np.dtype(
    [
        ("slot", "u4"),
        ("before", "u1"),  # Liveness
        ("after", "u1"),  # Liveness
        ("why", "u1"),  # Why
        ("kind", "u1"),  # EventKind
        ("at", "i8"),  # monotonic ns
        ("wall", "i8"),  # ns since the epoch
    ]
)


class EventKind(IntEnum):
    """What happened."""

    transition = 0
    card = 1
    """What the component says of itself changed (or was heard for the first time)."""
    restarted = 2
    """A new incarnation."""
    status = 3
    """What a beat says of the component itself (pass, warn, fail, …) changed."""


HEAD, TAIL, OVERFLOWED = 0, 1, 2


class Ring:
    """`state` is three uint64: written so far, read so far, lost for want of room; `cells` the records.

    The number of cells is a power of two.
    """

    def __init__(self, state: NDArray[np.uint64], cells: NDArray[Any]) -> None:
        self._state = state
        self._cells = cells
        self._mask = len(cells) - 1

    @property
    def overflowed(self) -> int:
        """How many events were lost for want of room since the memory was made."""
        return int(self._state[OVERFLOWED])

    def write(self, events: NDArray[Any]) -> int:
        """Append (the ear); returns how many found no room."""
        head, tail = int(self._state[HEAD]), int(self._state[TAIL])
        room = max(0, len(self._cells) - (head - tail))
        kept = events[:room]
        if len(kept):
            self._cells[(head + np.arange(len(kept))) & self._mask] = kept
            self._state[HEAD] = head + len(kept)
        lost = len(events) - len(kept)
        if lost:
            self._state[OVERFLOWED] += np.uint64(lost)
        return lost

    def read(self, limit: int = 65_536) -> NDArray[Any]:
        """Take the oldest (the node), at most `limit`; an empty array when there is none."""
        head, tail = int(self._state[HEAD]), int(self._state[TAIL])
        count = min(head - tail, limit, len(self._cells))
        if count <= 0:
            return np.empty(0, EVENT)
        events: NDArray[Any] = self._cells[(tail + np.arange(count)) & self._mask].copy()
        self._state[TAIL] = tail + count
        return events


def pieces(events: NDArray[Any], size: int = 500) -> list[NDArray[Any]]:
    """A batch in pieces small enough that judging one does not hold up the event loop."""
    return [events[at : at + size] for at in range(0, len(events), size)]
