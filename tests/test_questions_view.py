"""Questions as the web shows them: which, in which order, and who may answer."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from gadfly import question_showing
from gadfly.alert.escalate import chain
from gadfly.ask import kept, kinds
from gadfly.ask.life import Book, Matter, Steps, answer
from gadfly.ask.life.evidence import freeze
from gadfly.ask.link import Link, mark, sign
from gadfly.ask.question import Answer, Move, Question, Teller
from gadfly.config import Config
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.ledger.canonical import canonical
from gadfly.question_letters import QuestionLetters
from gadfly.questions_view import QuestionsView
from gadfly.store.schema import migrate
from gadfly.web.answers.questions import Answering
from gadfly.web.questioning import UnfitAnswer

NOW, DAY = 1_790_000_000.0, 86_400.0
OWNERS = {
    "payments": Owner(contact=("receiver:chat",), owner="platform"),
    "search": Owner(contact=("receiver:chat",)),
    "platform": Owner(contact=("receiver:chat",)),
}
REASON = "The sale needs it this loud."


def question(id: int, **more: Any) -> Question:
    named: dict[str, Any] = {
        "kind": "unacted",
        "digest": "d",
        "sort": "check",
        "again": 60,
        "observe": 60,
        "minutes": 5,
        "subjects": ("api-latency",),
        "component": "api",
        "owner": "payments",
        "text": "24 pages in 60 days; 2 led to something. What should a person do?",
        "asked": NOW - DAY,
        "since": NOW - DAY,
        "priority": float(id),
        "moves": (Move(more.get("owner", "payments"), NOW - DAY),),
        **more,
    }
    return Question(id=id, **named)


ROWS = [{"subject": "x", "n": 24, "k": 2, "worse": 22}]
PROOF = freeze("unacted", "d", "SELECT 1", {"days": 60}, ROWS, NOW - DAY)
ACCEPTED: dict[str, Any] = {"state": "answered", "answer": "accept", "reason": "An earlier reason."}
ASKED = (
    question(1),
    question(2, safety=True, priority=0.5, owner="search"),
    question(3, subjects=("a", "b", "c"), component=""),
    question(4, state="resting", closed=NOW),
    question(5, **ACCEPTED, answered=NOW - 9 * DAY, until=NOW + 9 * DAY, by="person:anna"),
    question(6, state="answered", answer="change", answered=NOW - 9 * DAY, change="commit 4f2a"),
    question(7, state="answered", answer="wrong", answered=NOW - 99 * DAY, reason="data wrong"),
    question(8, state="withdrawn", closed=NOW - DAY, gone=("api-latency",)),
    question(9, answer="unknown", answered=NOW, knows="search", moves=(Move("search", NOW, "referred"),)),
)


@functools.cache
def every_kind() -> Any:
    return kinds.load()


class Database:
    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.connection)

    async def read(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        return work(self.connection)


class Asking:
    """Keeps the book as the node does."""

    def __init__(self, db: Database, state: Path, config: Callable[[], Config]) -> None:
        self._db = db
        self.kinds = SimpleNamespace(shown=every_kind, whole=True)
        self.letters = QuestionLetters(state, config, url=lambda: "http://n", node="north")
        matters = [
            Matter(kind=one.kind, subject=name, counted=NOW, worse=1.0, question=one.id, why="open")
            for one in ASKED
            for name in one.subjects
        ]
        self._book = Book(matters, ASKED)
        kept.keep(db.connection, Steps(questions=list(ASKED), evidence={one.id: PROOF for one in ASKED}))

    async def book(self) -> Book:
        return self._book

    async def answer(self, id: int, given: Answer, also: Any = lambda connection: None) -> Question:
        steps = answer(self._book, id, given, NOW)
        also(self._db.connection)
        self._book.apply(steps)
        return self._book.questions[id]


@pytest.fixture
def view(tmp_path: Path) -> QuestionsView:
    config = Config(owner=dict(OWNERS))
    db = Database()
    clock = SimpleNamespace(wall=lambda: NOW)
    asking = Asking(db, tmp_path, lambda: config)
    node: Any = SimpleNamespace(config=config, db=db, clock=clock, asking=asking)
    ledger: Any = SimpleNamespace()

    async def entries(*_: Any) -> Any:
        shown = {"at": NOW, "sentence": "payments was asked q1.", "by": "The node", "index": 7}
        return SimpleNamespace(entries=[shown])

    ledger.entries = entries
    ledger.names = lambda: {"~0a": "anna"}
    return QuestionsView(node, ledger)


ALL: dict[str, Any] = {"owner": "", "kind": "", "state": "", "subject": "", "limit": 100}


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({}, "q9 q4 q3 q1 q2 q8 q5 q6 q7"),
        ({"owner": "search"}, "q9 q2"),
        ({"state": "resting"}, "q4"),
        ({"state": "open"}, "q9 q3 q1 q2"),
        ({"state": "changed"}, "q6"),
        ({"subject": "b"}, "q3"),
        ({"subject": "api", "state": "accepted"}, "q5"),
        ({"kind": "never-near"}, ""),
        ({"limit": 2}, "q9 q4"),
    ],
    ids=["all", "owner", "resting", "open", "changed", "subject", "component", "kind", "limit"],
)
async def test_which(view: QuestionsView, given: dict[str, Any], ids: str) -> None:
    told = await view.all(**{**ALL, **given})
    assert " ".join(one.id for one in told.questions) == ids
    assert told.owners == ["payments", "platform", "search"]


async def test_what_is_shown(view: QuestionsView) -> None:
    told = await view.one("q1")
    assert (told.number, told.assumed, told.whom) == (14, "This page causes action.", "payments")
    assert told.figures == {"times": 24, "led to something": 2}
    assert told.evidence.rows[0]["n"] == 24
    assert told.evidence.start == NOW - 61 * DAY
    assert told.history[0].entry == 7
    assert "goes once to platform" in told.then
    assert dt.datetime.fromtimestamp(told.latest, dt.UTC).date().isoformat() == "2027-09-21"
    safe = await view.one("2")
    assert dt.datetime.fromtimestamp(safe.latest, dt.UTC).date().isoformat() == "2026-12-20"


async def test_a_question_whose_kind_and_evidence_are_gone(view: QuestionsView) -> None:
    book = await view._asking.book()
    book.questions[1] = question(1, kind="of-another-version")
    view._node.db.connection.execute("DELETE FROM question_evidence")
    told = await view.one("q1")
    assert (told.number, told.assumed, told.figures, told.evidence.rows) == (0, "", {}, [])


async def test_evidence_that_was_changed_afterwards_is_not_shown_as_it_was(view: QuestionsView) -> None:
    view._asking._book.questions[1] = question(1, sha256=PROOF.sha256)
    told = (await view.one("q1")).evidence
    assert told.unchanged is True
    named = {"kind": told.kind, "digest": told.digest, "query": told.query, "params": told.params}
    body = {**named, "rows": told.rows, "count": told.total, "window": [told.start, told.end]}
    assert hashlib.sha256(canonical(body)).hexdigest() == told.sha256  # as anybody can
    view._node.db.connection.execute("UPDATE question_evidence SET body = replace(body, '24', '99')")
    told = (await view.one("q1")).evidence
    assert told.rows[0]["n"] == 99
    assert (told.unchanged, told.sha256) == (False, PROOF.sha256)
    view._node.db.connection.execute("DELETE FROM question_evidence")
    assert (await view.one("q1")).evidence.unchanged is None


async def test_a_review(view: QuestionsView) -> None:
    told = await view.review("payments", NOW - 30 * DAY)
    found = {
        name: [one.id for one in getattr(told, name)] for name in ("open", "accepted", "learnt", "closed")
    }
    assert found == {"open": ["q9", "q4", "q3", "q1"], "accepted": ["q5"], "learnt": ["q6"], "closed": ["q8"]}
    assert (await view.review("platform", NOW)).open == []
    with pytest.raises(Refused, match="There is no owner"):
        await view.review("nobody", NOW)


async def test_what_a_component_rests_on(view: QuestionsView) -> None:
    told = await view.about("api")
    assert [(one.id, one.state) for one in told] == [
        ("q9", "open"),
        ("q4", "resting"),
        ("q1", "open"),
        ("q2", "open"),
        ("q5", "accepted"),
    ]
    assert await view.about("other") == []


@pytest.mark.parametrize("id", ["q99", "99", "x", "q", "q-1", "q1 ", "qq1"], ids=str)
async def test_a_question_that_is_none(view: QuestionsView, id: str) -> None:
    if id == "q1 ":
        assert (await view.one(id)).id == "q1"
        return
    with pytest.raises(Refused) as caught:
        await view.one(id)
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("id", "speaks_for", "may"),
    [
        ("q1", None, True),
        ("q1", ["payments"], True),
        ("q1", ["platform"], True),
        ("q1", ["search"], False),
        ("q9", ["search"], True),
        ("q2", ["platform"], False),
        ("q1", [], False),
    ],
    ids=["all", "own", "above", "other", "could-know", "not-above", "nobodys"],
)
async def test_who_may_answer(view: QuestionsView, id: str, speaks_for: list[str] | None, may: bool) -> None:
    given = Answering(answer="change", change="commit 4f2a")
    if may:
        assert (await view.answer(id, given, "person:anna", speaks_for)).state == "changed"
        return
    with pytest.raises(Refused) as caught:
        await view.answer(id, given, "person:anna", speaks_for)
    assert caught.value.status == 403


async def test_for_an_owner_who_is_not_declared_answers_who_gets_the_letter(view: QuestionsView) -> None:
    book = await view._asking.book()
    book.questions[1] = question(1, owner="gone")
    given = Answering(answer="change", change="commit 4f2a")
    with pytest.raises(Refused, match="is asked of gone"):
        await view.answer("q1", given, "person:anna", ["platform"])
    assert (await view.answer("q1", given, "person:anna", ["search"])).state == "changed"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"answer": "change"}, "change"),
        ({"answer": "accept", "reason": "ok", "until": "2026-12-01"}, "reason"),
        ({"answer": "accept", "reason": "an EARLIER reason!", "until": "2026-12-01"}, "reason"),
        ({"answer": "accept", "reason": REASON}, "until"),
        ({"answer": "accept", "reason": REASON, "until": "2026-09-20"}, "until"),
        ({"answer": "accept", "reason": REASON, "until": "2027-09-22"}, "until"),
        ({"answer": "accept", "reason": REASON, "until": "soon"}, "until"),
        ({"answer": "wrong", "reason": "I say so"}, "reason"),
        ({"answer": "unknown"}, "knows"),
        ({"answer": "unknown", "knows": "payments"}, "knows"),
        ({"answer": "change", "change": "commit", "subjects": ["other"]}, "subjects"),
        ({"answer": "accept", "reason": "long " * 300, "until": "2026-12-01"}, "reason"),
        ({"answer": "change", "change": "x" * 1_001}, "change"),
    ],
    ids=range(13),
)
async def test_where_the_mistake_is(view: QuestionsView, given: dict[str, Any], field: str) -> None:
    with pytest.raises(UnfitAnswer) as caught:
        await view.answer("q1", Answering(**given), "person:anna", None)
    assert (caught.value.field, caught.value.status) == (field, 422)


async def test_the_last_day_counts(view: QuestionsView) -> None:
    given = Answering(answer="accept", reason=REASON, until="2027-09-21")
    told = await view.answer("q1", given, "person:anna", None)
    assert (told.state, told.answer.by if told.answer else "") == ("accepted", "person:anna")
    assert "A decision until 21 September 2027" in told.then


async def test_some_of_several_are_answered_apart(view: QuestionsView) -> None:
    given = Answering(answer="change", change="deleted", subjects=["b"])
    told = await view.answer("q3", given, "person:anna", None)
    assert (told.state, told.subjects, told.id) == ("changed", ["b"], "q10")
    rest = await view.one("q3")
    assert (rest.state, rest.subjects) == ("open", ["a", "c"])


async def test_what_is_over_is_answered_no_more(view: QuestionsView) -> None:
    given = Answering(answer="change", change="commit 4f2a")
    for id in ("q5", "q6", "q7", "q8"):
        with pytest.raises(Refused) as caught:
            await view.answer(id, given, "person:anna", None)
        assert caught.value.status == 409


def link(view: QuestionsView, id: int) -> tuple[str, Link]:
    said = Link(id, int(NOW + DAY), "payments", "receiver:chat")
    return sign(view._asking.letters._key(), said), said


async def test_a_link_is_for_its_question_and_once(view: QuestionsView) -> None:
    text, said = link(view, 1)
    assert (await view.linked(text)).id == "q1"
    with pytest.raises(UnfitAnswer):
        await view.answer_linked(text, Answering(answer="change"))
    done = await view.answer_linked(text, Answering(answer="unknown", knows="search"))
    assert done.answer is not None
    assert (done.state, done.answer.by) == ("open", "owner:payments")
    for again in (view.linked(text), view.answer_linked(text, Answering(answer="change", change="abc"))):
        with pytest.raises(Refused) as caught:
            await again
        assert caught.value.status == 410
    assert (await view.one("q1")).state == "open"
    assert mark(said) != mark(link(view, 2)[1])


@pytest.mark.parametrize("id", [5, 8, 99], ids=["answered", "withdrawn", "forgotten"])
async def test_a_link_to_what_is_over_says_so(view: QuestionsView, id: int) -> None:
    with pytest.raises(Refused, match="nothing is to be answered any more") as caught:
        await view.linked(link(view, id)[0])
    assert caught.value.status == 410


@pytest.mark.parametrize(
    ("answer", "taken"), [("accept", False), ("wrong", False), ("change", True), ("unknown", True)]
)
async def test_a_channel_does_not_end_what_is_about_safety(
    view: QuestionsView, answer: Any, taken: bool
) -> None:
    reason = "data wrong" if answer == "wrong" else REASON
    given = Answering(
        answer=answer, reason=reason, until="2026-12-01", change="commit 4f2a", knows="platform"
    )
    text, _ = link(view, 2)
    if taken:
        assert (await view.answer_linked(text, given)).answer is not None
        return
    with pytest.raises(UnfitAnswer, match="accepted or called wrong by a person") as caught:
        await view.answer_linked(text, given)
    assert caught.value.field == "answer"
    assert (await view.linked(text)).state == "open"  # and the link is good still


async def test_a_person_does_by_the_link_of_their_own_mailbox(view: QuestionsView) -> None:
    view._node.config.owner["search"] = Owner(contact=("mailto:anna@example.org",))
    (step,) = chain(view._node.config.owner, "search", NOW)
    text = sign(view._asking.letters._key(), Link(2, int(NOW + DAY), "search", step.contact))
    given = Answering(answer="accept", reason=REASON, until="2026-12-01")
    done = await view.answer_linked(text, given)
    assert (done.state, done.answer.by if done.answer else "") == ("accepted", "person:anna@example.org")


async def test_evidence_is_read_once(view: QuestionsView, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    whole = kept.evidence

    def evidence(connection: sqlite3.Connection, question: Question) -> Any:
        read.append(question.id)
        return whole(connection, question)

    monkeypatch.setattr(kept, "evidence", evidence)
    first = await view.all(**ALL)
    assert len(read) == len(ASKED)
    assert await view.all(**ALL) == first
    assert len(read) == len(ASKED)
    view._node.config = Config(owner=OWNERS)  # which may name other kinds
    assert await view.all(**ALL) == first
    assert len(read) == 2 * len(ASKED)


@pytest.mark.parametrize(("bound", "most"), [("MOST", 3), ("POINTS", 0)])
async def test_figures_are_kept_within_bounds(
    view: QuestionsView, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(question_showing, bound, most)
    monkeypatch.setattr(question_showing, "series", lambda rows: {"n": [1.0, 2.0]})
    told = await view.all(**ALL)
    assert all(one.figures for one in told.questions)
    assert len(view._showing._exhibits) == most
    assert view._showing._points == 2 * most


@pytest.mark.parametrize(
    ("who", "by"),
    [
        ("person:~0a", "person anna"),
        ("person:~0b4f2a1c99", "somebody (~0b4f2a1c)"),
        ("a person", "a person"),
        ("program:feeder", "program feeder"),
        ("token:local", "the local token"),
        ("nobody", "nobody"),
    ],
    ids=["known", "not-known", "of-older-evidence", "program", "local", "nobody"],
)
async def test_who_told_facts_is_named_to_whoever_may_read_it(view: QuestionsView, who: str, by: str) -> None:
    proof = freeze("unacted", "d", "SELECT 1", {}, ROWS, NOW, [Teller("change", who, 3)])
    await view._node.db.read(
        lambda one: one.execute(
            "UPDATE question_evidence SET body = ? WHERE question = 1", (msgspec.json.encode(proof).decode(),)
        )
    )
    (told,) = (await view.one("q1")).evidence.told
    assert (told.who, told.by, told.rows) == (who, by, 3)
