"""Freezes, announcements and the correction of the clock: said by a person, written with their entry."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest

from gadfly.act.approvals import consenting
from gadfly.act.books import book
from gadfly.act.calling import announcing
from gadfly.act.clock import latest
from gadfly.act.guard import GUARDS
from gadfly.act.halt import freezing
from gadfly.act.proof.sound import NAME, sound
from gadfly.config.owner import Owner
from gadfly.errors import LimitError, Refused
from gadfly.ledger.log import Log

NOW = 1_800_000_000.0
DAY = 86_400.0
PLAN, SEEN = sound(NOW)


@pytest.fixture
def state(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.executemany("INSERT INTO proof VALUES (?, 1e12, 1, '')", [(name,) for name in GUARDS])
    connection.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '', '')", (NAME,))
    connection.execute("BEGIN IMMEDIATE")
    return connection


def refusers(state: sqlite3.Connection, log: Log, now: float = NOW) -> set[str]:
    plan = msgspec.structs.replace(PLAN, made=now, inputs=(msgspec.structs.replace(PLAN.inputs[0], at=now),))
    seen = msgspec.structs.replace(SEEN, now=now, trusted=0.0)
    return {one.guard for one in book.propose(state, log, plan, seen).refusals}


def freeze(state: sqlite3.Connection, log: Log, **about: Any) -> None:
    known = {"name": "holidays", "who": "person:anna", "because": "nobody is there", "now": NOW}
    freezing.order(state, log, **{**known, **about})


def test_what_is_ordered_holds_until_it_is_lifted(state: sqlite3.Connection, log: Log) -> None:
    freeze(state, log)
    assert refusers(state, log) == {"freeze"}
    assert refusers(state, log, NOW + 20 * DAY) == {"freeze"}
    with pytest.raises(Refused, match="a person must"):
        freezing.lift(state, log, 1, who=PLAN.principal, because="in the way", now=NOW)
    freezing.lift(state, log, 1, who="person:anna", because="all are back", now=NOW)
    assert "freeze" not in refusers(state, log, NOW + 20 * DAY)
    with pytest.raises(Refused, match="No freeze 1 is in force"):
        freezing.lift(state, log, 1, who="person:anna", because="again", now=NOW)
    said = [entry.body["what"] for _, entry, _ in log.read(state, 0, 99) if entry.kind == "freeze"]
    assert said == ["ordered", "lifted"]


def test_it_ends_and_is_for_what_it_selects(state: sqlite3.Connection, log: Log) -> None:
    freeze(state, log, on='group = "other"')
    freeze(state, log, on=f'group = "{NAME}"', ends=NOW + 60)
    assert refusers(state, log, NOW + 59) == {"freeze"}
    assert refusers(state, log, NOW + 60) == set()


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"who": "automation:x"}, "a person must"),
        ({"because": " "}, "Say what"),
        ({"name": ""}, "Say what"),
        ({"on": "group"}, "not a selector"),
    ],
)
def test_what_is_no_freeze(state: sqlite3.Connection, log: Log, about: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        freeze(state, log, **about)


def test_there_are_not_endlessly_many(
    state: sqlite3.Connection, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezing, "STANDING", 1)
    freeze(state, log)
    with pytest.raises(LimitError, match="1 freezes are in force"):
        freeze(state, log)


def tell(state: sqlite3.Connection, log: Log, **about: Any) -> tuple[float, ...]:
    known = {
        "target": "vault",
        "owner": "storage",
        "action": "cloud:delete",
        "due": NOW + 31 * DAY,
        "by": "node",
    }
    return announcing.told(state, log, **{**known, "now": NOW, **about}).told


def test_each_notice_is_written_with_its_entry(state: sqlite3.Connection, log: Log) -> None:
    tell(state, log)
    assert tell(state, log, now=NOW + 24 * DAY) == (NOW, NOW + 24 * DAY)
    assert tell(state, log, now=NOW + 24 * DAY) == (NOW, NOW + 24 * DAY)
    assert [entry.body["days_ahead"] for _, entry, _ in log.read(state, 0, 2)] == ["31.0", "7.0"]


@pytest.mark.parametrize(
    ("about", "words"), [({"now": NOW + 31 * DAY}, "due already"), ({"owner": ""}, "Nobody")]
)
def test_what_cannot_be_announced(
    state: sqlite3.Connection, log: Log, about: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        tell(state, log, **about)


def test_what_was_announced_and_consented_to_may_end(state: sqlite3.Connection, log: Log) -> None:
    due = NOW - 60
    one = msgspec.structs.replace(PLAN.targets[0], name="vault")
    plan = msgspec.structs.replace(PLAN, targets=(one,), destructive=True, due=due)
    known = {"target": "vault", "owner": NAME, "action": plan.action, "due": due}

    def refused() -> set[str]:
        return {one.guard for one in book.propose(state, log, plan, SEEN).refusals}

    assert "announced" in refused()
    for days in (30, 7, 1):
        tell(state, log, **known, now=due - days * DAY - 60)
    assert "announced" in refused()
    said = {"owner": NAME, "principal": plan.principal, "action": plan.action, "target": "vault"}
    owners = {NAME: Owner()}
    consenting.consent(
        state, log, **said, who="person:olga", speaks_for=[NAME], owners=owners, now=NOW - DAY, lasts=3 * DAY
    )
    assert refused() == {"consequence"}  # it is still another person who must approve it


def right(state: sqlite3.Connection, log: Log, **about: Any) -> None:
    known = {"who": "person:anna", "because": "it had no battery", "witness": 0.0, "now": NOW}
    latest.correct(state, log, **{**known, **about})


def test_after_a_clock_that_ran_ahead_a_person_says_which_time_it_is(
    state: sqlite3.Connection, log: Log
) -> None:
    refusers(state, log, NOW + 10 * DAY)
    assert "expiry" in refusers(state, log)
    for about, words in (
        ({"who": "automation:x"}, "a person must"),
        ({"because": ""}, "say why"),
        ({"witness": NOW + DAY}, "A witness has seen"),
    ):
        with pytest.raises(Refused, match=words):
            right(state, log, **about)
    right(state, log)
    assert latest.latest(state) == NOW
    assert "expiry" not in refusers(state, log)
    with pytest.raises(Refused, match="nothing to correct"):
        right(state, log)
