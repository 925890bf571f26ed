"""Nobody approves their own; a yes is for one plan, one act and a time, and stands in the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from gadfly.act.approvals import approval, consenting
from gadfly.act.books import book
from gadfly.act.gate import Decision
from gadfly.act.guard import GUARDS
from gadfly.act.plan import Plan
from gadfly.act.proof.sound import NAME, sound
from gadfly.config.owner import Owner
from gadfly.errors import LimitError, Refused
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log

NOW = 1_800_000_000.0
PLAN, SEEN = sound(NOW)
OWNERS = {NAME: Owner(owner="platform"), "platform": Owner(), "other": Owner()}


@pytest.fixture
def state(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A state in which the guards are proven, and the automation acts on approval."""
    connection.executemany("INSERT INTO proof VALUES (?, ?, 1, '')", [(name, NOW) for name in GUARDS])
    connection.execute("BEGIN IMMEDIATE")
    return connection


def propose(
    state: sqlite3.Connection, log: Log, plan: Plan = PLAN, now: float = NOW, asked_by: str = ""
) -> Decision:
    fresh = msgspec.structs.replace(
        plan,
        made=now,
        asked_by=asked_by,
        inputs=tuple(msgspec.structs.replace(one, at=now) for one in plan.inputs),
    )
    seen = msgspec.structs.replace(SEEN, now=now, trusted=0.0)
    return book.propose(state, log, fresh, seen)


def waiting(state: sqlite3.Connection, log: Log, asked_by: str = "") -> int:
    number = propose(state, log, asked_by=asked_by).request
    assert number is not None
    return number


def approve(state: sqlite3.Connection, log: Any, number: int, **about: Any) -> Any:
    known = {"who": "person:anna", "speaks_for": [NAME], "owners": OWNERS, "note": "looked", "now": NOW}
    return approval.approve(state, log, number, **{**known, **about})


def test_what_was_approved_may_be_done_once(state: sqlite3.Connection, log: Log) -> None:
    number = waiting(state, log)
    approve(state, log, number)
    decision = propose(state, log, now=NOW + 60)
    assert decision.allowed
    assert decision.intent is not None
    meant = log.read(state, decision.intent.entry, decision.intent.entry + 1)[0][1]
    assert meant.body["approved"] == ["person:anna"]
    assert approval.find(state, number).state == "done"
    outcome = book.Outcome(state="verified", by="node", at=NOW + 90)
    book.finish(state, log, decision.intent.id, outcome)
    again = propose(state, log, now=NOW + 120)
    assert not again.allowed
    assert again.waits


def test_it_stands_in_the_ledger(state: sqlite3.Connection, log: Log) -> None:
    number = waiting(state, log, asked_by="person:ben")
    approve(state, log, number)
    entry = log.read(state, 1, 2)[0][1]
    assert (entry.kind, entry.who, entry.body["what"]) == ("approval", "person:anna", "approved")
    assert (entry.body["plan"], entry.body["asked_by"]) == (
        msgspec.structs.replace(PLAN, asked_by="person:ben").hash,
        "person:ben",
    )


class Failing:
    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        raise LimitError("full")


def test_without_its_entry_it_is_none(state: sqlite3.Connection, log: Log) -> None:
    number = waiting(state, log)
    with pytest.raises(LimitError):
        approve(state, Failing(), number)
    assert approval.find(state, number).state == "waiting"
    assert not propose(state, log, now=NOW + 1).allowed


@pytest.mark.parametrize(
    ("asked_by", "about", "words"),
    [
        ("", {"who": f"automation:{NAME}"}, "a person must"),
        ("", {"who": "automation:other"}, "a person must"),
        ("", {"who": "node"}, "a person must"),
        ("person:anna", {}, "nobody approves their own"),
        ("person:anna", {"who": "person:anna"}, "nobody approves their own"),
        ("", {"speaks_for": ["other"]}, "does not speak for synthetic"),
        ("", {"speaks_for": []}, "does not speak for synthetic"),
        ("", {"now": NOW + 3600}, "waited too long"),
    ],
)
def test_who_may_not(
    state: sqlite3.Connection, log: Log, asked_by: str, about: dict[str, Any], words: str
) -> None:
    number = waiting(state, log, asked_by)
    with pytest.raises(Refused, match=words):
        approve(state, log, number, **about)
    assert not propose(state, log, now=NOW + 1).allowed


@pytest.mark.parametrize("about", [{"speaks_for": ["platform"]}, {"who": "person:anna"}])
def test_who_may(state: sqlite3.Connection, log: Log, about: dict[str, Any]) -> None:
    approve(state, log, waiting(state, log), **about)
    assert propose(state, log, now=NOW + 1).allowed


