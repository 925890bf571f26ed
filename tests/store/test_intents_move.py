"""Intents of an older file are all there after the step that lets an act be done in part."""

from __future__ import annotations

import sqlite3

import pytest

from gadfly.store.schema import MIGRATIONS, migrate

BEFORE = 5
"""The schema whose intents know no part."""


@pytest.fixture
def old() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for number, script in enumerate(MIGRATIONS[:BEFORE], 1):
        connection.executescript(f"BEGIN;{script}PRAGMA user_version = {number};COMMIT;")
    return connection


def intent(connection: sqlite3.Connection, state: str) -> int:
    made = connection.execute(
        "INSERT INTO intent (entry, plan, body, principal, automation, owner, action, symptom, cost, at,"
        " ends, state) VALUES ((SELECT COALESCE(MAX(entry), 0) + 1 FROM intent),"
        " '', '', '', 'a', '', '', '', 0, 1, 2, ?)",
        (state,),
    )
    assert made.lastrowid is not None
    return made.lastrowid


def test_they_keep_their_numbers_and_what_they_count_for(old: sqlite3.Connection) -> None:
    for state in ("verified", "failed", "unknown", "open", "cancelled"):
        intent(old, state)
    migrate(old)
    assert old.execute("SELECT id, state, counted FROM intent ORDER BY id").fetchall() == [
        (1, "verified", "verified"),
        (2, "failed", "failed"),
        (3, "unknown", "unknown"),
        (4, "open", ""),
        (5, "cancelled", ""),
    ]


@pytest.mark.parametrize("left", [0, 1])
def test_no_fencing_number_comes_again(old: sqlite3.Connection, left: int) -> None:
    for _ in range(3):
        intent(old, "verified")
    old.execute("DELETE FROM intent WHERE id > ?", (left,))
    migrate(old)
    assert intent(old, "partial") == 4
