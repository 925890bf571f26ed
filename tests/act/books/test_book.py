"""A plan is judged, and what is allowed written down, in one transaction before any effect."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from gadfly.act.books import book
from gadfly.act.books.book import Outcome
from gadfly.act.gate import Decision
from gadfly.act.guard import GUARDS
from gadfly.act.halt import stop_book
from gadfly.act.ladder import standing_book
from gadfly.act.plan import Plan, Target
from gadfly.act.proof.sound import NAME, sound
from gadfly.act.situation import Situation
from gadfly.errors import LimitError, Refused, StoreError
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log

NOW = 1_800_000_000.0
PLAN, SEEN = sound(NOW)


@pytest.fixture
def state(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A state in which the guards are proven and the synthetic automation has earned its level."""
    connection.executemany("INSERT INTO proof VALUES (?, ?, 1, '')", [(name, NOW) for name in GUARDS])
    connection.execute("INSERT INTO standing VALUES (?, 'act', 0, 0, '', '', '')", (NAME,))
    connection.execute("BEGIN IMMEDIATE")
    return connection


def named(*names: str, **about: Any) -> Plan:
    """The sound plan for these targets."""
    first = PLAN.targets[0]
    return msgspec.structs.replace(
        PLAN, targets=tuple(msgspec.structs.replace(first, name=name, **about) for name in names)
    )


def at(now: float) -> Situation:
    return msgspec.structs.replace(SEEN, now=now, trusted=0.0)


def propose(state: sqlite3.Connection, log: Log, plan: Plan = PLAN, now: float = NOW) -> Decision:
    fresh = msgspec.structs.replace(
        plan, made=now, inputs=tuple(msgspec.structs.replace(one, at=now) for one in plan.inputs)
    )
    return book.propose(state, log, fresh, at(now))


def finish(
    state: sqlite3.Connection, log: Log, decision: Decision, how: Any = "verified", now: float = NOW
) -> None:
    assert decision.intent is not None
    book.finish(state, log, decision.intent.id, Outcome(state=how, by="node", at=now))


def entries(state: sqlite3.Connection, log: Log) -> list[Entry]:
    return [entry for _, entry, _ in log.read(state, 0, 1000)]


def refusers(decision: Decision) -> set[str]:
    return {one.guard for one in decision.refusals}


def test_what_is_allowed_is_written_before_it_is_returned(state: sqlite3.Connection, log: Log) -> None:
    decision = propose(state, log)
    assert decision.allowed
    assert decision.intent is not None
    decided, meant = entries(state, log)
    assert (decided.kind, decided.who, decided.body["allowed"]) == ("decision", "node", True)
    assert (meant.kind, meant.who) == ("intent", f"automation:{NAME}")
    assert (decision.entry, decision.intent.entry) == (0, 1)
    assert meant.body["plan"] == decided.body["plan"] == PLAN.hash == decision.intent.plan
    assert meant.body["fence"] == decision.intent.id == 1
    assert meant.body["targets"] == [one.name for one in PLAN.targets]
    assert {"intent:1", f"automation:{NAME}", f"component:{NAME}-1"} <= set(meant.about)


def test_what_is_refused_is_written_with_every_reason(state: sqlite3.Connection, log: Log) -> None:
    decision = propose(state, log, msgspec.structs.replace(PLAN, cost=99.0, parameters={"term": ""}))
    assert decision.intent is None
    (decided,) = entries(state, log)
    assert decided.body["allowed"] is False
    assert [guard for guard, _ in decided.body["refusals"]] == ["cost", "shape"]
    assert state.execute("SELECT COUNT(*) FROM intent").fetchone() == (0,)


def test_outside_of_a_transaction_nothing_is_decided(connection: sqlite3.Connection, log: Log) -> None:
    with pytest.raises(StoreError, match="within a transaction"):
        book.propose(connection, log, PLAN, SEEN)


class Failing:
    """A ledger that takes nothing."""

    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        raise LimitError("full")


def everything(state: sqlite3.Connection) -> list[tuple[object, ...]]:
    tables = (
        "intent",
        "reservation",
        "request",
        "approval",
        "refused",
        "latest",
        "standing",
        "brake",
        "freeze",
    )
    return [row for table in tables for row in state.execute(f"SELECT '{table}', * FROM {table}")]


@pytest.mark.parametrize("plan", [PLAN, msgspec.structs.replace(PLAN, cost=99.0)])
def test_what_the_ledger_does_not_take_is_not_done(state: sqlite3.Connection, plan: Plan) -> None:
    before = everything(state)
    with pytest.raises(LimitError):
        book.propose(state, Failing(), plan, SEEN)
    assert everything(state) == before


