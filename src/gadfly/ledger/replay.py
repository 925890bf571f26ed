"""The tree of a ledger grown again from its entries, and compared on the way with what is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from gadfly.errors import GadflyError, LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger.audit_block import Block, beside, block
from gadfly.ledger.audit_report import Report
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.merkle import HASH, Peaks, full_root, leaf_hash
from gadfly.ledger.note import Verifier
from gadfly.ledger.order import Order
from gadfly.ledger.tiles import HEIGHT, LEVELS, WIDTH
from gadfly.ledger.tree import with_middle


class Replay:
    """What does not hold goes into the report."""

    def __init__(self, connection: sqlite3.Connection, report: Report) -> None:
        self._connection = connection
        self._report = report
        self._expected: dict[int, list[tuple[str, bytes, bytes | None]]] = {}
        self._sizes: list[int] = []
        self._roots: list[bytes] = []  # of the full tiles of level 0
        self._index = 0
        self._indexed = True
        self._tiles = connection.execute(
            "SELECT number, hashes, middle FROM ledger_tile WHERE level = 0 ORDER BY number"
        )
        self._tile: tuple[Any, Any, Any] | None = self._tiles.fetchone()

    def expect(self, size: int, what: str, root: bytes, peaks: bytes | None = None) -> None:
        """The first `size` entries must have `root`, and `peaks` where they are stored."""
        self._expected.setdefault(size, []).append((what, root, peaks))

    def heads(self, key: Verifier) -> dict[int, Checkpoint | None]:
        """The stored checkpoints by size, each expected to hold; None for one that is not of `key`."""
        found: dict[int, Checkpoint | None] = {}
        for size, peaks, text in self._connection.execute(
            "SELECT size, peaks, note FROM ledger_checkpoint ORDER BY size"
        ):
            self._report.checkpoints += 1
            found[size] = None
            try:
                head = checkpoints.verify(text, key)
                if head.size != size or len(head.note.signatures) != 1:
                    raise LedgerError("it is not what was signed there")
            except (GadflyError, TypeError) as error:
                self._report.problem(f"checkpoint {size}: {error}")
                continue
            found[size] = head
            self.expect(size, "its checkpoint", head.root, peaks)
        return found

    def run(self, order: Order, processes: int = 1) -> None:
        """Replay everything."""
        self._sizes = sorted(self._expected, reverse=True)
        peaks = Peaks()
        self._reach(peaks)
        for one in self._all(processes):
            self._heads_of(one, order)
            start, stop = one.start, one.start + one.size
            if self._sizes and (self._sizes[-1] < stop or one.size < WIDTH):
                within = Peaks(start, peaks.packed())
                for leaf in one.leaves():
                    within.push(leaf)
                    self._reach(within)
            if one.size == WIDTH:
                peaks.push(self._full_tile(one), HEIGHT)
                self._reach(peaks)
            self._report.entries = stop
        for size in reversed(self._sizes):
            for what, _, _ in self._expected[size]:
                self._report.problem(
                    f"{what} covers {size} entries, and there are {self._report.entries}: the ledger was cut"
                )
        while self._tile is not None:
            self._unfounded()
        self._upper_tiles()
        self._subjects()

    def _all(self, processes: int) -> Iterator[Block]:
        """Every tile's entries, and the rest; by processes beside, where that is worth it."""
        reached = 0
        if helped := beside(self._connection, processes):
            try:
                yield from helped.blocks()
            finally:
                helped.close()
            reached = helped.reached
        yield from self._blocks(reached)

    def _blocks(self, start: int) -> Iterator[Block]:
        """The same in order, from entry `start` on; what is wrong with entries is told."""
        rows = self._connection.execute(
            # From the very first, whatever its number is: none stands before 0.
            "SELECT id, body FROM ledger_entry WHERE id >= ? ORDER BY id",
            (start or -(1 << 62),),
        )
        while found := rows.fetchmany(WIDTH):
            ids, bodies = zip(*found, strict=True)
            if ids != tuple(range(start, start + len(ids))):
                index, row = next((i, row) for i, row in enumerate(ids, start) if i != row)
                self._report.problem(f"entry {index} is missing; the next is {row}")
                self._indexed = False
                return
            if set(map(type, bodies)) != {bytes}:
                self._report.problem(f"among entries {start} to {ids[-1]} there is one that is not bytes")
                bodies = tuple(body if isinstance(body, bytes) else repr(body).encode() for body in bodies)
            try:
                yield block(start, bodies)
            except (GadflyError, msgspec.MsgspecError, UnicodeDecodeError) as error:
                self._report.problem(f"among entries {start} to {ids[-1]}: {error}")
                self._indexed = False
                hashes = b"".join([leaf_hash(body) for body in bodies])
                middle = with_middle(hashes)[1] if len(bodies) == WIDTH else b""
                yield Block(start, hashes, middle, [], 0)
            start += len(found)

    def _heads_of(self, one: Block, order: Order) -> None:
        """Times and subjects of a block; those of one that cannot be read were told of."""
        if not one.times:
            return
        try:
            for wrong in order.wrong(one.start, one.times):
                self._report.problem(wrong)
        except GadflyError as error:
            self._report.problem(f"among entries {one.start} to {one.start + one.size - 1}: {error}")
            self._indexed = False
        self._index += one.pairs

    def _full_tile(self, one: Block) -> bytes:
        """Compare a tile of level 0 with the stored one; its root."""
        number = one.start // WIDTH
        root = full_root(one.middle)
        self._roots.append(root)
        if (number + 1) * WIDTH > self._report.covered:
            return root  # it is made together with the checkpoint
        while self._tile is not None and self._tile[0] < number:
            self._unfounded()
        if self._tile is None or self._tile[0] != number:
            self._report.problem(f"tile {number} of level 0 is not there")
            return root
        _, *stored = self._tile
        self._tile = self._tiles.fetchone()
        if stored == [one.hashes, one.middle]:
            self._report.tiles += 1
            return root
        if isinstance(stored[0], bytes):
            for index, leaf in enumerate(one.leaves()):
                if stored[0][index * HASH : (index + 1) * HASH] != leaf:
                    self._report.problem(
                        f"entry {number * WIDTH + index} and its hash in tile {number} differ"
                    )
        self._report.problem(f"tile {number} of level 0 differs from its entries")
        return root

    def _unfounded(self) -> None:
        """Report the next tile, and pass on."""
        assert self._tile is not None
        self._report.problem(f"tile {self._tile[0]} of level 0 is of no entries under a checkpoint")
        self._tile = self._tiles.fetchone()

    def _reach(self, peaks: Peaks) -> None:
        """Compare the root with what is expected at this size."""
        while self._sizes and self._sizes[-1] <= peaks.size:
            size, root = self._sizes.pop(), peaks.root()
            if size == self._report.covered:
                self._report.root = root
            for what, wanted, stored in self._expected[size]:
                if wanted != root:
                    self._report.problem(
                        f"the first {size} entries are not those of {what}: the history was changed"
                    )
                elif stored is not None and stored != peaks.packed():
                    self._report.problem(f"the peaks of checkpoint {size} differ from its tree")

    def _upper_tiles(self) -> None:
        """Compare the tiles above level 0, which hold the roots of full tiles below."""
        below = self._roots[: self._report.covered // WIDTH]
        wanted: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        for level in range(1, LEVELS):
            groups = [below[i : i + WIDTH] for i in range(0, len(below), WIDTH)]
            for number, group in enumerate(groups):
                wanted[level, number] = with_middle(b"".join(group))
            below = [full_root(b"".join(group)) for group in groups if len(group) == WIDTH]
        for level, number, hashes, middle in self._connection.execute(
            "SELECT level, number, hashes, middle FROM ledger_tile WHERE level <> 0 ORDER BY level, number"
        ):
            if wanted.pop((level, number), None) == (hashes, middle):
                self._report.tiles += 1
            else:
                self._report.problem(f"tile {number} of level {level} differs from what is below it")
        for level, number in wanted:
            self._report.problem(f"tile {number} of level {level} is not there")

    def _subjects(self) -> None:
        """Compare the index of subjects. A sum of keyed hashes (Python's, new in each process) is enough."""
        stored = sum(map(hash, self._connection.execute("SELECT subject, entry FROM ledger_about")))
        if self._indexed and stored != self._index:
            self._report.problem("the index of subjects differs from the entries")
