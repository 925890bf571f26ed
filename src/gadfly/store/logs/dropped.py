"""What was dropped, in a file beside the store: whoever reads on from where they were is told, also by a node
that was started in between."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from gadfly.store.logs.query import Gone
from gadfly.store.series.journal import sync_folder

log = logging.getLogger("gadfly.logs")

MOST = 4_096
"""Entries; of more the two oldest become one, so that what is said stays at least what was dropped."""

Entry = tuple[int, int]
"""Last line and number of lines of a block."""


class Dropped:
    """Written by one thread, read by any: the entries are only replaced, the oldest first."""

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
        """The number of the last line that was dropped; 0 where none was."""
        return self._entries[-1][0] if self._entries else 0

    def add(self, entries: Sequence[Entry]) -> None:
        """These are dropped from now on, after all others."""
        found = [*self._entries, *entries]
        while len(found) > MOST:
            found[:2] = [(found[1][0], found[0][1] + found[1][1])]
        self._entries = found

    def write(self) -> bool:
        """Whether the disk took it."""
        draft = self._path.with_suffix(".new")
        try:
            with draft.open("wb") as file:
                file.write(msgspec.json.encode(self._entries))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            log.error("%s cannot be written: %s", self._path, error)
            return False
        return True

    def after(self, number: int | None) -> Gone:
        """What is missing behind this line."""
        entries = self._entries
        if number is None or not entries or entries[-1][0] <= number:
            return Gone(0, 0)
        return Gone(sum(rows for last, rows in entries if last > number), entries[-1][0])