def test_an_outcome_that_the_ledger_does_not_take_is_none(state: sqlite3.Connection, log: Log) -> None:
    decision = propose(state, log)
    assert decision.intent is not None
    before = everything(state)
    with pytest.raises(LimitError):
        book.finish(state, Failing(), decision.intent.id, Outcome(state="failed", by="node", at=NOW))
    assert everything(state) == before


def test_what_is_in_progress_counts_as_used(state: sqlite3.Connection, log: Log) -> None:
    first = propose(state, log, named("a", "b"))
    assert propose(state, log, named("c", "d")).allowed
    assert "radius" in refusers(propose(state, log, named("e")))
    assert refusers(propose(state, log, named("a"))) >= {"targets", "radius"}
    finish(state, log, first)
    assert propose(state, log, named("e")).allowed


@pytest.mark.parametrize(
    ("how", "free"), [("verified", True), ("failed", True), ("cancelled", True), ("unknown", False)]
)
def test_unknown_counts_as_used(state: sqlite3.Connection, log: Log, how: str, free: bool) -> None:
    finish(state, log, propose(state, log, named("a", "b", "c", "d")), how)
    decision = propose(state, log, named("e"))
    assert ("radius" not in refusers(decision)) is free


def test_what_was_unknown_may_be_resolved_later(state: sqlite3.Connection, log: Log) -> None:
    first = propose(state, log, named("a"))
    finish(state, log, first, "unknown")
    finish(state, log, first, "verified")
    with pytest.raises(Refused, match="finished already: verified"):
        finish(state, log, first)


def test_who_acted_does_not_measure(state: sqlite3.Connection, log: Log) -> None:
    decision = propose(state, log)
    assert decision.intent is not None
    with pytest.raises(Refused, match="somebody else must measure"):
        book.finish(state, log, decision.intent.id, Outcome(state="verified", by=PLAN.principal, at=NOW))


def test_an_act_that_is_never_measured_becomes_unknown(state: sqlite3.Connection, log: Log) -> None:
    decision = propose(state, log)
    assert decision.intent is not None
    assert book.lapse(state, log, decision.intent.ends - 1) == []
    assert [one.intent for one in book.lapse(state, log, decision.intent.ends)] == [decision.intent.id]
    assert book.lapse(state, log, decision.intent.ends + 1) == []
    assert entries(state, log)[2].body["state"] == "unknown"
    assert "targets" in refusers(propose(state, log, now=decision.intent.ends + 1))


def test_fences_grow_and_never_come_again(state: sqlite3.Connection, log: Log) -> None:
    numbers = []
    for name in "abc":
        decision = propose(state, log, named(name))
        assert decision.intent is not None
        numbers.append(decision.intent.id)
    state.execute("DELETE FROM reservation")
    state.execute("DELETE FROM intent")
    last = propose(state, log, named("d")).intent
    assert last is not None
    assert [*numbers, last.id] == [1, 2, 3, 4]


def test_runs_within_an_hour_are_counted(state: sqlite3.Connection, log: Log) -> None:
    for number in range(6):
        finish(state, log, propose(state, log, named(f"t{number}"), NOW + number), "cancelled")
    assert refusers(propose(state, log, named("t9"), NOW + 3599)) == {"rate"}
    assert propose(state, log, named("t9"), NOW + 3601).allowed


def test_what_is_spent_within_an_hour_is_counted(state: sqlite3.Connection, log: Log) -> None:
    def dear(name: str, cost: float) -> Plan:
        return msgspec.structs.replace(named(name), cost=cost)

    finish(state, log, propose(state, log, dear("a", 4.0)))
    finish(state, log, propose(state, log, dear("b", 6.0), NOW + 1), "cancelled")
    finish(state, log, propose(state, log, dear("c", 6.0), NOW + 2), "unknown")
    assert refusers(propose(state, log, dear("d", 0.1), NOW + 3599)) == {"cost"}
    assert propose(state, log, dear("d", 4.0), NOW + 3601).allowed


def test_tries_against_a_symptom_put_the_brake_on_until_a_person_releases_it(
    state: sqlite3.Connection, log: Log
) -> None:
    for _ in range(2):
        finish(state, log, propose(state, log, named("a")))
    assert refusers(propose(state, log, named("a"))) == {"attempts"}
    assert propose(state, log, named("b")).allowed
    # a day later it is still on
    assert "attempts" in refusers(propose(state, log, named("a"), NOW + 2 * 86_400))
    known = {"because": "looked", "now": NOW + 2 * 86_400}
    with pytest.raises(Refused, match="a person must have looked"):
        standing_book.release_brake(state, log, "a", "stalled", who=PLAN.principal, **known)
    standing_book.release_brake(state, log, "a", "stalled", who="person:anna", **known)
    assert "attempts" not in refusers(propose(state, log, named("a"), NOW + 2 * 86_400 + 1))


