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

from gadfly.monitor.index import Slots

STEP = 32


class Cards:
    """`rows` are the members; `arena` the memory; `state` one uint64, the arena's used length."""

    def __init__(self, rows: NDArray[Any], arena: memoryview, state: NDArray[np.uint64]) -> None:
        self._rows = rows
        self._place = tuple(rows[field] for field in ("card_version", "card_length", "card_offset"))
        self._arena = arena
        self._state = state
        self._free: dict[int, list[int]] = defaultdict(list)

    def recover(self, size: int) -> None:
        """After a restart: find the rooms between the cards that no card uses.

        A card that was being written is of two parts, or none: it goes, and comes with the next announce.
        """
        self._free.clear()
        rows = self._rows[:size]
        torn = np.flatnonzero(rows["card_version"] & 1)
        rows["card_room"][torn] = rows["card_length"][torn] = 0
        rows["card_version"][torn] += np.uint16(1)
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
        versions, lengths, offsets = self._place
        for _ in range(100):
            version, length, offset = int(versions[slot]), int(lengths[slot]), int(offsets[slot])
            if offset + length > len(self._arena):
                return b""
            card = bytes(self._arena[offset : offset + length])
            if not version & 1 and version == int(versions[slot]):
                return card
        return b""

    def same(self, slots: Slots, cards: Sequence[bytes]) -> list[bool]:
        """For each slot whether this is the card already there."""
        rows = self._rows[slots]
        held = zip(rows["card_offset"].tolist(), rows["card_length"].tolist(), cards, strict=True)
        return [
            length == len(card) and self._arena[offset : offset + length] == card
            for offset, length, card in held
        ]

    def write(self, slots: Slots, cards: Sequence[bytes]) -> int:
        """Store cards, each slot once; returns how many found no room (those slots keep none)."""
        rows = self._rows
        versions = rows["card_version"][slots] | 1
        rows["card_version"][slots] = versions
        lengths = np.fromiter(map(len, cards), np.int64, len(cards))
        rooms = rows["card_room"][slots].astype(np.int64)
        needed = -(-lengths // STEP) * STEP
        moves = lengths > rooms
        offsets = rows["card_offset"][slots].astype(np.int64)
        for place in np.flatnonzero(moves & (rooms > 0)).tolist():
            self._free[int(rooms[place])].append(int(offsets[place]))
        rooms[moves] = needed[moves]
        offsets[moves] = self._reserve(needed[moves])
        homeless = offsets < 0
        rooms[homeless] = lengths[homeless] = offsets[homeless] = 0
        arena = self._arena
        for offset, length, card in zip(offsets.tolist(), lengths.tolist(), cards, strict=True):
            if length:
                arena[offset : offset + length] = card
        rows["card_offset"][slots], rows["card_room"][slots] = offsets, rooms
        rows["card_length"][slots] = lengths
        rows["card_version"][slots] = versions + np.uint16(1)
        return int(np.count_nonzero(homeless))

    def release(self, slots: Slots) -> None:
        """Give the rooms of forgotten members back."""
        rows = self._rows
        versions = rows["card_version"][slots] | 1
        rows["card_version"][slots] = versions
        for room, offset in zip(
            rows["card_room"][slots].tolist(), rows["card_offset"][slots].tolist(), strict=True
        ):
            if room:
                self._free[room].append(offset)
        rows["card_room"][slots] = rows["card_length"][slots] = 0
        rows["card_version"][slots] = versions + np.uint16(1)

    def _reserve(self, rooms: NDArray[np.int64]) -> NDArray[np.int64]:
        """An offset for each room, -1 where there is none left: rooms given back first, then new ones."""
        offsets = np.full(len(rooms), -1, np.int64)
        if any(self._free.values()):
            for place, room in enumerate(rooms.tolist()):
                if self._free[room]:
                    offsets[place] = self._free[room].pop()
        new = np.flatnonzero(offsets < 0)
        ends = int(self._state[0]) + np.cumsum(rooms[new])
        fits = ends <= len(self._arena)
        offsets[new[fits]] = (ends - rooms[new])[fits]
        if fits.any():
            self._state[0] = int(ends[fits][-1])
        return offsets
