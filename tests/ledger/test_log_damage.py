"""A damaged ledger takes nothing more and signs nothing: signing would make the damage the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from gadfly.errors import LedgerError
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Ed25519PrivateKey, Log

Fill = Callable[..., None]
Make = Callable[..., Entry]

DAMAGE = [
    ("UPDATE ledger_entry SET body = replace(body, 'down', 'well') WHERE id = 599", "were changed"),
    ("UPDATE ledger_entry SET body = replace(body, 'down', 'well') WHERE id = 512", "were changed"),
    ("DELETE FROM ledger_entry WHERE id = 550", "are missing"),
    (
        "UPDATE ledger_checkpoint SET peaks = zeroblob(length(peaks)) WHERE size = 600",
        "does not fit its tree",
    ),
    ("UPDATE ledger_checkpoint SET peaks = x'00' WHERE size = 600", "does not fit its tree"),
    ("UPDATE ledger_checkpoint SET size = 601, peaks = peaks || x'00' WHERE size = 600", "damaged"),
    ("UPDATE ledger_checkpoint SET note = 5 WHERE size = 600", "that this key signs"),
    ("UPDATE ledger_checkpoint SET note = CAST(note AS BLOB) WHERE size = 600", "that this key signs"),
    ("DELETE FROM ledger_tile WHERE level = 1", "wrong length"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGE)
def test_nothing_is_signed_over_damage(
    connection: sqlite3.Connection, log: Log, fill: Fill, damage: str, words: str, entry: Make
) -> None:
    fill(600)
    connection.execute(damage)
    before = connection.execute("SELECT count(*) FROM ledger_checkpoint").fetchone()
    with pytest.raises(LedgerError, match=words):
        log.append(connection, [entry(n) for n in range(600, 900)])
    assert connection.execute("SELECT count(*) FROM ledger_checkpoint").fetchone() == before


def test_a_rewritten_history_without_the_key_is_not_signed(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make
) -> None:
    fill(300)
    forger = Log(log.origin, Ed25519PrivateKey.from_private_bytes(b"f" * 32))
    connection.execute("DELETE FROM ledger_entry")
    for table in ("tile", "checkpoint", "about"):
        connection.execute(f"DELETE FROM ledger_{table}")
    forger.append(connection, [entry(n + 1) for n in range(300)])
    forger.checkpoint(connection)
    log.append(connection, [entry(300)])
    with pytest.raises(LedgerError, match="that this key signs"):
        log.checkpoint(connection)


def test_nothing_is_appended_where_covered_entries_are_gone(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make
) -> None:
    fill(600)
    connection.execute("DELETE FROM ledger_entry WHERE id >= 590")
    with pytest.raises(LedgerError, match="covers 600 entries and only 590"):
        log.append(connection, [entry(600)])
    with pytest.raises(LedgerError, match="only 590"):
        log.checkpoint(connection)


def test_another_key_does_not_go_on_with_the_ledger(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make
) -> None:
    fill(10)
    other = Log("gadfly/other/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    other.append(connection, [entry(10)])
    with pytest.raises(LedgerError, match="that this key signs"):
        other.checkpoint(connection)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger_tile SET hashes = substr(hashes, 1, 32) WHERE level = 0",
        "UPDATE ledger_tile SET middle = substr(middle, 1, 32) WHERE level = 0",
    ],
)
def test_a_tile_that_is_too_short_gives_no_proof(
    connection: sqlite3.Connection, log: Log, fill: Fill, damage: str
) -> None:
    fill(600)
    connection.execute(damage)
    with pytest.raises(LedgerError, match="too short"):
        log.inclusion(connection, 200, 600)


def test_peaks_of_a_wrong_length_give_no_proof(connection: sqlite3.Connection, log: Log, fill: Fill) -> None:
    fill(600)
    connection.execute("UPDATE ledger_checkpoint SET peaks = x'00'")
    with pytest.raises(LedgerError, match="damaged at the checkpoint"):
        log.root(connection, 600)
