"""An audit by processes beside finds what one alone finds, in the same words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.ledger import audit_block
from gadfly.ledger.audit import audit
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.store.schema import migrate

COUNT = 256 * 6 + 30
LOG = Log("gadfly/test/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(audit_block, "WORTH", 1)
    monkeypatch.setattr(audit_block, "RANGE", 2)
    made = tmp_path / "gadfly.db"
    connection = sqlite3.connect(made, isolation_level=None)
    migrate(connection)
    connection.execute("BEGIN")
    for number in range(COUNT):
        who = "node" if number % 3 else "person:anna"
        about = (f"component:c{number % 7}", "owner:o") if number % 5 else (f"component:c{number % 7}",)
        LOG.append(
            connection, [Entry(kind="flip", who=who, about=about, body={"n": number}, at=1e9 + number)]
        )
    LOG.checkpoint(connection)
    connection.execute("COMMIT")
    connection.close()
    return made


@pytest.mark.parametrize(
    ("change", "clean"),
    [
        ("SELECT 1", True),
        ("UPDATE ledger_entry SET body = CAST(replace(body, '1', '2') AS BLOB) WHERE id = 700", False),
        ("UPDATE ledger_entry SET body = X'00' WHERE id = 0", False),
        ("UPDATE ledger_entry SET body = 'text' WHERE id = 1400", False),
        ("DELETE FROM ledger_entry WHERE id = 300", False),
        ("UPDATE ledger_entry SET id = -1 WHERE id = 0", False),
        ("INSERT INTO ledger_entry VALUES (-5, X'00')", False),
        ("DELETE FROM ledger_entry WHERE id = 1565", False),
        ("UPDATE ledger_tile SET hashes = zeroblob(8192) WHERE level = 0 AND number = 4", False),
        ("DELETE FROM ledger_about WHERE entry = 900", False),
        ("DELETE FROM ledger_entry", False),
    ],
)
def test_it_says_what_one_alone_says(path: Path, change: str, clean: bool) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(change)
        alone, together = (audit(connection, LOG.verifier, processes=number) for number in (1, 2))
        assert msgspec.structs.asdict(together) == msgspec.structs.asdict(alone)
        assert together.clean is clean
        assert together.entries == COUNT or not clean
    finally:
        connection.close()


def test_processes_really_do_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = audit_block.Beside.__init__

    def made(self: audit_block.Beside, file: str, count: int, processes: int) -> None:
        asked.append(processes)
        real(self, file, count, processes)

    monkeypatch.setattr(audit_block.Beside, "__init__", made)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        assert audit(connection, LOG.verifier, processes=2).clean
        assert audit(connection, LOG.verifier).clean
    finally:
        connection.close()
    assert asked == [2]


def test_what_has_no_file_is_done_here() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    LOG.append(connection, [Entry(kind="flip", who="node", at=1e9)])
    assert audit_block.beside(connection, 2) is None
    connection.close()
