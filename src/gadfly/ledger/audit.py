"""The audit: the whole ledger replayed, and every stored hash and signature compared with what comes out.

One pass, a tile at a time. It believes the verifier keys that it is given, and nothing in the database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from gadfly.errors import GadflyError, LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import note as notes
from gadfly.ledger.audit_block import Block, beside, block
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.merkle import EMPTY, HASH, Peaks, full_root, leaf_hash
from gadfly.ledger.note import Verifier
from gadfly.ledger.order import SKEW, Order
from gadfly.ledger.tiles import HEIGHT, LEVELS, WIDTH
from gadfly.ledger.tree import with_middle

LIMIT = 100
"""Problems that are listed; the others are counted. One changed entry makes every later root wrong."""


class Report(msgspec.Struct, kw_only=True):
    """What an audit saw. `covered` entries are under a checkpoint, `witnessed` under enough cosignatures.

    `root` is of the entries that are covered. `further` problems are not listed.
    """

    entries: int = 0
    covered: int = 0
    witnessed: int = 0
    tiles: int = 0
    checkpoints: int = 0
    cosignatures: int = 0
    unknown: int = 0
    """Of these so many of witnesses whose keys were not given: they show nothing, and harm nothing."""
    root: bytes = EMPTY
    problems: list[str] = []
    further: int = 0

    @property
    def clean(self) -> bool:
        """Nothing was found."""
        return not self.problems

    def problem(self, text: str) -> None:
        """Write down what does not hold."""
        if len(self.problems) < LIMIT:
            self.problems.append(text)
        else:
            self.further += 1


def audit(
    connection: sqlite3.Connection,
    key: Verifier,
    *,
    witnesses: Sequence[Verifier] = (),
    needed: int = 0,
    known: Iterable[Checkpoint] = (),
    skew: float = SKEW,
    processes: int = 1,
) -> Report:
    """Replay the ledger in `connection`, which is signed with `key`.

    `known` are checkpoints that were seen elsewhere (a witness's, a notification's, an own copy), verified
    by the caller: each must be a beginning of this ledger. With `needed` > 0 so many of the `witnesses` must
    have cosigned some checkpoint. `skew` is in seconds. With more than one of `processes` a large ledger in a
    file is hashed by so many beside this one: not where other threads run, for they are forked.
    """
    report = Report()
    try:
        replay = _Replay(connection, report)
        for one in known:
            replay.expect(one.size, "a checkpoint that was seen elsewhere", one.root)
        heads = replay.heads(key)
        report.covered = max(heads, default=0)
        cosigned = _cosigned(connection, heads, witnesses, needed, report)
        if needed and not report.witnessed:
            report.problem(
                f"no checkpoint has the cosignatures of {needed} witnesses: a history that was rewritten "
                "with the right key would look like this"
            )
        replay.run(Order(cosigned, skew), processes)
    except sqlite3.DatabaseError as error:
        report.problem(f"the database cannot be read to its end: {error}")
    return report


def _cosigned(
    connection: sqlite3.Connection,
    heads: dict[int, Checkpoint | None],
    witnesses: Sequence[Verifier],
    needed: int,
    report: Report,
) -> list[tuple[int, int]]:
    """(size, time) of what witnesses cosigned, by size. A line of another than these is only counted."""
    times: list[tuple[int, int]] = []
    keys: dict[int, set[bytes]] = {}
    names = {one.name for one in witnesses}
    for size, name, line in connection.execute(
        "SELECT size, name, line FROM ledger_cosignature ORDER BY size, name"
    ):
        report.cosignatures += 1
        head = heads.get(size)
        try:
            one = notes.signature(line.removesuffix("\n"))
            if one.line() != line or one.name != name or head is None:
                raise LedgerError("it is beneath no checkpoint of this ledger")
            seen = checkpoints.cosigned(head.note._replace(signatures=(one,)), witnesses)
            if not seen and name in names:
                raise LedgerError(f"under the name of {name}, and not by the key that was given")
        except (GadflyError, AttributeError) as error:
            report.problem(f"cosignature of checkpoint {size}: {error}")
            continue
        if not seen:
            report.unknown += 1
            continue
        times.append((size, seen[0].at))
        keys.setdefault(size, set()).add(seen[0].witness.public)
        if needed and len(keys[size]) >= needed:
            report.witnessed = max(report.witnessed, size)
    return times


class _Replay:
    """The tree grown again from the entries, and compared on the way."""

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
