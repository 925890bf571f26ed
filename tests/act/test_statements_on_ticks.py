"""Nothing that runs again and again, or within the gate's transaction, reads a large table whole."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from gadfly.act.books import book, intents
from gadfly.act.bypass import unexplained
from gadfly.act.guard import GUARDS
from gadfly.act.halt import breakglass, stop_book
from gadfly.act.mail import report
from gadfly.act.owner_load import load_book
from gadfly.act.proof import synthetic
from gadfly.act.proof.sound import NAME, sound
from gadfly.act_view import duties, grants, showing
from gadfly.config import Config
from gadfly.config.act import Automation, Limits
from gadfly.config.owner import Owner
from gadfly.ledger.log import Log
from gadfly.store import flips, retention
from gadfly.store.schema import migrate

NOW = 1_800_000_000.0
LARGE = "intent|stop|approval|consent|request|reservation|flip|outbox|ledger_entry|ledger_about|tried"
AUTOMATION = Automation(
    owner="payments",
    purpose="A worker that stalls has never recovered by itself.",
    on='component.stalled for 1m, group = "workers"',
    run="notify owner",
    limits=Limits(at_once=1, group="50%", fleet="50%", per_hour=6, tries_per_target=5),
    expect="component alive within 30s",
    undo="irreversible",
    level="act",
    expires=dt.date(2027, 12, 31),
    review=dt.date(2027, 12, 31),
)
OPEN = frozenset({"intent_open", "intent_left", "reservation_held", "stop_standing", "ledger_unexplained"})
"""Partial indexes of what is open, or of the few of a kind: to walk along one of them is no scan."""


class Noting(sqlite3.Connection):
    """Keeps every statement that was run, with what it was given."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.ran: dict[str, Any] = {}

    def execute(self, sql: str, given: Any = ()) -> sqlite3.Cursor:
        self.ran[sql] = given
        return super().execute(sql, given)

    def executemany(self, sql: str, given: Iterable[Any]) -> sqlite3.Cursor:
        rows = list(given)
        if rows:
            self.ran[sql] = rows[0]
        return super().executemany(sql, rows)

    def scans(self) -> list[str]:
        """Each step of a plan that reads a large table from end to end, with its statement."""
        found = []
        for sql, given in tuple(self.ran.items()):
            if not re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)", sql):
                continue
            for *_, step in super().execute(f"EXPLAIN QUERY PLAN {sql}", given):
                match = re.match(rf"SCAN ({LARGE})\b(?: USING (?:COVERING )?INDEX (\w+))?", step)
                if match and match[2] not in OPEN:
                    found.append(f"{step}: {sql}")
        return found


@pytest.fixture
def noting() -> Noting:
    made = sqlite3.connect(":memory:", isolation_level=None, factory=Noting)
    migrate(made)
    made.ran.clear()
    return made


def allowed(connection: sqlite3.Connection, log: Log) -> int:
    plan, seen = sound(NOW)
    connection.executemany("INSERT INTO proof VALUES (?, ?, 1, '')", [(name, NOW) for name in GUARDS])
    connection.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '', '')", (NAME,))
    decision = book.propose(connection, log, plan, seen)
    assert decision.intent is not None, decision.words
    return decision.intent.id


def gate(connection: sqlite3.Connection, log: Log) -> None:
    plan, seen = sound(NOW)
    number = allowed(connection, log)
    book.again(connection, log, number, plan, seen)
    cell = plan.targets[0].cell
    outcome = book.Outcome(state="verified", by="node", at=NOW)
    book.verified_in(connection, log, number, cell, outcome)
    book.finish(connection, log, number, outcome)
    for refused, situation in synthetic.cases(NOW)["attempts"]:
        book.propose(connection, log, refused, situation)


def stopped(connection: sqlite3.Connection, log: Log) -> None:
    stop_book.put(connection, log, scope="everything", who="person:anna", because="", now=NOW)
    stop_book.shown(connection, NOW)
    stop_book.in_force(connection)
    stop_book.since(connection, 1)


def ends(connection: sqlite3.Connection, log: Log) -> None:
    number = allowed(connection, log)
    intents.left_open(connection)
    intents.left_unknown(connection)
    assert [one.intent for one in book.lapse(connection, log, NOW + 1e6)] == [number]


def side_door(connection: sqlite3.Connection, log: Log) -> None:
    unexplained.around(connection, NOW, NOW)


def glass(connection: sqlite3.Connection, log: Log) -> None:
    breakglass.standing(connection, NOW)


def shown(connection: sqlite3.Connection, log: Log) -> None:
    config = Config()
    duties.freezes(connection, config, NOW)
    duties.unexplained(connection, NOW)
    grants.consents(connection, NOW)
    showing._count(connection, NOW)
    showing._next(connection, NOW)


def load(connection: sqlite3.Connection, log: Log) -> None:
    config = Config(owner={"payments": Owner()}, automation={NAME: AUTOMATION})
    load_book.coming(connection, config, NOW)
    allowed(connection, log)
    report.report(connection, config, "payments", NOW - 100.0, NOW + 100.0)


def history(connection: sqlite3.Connection, log: Log) -> None:
    retention.prune(connection, NOW)
    flips.names(connection, 1)
    flips.of(connection, "a")
    flips.entries(connection, "a", 10)


Tick = Callable[[sqlite3.Connection, Log], None]


@pytest.mark.parametrize(
    "tick", [gate, stopped, ends, side_door, glass, shown, load, history], ids=lambda tick: tick.__name__
)
def test_no_large_table_is_read_whole(noting: Noting, log: Log, tick: Tick) -> None:
    flips.add(noting, [flips.Flip(NOW, "a", 0, 8, "", 1)])
    noting.execute("BEGIN IMMEDIATE")
    noting.ran.clear()
    tick(noting, log)
    assert noting.ran
    assert noting.scans() == []


def test_how_often_a_target_was_touched_is_read_from_its_last_hour_only(noting: Noting, log: Log) -> None:
    noting.execute("BEGIN IMMEDIATE")
    allowed(noting, log)
    (sql,) = (one for one in noting.ran if "action NOT LIKE 'notify%'" in one)
    steps = [step for *_, step in noting.execute(f"EXPLAIN QUERY PLAN {sql}", noting.ran[sql])]
    assert any("reservation_touched (target=? AND at>?)" in step for step in steps), steps
