"""From a component id to its slot: an open-addressing hash over numpy arrays, a batch at a time.

Linear probing in a table of uint32 slots, never more than half full. The hash is multiplicative with a
secret odd factor, because ids arrive from outside: whoever does not know it cannot make them collide.
One writer (the ear); a reader in another process notices a rebuild by the generation, odd while it goes on,
and asks again. A writer that was killed within one leaves it odd; its successor calls :meth:`Index.recover`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Slots = NDArray[np.int64]

TRIES = 16
"""Looks at a table that is being rebuilt before a reader does without it."""
EMPTY = 0  # the sparse memory is zero at first, so a cell holds slot + 1
GONE = 0xFFFFFFFF


def distinct(numbers: NDArray[Any]) -> NDArray[Any]:
    """Sorted, each once. (numpy's `unique` imports more of numpy when first called, which a confined ear
    cannot.)"""
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


class Index:
    """`table`: uint32, a power of two long; `ids`: the ids by slot (any stride); `state`: three uint64."""

    FACTOR, GENERATION, TOMBS = 0, 1, 2

    def __init__(self, table: NDArray[np.uint32], ids: NDArray[Any], state: NDArray[np.uint64]) -> None:
        self._table = table
        self._ids = ids
        self._state = state
        self._mask = np.int64(len(table) - 1)
        self._shift = np.uint64(64 - (len(table).bit_length() - 1))

    def _home(self, ids: NDArray[np.uint64]) -> NDArray[np.int64]:
        mixed = (ids ^ (ids >> np.uint64(32))) * self._state[self.FACTOR]
        home: Slots = (mixed >> self._shift).astype(np.int64)
        return home

    def find(self, ids: NDArray[np.uint64]) -> Slots | None:
        """The slot of each id, -1 where there is none; None where a rebuild does not end while we look."""
        for _ in range(TRIES):
            generation = int(self._state[self.GENERATION])
            if generation & 1:
                continue
            found = self._find(ids)
            if generation == int(self._state[self.GENERATION]):
                return found
        return None

    def recover(self, used: Slots) -> None:
        """Make the table anew from the slots in use, whatever a killed writer left."""
        self._state[self.GENERATION] |= np.uint64(1)
        self._fill(used)

    def _find(self, ids: NDArray[np.uint64]) -> Slots:
        place = self._home(ids)
        cell = self._table[place]
        slots = cell.astype(np.int64) - 1
        hit = self._ids[np.where(cell == GONE, 0, slots)] == ids
        hit &= (cell != EMPTY) & (cell != GONE)
        slots[~hit] = -1
        waiting = np.flatnonzero(~hit & (cell != EMPTY))
        while len(waiting):
            place[waiting] = (place[waiting] + 1) & self._mask
            cell = self._table[place[waiting]]
            slot = cell.astype(np.int64) - 1
            usable = (cell != EMPTY) & (cell != GONE)
            hit = usable & (self._ids[np.where(usable, slot, 0)] == ids[waiting])
            slots[waiting[hit]] = slot[hit]
            waiting = waiting[~hit & (cell != EMPTY)]
        return slots

    def insert(self, ids: NDArray[np.uint64], slots: Slots) -> None:
        """Add ids that are not there yet, each once; the ids must already stand in their slots."""
        place = self._home(ids)
        waiting = np.arange(len(ids))
        while len(waiting):
            at = place[waiting]
            free = waiting[self._table[at] == EMPTY]
            self._table[place[free]] = slots[free] + 1  # of two for one cell the last stays
            won = self._table[place[waiting]] == slots[waiting] + 1
            waiting = waiting[~won]
            place[waiting] = (place[waiting] + 1) & self._mask

    def remove(self, ids: NDArray[np.uint64], used: Slots) -> None:
        """Take ids out; `used` are the slots that stay, for the rebuild when a quarter of the table is gone
        cells."""
        place = self._home(ids)
        waiting = np.arange(len(ids))
        removed = 0
        while len(waiting):
            cell = self._table[place[waiting]]
            usable = (cell != EMPTY) & (cell != GONE)
            slot = cell.astype(np.int64) - 1
            hit = usable & (self._ids[np.where(usable, slot, 0)] == ids[waiting])
            self._table[place[waiting[hit]]] = GONE
            removed += int(np.count_nonzero(hit))
            waiting = waiting[~hit & (cell != EMPTY)]
            place[waiting] = (place[waiting] + 1) & self._mask
        self._state[self.TOMBS] += np.uint64(removed)
        if int(self._state[self.TOMBS]) * 4 > len(self._table):
            self._rebuild(used)

    def _rebuild(self, used: Slots) -> None:
        self._state[self.GENERATION] += np.uint64(1)
        self._fill(used)

    def _fill(self, used: Slots) -> None:
        """Write the table; the generation is odd before and even after."""
        self._table[:] = EMPTY
        self._state[self.TOMBS] = 0
        self.insert(self._ids[used], used)
        self._state[self.GENERATION] += np.uint64(1)
