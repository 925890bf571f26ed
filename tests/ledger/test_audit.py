"""The audit finds every change of what is stored, one row and one bit at a time."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import note
from gadfly.ledger.audit import audit
from gadfly.ledger.audit_report import LIMIT, Report
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log

Fill = Callable[..., None]
Make = Callable[..., Entry]

WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS_KEY = note.verifier_of("gadfly/w/1", WITNESS, note.COSIGNATURE)


def witnessed(connection: sqlite3.Connection, log: Log, at: int) -> None:
    head = log.latest(connection)
    assert head is not None
    log.cosigned(connection, head.size, [checkpoints.cosign(head.note.text, "gadfly/w/1", WITNESS, at)])


@pytest.fixture
def whole(connection: sqlite3.Connection, log: Log, fill: Fill) -> sqlite3.Connection:
    """600 entries, two tiles, and a witness's cosignature."""
    fill(300)
    witnessed(connection, log, 1_790_000_305)
    fill(300)
    return connection


def run(connection: sqlite3.Connection, log: Log, **options: Any) -> Report:
    return audit(connection, log.verifier, witnesses=[WITNESS_KEY], **options)


def test_a_whole_ledger_is_clean(whole: sqlite3.Connection, log: Log) -> None:
    head = log.latest(whole)
    assert head is not None
    assert run(whole, log, needed=1, known=[head]) == Report(
        entries=600, covered=600, witnessed=300, tiles=3, checkpoints=2, cosignatures=1, root=head.root
    )


def test_an_empty_ledger_is_clean(connection: sqlite3.Connection, log: Log) -> None:
    assert run(connection, log) == Report()


def test_entries_that_wait_for_a_checkpoint_are_no_problem(
    whole: sqlite3.Connection, log: Log, entry: Make
) -> None:
    log.append(whole, [entry(600), entry(601)])
    report = run(whole, log)
    assert (report.clean, report.entries, report.covered) == (True, 602, 600)


