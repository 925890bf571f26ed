"""Moments at which something must be looked at again, each thing once."""

from __future__ import annotations

import heapq


class Alarms:
    """One moment a slot, in seconds of whichever clock the caller uses; a later one replaces it."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}
        self._heap: list[tuple[float, int]] = []

    def put(self, slot: int, at: float) -> None:
        """Look at this slot at that moment, and not at the one set before."""
        if self._at.get(slot) != at:
            self._at[slot] = at
            heapq.heappush(self._heap, (at, slot))

    def drop(self, slot: int) -> None:
        """Nothing is to be looked at."""
        self._at.pop(slot, None)

    def due(self, now: float) -> set[int]:
        """The slots whose moment has come; each is given once."""
        found = set()
        while self._heap and self._heap[0][0] <= now:
            at, slot = heapq.heappop(self._heap)
            if self._at.get(slot) == at:  # else it was moved or dropped meanwhile
                del self._at[slot]
                found.add(slot)
        return found
