"""The patrol: the node's own audit of its ledger, again and again, a few entries at a time.

Each walk takes the newest checkpoint, verifies its signature, hashes every entry beneath it again, compares
the leaves with the stored tiles, and at the end the root with the signed one. It spends a small share of a
core, and more where a walk would else take longer than an hour; so a changed entry is found within two hours
however large the ledger is, and within minutes while it is small. What it does not look at (old checkpoints,
the index of subjects, times) is for `gadfly ledger verify`.
"""

from __future__ import annotations

import logging
import sqlite3

from gadfly.clock import Clock
from gadfly.errors import LedgerError, StoreError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger.log import latest
from gadfly.ledger.merkle import HASH, Peaks, full_root, leaf_hash
from gadfly.ledger.note import Verifier
from gadfly.ledger.tiles import HEIGHT, LEVELS, WIDTH
from gadfly.ledger.tree import with_middle
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.ledger")

SHARE = 0.02
"""Of the time, for the walk: nobody notices it, and a million entries take minutes."""
LONGEST = 3600.0
"""Seconds within which a walk is to end; a larger ledger gets a larger share."""
REST = 60.0
"""Seconds between two walks."""
TILES = 8
"""Tiles in one step: some ten milliseconds, in a thread."""


class Walk:
    """One walk over the entries beneath one checkpoint, step by step, each on any connection."""

    def __init__(self, size: int, root: bytes) -> None:
        self.size = size
        self.done = 0
        """Entries that were looked at."""
        self._root = root
        self._peaks = Peaks()
        self._roots: list[bytes] = []

    def step(self, connection: sqlite3.Connection, tiles: int = TILES) -> None:
        """Look at so many tiles. LedgerError, in words for people, where something was changed."""
        stop = min(self.done + tiles * WIDTH, self.size)
        rows = connection.execute(
            "SELECT id, CAST(body AS BLOB) FROM ledger_entry WHERE id >= ? AND id < ? ORDER BY id",
            (self.done, stop),
        ).fetchall()
        if [index for index, _ in rows] != list(range(self.done, stop)):
            raise LedgerError(f"entries between {self.done} and {stop - 1} are missing")
        stored = {
            number: (hashes, middle)
            for number, hashes, middle in connection.execute(
                "SELECT number, hashes, middle FROM ledger_tile"
                " WHERE level = 0 AND number >= ? AND number < ?",
                (self.done // WIDTH, -(-stop // WIDTH)),
            )
        }
        leaves = [leaf_hash(body) for _, body in rows]
        for at in range(0, len(leaves), WIDTH):
            part = leaves[at : at + WIDTH]
            if len(part) < WIDTH:
                for leaf in part:
                    self._peaks.push(leaf)
                break
            number = (self.done + at) // WIDTH
            made = with_middle(b"".join(part))
            if stored.get(number) != made:
                raise LedgerError(_differs(number, part, stored.get(number)))
            root = full_root(made[1])
            self._roots.append(root)
            self._peaks.push(root, HEIGHT)
        self.done = stop
        if stop == self.size:
            if self._peaks.root() != self._root:
                raise LedgerError(f"the first {self.size} entries are not those that were signed")
            self._above(connection)

    @property
    def over(self) -> bool:
        """Whether all of them were."""
        return self.done == self.size

    def _above(self, connection: sqlite3.Connection) -> None:
        """The tiles above level 0, which hold the roots of full tiles below."""
        below = self._roots
        for level in range(1, LEVELS):
            groups = [below[at : at + WIDTH] for at in range(0, len(below), WIDTH)]
            for number, group in enumerate(groups):
                row = connection.execute(
                    "SELECT hashes FROM ledger_tile WHERE level = ? AND number = ?", (level, number)
                ).fetchone()
                # It may have grown since the checkpoint of this walk.
                wanted = b"".join(group)
                if row is None or not isinstance(row[0], bytes) or row[0][: len(wanted)] != wanted:
                    raise LedgerError(f"tile {number} of level {level} differs from what is below it")
            below = [full_root(b"".join(group)) for group in groups if len(group) == WIDTH]


class Patrol:
    """Walks for as long as the node runs. `key` is the ledger's own."""

    def __init__(self, db: Database, key: Verifier, clock: Clock) -> None:
        self._db = db
        self._key = key
        self._clock = clock
        self.trouble = ""
        """What the last walk that ended found; empty: all is as it was signed."""
        self.walked = 0.0
        """When a walk last ended, wall seconds; 0: none did yet."""
        self.entries = 0
        """How many entries it had."""

    async def run(self) -> None:
        """Walk, rest, and walk again, until cancelled."""
        while True:
            try:
                await self.walk()
            except StoreError as error:
                log.error("the ledger was not audited: %s", error)
            await self._clock.sleep(REST)

    async def walk(self) -> None:
        """One walk, at its pace. StoreError where the state cannot be read."""
        try:
            walk = await self._db.read(self._begin)
            while walk is not None and not walk.over:
                began, before = self._clock.monotonic(), walk.done
                await self._db.read(walk.step)
                took = self._clock.monotonic() - began
                share = (walk.done - before) / max(1, walk.size) * LONGEST
                await self._clock.sleep(max(0.0, min(took / SHARE, share) - took))
        except LedgerError as error:
            trouble = f"an audit found that the ledger was changed: {error}"
            if trouble != self.trouble:
                log.critical("%s", trouble)
            self.trouble = trouble
            return
        self.trouble, self.walked = "", self._clock.wall()
        self.entries = walk.size if walk is not None else 0

    def _begin(self, connection: sqlite3.Connection) -> Walk | None:
        newest = latest(connection)
        if newest is None:
            return None
        try:
            found = checkpoints.verify(str(newest), self._key)
        except (TypeError, AttributeError) as error:
            raise LedgerError("its newest checkpoint cannot be read") from error
        return Walk(found.size, found.root)


def _differs(number: int, leaves: list[bytes], stored: tuple[bytes, bytes] | None) -> str:
    """Which entries of a tile differ, in words."""
    if stored is None or not isinstance(stored[0], bytes):
        return f"tile {number} of level 0 is not there"
    hashes = stored[0]
    for index, leaf in enumerate(leaves):
        if hashes[index * HASH : (index + 1) * HASH] != leaf:
            return f"entry {number * WIDTH + index} and its hash differ"
    return f"tile {number} of level 0 differs from its entries"
