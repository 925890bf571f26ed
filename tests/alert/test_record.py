"""What happened in one transaction becomes entries; what is the same of many is said once."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from gadfly.alert import record
from gadfly.alert.outbox import Letter
from gadfly.alert.silence import Silence
from gadfly.ledger.entry import encode
from gadfly.ledger.sentence import sentence
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

AT = 1_800_000_000.25


def change(name: str, reason: str = "no beat", after: Verdict = Verdict.down, owner: str = "ops") -> Change:
    return Change(
        at=AT,
        component=name,
        slot=0,
        before=Verdict.healthy,
        after=after,
        reason=reason,
        subject=Subject(name=name, owner=owner),
    )


def test_one_change_is_one_entry_about_its_component_and_owner() -> None:
    (entry,), where = record.flips([change("shop")], AT + 1)
    assert (entry.kind, entry.who, entry.about) == ("flip", "node", ("component:shop", "owner:ops"))
    assert entry.at == AT + 1
    assert entry.body == {
        "component": "shop",
        "before": "healthy",
        "after": "down",
        "reason": "no beat",
        "happened": "2027-01-15T08:00:00.250Z",
    }
    assert where == [0]


def test_a_hundred_thousand_of_the_same_are_one_entry() -> None:
    names = [f"c{number:06d}" for number in range(100_000)]
    (entry,), where = record.flips([change(name, "no beat for 3.5 s") for name in names], AT)
    assert entry.body["count"] == 100_000
    assert entry.body["sample"] == names[: record.SAMPLE]
    assert entry.body["digest"] == hashlib.sha256("".join(f"{n}\n" for n in names).encode()).hexdigest()
    assert entry.about == ("owner:ops",)
    assert set(where) == {0}
    assert len(encode(entry)) < 2000


def test_numbers_in_a_reason_do_not_make_it_another_one() -> None:
    entries, _ = record.flips([change(f"c{n}", f"no answer for {n}.5 s on port 1{n}") for n in range(9)], AT)
    assert len(entries) == 1


@pytest.mark.parametrize(
    ("changes", "entries"),
    [
        ([change("a"), change("b"), change("c")], 3),
        ([change(name) for name in "abcd"], 1),
        ([change(name) for name in "abcd"] + [change(name, "refused") for name in "ef"], 3),
        ([change(name) for name in "abcd"] + [change(name, after=Verdict.gray) for name in "efgh"], 2),
        ([], 0),
    ],
)
def test_only_what_is_many_and_alike_is_condensed(changes: list[Change], entries: int) -> None:
    made, where = record.flips(changes, AT)
    assert len(made) == entries
    for one, place in zip(changes, where, strict=True):
        body = made[place].body
        assert body["after"] == one.after.name
        assert body["reason"] == one.reason
        assert body.get("component", one.component) == one.component


def test_one_component_that_flaps_is_counted_as_one() -> None:
    (entry,), _ = record.flips([change("shop")] * 5, AT)
    assert (entry.body["component"], entry.body["changes"]) == ("shop", 5)


def test_a_burst_names_the_owners_of_most_and_counts_the_others() -> None:
    many = [change(f"c{n}", owner=f"o{n % 40:02d}") for n in range(400)] + [change("z", owner="big")] * 50
    (entry,), _ = record.flips(many, AT)
    assert entry.about[0] == "owner:big"
    assert len(entry.about) == record.OWNERS
    assert entry.body["more_owners"] == 41 - record.OWNERS


def test_whatever_comes_from_outside_the_entry_can_be_written() -> None:
    bad = change("shop", reason="\ud800" + "x" * 5000, owner="o" * 1000)
    (entry,), _ = record.flips([bad], AT)
    assert encode(entry)
    assert len(entry.body["reason"]) <= record.SAID


def test_only_names_are_subjects_of_a_silence_not_expressions() -> None:
    silence = Silence(
        id=7,
        match={"component": "~db.*", "owner": "ops", "host": "h"},
        starts=0,
        ends=AT,
        reason="why",
        who="x",
    )
    entry = record.silence("added", silence, "program:x", "why", AT)
    assert entry.about == ("silence:7", "owner:ops")
    assert (entry.who, entry.body["event"], entry.body["match"]) == ("program:x", "added", silence.match)


def test_a_digest_does_not_depend_on_the_order() -> None:
    assert record.digest(["b", "a", "b"]) == record.digest(["a", "b"]) != record.digest(["ab"])


def test_letters_are_known_again_by_their_text(notification: object) -> None:
    letter = Letter(contact="owner:ops#1", label="receiver:x", notification=notification, attempts=3)  # type: ignore[arg-type]
    entry = record.notification("dead", letter, "receiver:x", AT, error="It answered 401.")
    assert entry.body["error"] == "It answered 401."
    assert entry.about == ("incident:i1", "owner:ops")
    assert len(entry.body["text"]) == 64


def test_a_notice_says_what_it_was_about_for_it_is_about_no_incident(notification: object) -> None:
    told = msgspec.structs.replace(notification, kind="notice", incident="i0", subject="May x act on w1?")  # type: ignore[type-var]
    letter = Letter(contact="owner:ops#1", label="exec:x", notification=told, attempts=1)
    entry = record.notification("sent", letter, "exec:x", AT)
    assert entry.about == ("owner:ops",)
    assert sentence(entry) == "Told exec:x: “May x act on w1?”."


@pytest.fixture
def notification() -> object:
    from gadfly.alert.notification import Notification

    return Notification(
        key="k",
        kind="firing",
        status="firing",
        incident="i1",
        sequence=1,
        target="owner:ops",
        at=AT,
        opened=AT,
        subject="s",
        text="t",
        cause="c",
        items=(),
        total=1,
        url="http://x/",
        node="n",
    )
