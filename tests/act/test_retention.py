"""What was measured long ago goes from the state (never from the ledger); what is open or unknown stays."""

from __future__ import annotations

import sqlite3

import msgspec

from gadfly.act import book
from gadfly.act.guard import GUARDS
from gadfly.act.synthetic import NAME, sound
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
    connection.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '')", (NAME,))
    connection.execute("BEGIN IMMEDIATE")
    for name, after in (("a", "verified"), ("b", "unknown"), ("c", "cancelled"), ("d", "open")):
        act(connection, log, name, after)
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
    assert connection.execute("SELECT COUNT(*) FROM request").fetchone() == (0,)
    assert connection.execute("SELECT COUNT(*) FROM ledger_entry").fetchone() == entries


def test_no_more_are_kept_than_the_limit(connection: sqlite3.Connection, log: Log) -> None:
    connection.executemany("INSERT INTO proof VALUES (?, ?, 1, '')", [(name, NOW) for name in GUARDS])
    connection.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '')", (NAME,))
    connection.execute("BEGIN IMMEDIATE")
    for name in "abcde":
        act(connection, log, name, "verified")
    prune(connection, NOW, Limits(intents=2))
    assert connection.execute("SELECT id FROM intent ORDER BY id").fetchall() == [(4,), (5,)]
