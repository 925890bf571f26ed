"""What the components say of themselves (JSON, as received), in one arena of shared memory.

Room is given in steps of 32 bytes. A card that changes is written over its old self where it fits; else it
moves, and its old room waits for a card of that size. Only the ear writes. A reader in the node sees from the
version, odd while a card is being written, that it must look again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEP = 32


class Cards:
    """`rows` are the members; `arena` the memory; `state` one uint64, the arena's used length."""

    def __init__(self, rows: NDArray[Any], arena: memoryview, state: NDArray[np.uint64]) -> None:
        self._rows = rows
        self._arena = arena
        self._state = state
        self._free: dict[int, list[int]] = defaultdict(list)

    def recover(self, size: int) -> None:
        """After a restart: find the rooms between the cards that no card uses."""
        self._free.clear()
        rows = self._rows[:size]
        held = np.flatnonzero(rows["card_room"] > 0)
        order = held[np.argsort(rows["card_offset"][held], kind="stable")]
        offsets = rows["card_offset"][order].astype(np.int64)
        ends = offsets + rows["card_room"][order]
        starts = np.concatenate([[0], ends])
        stops = np.concatenate([offsets, [int(self._state[0])]])
        for gap in np.flatnonzero(stops > starts):
            start, stop = int(starts[gap]), int(stops[gap])
            while start < stop:
                room = min(stop - start, 36 * STEP)
                self._free[room].append(start)
                start += room

    def read(self, slot: int) -> bytes:
        """The card of a slot, empty where there is none. Bounded by the arena whatever the row says."""
        for _ in range(100):
            version, length, offset = (
                int(self._rows[field][slot]) for field in ("card_version", "card_length", "card_offset")
            )
            if offset + length > len(self._arena):
                return b""
            card = bytes(self._arena[offset : offset + length])
            if not version & 1 and version == int(self._rows["card_version"][slot]):
                return card
        return b""

    def same(self, slot: int, card: bytes | memoryview) -> bool:
        """Whether this is the card already there."""
        row = self._rows[slot]
        length = int(row["card_length"])
        offset = int(row["card_offset"])
        return length == len(card) and self._arena[offset : offset + length] == card

    def write(self, slots: Sequence[int], cards: Sequence[bytes]) -> list[int]:
        """Store cards; returns the slots whose card found no room (they keep none)."""
        rows, dropped = self._rows, []
        for slot, card in zip(slots, cards, strict=True):
            version = int(rows["card_version"][slot]) | 1
            rows["card_version"][slot] = version
            if len(card) > rows["card_room"][slot]:
                self._release(slot)
                if not self._reserve(slot, len(card)):
                    dropped.append(slot)
                    card = b""
            offset = int(rows["card_offset"][slot])
            self._arena[offset : offset + len(card)] = card
            rows["card_length"][slot] = len(card)
            rows["card_version"][slot] = (version + 1) & 0xFFFF
        return dropped

    def release(self, slots: Sequence[int]) -> None:
        """Give the rooms of forgotten members back."""
        for slot in slots:
            version = int(self._rows["card_version"][slot]) | 1
            self._rows["card_version"][slot] = version
            self._release(slot)
            self._rows["card_length"][slot] = 0
            self._rows["card_version"][slot] = (version + 1) & 0xFFFF

    def _release(self, slot: int) -> None:
        room = int(self._rows["card_room"][slot])
        if room:
            self._free[room].append(int(self._rows["card_offset"][slot]))
        self._rows["card_room"][slot] = 0

    def _reserve(self, slot: int, length: int) -> bool:
        room = -(-length // STEP) * STEP
        waiting = self._free[room]
        if waiting:
            offset = waiting.pop()
        else:
            offset = int(self._state[0])
            if offset + room > len(self._arena):
                return False
            self._state[0] = offset + room
        self._rows["card_offset"][slot] = offset
        self._rows["card_room"][slot] = room
        return True
