"""An exported ledger is static tlog-tiles, and can be loaded, audited and gone on with."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gadfly.errors import LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import export, merkle, note, tiles
from gadfly.ledger.audit import audit
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Ed25519PrivateKey, Log
from gadfly.store.schema import migrate

Fill = Callable[..., None]
Bodies = Callable[[int], list[bytes]]
Make = Callable[..., Entry]

WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS_KEY = note.verifier_of("gadfly/w/1", WITNESS, note.COSIGNATURE)


@pytest.fixture
def empty() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def folder(connection: sqlite3.Connection, log: Log, fill: Fill, tmp_path: Path) -> Path:
    """700 entries, exported; the checkpoint of 300 is cosigned."""
    fill(300)
    head = log.latest(connection)
    assert head is not None
    log.cosigned(connection, 300, [checkpoints.cosign(head.note.text, "gadfly/w/1", WITNESS, 1_790_000_300)])
    fill(400)
    export.export(connection, tmp_path / "out")
    return tmp_path / "out"


def test_the_files_are_tlog_tiles(folder: Path, log: Log, bodies: Bodies) -> None:
    head = checkpoints.verify((folder / "checkpoint").read_text(), log.verifier)
    leaves = merkle.Peaks()
    for tile in tiles.wanted(None, head.size):
        hashes = (folder / tiles.path(tile._replace(level=0))).read_bytes()
        for at, body in enumerate(tiles.unbundle((folder / tiles.path(tile)).read_bytes())):
            assert hashes[at * 32 : at * 32 + 32] == merkle.leaf_hash(body)
            leaves.push(merkle.leaf_hash(body))
    assert (leaves.size, leaves.root()) == (head.size, head.root)
    assert (folder / "tile/1/000.p/2").stat().st_size == 64
    assert (folder / "entries.jsonl").read_bytes().splitlines() == bodies(700)


def test_what_is_loaded_is_the_same_and_goes_on(
    folder: Path, connection: sqlite3.Connection, empty: sqlite3.Connection, log: Log, entry: Make
) -> None:
    export.load(empty, folder)
    options = {"witnesses": [WITNESS_KEY], "needed": 1}
    report = audit(empty, log.verifier, **options)  # type: ignore[arg-type]
    assert report.clean
    assert report == audit(connection, log.verifier, **options)  # type: ignore[arg-type]
    log.append(empty, [entry(n) for n in range(700, 1000)])
    assert log.checkpoint(empty) is None
    assert audit(empty, log.verifier, **options).clean  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["tile/0/000", "tile/1/000.p/2", "tile/entries/002.p/188", "checkpoints"])
def test_a_changed_file_is_found(folder: Path, empty: sqlite3.Connection, log: Log, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(bytes(data))
    try:
        export.load(empty, folder)
    except LedgerError:
        return
    assert not audit(empty, log.verifier, witnesses=[WITNESS_KEY]).clean


@pytest.mark.parametrize("name", ["tile/0/001", "tile/entries/000", "checkpoints"])
def test_a_missing_file_is_said(folder: Path, empty: sqlite3.Connection, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(LedgerError, match="not a whole export"):
        export.load(empty, folder)


def test_a_file_that_cannot_be_one_is_refused(folder: Path, empty: sqlite3.Connection) -> None:
    bundle = folder / "tile/entries/000"
    whole = bundle.read_bytes()
    bundle.write_bytes(bytes(export.LARGEST + 1))
    with pytest.raises(LedgerError, match="larger than"):
        export.load(empty, folder)
    bundle.write_bytes(whole + tiles.bundle([b"{}"]))
    with pytest.raises(LedgerError, match="holds 257 entries and not 256"):
        export.load(empty, folder)
    text = (folder / "checkpoints").read_text()
    (folder / "checkpoints").write_text(text.removesuffix("\n\n").rpartition("\n\n")[0])
    with pytest.raises(LedgerError, match="cut off"):
        export.load(empty, folder)


def test_a_cosignature_that_is_there_twice_is_refused(folder: Path, empty: sqlite3.Connection) -> None:
    text = (folder / "checkpoints").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("— gadfly/w/1")]
    (folder / "checkpoints").write_text(text.replace(line, f"{line}\n{line}"))
    with pytest.raises(LedgerError, match="twice"):
        export.load(empty, folder)


def test_nothing_is_written_over(folder: Path, connection: sqlite3.Connection) -> None:
    with pytest.raises(LedgerError, match="not empty"):
        export.export(connection, folder)
    with pytest.raises(LedgerError, match="already hold"):
        export.load(connection, folder)
    (folder / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be written"):
        export.export(connection, folder / "file")


def test_there_is_nothing_to_export_without_a_checkpoint(empty: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no checkpoint yet"):
        export.export(empty, tmp_path / "out")
