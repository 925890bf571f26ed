"""The node's own columns: one row a component, side by side with the ear's members.

Arrays and interned words instead of an object a component, so that a million of them cost tens of bytes
each and a question about all of them is one comparison.
"""

from __future__ import annotations

from enum import IntFlag

import numpy as np
import numpy.typing as npt

FREE = 255


class Flag(IntFlag):
    """Why a component needs more than the fast path of plain heartbeats."""

    declared = 1
    beats = 2
    """The catalogue expects heartbeats of it."""
    probed = 4
    job = 8
    told = 16
    """The node itself tells how it is, and is believed: a function."""


class Words:
    """Interned strings: the column keeps a code, the word is kept once. Code 0 is the empty word."""

    def __init__(self) -> None:
        self.words: list[str] = [""]
        self._codes: dict[str, int] = {"": 0}

    def code(self, word: str) -> int:
        """The code of a word, new where it must be."""
        found = self._codes.get(word)
        if found is None:
            found = self._codes[word] = len(self.words)
            self.words.append(word)
        return found

    def find(self, word: str) -> int:
        """The code of a word, -1 where it was never seen."""
        return self._codes.get(word, -1)


class Columns:
    """Growing arrays over slots 0 … size-1."""

    def __init__(self) -> None:
        self.size = 0
        self.verdict: npt.NDArray[np.uint8] = np.full(1024, FREE, np.uint8)
        self.since: npt.NDArray[np.float64] = np.zeros(1024)
        self.lost: npt.NDArray[np.float64] = np.zeros(1024)
        """When what was seen to work ceased to, wall seconds; 0: it works, or was down when first seen."""
        self.flags: npt.NDArray[np.uint8] = np.zeros(1024, np.uint8)
        self.kind: npt.NDArray[np.uint8] = np.zeros(1024, np.uint8)
        self.owner: npt.NDArray[np.int32] = np.zeros(1024, np.int32)
        self.group: npt.NDArray[np.int32] = np.zeros(1024, np.int32)
        self.host: npt.NDArray[np.int32] = np.zeros(1024, np.int32)
        self.names: list[str] = []
        self._ranks: npt.NDArray[np.int32] | None = None
        self.owners, self.groups, self.hosts = Words(), Words(), Words()

    def reach(self, size: int) -> None:
        """Make room for slots below `size`."""
        if size > len(self.verdict):
            capacity = max(size, 2 * len(self.verdict))
            for column in ("verdict", "since", "lost", "flags", "kind", "owner", "group", "host"):
                old = getattr(self, column)
                new = np.zeros(capacity, old.dtype)
                if column == "verdict":
                    new[:] = FREE
                new[: len(old)] = old
                setattr(self, column, new)
        if size > self.size:
            self.names.extend([""] * (size - self.size))
            self.size = size
            self._ranks = None

    def call(self, slot: int, name: str) -> None:
        """Give a slot its name."""
        if self.names[slot] != name:
            self.names[slot] = name
            self._ranks = None

    def ranks(self) -> npt.NDArray[np.int32]:
        """The place of each slot in the order of names; kept until a name changes, as sorting takes long."""
        if self._ranks is None:
            self._ranks = np.empty(self.size, np.int32)
            self._ranks[sorted(range(self.size), key=self.names.__getitem__)] = np.arange(self.size)
        return self._ranks

    def clear(self, slot: int) -> None:
        """Free one slot."""
        self.call(slot, "")
        self.verdict[slot] = FREE
        for column in (self.since, self.lost, self.flags, self.kind, self.owner, self.group, self.host):
            column[slot] = 0