def test_it_ends(state: sqlite3.Connection, log: Log) -> None:
    approve(state, log, waiting(state, log), lasts=60.0)
    assert not propose(state, log, now=NOW + 60).allowed


def test_it_does_not_outlast_a_clock_that_was_set_back(state: sqlite3.Connection, log: Log) -> None:
    approve(state, log, waiting(state, log), lasts=30.0)
    propose(state, log, msgspec.structs.replace(PLAN, cost=99.0), now=NOW + 40)
    assert not propose(state, log, now=NOW + 1).allowed


def test_it_is_for_this_plan_only(state: sqlite3.Connection, log: Log) -> None:
    approve(state, log, waiting(state, log))
    fewer = msgspec.structs.replace(PLAN, targets=PLAN.targets[:1])
    assert not propose(state, log, fewer).allowed


def test_two_do_not_decide_twice(state: sqlite3.Connection, log: Log) -> None:
    number = waiting(state, log)
    approve(state, log, number)
    with pytest.raises(Refused, match="does not wait any more: it is approved"):
        approve(state, log, number, who="person:ben")
    with pytest.raises(Refused, match="No plan waits under the number 99"):
        approve(state, log, 99)


def deny(state: sqlite3.Connection, log: Log, number: int, **about: Any) -> approval.Request:
    known = {"who": "person:anna", "speaks_for": [NAME], "owners": OWNERS, "note": "no", "now": NOW}
    return approval.deny(state, log, number, **{**known, **about})


def test_a_no_ends_it(state: sqlite3.Connection, log: Log) -> None:
    number = waiting(state, log)
    assert deny(state, log, number).state == "denied"
    with pytest.raises(Refused, match="it is denied"):
        approve(state, log, number)
    assert log.read(state, 1, 2)[0][1].body["what"] == "denied"
    assert approval.requests(state, NOW) == []
    assert [one.id for one in approval.requests(state, NOW, state="denied")] == [number]


def test_whoever_asked_may_take_it_back(state: sqlite3.Connection, log: Log) -> None:
    number = waiting(state, log, asked_by="person:ben")
    with pytest.raises(Refused, match="does not speak for"):
        deny(state, log, number, who="person:eve", speaks_for=[])
    assert deny(state, log, number, who="person:ben", speaks_for=[]).decided_by == "person:ben"


def test_what_waits_is_listed_with_its_plan(state: sqlite3.Connection, log: Log) -> None:
    number = waiting(state, log, asked_by="person:ben")
    (one,) = approval.requests(state, NOW)
    wanted = msgspec.structs.replace(PLAN, asked_by="person:ben").hash
    assert (one.id, one.hash, one.asked_by, one.plan.hash) == (number, wanted, "person:ben", wanted)
    assert "somebody else must approve" in one.lacks
    assert approval.requests(state, NOW + 3600) == []


STRANGE = msgspec.structs.replace(
    PLAN, targets=tuple(msgspec.structs.replace(one, owner="other") for one in PLAN.targets)
)


def consent(state: sqlite3.Connection, log: Log, **about: Any) -> Any:
    known = {
        "owner": "other",
        "principal": PLAN.principal,
        "action": PLAN.action,
        "who": "person:olga",
        "speaks_for": ["other"],
        "owners": OWNERS,
        "now": NOW,
        "lasts": 3600.0,
    }
    return consenting.consent(state, log, **{**known, **about})


def test_an_owner_consents_to_what_another_does(state: sqlite3.Connection, log: Log) -> None:
    state.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '', '')", (NAME,))
    assert {one.guard for one in propose(state, log, STRANGE).refusals} == {"consent"}
    consent(state, log)
    assert propose(state, log, STRANGE).allowed
    entry = log.about(state, "owner:other")[0][1]
    assert (entry.who, entry.body["what"]) == ("person:olga", "consented")


def test_a_consent_ends(state: sqlite3.Connection, log: Log) -> None:
    state.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '', '')", (NAME,))
    consent(state, log)
    assert not propose(state, log, STRANGE, NOW + 3600).allowed


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"who": "automation:other"}, "a person who speaks for other must"),
        ({"who": "person:anna", "principal": "person:anna"}, "cannot consent to this"),
        ({"speaks_for": [NAME]}, "does not speak for other"),
    ],
)
def test_who_may_not_consent(state: sqlite3.Connection, log: Log, about: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        consent(state, log, **about)