def test_after_a_release_tries_are_counted_anew(state: sqlite3.Connection, log: Log) -> None:
    for number in range(2):
        finish(state, log, propose(state, log, named("a"), NOW + number))
    assert refusers(propose(state, log, named("a"), NOW + 10)) == {"attempts"}
    known = {"who": "person:anna", "because": "looked", "now": NOW + 20}
    standing_book.release_brake(state, log, "a", "stalled", **known)
    for number in range(2):
        finish(state, log, propose(state, log, named("a"), NOW + 30 + number))
    assert refusers(propose(state, log, named("a"), NOW + 40)) == {"attempts"}
    with pytest.raises(Refused, match="No brake is on for b"):
        standing_book.release_brake(state, log, "b", "stalled", **known)


def test_two_that_undo_each_other_end(state: sqlite3.Connection, log: Log) -> None:
    for number in range(6):  # each for a symptom of its own, as two automations have
        one = msgspec.structs.replace(named("a"), symptom=f"case {number}", automation=NAME)
        finish(state, log, propose(state, log, one, NOW + number))
    state.execute("UPDATE intent SET at = 0")  # so that only the target counts
    other = msgspec.structs.replace(named("a"), symptom="another")
    assert refusers(propose(state, log, other, NOW + 10)) == {"attempts"}
    assert propose(state, log, other, NOW + 3700).allowed


def test_what_is_no_remedy_is_braked_by_failure_only(state: sqlite3.Connection, log: Log) -> None:
    plain = msgspec.structs.replace(named("a"), symptom="")
    for _ in range(3):
        finish(state, log, propose(state, log, plain))
    assert propose(state, log, plain).allowed


def test_the_same_refusal_is_counted_and_not_written_again(state: sqlite3.Connection, log: Log) -> None:
    dear = msgspec.structs.replace(PLAN, cost=99.0)
    first = propose(state, log, dear)
    for second in range(1, 600):
        assert propose(state, log, dear, NOW + second).entry == first.entry
    assert len(entries(state, log)) == 1
    propose(state, log, dear, NOW + 600)
    assert entries(state, log)[1].body["times_before"] == 599
    propose(state, log, msgspec.structs.replace(dear, parameters={"term": ""}), NOW + 601)
    assert len(entries(state, log)) == 3


def test_what_lacks_only_a_person_waits_under_one_number(state: sqlite3.Connection, log: Log) -> None:
    grave = msgspec.structs.replace(PLAN, crosses=True)
    first = propose(state, log, grave)
    assert first.request is not None
    assert propose(state, log, grave, NOW + 1).request == first.request
    assert propose(state, log, grave, NOW + 3601).request != first.request
    assert propose(state, log, msgspec.structs.replace(grave, cost=99.0)).request is None


def test_no_more_wait_than_a_person_reads(
    state: sqlite3.Connection, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "WAITING", 2)
    found = [
        propose(state, log, msgspec.structs.replace(named(name), crosses=True)).request for name in "abc"
    ]
    assert found == [1, 2, None]


def test_a_clock_that_was_set_back_brings_nothing_back(state: sqlite3.Connection, log: Log) -> None:
    propose(state, log, named("a"), NOW + 40 * 86_400)  # refused: it expired in between
    decision = propose(state, log, named("a"), NOW)
    assert "expiry" in refusers(decision)
    assert state.execute("SELECT at FROM latest").fetchone() == (NOW + 40 * 86_400,)


def test_an_unproven_guard_stops_everything(state: sqlite3.Connection, log: Log) -> None:
    state.execute("DELETE FROM proof WHERE guard = 'radius'")
    assert refusers(propose(state, log)) == {"proof"}


def test_a_stop_that_is_written_holds(state: sqlite3.Connection, log: Log) -> None:
    stop_book.put(state, log, scope="everything", who="person:anna", because="a test", now=NOW)
    assert refusers(propose(state, log)) == {"stop"}


def cells(*names: str) -> Plan:
    """One target in each cell, staged."""
    first = PLAN.targets[0]
    targets = tuple(msgspec.structs.replace(first, name=f"in-{name}", cell=name) for name in names)
    return msgspec.structs.replace(PLAN, targets=targets, cells=names)


