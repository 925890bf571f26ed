"""A token belongs to a person or is a program's; those of a database of before are programs'."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from gadfly.errors import Refused
from gadfly.store import tokens
from gadfly.store.schema import MIGRATIONS, migrate

BEFORE = 5
"""Migrations of a database that knew no persons."""


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    yield made
    made.close()


def test_two_tokens_of_a_person_are_one_principal(connection: sqlite3.Connection) -> None:
    for number, name in enumerate(("laptop", "phone")):
        tokens.add(connection, name, ["approve"], b"%d" % number, 0.0, person="anna")
    tokens.add(connection, "deploy", ["act"], b"d", 0.0)
    found = [one.principal for one in tokens.everything(connection)]
    assert found == ["person:anna", "person:anna", "program:deploy"]


@pytest.mark.parametrize("scopes", [["approve"], ["act", "approve:payments"]])
def test_a_program_gets_no_token_to_approve_with(connection: sqlite3.Connection, scopes: list[str]) -> None:
    with pytest.raises(Refused, match="A program approves nothing"):
        tokens.add(connection, "bot", scopes, b"x", 0.0)
    assert tokens.everything(connection) == []


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("anna", True),
        ("anna@example.org", True),
        ("jörg.o-neill_2", True),
        ("a", True),
        ("Anna", False),
        ("anna b", False),
        ("~anna", False),
        ("anna.", False),
        ("*", False),
        ("a" * 101, False),
    ],
)
def test_a_person_has_one_name(connection: sqlite3.Connection, name: str, good: bool) -> None:
    assert tokens.is_person(name) is good
    if not good:
        with pytest.raises(Refused, match="in lower case"):
            tokens.add(connection, "t", ["read"], b"x", 0.0, person=name)


def test_what_was_there_before_goes_on_as_a_program() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for script in MIGRATIONS[:BEFORE]:
        connection.executescript(script)
    connection.execute(f"PRAGMA user_version = {BEFORE}")
    connection.execute("INSERT INTO token VALUES (1, 'anna', x'00', 'admin', 0, NULL, NULL)")
    connection.execute("INSERT INTO stop VALUES (1, 'everything', '', '', 'token:anna', 'x', 0, 0, NULL, '')")
    connection.execute("INSERT INTO consent VALUES (1, 'ops', 'token:deploy', 'a', '', 'token:anna', 0, 9)")
    for number, state in enumerate(("waiting", "approved", "done"), 1):
        connection.execute(
            "INSERT INTO request VALUES (?, 'p', x'', 'node', 'x', 'o', 'token:anna', '', 0, 9, ?, '')",
            (number, state),
        )
    migrate(connection)
    [kept] = tokens.everything(connection)
    assert (kept.principal, kept.scopes) == ("program:anna", ("admin",))
    assert connection.execute("SELECT who FROM stop").fetchone() == ("program:anna",)
    assert connection.execute("SELECT principal FROM consent").fetchone() == ("program:deploy",)
    states = [state for (state,) in connection.execute("SELECT state FROM request ORDER BY id")]
    assert states == ["denied", "denied", "done"]
    connection.close()
