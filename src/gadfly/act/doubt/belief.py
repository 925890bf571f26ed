"""Keeps what the gate decides by compared with the ledger: at the start, every minute, and at the next
decision after another process has written into the database.

The entries are read once, in pieces, before anything acts; from then on only new ones. That another process
wrote is known from SQLite itself (`PRAGMA data_version` changes for nothing that this connection commits), so
that a decision after which nobody else wrote costs no comparison.
"""

from __future__ import annotations

import logging
import re
import sqlite3

import msgspec

from gadfly.act.clock.latest import latest
from gadfly.act.doubt.agreement import Mask, differences
from gadfly.act.doubt.told import KINDS, Told
from gadfly.clock import Clock
from gadfly.errors import LedgerError, StoreError
from gadfly.ledger.entry import decode
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

LOOK = 60.0
"""Seconds between comparisons that nothing calls for."""
PIECE = 5000
"""Entries that are read in one go at the start: some ten milliseconds of a reader."""
FEW = 5
"""Differences that are told; of more it says how many."""
NOT_YET = "what the gate keeps has not been compared with it yet, which takes seconds after a start"

UNREADABLE = (LedgerError, msgspec.MsgspecError, KeyError, ValueError, TypeError, IndexError)
"""What comes of an entry that is not as the gate writes them: then what it said is not known."""

_OURS = re.compile(rb'"kind":"(?:' + "|".join(sorted(KINDS)).encode() + rb')","v":1')


class Belief:
    """One for a node. `mask` gives how the ledger writes a name."""

    def __init__(self, db: Database, clock: Clock, mask: Mask = str) -> None:
        self._db = db
        self._clock = clock
        self._mask = mask
        self._told = Told()
        self._next = 0
        self._last = b""
        self._whole = False
        """Whether all entries of the start were read."""
        self._version: int | None = None
        self.words = NOT_YET
        """What differs; empty where nothing does."""

    @property
    def trouble(self) -> str:
        """What differs, once it was compared; empty where nothing does."""
        return "" if self.words == NOT_YET else self.words

    async def run(self) -> None:
        """Compare until cancelled."""
        while True:
            try:
                while not self._whole:
                    self._whole = await self._db.read(self._piece)
                await self._db.write(self._compare, durable=False)
            except StoreError as error:
                log.error("what the gate keeps was not compared with the ledger: %s", error)
            except UNREADABLE as error:
                self._unreadable(error)
            await self._clock.sleep(LOOK)

    def look(self, connection: sqlite3.Connection) -> str:
        """What differs now, within the writer's transaction; cheap where nobody else has written."""
        if self._whole and self._version != _version(connection):
            self._compare(connection)
        return self.words

    def _begin(self) -> None:
        """Forget what was read."""
        self._told, self._next, self._last, self._whole, self._version = Told(), 0, b"", False, None

    def _piece(self, connection: sqlite3.Connection) -> bool:
        """Read on; whether that was all."""
        rows = connection.execute(
            "SELECT id, CAST(body AS BLOB) FROM ledger_entry WHERE id >= ? ORDER BY id LIMIT ?",
            (self._next, PIECE),
        ).fetchall()
        for index, body in rows:
            if _OURS.search(body):
                entry = decode(body)
                if entry.kind in KINDS:
                    self._told.take(entry)
            self._next, self._last = index + 1, body
        return len(rows) < PIECE

    def _compare(self, connection: sqlite3.Connection) -> None:
        """In the writer's thread: what is read here are entries of this moment, committed or about to be."""
        try:
            row = connection.execute(
                "SELECT CAST(body AS BLOB) FROM ledger_entry WHERE id = ?", (self._next - 1,)
            ).fetchone()
            if self._next and (row is None or row[0] != self._last):
                # What was read was taken back with its transaction, or is another now: from the beginning.
                self._begin()
                self.words = NOT_YET
                return
            while not self._piece(connection):
                pass
            now = max(self._clock.wall(), latest(connection))
            self._told.forget(now)
            found = differences(connection, self._told, self._mask, now)
            self._version = _version(connection)
            self._say(found)
        except UNREADABLE as error:
            self._unreadable(error)

    def _unreadable(self, error: Exception) -> None:
        self._say(
            [f"entry {self._next} cannot be read as the gate writes it ({type(error).__name__}: {error})"]
        )

    def _say(self, found: list[str]) -> None:
        shown = "; ".join(found[:FEW])
        if len(found) > FEW:
            shown += f"; and {len(found) - FEW:,} more"
        words = f"what the gate keeps is not what the ledger says: {shown}" if found else ""
        if words != self.words and words:
            log.critical("nothing acts: %s", words)
        self.words = words


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])