def part(plan: Plan, *names: str) -> Plan:
    targets: tuple[Target, ...] = tuple(one for one in plan.targets if one.cell in names)
    return msgspec.structs.replace(plan, targets=targets, cells=names)


def test_between_stages_the_guards_are_asked_again(state: sqlite3.Connection, log: Log) -> None:
    whole = cells("here", "there")
    decision = propose(state, log, whole)
    assert decision.intent is not None
    number = decision.intent.id
    book.verified_in(state, log, number, "here", Outcome(state="verified", by="node", at=NOW + 30))
    left = part(whole, "there")
    resting = book.again(state, log, number, left, at(NOW + 40))
    assert refusers(resting) == {"domain"}
    fresh = msgspec.structs.replace(left, inputs=(msgspec.structs.replace(left.inputs[0], at=NOW + 640),))
    assert book.again(state, log, number, fresh, at(NOW + 640)).allowed
    lost = msgspec.structs.replace(at(NOW + 640), lost=500)
    assert refusers(book.again(state, log, number, fresh, lost)) == {"storm"}


def test_what_is_left_is_part_of_what_was_allowed(state: sqlite3.Connection, log: Log) -> None:
    decision = propose(state, log, named("a"))
    assert decision.intent is not None
    number = decision.intent.id
    for other in (named("b"), msgspec.structs.replace(named("a"), argument="other@{component}")):
        with pytest.raises(Refused, match="not a part of"):
            book.again(state, log, number, other, at(NOW))
    finish(state, log, decision)
    with pytest.raises(Refused, match="is not open"):
        book.again(state, log, number, named("a"), at(NOW))


def test_a_verified_stage_frees_its_cell_only(state: sqlite3.Connection, log: Log) -> None:
    decision = propose(state, log, cells("here", "there"))
    assert decision.intent is not None
    done = Outcome(state="verified", by="node", at=NOW)
    book.verified_in(state, log, decision.intent.id, "here", done)
    held = state.execute("SELECT target FROM reservation WHERE ended IS NULL").fetchall()
    assert held == [("in-there",)]
    with pytest.raises(Refused, match="Only a verified stage"):
        book.verified_in(
            state, log, decision.intent.id, "there", msgspec.structs.replace(done, state="failed")
        )


def test_a_long_list_is_named_in_part_and_counted(state: sqlite3.Connection, log: Log) -> None:
    many = named(*(f"t{number}" for number in range(2000)))
    propose(state, log, many)
    (entry,) = entries(state, log)
    assert (entry.body["count"], len(entry.body["targets"])) == (2000, 150)


@pytest.mark.parametrize("how", ["verified", "failed", "unknown", "cancelled"])
def test_there_is_no_outcome_of_what_was_never_meant(state: sqlite3.Connection, log: Log, how: Any) -> None:
    with pytest.raises(Refused, match="There is no intent 7"):
        book.finish(state, log, 7, Outcome(state=how, by="node", at=NOW))


@pytest.mark.parametrize("scope", ["everything", "automation"])
@pytest.mark.parametrize("lifted", [True, False])
def test_a_stop_between_stages_ends_the_act_also_when_it_was_lifted_since(
    state: sqlite3.Connection, log: Log, scope: Any, lifted: bool
) -> None:
    decision = propose(state, log)
    assert decision.intent is not None
    left = msgspec.structs.replace(PLAN, targets=PLAN.targets[1:])
    assert book.again(state, log, decision.intent.id, left, at(NOW)).allowed
    name = NAME if scope == "automation" else ""
    made = stop_book.put(
        state, log, scope=scope, name=name, owner="", who="person:anna", because="", now=NOW + 1
    )
    if lifted:
        stop_book.lift(
            state,
            log,
            made.id,
            who="person:anna",
            speaks_for=(),
            owners={},
            because="it is well",
            now=NOW + 2,
        )
    after = book.again(state, log, decision.intent.id, left, at(NOW + 3))
    assert [one.guard for one in after.refusals] == ["stop"]
    assert ("void" in after.words) is lifted
    again = propose(state, log, named("other"), NOW + 3)
    assert again.allowed is lifted


def test_a_stop_of_others_between_stages_is_no_hindrance(state: sqlite3.Connection, log: Log) -> None:
    decision = propose(state, log)
    assert decision.intent is not None
    stop_book.put(state, log, scope="automation", name="other", who="person:anna", because="", now=NOW)
    left = msgspec.structs.replace(PLAN, targets=PLAN.targets[1:])
    assert book.again(state, log, decision.intent.id, left, at(NOW)).allowed
