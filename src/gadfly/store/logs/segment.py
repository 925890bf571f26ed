"""One file of the journal, and which lines stand where in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from gadfly.errors import StoreError
from gadfly.store.logs.frame import Frame, unpack
from gadfly.store.series.journal import HEAD, Journal, sound, sync_folder


class Place(NamedTuple):
    """Where a frame stands, and what is in it."""

    first: int
    last: int
    oldest: float
    newest: float
    offset: int
    length: int


class Segment:
    """Lines of one journal file. Written by one thread; read by any, from a copy of `places`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: list[Place] = []
        self.marks: dict[str, str] = {}
        self._journal: Journal | None = None
        self.size = 0

    @property
    def first(self) -> int:
        """The number of its first line; 0 where it has none."""
        return self.places[0].first if self.places else 0

    @property
    def last(self) -> int:
        """The number of its last line; 0 where it has none."""
        return self.places[-1].last if self.places else 0

    def load(self) -> None:
        """What a former run wrote. StoreError where the disk changed it."""
        journal = Journal(self.path)
        try:
            offset = 0
            for payload in journal.read():
                try:
                    frame = unpack(payload)
                except msgspec.MsgspecError as error:
                    raise StoreError(f"{self.path} holds what is no batch of lines: {error}.") from error
                self.places += _place(frame, offset + HEAD.size, len(payload))
                self.marks.update(frame.marks)
                offset += HEAD.size + len(payload)
            self.size = journal.size
        finally:
            journal.close()

    def write(self, frame: Frame, payload: bytes) -> None:
        """On disk when it returns. StoreError: nothing of it counts, and no more may be written here."""
        if self._journal is None:
            self._journal = Journal(self.path)
            sync_folder(self.path.parent)
        offset = self._journal.size
        self._journal.write(payload)
        self.marks.update(frame.marks)
        self.size = self._journal.size
        self.places += _place(frame, offset + HEAD.size, len(payload))

    def close(self) -> None:
        """Nothing more is written."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def frames(self, places: Sequence[Place]) -> Iterator[Frame]:
        """What stands there. OSError where the file is gone: its lines are in a block now.

        StoreError where the disk does not give what was written.
        """
        handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            for place in places:
                try:
                    data = os.pread(handle, HEAD.size + place.length, place.offset - HEAD.size)
                except OSError as error:
                    raise StoreError(f"{self.path} cannot be read: {error}; look at the disk.") from error
                if (payload := sound(data, 0)) is None:
                    raise StoreError(f"{self.path} is damaged at byte {place.offset}; look at the disk.")
                yield unpack(payload)
        finally:
            os.close(handle)


def _place(frame: Frame, offset: int, length: int) -> list[Place]:
    if not frame.count:
        return []
    last = frame.first + frame.count - 1
    return [Place(frame.first, last, frame.oldest, frame.newest, offset, length)]
