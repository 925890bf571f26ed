"""The hash tree as the tables hold it.

Stored are full tiles of level 0 and, above it, every tile as far as it has grown, for its hashes are roots
of full tiles below. A partial tile of level 0 is hashed from the entries. Each checkpoint keeps the peaks of
its size, which are the whole right edge; so a proof reads one tile a level and hashes some thirty times.
"""

from __future__ import annotations

import sqlite3

from gadfly.errors import LedgerError
from gadfly.ledger import merkle
from gadfly.ledger.merkle import HASH, above, full_root, leaf_hash
from gadfly.ledger.tiles import HEIGHT, WIDTH

SIXTEEN = 4
"""The height of the middle hashes within a tile."""


class Tree:
    """The first `size` entries. `size` must not be beyond the newest checkpoint."""

    def __init__(self, connection: sqlite3.Connection, size: int) -> None:
        self.size = size
        self._connection = connection
        self._tiles: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        row = connection.execute("SELECT peaks FROM ledger_checkpoint WHERE size = ?", (size,)).fetchone()
        self._peaks: dict[tuple[int, int], bytes] = {}
        if row:
            try:
                self._peaks = dict(merkle.Peaks(size, row[0]).nodes())
            except ValueError as error:
                raise LedgerError(f"The ledger is damaged at the checkpoint of {size}: {error}.") from error
        elif not 0 <= size <= covered(connection):
            raise LedgerError(
                f"No checkpoint covers {size} entries; the newest covers {covered(connection)}."
            )

    def root(self) -> bytes:
        """The root."""
        return merkle.root(self.size, self.node)

    def inclusion(self, index: int) -> list[bytes]:
        """The inclusion proof of one entry. IndexError where it is not among them."""
        return merkle.inclusion(index, self.size, self.node)

    def consistency(self, old: int) -> list[bytes]:
        """The proof that the tree of `old` entries is the beginning of this; IndexError where it is not."""
        return merkle.consistency(old, self.size, self.node)

    def node(self, level: int, number: int) -> bytes:
        """The hash of a full subtree; LedgerError where the tables do not hold what it needs."""
        found = self._peaks.get((level, number))
        if found is not None:
            return found
        tiles, height = divmod(level, HEIGHT)
        first = number << height
        at, count = first % WIDTH, 1 << height
        hashes, middle = self._tile(tiles, first // WIDTH)
        if height >= SIXTEEN:
            part, wanted = middle[at * 2 : (at + count) * 2], count * 2  # 32 bytes a 16 hashes
        else:
            part, wanted = hashes[at * HASH : (at + count) * HASH], count * HASH
        if len(part) != wanted:
            raise LedgerError(f"The ledger is damaged: tile {first // WIDTH} of level {tiles} is too short.")
        return full_root(part)

    def hashes(self, level: int, number: int, width: int) -> bytes:
        """The contents of a tile (C2SP tlog-tiles); LedgerError where this tree has none of that width."""
        count = (self.size >> (HEIGHT * level)) - number * WIDTH
        if not 0 < width <= min(count, WIDTH):
            raise LedgerError(
                f"A tree of {self.size} has no tile {number} of width {width} on level {level}."
            )
        found = self._tile(level, number)[0][: width * HASH]
        if len(found) != width * HASH:
            raise LedgerError(f"The ledger is damaged: tile {number} of level {level} is too short.")
        return found

    def _tile(self, level: int, number: int) -> tuple[bytes, bytes]:
        found = self._tiles.get((level, number))
        if found is None:
            found = self._connection.execute(
                "SELECT hashes, middle FROM ledger_tile WHERE level = ? AND number = ?", (level, number)
            ).fetchone()
            if found is None and level == 0:
                found = with_middle(b"".join(self._leaves(number * WIDTH)))
            self._tiles[level, number] = found = found or (b"", b"")
        return found

    def _leaves(self, start: int) -> list[bytes]:
        rows = self._connection.execute(
            "SELECT CAST(body AS BLOB) FROM ledger_entry WHERE id >= ? AND id < ? ORDER BY id",
            (start, min(start + WIDTH, self.size)),
        )
        return [leaf_hash(body) for (body,) in rows]


def with_middle(hashes: bytes) -> tuple[bytes, bytes]:
    """A tile's hashes, and the root of each full sixteen of them."""
    step = HASH << SIXTEEN
    middle = hashes[: len(hashes) // step * step]
    for _ in range(SIXTEEN):
        middle = above(middle)
    return hashes, middle


def covered(connection: sqlite3.Connection) -> int:
    """How many entries the newest checkpoint covers."""
    found: int | None = connection.execute("SELECT max(size) FROM ledger_checkpoint").fetchone()[0]
    return found or 0


def count(connection: sqlite3.Connection) -> int:
    """How many entries there are."""
    found: int | None = connection.execute("SELECT max(id) FROM ledger_entry").fetchone()[0]
    return 0 if found is None else found + 1


def grow(connection: sqlite3.Connection, level: int, index: int, hashed: bytes) -> None:
    """Add the root of a full tile to the tile above it, and so on upwards."""
    while True:
        number, at = divmod(index, WIDTH)
        hashes, middle = connection.execute(
            "SELECT hashes, middle FROM ledger_tile WHERE level = ? AND number = ?", (level, number)
        ).fetchone() or (b"", b"")
        if len(hashes) != at * HASH:
            raise LedgerError(f"The ledger is damaged: tile {number} of level {level} has a wrong length.")
        hashes += hashed
        if (at + 1) % 16 == 0:
            middle += full_root(hashes[-16 * HASH :])
        connection.execute(
            "INSERT OR REPLACE INTO ledger_tile (level, number, hashes, middle) VALUES (?, ?, ?, ?)",
            (level, number, hashes, middle),
        )
        if at + 1 < WIDTH:
            return
        level, index, hashed = level + 1, number, full_root(middle)
