"""Which lines are missing, as they were dropped or their file was damaged, in a file beside the store: who
reads on from where they were is told, also by a node that was started in between."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from gadfly.store.logs.beside import write
from gadfly.store.logs.query import Gone

log = logging.getLogger("gadfly.logs")

MOST = 4_096
"""Entries; of more the two oldest become one, so that what is said stays at least what was dropped."""

Entry = tuple[int, int]
"""The last line of what is missing, and how many lines that were at most."""


class Dropped:
    """Written by one thread, read by any: the entries are only replaced; they are in the order of lines."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "dropped.json"
        self._entries: Sequence[Entry] = ()

    def open(self, held: Collection[int]) -> None:
        """Read what was written. `held`: the last lines of the blocks that there are, dropped or not."""
        try:
            entries = msgspec.json.decode(self._path.read_bytes(), type=list[Entry])
        except FileNotFoundError:
            entries = []
        except msgspec.MsgspecError as error:
            log.error(
                "%s is damaged (%s): nobody is told of lines that were dropped so far", self._path, error
            )
            entries = []
        self._entries = sorted(one for one in entries if one[0] not in held)

    @property
    def last(self) -> int:
        """The number of the last line that is missing; 0 where none is."""
        return self._entries[-1][0] if self._entries else 0

    def add(self, entries: Sequence[Entry]) -> None:
        """These are missing from now on."""
        found = sorted([*self._entries, *entries])
        while len(found) > MOST:
            found[:2] = [(found[1][0], found[0][1] + found[1][1])]
        self._entries = found

    def write(self) -> bool:
        """Whether the disk took it."""
        try:
            write(self._path, self._entries)
        except OSError as error:
            log.error("%s cannot be written: %s", self._path, error)
            return False
        return True

    def between(self, number: int, begin: int) -> tuple[Gone, int]:
        """What is missing between this line and `begin`, the next there is; the last line of what is missing
        behind that first, 0 where nothing is."""
        behind = [one for one in self._entries if one[0] > number]
        gone = [one for one in behind if one[0] < begin]
        then = behind[len(gone)][0] if len(gone) < len(behind) else 0
        return Gone(sum(rows for _, rows in gone), gone[-1][0] if gone else 0), then