CHANGES = [
    (
        "UPDATE ledger_entry SET body = CAST(replace(body, 'down', 'well') AS BLOB) WHERE id = 17",
        "entry 17 and",
    ),
    (
        "UPDATE ledger_entry SET body = CAST(replace(body, 'down', 'well') AS BLOB) WHERE id = 550",
        "first 600",
    ),
    ("UPDATE ledger_entry SET body = CAST(body AS TEXT) WHERE id = 17", "not bytes"),
    ("UPDATE ledger_entry SET body = x'7b7d' WHERE id = 17", "among entries 0 to 255"),
    ("UPDATE ledger_entry SET body = x'ff' WHERE id = 590", "among entries 512 to 599"),
    ("DELETE FROM ledger_entry WHERE id = 400", "entry 400 is missing; the next is 401"),
    ("DELETE FROM ledger_entry WHERE id = 0", "entry 0 is missing"),
    ("DELETE FROM ledger_entry WHERE id > 590", "covers 600 entries, and there are 591"),
    ("DELETE FROM ledger_entry", "covers 600 entries, and there are 0"),
    ("UPDATE ledger_entry SET id = -1 WHERE id = 0", "entry 0 is missing; the next is -1"),
    ("DELETE FROM ledger_tile WHERE level = 0 AND number = 0", "tile 0 of level 0 is not there"),
    ("DELETE FROM ledger_tile WHERE level = 0 AND number = 1", "tile 1 of level 0 is not there"),
    ("DELETE FROM ledger_tile WHERE level = 1", "tile 0 of level 1 is not there"),
    ("UPDATE ledger_tile SET number = 7 WHERE level = 0 AND number = 1", "tile 1 of level 0 is not there"),
    ("UPDATE ledger_tile SET number = 7 WHERE level = 1", "tile 7 of level 1 differs"),
    ("UPDATE ledger_tile SET level = 2 WHERE level = 1", "tile 0 of level 2 differs"),
    (
        "UPDATE ledger_tile SET hashes = 'text' WHERE level = 0 AND number = 0",
        "tile 0 of level 0 differs",
    ),
    ("UPDATE ledger_tile SET middle = x'' WHERE level = 0 AND number = 0", "tile 0 of level 0 differs"),
    ("INSERT INTO ledger_tile VALUES (0, -1, x'00', x'')", "tile -1 of level 0 is of no entries"),
    ("DELETE FROM ledger_checkpoint", "tile 0 of level 0 is of no entries"),
    ("INSERT INTO ledger_tile VALUES (0, 2, x'00', x'')", "tile 2 of level 0 is of no entries"),
    ("UPDATE ledger_checkpoint SET size = 599 WHERE size = 600", "checkpoint 599: it is not what was signed"),
    ("UPDATE ledger_checkpoint SET peaks = x'00' WHERE size = 300", "peaks of checkpoint 300"),
    ("UPDATE ledger_checkpoint SET note = 5 WHERE size = 600", "checkpoint 600"),
    ("UPDATE ledger_checkpoint SET note = note || note WHERE size = 600", "checkpoint 600"),
    (
        "UPDATE ledger_checkpoint SET note = note || '— x AAAAAAA=' || char(10) WHERE size = 600",
        "not what was",
    ),
    ("DELETE FROM ledger_checkpoint WHERE size = 300", "beneath no checkpoint"),
    ("UPDATE ledger_cosignature SET name = 'other'", "beneath no checkpoint"),
    ("UPDATE ledger_cosignature SET line = 5", "cosignature of checkpoint 300"),
    ("UPDATE ledger_checkpoint SET note = CAST(x'ff' AS TEXT) WHERE size = 600", "cannot be read to its end"),
    ("DELETE FROM ledger_about WHERE entry = 5", "index of subjects"),
    ("UPDATE ledger_about SET subject = 'component:c9' WHERE entry = 5", "index of subjects"),
    ("UPDATE ledger_about SET entry = 601 WHERE entry = 5", "index of subjects"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[change for change, _ in CHANGES])
def test_a_changed_row_is_found_and_named(
    whole: sqlite3.Connection, log: Log, change: str, words: str
) -> None:
    whole.execute(change)
    report = run(whole, log)
    assert any(words in problem for problem in report.problems), report.problems


def test_one_missing_tile_is_one_problem(whole: sqlite3.Connection, log: Log) -> None:
    whole.execute("DELETE FROM ledger_tile WHERE level = 0 AND number = 0")
    assert run(whole, log).problems == ["tile 0 of level 0 is not there"]


def test_a_damaged_first_entry_does_not_drown_the_report(whole: sqlite3.Connection, log: Log) -> None:
    whole.execute("UPDATE ledger_tile SET hashes = zeroblob(8192)")
    report = run(whole, log)
    assert len(report.problems) == LIMIT
    assert report.further > 300


COLUMNS = [
    ("ledger_entry", "body"),
    ("ledger_tile", "hashes"),
    ("ledger_tile", "middle"),
    ("ledger_checkpoint", "peaks"),
    ("ledger_checkpoint", "note"),
    ("ledger_cosignature", "line"),
    ("ledger_cosignature", "name"),
    ("ledger_about", "subject"),
]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=str)
def test_one_changed_bit_is_found(whole: sqlite3.Connection, log: Log, table: str, column: str) -> None:
    generator = random.Random(f"{table}.{column}")
    keys = {"ledger_entry": "id", "ledger_checkpoint": "size", "ledger_tile": "level, number"}
    key = keys.get(table, "size, name" if column in ("line", "name") else "subject, entry")
    rows = whole.execute(f"SELECT {key}, {column} FROM {table} WHERE length({column})").fetchall()
    where = " AND ".join(f"{name.strip()} = ?" for name in key.split(","))
    for _ in range(12):
        *place, value = generator.choice(rows)
        text = isinstance(value, str)
        data = bytearray(value.encode() if text else value)
        data[generator.randrange(len(data))] ^= 1 << generator.randrange(7 if text else 8)
        changed = data.decode(errors="replace") if text else bytes(data)
        whole.execute("SAVEPOINT one")
        whole.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", [changed, *place])
        assert not run(whole, log).clean, (place, value, changed)
        whole.execute("ROLLBACK TO one")
    assert run(whole, log).clean


def test_the_wrong_key_believes_nothing(whole: sqlite3.Connection) -> None:
    other = note.verifier_of("gadfly/test/00000001", WITNESS)
    report = audit(whole, other, witnesses=[WITNESS_KEY])
    assert any("did not sign" in problem for problem in report.problems)


def test_a_cosignature_of_nobody_known_is_a_note(whole: sqlite3.Connection, log: Log) -> None:
    report = audit(whole, log.verifier)
    assert (report.clean, report.cosignatures, report.unknown, report.witnessed) == (True, 1, 1, 0)
    (problem,) = audit(whole, log.verifier, needed=1).problems
    assert "no checkpoint has the cosignatures" in problem


def test_another_key_under_a_known_name_is_a_finding(whole: sqlite3.Connection, log: Log) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    named = note.verifier_of("gadfly/w/1", other, note.COSIGNATURE)
    (problem,) = audit(whole, log.verifier, witnesses=[named]).problems
    assert "not by the key that was given" in problem
