"""A record raises by proposal, a failure lowers by itself, two freeze until a person has looked."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest

from gadfly.act.automation import does
from gadfly.act.books import book, reading
from gadfly.act.guard import GUARDS
from gadfly.act.ladder import standing_book
from gadfly.act.proof.sound import NAME, sound
from gadfly.act.situation import Standing
from gadfly.catalogue import loads
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.ledger.log import Log

NOW = 1_800_000_000.0
PLAN, SEEN = sound(NOW)
OWNERS = {NAME: Owner(owner="platform"), "platform": Owner()}


@pytest.fixture
def state(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.executemany("INSERT INTO proof VALUES (?, 1e12, 1, '')", [(name,) for name in GUARDS])
    connection.execute("BEGIN IMMEDIATE")
    return connection


def run(state: sqlite3.Connection, log: Log, how: Any, number: int, undoes: int = 0) -> Standing:
    """One act and its outcome, whatever level is needed for it."""
    now = NOW + number * 3600
    assert SEEN.terms is not None
    plan = msgspec.structs.replace(
        PLAN,
        made=now,
        undoes=undoes,
        targets=(msgspec.structs.replace(PLAN.targets[0], name=f"t{number}"),),
        symptom=f"case {number}",
        inputs=(msgspec.structs.replace(PLAN.inputs[0], at=now),),
    )
    seen = msgspec.structs.replace(
        SEEN, now=now, trusted=0.0, terms=msgspec.structs.replace(SEEN.terms, expires=1e12, review=1e12)
    )
    guards = {
        name: guard
        for name, guard in GUARDS.items()
        if name not in ("autonomy", "level", "proof", "attempts")
    }
    decision = book.propose(state, log, plan, seen, guards=guards)
    assert decision.intent is not None, decision.words
    return book.finish(state, log, decision.intent.id, book.Outcome(state=how, by="node", at=now + 1))


def put(state: sqlite3.Connection, level: str) -> None:
    state.execute("INSERT OR REPLACE INTO standing VALUES (?, ?, 0, 0, '', '', '')", (NAME, level))


def said(state: sqlite3.Connection, log: Log, kind: str) -> list[dict[str, Any]]:
    return [entry.body for _, entry, _ in log.read(state, 0, 10_000) if entry.kind == kind]


def test_every_automation_begins_on_approval(state: sqlite3.Connection) -> None:
    found = standing_book.rung(state, NAME)
    assert (found.level, found.runs, found.frozen) == ("approve", 0, "")


@pytest.mark.parametrize("how", ["failed", "unknown"])
def test_a_failure_lowers_it_and_two_freeze_it(state: sqlite3.Connection, log: Log, how: str) -> None:
    put(state, "act")
    assert run(state, log, how, 0) == Standing(level="act-small")
    assert run(state, log, how, 1) == Standing(level="approve", frozen="2 failures in a row")
    assert [body["to"] for body in said(state, log, "autonomy")] == ["act-small", "approve"]
    (frozen,) = said(state, log, "freeze")
    assert (frozen["what"], frozen["because"]) == ("frozen", "2 failures in a row")


def test_a_success_in_between_counts_anew(state: sqlite3.Connection, log: Log) -> None:
    run(state, log, "failed", 0)
    run(state, log, "verified", 1)
    assert run(state, log, "failed", 2).frozen == ""


def test_what_was_never_begun_is_no_failure(state: sqlite3.Connection, log: Log) -> None:
    put(state, "act")
    for number in range(3):
        assert run(state, log, "cancelled", number) == Standing(level="act")
    assert standing_book.rung(state, NAME).runs == 0


@pytest.mark.parametrize("later", ["failed", "unknown", "verified"])
def test_an_intent_counts_once(state: sqlite3.Connection, log: Log, later: Any) -> None:
    put(state, "act")
    run(state, log, "unknown", 0)
    (number,) = state.execute("SELECT id FROM intent").fetchone()
    after = book.finish(state, log, number, book.Outcome(state=later, by="node", at=NOW + 60))
    assert after == Standing(level="act-small")
    assert standing_book.rung(state, NAME).failures == 1


@pytest.mark.parametrize("how", ["partial", "verified", "failed", "unknown"])
def test_neither_a_part_nor_a_rollback_is_in_the_record(
    state: sqlite3.Connection, log: Log, how: Any
) -> None:
    run(state, log, "failed", 0)
    before = standing_book.rung(state, NAME)
    run(state, log, how, 1, undoes=0 if how == "partial" else 1)
    assert standing_book.rung(state, NAME) == before
    assert before.failures == 1


def release(state: sqlite3.Connection, log: Log, **about: Any) -> Standing:
    known = {"who": "person:anna", "because": "looked", "now": NOW}
    return standing_book.release(state, log, NAME, NAME, **{**known, **about})


def test_a_person_releases_it(state: sqlite3.Connection, log: Log) -> None:
    with pytest.raises(Refused, match="is not frozen"):
        release(state, log)
    run(state, log, "failed", 0)
    run(state, log, "failed", 1)
    with pytest.raises(Refused, match="a person must have looked"):
        release(state, log, who=f"automation:{NAME}")
    assert release(state, log).frozen == ""
    assert said(state, log, "freeze")[-1] == {"what": "released", "because": "looked"}
    assert run(state, log, "failed", 2).frozen == ""  # the first of the next two


def higher(state: sqlite3.Connection, log: Log, **about: Any) -> Standing:
    known = {
        "who": "person:olga",
        "speaks_for": ["platform"],
        "owners": OWNERS,
        "because": "a good record",
        "now": NOW,
    }
    return standing_book.raise_level(state, log, NAME, NAME, **{**known, **about})


def test_a_good_record_is_proposed_once_and_raised_by_the_owner_above(
    state: sqlite3.Connection, log: Log
) -> None:
    for number in range(28):
        run(state, log, "verified", number)
    assert standing_book.rung(state, NAME).proposed == ""
    with pytest.raises(Refused, match="28 of 28 runs verified"):
        higher(state, log)
    for number in range(28, 31):
        run(state, log, "verified", number)
    found = standing_book.rung(state, NAME)
    assert (found.level, found.proposed, found.verified, found.runs) == ("approve", "act-small", 31, 31)
    assert [body["what"] for body in said(state, log, "autonomy")] == ["proposed"]
    for about in (
        {"speaks_for": [NAME]},
        {"who": f"automation:{NAME}"},
        {"who": "node"},
    ):
        with pytest.raises(Refused, match="raises synthetic"):
            higher(state, log, **about)
    assert higher(state, log) == Standing(level="act-small")
    assert said(state, log, "autonomy")[-1]["what"] == "raised"
    found = standing_book.rung(state, NAME)
    assert (found.runs, found.proposed) == (0, "")  # the next level is earned anew
    with pytest.raises(Refused, match="0 of 0 runs"):
        higher(state, log)


def test_what_was_long_ago_does_not_count(
    state: sqlite3.Connection, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_book, "RECORD", 5)
    run(state, log, "failed", 0)
    for number in range(1, 7):
        run(state, log, "verified", number)
    found = standing_book.rung(state, NAME)
    assert (found.verified, found.runs) == (5, 5)


def test_a_failure_ends_the_proposal_and_the_record_at_a_lost_level_begins_anew(
    state: sqlite3.Connection, log: Log
) -> None:
    put(state, "act-small")
    for number in range(30):
        run(state, log, "verified", number)
    assert standing_book.rung(state, NAME).proposed == "act"
    run(state, log, "failed", 30)
    found = standing_book.rung(state, NAME)
    assert (found.level, found.proposed, found.runs) == ("approve", "", 0)


def test_what_is_frozen_is_not_raised(state: sqlite3.Connection, log: Log) -> None:
    for number in range(40):
        run(state, log, "verified", number)
    state.execute("UPDATE standing SET frozen = 'a test'")
    with pytest.raises(Refused, match="is frozen"):
        higher(state, log)


def test_on_top_the_top_owner_raises(state: sqlite3.Connection, log: Log) -> None:
    for number in range(29):
        run(state, log, "verified", number)
    alone = {NAME: Owner()}
    assert higher(state, log, owners=alone, speaks_for=[NAME]).level == "act-small"


@pytest.mark.parametrize(
    ("earned", "level"), [("act", "approve"), ("act-small", "approve"), ("observe", "observe")]
)
def test_a_record_is_of_what_was_done(state: sqlite3.Connection, log: Log, earned: str, level: str) -> None:
    assert SEEN.terms is not None
    one = msgspec.structs.replace(SEEN.terms, does="one")
    other = msgspec.structs.replace(SEEN.terms, does="other")
    put(state, earned)
    run(state, log, "verified", 1)
    standing_book.belongs(state, log, one, NOW)
    assert standing_book.rung(state, NAME, "one").level == earned
    assert standing_book.rung(state, NAME, "one").runs == 1
    assert standing_book.rung(state, NAME, "other").level == level
    assert reading.standing(state, NAME, "other").level == level
    standing_book.belongs(state, log, other, NOW)
    changed = standing_book.rung(state, NAME, "other")
    assert (changed.level, changed.runs) == (level, 0)
    # What was earned by the first does not come back with it.
    assert standing_book.rung(state, NAME, "one").level == level
    lowered = [one for one in said(state, log, "autonomy") if one["what"] == "lowered"]
    assert [one["to"] for one in lowered] == ([level] if level != earned else [])


def test_another_act_is_proposed_at_the_level_of_approval(state: sqlite3.Connection, log: Log) -> None:
    assert SEEN.terms is not None
    put(state, "act")
    for done, allowed in (("one", True), ("other", False)):
        seen = msgspec.structs.replace(
            SEEN, terms=msgspec.structs.replace(SEEN.terms, does=done, level="act")
        )
        guards = {name: GUARDS[name] for name in ("autonomy",)}
        assert book.propose(state, log, PLAN, seen, guards=guards).allowed is allowed


@pytest.mark.parametrize("field", ["run", "on", "targets", "expect", "undo", "purpose"])
def test_what_it_does_is_not_what_is_said_of_it(field: str) -> None:
    one = loads(AUTOMATION).automation["x"]
    other = msgspec.structs.replace(one, **{field: f"{getattr(one, field)} "})
    assert (does(one) == does(other)) is (field == "purpose")


AUTOMATION = """
[owner.ops]
contact = ["mailto:ops@example.org"]
[automation.x]
owner = "ops"
purpose = "It puts right what hangs."
on = "manual"
targets = 'group = "w"'
run = "systemd:restart {component}"
limits = { at_once = 1, per_hour = 6, tries_per_target = 2 }
expect = "component alive within 30s"
undo = "irreversible"
level = "approve"
expires = 2027-03-31
review = 2027-01-15
"""


@pytest.mark.parametrize(
    ("earned", "declared", "level", "lowered"),
    [
        ("act", "act", "act-small", True),
        ("act-small", "act", "approve", True),
        ("act", "act-small", "approve", True),
        ("approve", "act", "approve", False),
        ("act", "suggest", "suggest", False),
    ],
)
def test_without_an_answer_for_its_safety_it_goes_down_one_level(
    state: sqlite3.Connection, log: Log, earned: str, declared: str, level: str, lowered: bool
) -> None:
    put(state, earned)
    why = "question q3 stays unanswered"
    found = standing_book.lower_one(state, log, NAME, "platform", declared=declared, because=why, now=NOW)
    assert (found[1], found[0] != found[1]) == (level, lowered)
    assert standing_book.rung(state, NAME).level == (level if lowered else earned)
    said = [entry.body for _, entry, _ in log.about(state, f"automation:{NAME}")]
    assert [(body["what"], body["to"], body["because"]) for body in said] == (
        [("lowered", level, why)] if lowered else []
    )
