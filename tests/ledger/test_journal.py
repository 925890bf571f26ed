"""Decisions end with the ledger, observations go on; mail addresses stand nowhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import LedgerError
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import SILENT, Journal

ENTRY = Entry(kind="flip", who="node", at=0.0)


class Broken:
    """Writes a row, then fails."""

    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        connection.execute("INSERT INTO ledger_entry (id, body) VALUES (0, x'00')")
        raise LedgerError("damaged")


def rows(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM ledger_entry").fetchone()[0])


def test_an_observation_that_fails_takes_its_rows_back_and_nothing_else(
    connection: sqlite3.Connection,
) -> None:
    journal = Journal(Broken())
    connection.execute("BEGIN")
    connection.execute("INSERT INTO flip VALUES (1, 0, 'x', 0, 1, '', NULL)")
    assert journal.observe(connection, [ENTRY]) == range(0)
    connection.execute("COMMIT")
    assert rows(connection) == 0
    assert connection.execute("SELECT count(*) FROM flip").fetchone() == (1,)
    assert journal.trouble == "damaged"


def test_a_decision_that_fails_raises(connection: sqlite3.Connection) -> None:
    with pytest.raises(LedgerError, match="damaged"):
        Journal(Broken()).write(connection, [ENTRY])


def test_without_a_ledger_nothing_is_written(connection: sqlite3.Connection) -> None:
    assert SILENT.write(connection, [ENTRY]) == SILENT.observe(connection, [ENTRY]) == range(0)
    assert rows(connection) == 0


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("mailto:anna@example.org", "mailto:#"),
        ("anna@example.org → bob.b+x@mail.example.co.uk", "# → #"),
        ("contact <anna@example.org>, then (b@c.de).", "contact <#>, then (#)."),
        ("orders@3 and user@host and @home", "orders@3 and user@host and @home"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_mail_addresses_are_hashed(text: str, fit: str) -> None:
    assert Journal(None, lambda address: "#").fit(text) == fit


@given(st.text(max_size=300))
def test_no_address_survives(text: str) -> None:
    journal = Journal(None, lambda address: "#")
    assert "anna@example.org" not in journal.fit(f"{text} anna@example.org {text}")


@pytest.mark.parametrize(
    ("name", "principal"),
    [("deploy", "program:deploy"), ("anna@example.org", "program:#"), ("", "nobody")],
)
def test_who_presented_a_token(name: str, principal: str) -> None:
    assert Journal(None, lambda address: "#").token(name) == principal
