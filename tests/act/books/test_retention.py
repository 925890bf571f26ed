"""What was measured long ago goes from the state (never from the ledger); what is open or unknown stays."""

from __future__ import annotations

import sqlite3

import msgspec
import pytest

from gadfly.act.books import book
from gadfly.act.guard import GUARDS
from gadfly.act.proof.sound import NAME, sound
from gadfly.ledger.log import Log
from gadfly.store.retention import Limits, prune

NOW = 1_800_000_000.0
DAY = 86_400.0
PLAN, SEEN = sound(NOW)


def act(state: sqlite3.Connection, log: Log, name: str, state_after: str) -> None:
    target = msgspec.structs.replace(PLAN.targets[0], name=name)
    decision = book.propose(state, log, msgspec.structs.replace(PLAN, targets=(target,)), SEEN)
    assert decision.intent is not None, decision.words
    if state_after != "open":
        outcome = book.Outcome(state=state_after, by="node", at=NOW)  # type: ignore[arg-type]
        book.finish(state, log, decision.intent.id, outcome)


def test_only_what_is_over_goes(connection: sqlite3.Connection, log: Log) -> None:
    connection.executemany("INSERT INTO proof VALUES (?, ?, 1, '')", [(name, NOW) for name in GUARDS])
    connection.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '', '')", (NAME,))
    connection.execute("BEGIN IMMEDIATE")
    for name, after in (("a", "verified"), ("b", "unknown"), ("c", "cancelled"), ("d", "open")):
        act(connection, log, name, after)
    for _ in range(2):
        connection.execute(
            "INSERT INTO request (plan, body, principal, automation, owner, lacks, at, ends)"
            " VALUES ('x', '', '', '', '', '', 0, ?)",
            (NOW,),
        )
    entries = connection.execute("SELECT COUNT(*) FROM ledger_entry").fetchone()
    assert prune(connection, NOW + 80 * DAY) == 0
    while prune(connection, NOW + 100 * DAY):
        pass
    assert connection.execute("SELECT state FROM intent").fetchall() == [("unknown",), ("open",)]
    assert connection.execute("SELECT target FROM reservation").fetchall() == [("b",), ("d",)]
    assert connection.execute("SELECT id FROM request").fetchall() == [(2,)]  # no number comes again
    assert connection.execute("SELECT COUNT(*) FROM ledger_entry").fetchone() == entries


def test_no_more_are_kept_than_the_limit(connection: sqlite3.Connection, log: Log) -> None:
    connection.executemany("INSERT INTO proof VALUES (?, ?, 1, '')", [(name, NOW) for name in GUARDS])
    connection.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '', '')", (NAME,))
    connection.execute("BEGIN IMMEDIATE")
    for name in "abcde":
        act(connection, log, name, "verified")
    prune(connection, NOW, Limits(intents=2))
    assert connection.execute("SELECT id FROM intent ORDER BY id").fetchall() == [(4,), (5,)]


NUMBERED = {
    "stop": ("scope, name, owner, who, because, at, entry, lifted", "'', '', '', '', '', 0, 0, ?"),
    "breakglass": ("who, because, at, ends, entry, reviewed", "'', '', 0, 0, 0, ?"),
    "freeze": ("name, selector, automation, who, because, starts, lifted", "'', '', '', '', '', 0, ?"),
}


@pytest.mark.parametrize("table", NUMBERED)
@pytest.mark.parametrize("last", [None, NOW])
def test_what_is_over_for_long_goes_and_its_number_never_comes_again(
    connection: sqlite3.Connection, table: str, last: float | None
) -> None:
    columns, values = NUMBERED[table]
    for over in (NOW, None, NOW, last):
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})", (over,))
    assert prune(connection, NOW + 89 * DAY) == 0
    while prune(connection, NOW + 100 * DAY):
        pass
    assert connection.execute(f"SELECT id FROM {table} ORDER BY id").fetchall() == [(2,), (4,)]


def test_a_brake_that_is_on_stays(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO brake VALUES ('on', '', 1.0, NULL, ''), ('off', '', NULL, ?, '')", (NOW,))
    assert prune(connection, NOW + 89 * DAY) == 0
    assert prune(connection, NOW + 91 * DAY) == 1
    assert connection.execute("SELECT target FROM brake").fetchall() == [("on",)]


def test_records_are_bounded_and_a_frozen_one_stays(connection: sqlite3.Connection) -> None:
    for number in range(5):
        frozen = "two failures" if number == 0 else ""
        connection.execute(
            "INSERT INTO standing VALUES (?, 'act', ?, 0, ?, '', '')", (f"a{number}", number, frozen)
        )
    assert prune(connection, NOW, Limits(records=2)) == 3
    left = connection.execute("SELECT automation FROM standing ORDER BY 1").fetchall()
    assert left == [("a0",), ("a4",)]
