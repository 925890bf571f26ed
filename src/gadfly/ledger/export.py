"""The whole ledger as a folder: static files that any C2SP tlog-tiles client reads, and plain lines.

::

    checkpoint                the newest checkpoint
    checkpoints               every stored checkpoint with its cosignatures, one behind another
    tile/LEVEL/NUMBER         hashes, as tlog-tiles says
    tile/entries/NUMBER       entry bundles, as tlog-tiles says
    entries.jsonl             the entries, one a line, for people and their tools

:func:`load` reads such a folder into empty tables, to audit it or to begin again from it. Entries that no
checkpoint covers yet are not in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from gadfly.errors import LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import log, tiles
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.entry import parse, subjects
from gadfly.ledger.merkle import Peaks, leaf_hash
from gadfly.ledger.tiles import LEVELS, WIDTH
from gadfly.ledger.tree import Tree, covered, with_middle

LARGEST = WIDTH * (2 + 65_535)
"""Bytes of the largest file that is read: a full entry bundle."""


def export(connection: sqlite3.Connection, folder: Path) -> Checkpoint:
    """Write the ledger into `folder`, which is made and must be empty; the checkpoint that it is of.

    LedgerError where there is nothing to write, or the folder cannot be written.
    """
    head = log.latest(connection)
    if head is None:
        raise LedgerError("The ledger has no checkpoint yet: there is nothing to export.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise LedgerError(f"{folder} is not empty: name a new folder.")
        with (folder / "entries.jsonl").open("wb") as lines:
            for tile in tiles.wanted(None, head.size):
                bundle = log.entries_tile(connection, tile.number, tile.width)
                _write(folder, tiles.path(tile), bundle)
                lines.writelines(body + b"\n" for body in tiles.unbundle(bundle))
        tree = Tree(connection, head.size)
        for level in range(LEVELS):
            for tile in tiles.wanted(level, head.size):
                _write(folder, tiles.path(tile), tree.hashes(level, tile.number, tile.width))
        sizes = connection.execute("SELECT size FROM ledger_checkpoint ORDER BY size").fetchall()
        with (folder / "checkpoints").open("w") as file:
            for (size,) in sizes:
                file.write(f"{log.at_size(connection, size)}\n")
        _write(folder, "checkpoint", str(head).encode())
    except OSError as error:
        raise LedgerError(f"{error.filename or folder} cannot be written ({error.strerror}).") from error
    return head


def load(connection: sqlite3.Connection, folder: Path) -> None:
    """Read an exported folder into the empty tables of `connection`; verify it by an audit of these.

    LedgerError where a file is missing or is not what it must be.
    """
    if covered(connection):
        raise LedgerError("The tables already hold a ledger: load into an empty database.")
    try:
        heads = [checkpoints.parse(text) for text in _notes((folder / "checkpoints").read_text())]
        size = max((head.size for head in heads), default=0)
        peaks, wanted = Peaks(), {head.size: head for head in heads}
        for index, body in _entries(folder, size):
            one = parse(body)
            connection.execute("INSERT INTO ledger_entry (id, body) VALUES (?, ?)", (index, body))
            connection.executemany(
                "INSERT INTO ledger_about (subject, entry) VALUES (?, ?)",
                [(subject, index) for subject in subjects(one.who, one.about)],
            )
            peaks.push(leaf_hash(body))
            if peaks.size in wanted:
                _checkpoint(connection, wanted[peaks.size], peaks)
        for level in range(LEVELS):
            for tile in tiles.wanted(level, size):
                if level or tile.width == WIDTH:
                    hashes, middle = with_middle(_read(folder, tiles.path(tile)))
                    connection.execute(
                        "INSERT INTO ledger_tile (level, number, hashes, middle) VALUES (?, ?, ?, ?)",
                        (level, tile.number, hashes, middle),
                    )
    except (OSError, UnicodeDecodeError) as error:
        why = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else "it is not text"
        raise LedgerError(f"{folder} is not a whole export of a ledger ({why}).") from error
    except sqlite3.IntegrityError as error:
        raise LedgerError(f"{folder} is not an export of a ledger: something is in it twice.") from error


def _checkpoint(connection: sqlite3.Connection, head: Checkpoint, peaks: Peaks) -> None:
    own, *others = head.note.signatures
    connection.execute(
        "INSERT INTO ledger_checkpoint (size, peaks, note) VALUES (?, ?, ?)",
        (head.size, peaks.packed(), str(head.note._replace(signatures=(own,)))),
    )
    connection.executemany(
        "INSERT INTO ledger_cosignature (size, name, line) VALUES (?, ?, ?)",
        [(head.size, one.name, one.line()) for one in others],
    )


def _entries(folder: Path, size: int) -> Iterator[tuple[int, bytes]]:
    for tile in tiles.wanted(None, size):
        bodies = tiles.unbundle(_read(folder, tiles.path(tile)))
        if len(bodies) != tile.width:
            raise LedgerError(f"{tiles.path(tile)} holds {len(bodies)} entries and not {tile.width}.")
        yield from enumerate(bodies, tile.number * WIDTH)


def _notes(text: str) -> Iterator[str]:
    """The notes in a row of notes: a text, a blank line, signatures, a blank line, and so on."""
    parts = text.removesuffix("\n\n").split("\n\n") if text else []
    if len(parts) % 2:
        raise LedgerError("The file of checkpoints is cut off.")
    for body, lines in zip(parts[::2], parts[1::2], strict=True):
        yield f"{body}\n\n{lines}\n"


def _write(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _read(folder: Path, name: str) -> bytes:
    with (folder / name).open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise LedgerError(f"{name} is larger than a tile or bundle can be.")
    return data
