"""The node's own copy of its newest checkpoint."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from gadfly.errors import LedgerError
from gadfly.ledger import anchor
from gadfly.ledger.log import Ed25519PrivateKey, Log

Fill = Callable[..., None]


def test_what_is_kept_is_read_again(
    connection: sqlite3.Connection, log: Log, fill: Fill, tmp_path: Path
) -> None:
    assert anchor.kept(tmp_path, log.verifier) is None
    for count in (10, 300):
        fill(count)
        head = log.latest(connection)
        assert head is not None
        anchor.keep(tmp_path, head)
        found = anchor.kept(tmp_path, log.verifier)
        assert found == head
        anchor.follow(connection, found)
    assert [path.name for path in tmp_path.iterdir()] == [anchor.NAME]


def test_a_copy_of_another_key_or_no_copy_is_said(
    connection: sqlite3.Connection, log: Log, fill: Fill, tmp_path: Path
) -> None:
    fill(1)
    head = log.latest(connection)
    assert head is not None
    anchor.keep(tmp_path, head)
    other = Log("gadfly/other/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(LedgerError, match="did not sign"):
        anchor.kept(tmp_path, other.verifier)
    (tmp_path / anchor.NAME).write_bytes(b"\xff")
    with pytest.raises(LedgerError, match="cannot be read"):
        anchor.kept(tmp_path, log.verifier)
    with pytest.raises(LedgerError, match="cannot be written"):
        anchor.keep(tmp_path / "missing", head)


def test_an_empty_database_does_not_follow(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Callable[..., object]
) -> None:
    fill(5)
    head = log.latest(connection)
    assert head is not None
    connection.execute("DELETE FROM ledger_entry")
    connection.execute("DELETE FROM ledger_checkpoint")
    with pytest.raises(LedgerError, match="was cut"):
        anchor.follow(connection, head)
