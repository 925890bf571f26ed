"""Samples of blocks that were read a moment ago: a dashboard asks for the same again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict

from gadfly.store.series.csr import Ints, Piece

Key = tuple[str, bytes]


class Decoded:
    """At most so many bytes; what was not asked for the longest goes first. Safe in any thread."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._pieces: OrderedDict[Key, Piece] = OrderedDict()
        self._held = 0
        self._used = False

    def __len__(self) -> int:
        """Bytes."""
        return self._held

    def get(self, name: str, ids: Ints) -> Piece | None:
        """All samples of these series in the block of that name, if they are here."""
        with self._lock:
            self._used = True
            key = (name, ids.tobytes())
            piece = self._pieces.get(key)
            if piece is not None:
                self._pieces.move_to_end(key)
            return piece

    def put(self, name: str, ids: Ints, piece: Piece) -> None:
        """They were read."""
        with self._lock:
            self._drop((name, ids.tobytes()))
            self._pieces[name, ids.tobytes()] = piece
            self._held += _size(piece)
            while self._held > self.most:
                self._drop(next(iter(self._pieces)))

    def forget(self, name: str) -> None:
        """That block is gone."""
        with self._lock:
            for key in [key for key in self._pieces if key[0] == name]:
                self._drop(key)

    def rest(self) -> None:
        """Give the memory back, unless somebody asked since this was last called."""
        with self._lock:
            if not self._used:
                self._pieces.clear()
                self._held = 0
            self._used = False

    def _drop(self, key: Key) -> None:
        piece = self._pieces.pop(key, None)
        if piece is not None:
            self._held -= _size(piece)


def _size(piece: Piece) -> int:
    return sum(column.nbytes for column in piece)
