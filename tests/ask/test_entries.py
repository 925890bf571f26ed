"""What the ledger is told of a question: entries, and the sentences they are read as."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gadfly.ask.entries import entries
from gadfly.ask.life import Event, Steps
from gadfly.ask.question import Move, Question
from gadfly.ledger.entry import NAME, Entry, encode
from gadfly.ledger.personal import Mask
from gadfly.ledger.sentence import sentence

ASKED = Question(
    id=12,
    kind="near",
    digest="abc",
    sort="check",
    again=60.0,
    observe=30.0,
    minutes=5.0,
    subjects=("c1", "c2", "c3"),
    component="shop",
    owner="ops",
    text="3 have 12. Which of them?",
    asked=0.0,
    since=0.0,
    sha256="f" * 64,
    before=12.0,
    moves=(Move("ops", 0.0),),
)


def given(what: Any, who: str = "node", about: tuple[str, ...] = (), **more: Any) -> Event:
    said = more.pop("more", {})
    return Event(what, msgspec.structs.replace(ASKED, **more), who, about, said)


MOVED = (Move("ops", 0.0), Move("boss", 1.0, "escalated"))
CASES: dict[str, tuple[Event, str]] = {
    "asked": (given("asked"), "ops was asked q12: 3 have 12. Which of them?"),
    "asked anew": (
        given("asked", more={"again": "q3"}),
        "ops was asked q12 (as q3 once more): 3 have 12. Which of them?",
    ),
    "moved": (
        given("moved", moves=MOVED),
        "Question q12 went to boss, as nobody had answered: near of c1 and 2 more.",
    ),
    "withdrawn": (
        given("withdrawn", about=("c2",)),
        "Question q12 was withdrawn, as it is no longer so: near of c2.",
    ),
    "muted": (
        given("withdrawn", about=("c2",), more={"why": "muted"}),
        "Question q12 was withdrawn, as it is not asked here any more: near of c2.",
    ),
    "at rest": (
        given("rested"),
        "Nobody answered question q12; it stands as an open assumption: near of c1 and 2 more.",
    ),
    "replaced": (given("replaced"), "Question q12 was asked anew: near of c1 and 2 more."),
    "measured": (
        given("measured", change="abc1234", after=3.5, complete=False),
        "“abc1234”, the change after question q12, was measured: from 12 to 3.5; the data since then is not "
        "complete.",
    ),
    "lowered": (
        given("lowered", about=("a1",)),
        "Question q12 stayed unanswered for a month, so a1 is lowered one level.",
    ),
    "change": (
        given("change", "person:anna", change="abc1234"),
        "Person anna answered q12 (near of c1 and 2 more) with a change: abc1234.",
    ),
    "accept": (
        given("accept", "person:anna", reason="drained by hand", until=86_400.0),
        "Person anna accepted near of c1 and 2 more until 1970-01-02T00:00:00.000000Z (decision d12): "
        "“drained by hand”.",
    ),
    "wrong": (
        given("wrong", "person:anna", reason="not mine"),
        "Person anna called question q12 (near of c1 and 2 more) wrong: not mine.",
    ),
    "unknown": (
        given("unknown", "person:anna", knows="web"),
        "Person anna does not know yet the answer to q12 (near of c1 and 2 more); web could know.",
    ),
}


def entry(event: Event) -> Entry:
    (one,) = entries(Steps(events=[event]), 5.0)
    encode(one)
    return one


@pytest.mark.parametrize(("event", "said"), CASES.values(), ids=CASES.keys())
def test_as_a_sentence(event: Event, said: str) -> None:
    one = entry(event)
    assert sentence(one) == said
    assert one.kind == ("answer" if event.who != "node" else "question")


def test_what_is_not_understood_is_said_as_it_stands() -> None:
    for kind in ("question", "answer"):
        assert sentence(Entry(kind=kind, who="node", body={"event": "new", "x": 1}, at=0.0)).startswith(
            f"The node: {kind}"
        )


def test_only_what_comes_to_a_team_counts_as_its_question() -> None:
    """A team's load counts the entries of this kind that are about it."""
    about = {name: entry(event).about for name, (event, _) in CASES.items()}
    counted = {name for name, one in about.items() if any(subject.startswith("owner:") for subject in one)}
    assert counted == {"asked", "asked anew", "moved"}
    assert "owner:boss" in about["moved"]
    assert about["asked"] == (
        "question:q12", "owner:ops", "component:shop", "check:c1", "check:c2", "check:c3",
    )  # fmt: skip


def test_the_evidence_stands_by_its_hash() -> None:
    assert entry(CASES["asked"][0]).body["sha256"] == ASKED.sha256
    assert entry(CASES["accept"][0]).body["tripwire"] == 12.0


def test_it_is_never_too_large() -> None:
    subjects = tuple(f"{number} {'é' * 2000}" for number in range(1000))
    event = given("accept", "person:anna", subjects=subjects, reason="r" * 1000, text="t" * 9000, until=1.0)
    one = entry(event)
    assert one.body["count"] == 1000
    assert len(one.body["subjects"]) == 20
    assert all(len(subject.encode()) <= NAME for subject in one.about)


def test_persons_stay_outside() -> None:
    mask = Mask(b"s" * 32)
    event = given("accept", "person:anna", reason="ask bert@example.org about it", until=1.0)
    text = encode(mask.entry(entry(event)))
    assert b"anna" not in text
    assert b"bert" not in text
