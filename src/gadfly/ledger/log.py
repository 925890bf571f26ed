"""The append-only log: entries in the node's own database, a hash tree over them, signed tree heads.

Everything here takes the connection of a transaction that somebody else began, and keeps no state in memory
between calls: what is true is what was committed, however the process ended. An append is one INSERT an
entry, into the very transaction that makes the fact true; it is hashed into the tree late, when 256 entries
wait or the node's second is over (:meth:`Log.checkpoint`), so that an append costs little more than its row.
Until then an entry is as safe as the row, and not yet evidence.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.errors import LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import entry as entries_of
from gadfly.ledger import note as notes
from gadfly.ledger import tiles
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.entry import Entry
from gadfly.ledger.merkle import HASH, Peaks, full_root, leaf_hash
from gadfly.ledger.note import Note, Verifier
from gadfly.ledger.personal import Mask, may_name
from gadfly.ledger.tiles import WIDTH
from gadfly.ledger.tree import Tree, count, covered, grow, with_middle

RECENT = 64
"""Cosignatures looked at for the newest time; more than there are witnesses of one checkpoint."""


class Log:
    """The ledger `origin`, signed with `key`; both are made and kept by :mod:`gadfly.ledger.key`.

    With a `mask`, persons' principals and mail addresses are written as salted hashes, wherever they stand:
    this is the one place through which everything goes, so no writer has to remember it.
    """

    def __init__(self, origin: str, key: Ed25519PrivateKey, mask: Mask | None = None) -> None:
        self.origin = notes.named(origin)
        self.key = key
        self.verifier: Verifier = notes.verifier_of(origin, key)
        self.mask = mask
        self._verified = ""  # the checkpoint whose signature was looked at last

    # Writing: in the caller's transaction.

    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        """Append `entries`; their indices. The transaction must be durable: its checkpoint may be shown.

        LedgerError or LimitError, and nothing appended, where one of them is not to be taken, or where the
        ledger is damaged: then what was to be recorded must not be done either.
        """
        bodies = []
        subjects = []
        start, known = _state(connection)
        for index, given in enumerate(entries, start):
            entry, text = given, entries_of.encode(given)
            if self.mask is not None and may_name(text):
                entry = self.mask.entry(given)
                text = entries_of.encode(entry)
            bodies.append((index, text))
            subjects.extend([(subject, index) for subject in entries_of.subjects(entry.who, entry.about)])
        connection.executemany("INSERT INTO ledger_entry (id, body) VALUES (?, ?)", bodies)
        connection.executemany("INSERT INTO ledger_about (subject, entry) VALUES (?, ?)", subjects)
        stop = start + len(bodies)
        if stop - known >= WIDTH:
            self._integrate(connection, stop)
        return range(start, stop)

    def checkpoint(self, connection: sqlite3.Connection) -> Checkpoint | None:
        """Hash and sign what no checkpoint covers yet; None where there is nothing.

        LedgerError where what is stored does not fit the checkpoint before: then nothing is signed, for
        signing would make the damage the truth.
        """
        size, known = _state(connection)
        return None if size == known else self._integrate(connection, size)

    def cosigned(self, connection: sqlite3.Connection, size: int, lines: Iterable[notes.Signature]) -> None:
        """Keep what witnesses signed beneath the checkpoint of `size`. The caller has verified it.

        Nothing is kept where that checkpoint is gone: later ones took its place while the witness thought.
        """
        connection.executemany(
            "INSERT OR REPLACE INTO ledger_cosignature (size, name, line)"
            " SELECT size, ?, ? FROM ledger_checkpoint WHERE size = ?",
            [(one.name, one.line(), size) for one in lines],
        )

    # Reading.

    def latest(self, connection: sqlite3.Connection) -> Checkpoint | None:
        """The newest checkpoint, with its cosignatures."""
        return latest(connection)

    def read(self, connection: sqlite3.Connection, start: int, stop: int) -> list[tuple[int, Entry, bytes]]:
        """(index, entry, its bytes) of [start, stop), oldest first."""
        return read(connection, start, stop)

    def about(
        self, connection: sqlite3.Connection, subject: str, limit: int = 100, before: int | None = None
    ) -> list[tuple[int, Entry, bytes]]:
        """The newest entries about `subject` (or by it) with an index below `before`, newest first."""
        return about(connection, self.mask.subject(subject) if self.mask else subject, limit, before)

    def root(self, connection: sqlite3.Connection, size: int) -> bytes:
        """The root of the first `size` entries; at most as many as the newest checkpoint covers."""
        return Tree(connection, size).root()

    def inclusion(self, connection: sqlite3.Connection, index: int, size: int) -> list[bytes]:
        """The proof that entry `index` is among the first `size`."""
        return Tree(connection, size).inclusion(index)

    def consistency(self, connection: sqlite3.Connection, old: int, new: int) -> list[bytes]:
        """The proof that the first `old` entries are the beginning of the first `new`."""
        return Tree(connection, new).consistency(old)

    def tile(self, connection: sqlite3.Connection, level: int, number: int, width: int = WIDTH) -> bytes:
        """What is served as a tile. LedgerError where there is none of that width."""
        return Tree(connection, covered(connection)).hashes(level, number, width)

    def entries_tile(self, connection: sqlite3.Connection, number: int, width: int = WIDTH) -> bytes:
        """What is served as an entry bundle. LedgerError where there is none of that width."""
        return entries_tile(connection, number, width)

    def _integrate(self, connection: sqlite3.Connection, size: int) -> Checkpoint:
        """Hash entries up to `size` into the tree, and sign."""
        before, high = self._resume(connection)
        base = high.size
        rows = connection.execute(
            "SELECT id, CAST(body AS BLOB) FROM ledger_entry WHERE id >= ? AND id < ? ORDER BY id",
            (base, size),
        ).fetchall()
        if [index for index, _ in rows] != list(range(base, size)):
            raise LedgerError("The ledger is damaged: entries are missing. Restore the newest copy.")
        leaves = [leaf_hash(body) for _, body in rows]
        again = Peaks(base, high.packed())
        for leaf in leaves[: before - base]:
            again.push(leaf)
        if before != base and again.root() != self._signed_root(connection, before):
            raise LedgerError(
                "The ledger is damaged: entries under its newest checkpoint were changed. "
                "Restore the newest copy of the state."
            )
        for number in range(base // WIDTH, size // WIDTH):
            at = number * WIDTH - base
            hashes, middle = with_middle(b"".join(leaves[at : at + WIDTH]))
            connection.execute(
                "INSERT INTO ledger_tile (level, number, hashes, middle) VALUES (0, ?, ?, ?)",
                (number, hashes, middle),
            )
            root = full_root(middle)
            high.push(root, tiles.HEIGHT)
            grow(connection, 1, number, root)
        for leaf in leaves[size // WIDTH * WIDTH - base :]:
            high.push(leaf)
        made = checkpoints.signed(self.origin, size, high.root(), self.key)
        connection.execute(
            "INSERT INTO ledger_checkpoint (size, peaks, note) VALUES (?, ?, ?)",
            (size, high.packed(), str(made)),
        )
        self._verified = str(made)
        if size // WIDTH > base // WIDTH:
            _thin(connection, base)
        return made

    def _resume(self, connection: sqlite3.Connection) -> tuple[int, Peaks]:
        """How many entries are covered, and the peaks of their full tiles; both as signed."""
        row = connection.execute(
            "SELECT size, peaks FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return 0, Peaks()
        size, packed = row
        try:
            whole = Peaks(size, packed).root()
        except (ValueError, TypeError):
            whole = b""
        if whole != self._signed_root(connection, size):
            raise LedgerError(
                f"The ledger is damaged: its checkpoint of {size} entries does not fit its tree, or is not "
                "of the ledger that this key signs. Restore the newest copy of the state with its key."
            )
        base = size // WIDTH * WIDTH
        return size, Peaks(base, packed[: HASH * base.bit_count()])

    def _signed_root(self, connection: sqlite3.Connection, size: int) -> bytes:
        (text,) = connection.execute("SELECT note FROM ledger_checkpoint WHERE size = ?", (size,)).fetchone()
        if text != self._verified:
            # Else one who can write the database and has no key could have a rewritten history signed.
            try:
                checkpoints.verify(text, self.verifier)
            except (LedgerError, TypeError, AttributeError):
                return b""
            self._verified = text
        found = checkpoints.parse(text)
        return found.root if found.size == size else b""


def _state(connection: sqlite3.Connection) -> tuple[int, int]:
    """(entries, entries that the newest checkpoint covers)."""
    found, known = count(connection), covered(connection)
    if known > found:
        raise LedgerError(
            f"The ledger is damaged: its newest checkpoint covers {known} entries and only {found} are "
            "there. Restore the newest copy of the state; nothing is recorded, and nothing done, before."
        )
    return found, known


def latest(connection: sqlite3.Connection) -> Checkpoint | None:
    """The newest checkpoint, with its cosignatures, as it is stored: nothing is verified."""
    return at_size(connection, covered(connection))


def at_size(connection: sqlite3.Connection, size: int) -> Checkpoint | None:
    """The checkpoint of exactly `size` entries, with its cosignatures, or None."""
    row = connection.execute("SELECT note FROM ledger_checkpoint WHERE size = ?", (size,)).fetchone()
    if row is None:
        return None
    found = checkpoints.parse(row[0])
    lines = connection.execute(
        "SELECT line FROM ledger_cosignature WHERE size = ? ORDER BY name", (size,)
    ).fetchall()
    cosignatures = tuple(notes.signature(line.rstrip("\n")) for (line,) in lines)
    return found._replace(note=Note(found.note.text, found.note.signatures + cosignatures))


def witnessed_at(connection: sqlite3.Connection) -> float:
    """When a witness last vouched for this ledger, in seconds since the epoch; 0 where none did.

    It is later than that, whatever this machine's clock says. The lines were verified when they were kept.
    """
    lines = connection.execute("SELECT line FROM ledger_cosignature ORDER BY size DESC LIMIT ?", (RECENT,))
    found = [notes.signature(line.rstrip("\n")).value[:8] for (line,) in lines]
    return float(max((int.from_bytes(at, "big") for at in found), default=0))


def read(connection: sqlite3.Connection, start: int, stop: int) -> list[tuple[int, Entry, bytes]]:
    """(index, entry, its bytes) of [start, stop), oldest first. LedgerError where one is damaged."""
    rows = connection.execute(
        "SELECT id, body FROM ledger_entry WHERE id >= ? AND id < ? ORDER BY id", (start, stop)
    )
    return [(index, entries_of.decode(body), body) for index, body in rows]


def about(
    connection: sqlite3.Connection, subject: str, limit: int = 100, before: int | None = None
) -> list[tuple[int, Entry, bytes]]:
    """The newest entries about `subject`, or by it, with an index below `before`, newest first."""
    rows = connection.execute(
        "SELECT entry, body FROM ledger_about JOIN ledger_entry ON id = entry"
        " WHERE subject = ? AND entry < ? ORDER BY entry DESC LIMIT ?",
        (subject, (1 << 62) if before is None else before, limit),
    )
    return [(index, entries_of.decode(body), body) for index, body in rows]


def entries_tile(connection: sqlite3.Connection, number: int, width: int = WIDTH) -> bytes:
    """An entry bundle of what checkpoints cover. LedgerError where there is none of that width."""
    start = number * WIDTH
    stop = min(start + width, covered(connection))
    rows = connection.execute(
        "SELECT body FROM ledger_entry WHERE id >= ? AND id < ? ORDER BY id", (start, stop)
    ).fetchall()
    if not rows or len(rows) != width:
        raise LedgerError(f"There is no bundle {number} of {width} entries.")
    return tiles.bundle(body for (body,) in rows)


def _thin(connection: sqlite3.Connection, base: int) -> None:
    """Of the checkpoints in the tile before `base` keep the last, and of each 16 entries the most witnessed.

    A later checkpoint says all that an earlier one said; one a second for ever would outweigh the entries.
    What witnesses signed also says when, so that more of it stays.
    """
    tile = {"low": base - WIDTH, "high": base}
    connection.execute(
        "DELETE FROM ledger_checkpoint WHERE size > :low AND size <= :high"
        " AND size < (SELECT max(size) FROM ledger_checkpoint WHERE size > :low AND size <= :high)"
        " AND size NOT IN (SELECT size FROM (SELECT size, row_number() OVER"
        " (PARTITION BY (size - 1) / 16 ORDER BY count(*) DESC, size DESC) AS place"
        " FROM ledger_cosignature WHERE size > :low AND size <= :high GROUP BY size) WHERE place = 1)",
        tile,
    )
    connection.execute(
        "DELETE FROM ledger_cosignature WHERE size > :low AND size <= :high"
        " AND NOT EXISTS (SELECT 1 FROM ledger_checkpoint c WHERE c.size = ledger_cosignature.size)",
        tile,
    )
