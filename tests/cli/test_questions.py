"""`gadfly ask`, `gadfly ask review` and `gadfly answer`."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from gadfly.cli import answer as answering

NOW = time.time()
DAY = 86_400.0
TEXT = "checkout-latency paged 24 times in 60 days; 2 led to something being done. What should a person do?"


def asked(id: str = "q1", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "kind": "unacted",
        "safety": False,
        "minutes": 5,
        "subjects": ["checkout-latency"],
        "owner": "payments",
        "whom": "payments",
        "state": "open",
        "asked": NOW - 3 * DAY,
        "text": TEXT,
        "assumed": "This page causes action.",
        "figures": {"n": 2400, "mean share": 0.08333, "check": "x"},
        "latest": NOW + 365 * DAY,
        "answer": None,
        "then": "Unanswered it goes to platform.",
        **more,
    }


def of(*questions: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {
        "at": NOW,
        "total": len(questions) if total is None else total,
        "owners": [],
        "questions": questions,
    }


@pytest.mark.parametrize(
    "words", [("ask",), ("ask", "list"), ("ask", "--limit", "100")], ids=["alone", "list", "options"]
)
def test_what_is_open(node: Any, gadfly: Any, words: tuple[str, ...]) -> None:
    node.gives("questions", of(asked(), asked("q2", safety=True, whom="platform"), total=5))
    code, out, _ = gadfly(*words)
    assert code == 1
    assert node.asked[0][1] == "questions?state=open&limit=100"
    said = " ".join(out.split())
    assert f"q1 unacted · 5 min · asked of payments 3 d ago {TEXT}" in said
    assert "assumed This page causes action." in said
    assert "numbers n 2,400, mean share 0.0833, check x" in said
    assert "then Unanswered it goes to platform." in said
    assert "q2 unacted · safety · 5 min · asked of payments 3 d ago, now of platform" in said
    assert "3 more; see --limit" in said
    assert max(map(len, out.splitlines())) <= 100


def test_none_is_open(node: Any, gadfly: Any) -> None:
    node.gives("questions", of())
    assert gadfly("ask") == (0, "no question is open\n", "")
    assert gadfly("ask", "--state", "all")[1] == "there is none\n"
    assert node.asked[-1][1] == "questions?limit=100"


def test_nothing_that_is_shown_steers_the_terminal(node: Any, gadfly: Any) -> None:
    evil = "a\x1b[31m\u202eb"
    node.gives(
        "questions",
        of(asked(text=evil, subjects=[evil, evil], assumed=evil, owner=evil, figures={"n": evil})),
    )
    _, out, _ = gadfly("ask")
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_review_is_a_page(node: Any, gadfly: Any) -> None:
    given = {"answer": "accept", "words": "The sale needs it loud", "by": "person:anna", "at": NOW - DAY}
    review = {
        "at": NOW,
        "owner": "payments",
        "since": NOW - 90 * DAY,
        "open": [asked(subjects=["a", "b"])],
        "accepted": [asked("q2", state="accepted", answer=given, then="A decision until 1 May 2027.")],
        "learnt": [],
        "closed": [asked("q3", state="withdrawn")],
    }
    node.gives("questions/review", review)
    code, out, _ = gadfly("ask", "review", "payments")
    assert code == 0
    assert node.asked[0][1] == "questions/review?owner=payments&days=90"
    said = " ".join(out.split())
    for part in (
        "Questions of payments",
        "OPEN: 1, about 5 min",
        "about a, b",
        "ACCEPTED: 1, the next to end first",
        "answer accept: The sale needs it loud (person:anna, 24 h ago)",
        "WITHDRAWN OR WRONG since",
    ):
        assert part in said
    assert "LEARNT" not in said


def test_a_review_of_nothing_says_so(node: Any, gadfly: Any) -> None:
    nothing: dict[str, Any] = {"open": [], "accepted": [], "learnt": [], "closed": []}
    node.gives("questions/review", {"at": NOW, "owner": "x", "since": NOW, **nothing})
    assert "Nothing is open, accepted or learnt." in gadfly("ask", "review", "x")[1]


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (("change", "commit 4f2a"), {"answer": "change", "change": "commit 4f2a"}),
        (
            ("accept", "It is needed so.", "--until", "2027-03-31"),
            {"answer": "accept", "reason": "It is needed so.", "until": "2027-03-31"},
        ),
        (("wrong", "data wrong"), {"answer": "wrong", "reason": "data wrong"}),
        (("unknown", "dba"), {"answer": "unknown", "knows": "dba"}),
        (
            ("change", "gone", "--subject", "a", "--subject", "b"),
            {"answer": "change", "change": "gone", "subjects": ["a", "b"]},
        ),
    ],
    ids=["change", "accept", "wrong", "unknown", "some"],
)
def test_an_answer_at_once(node: Any, gadfly: Any, words: tuple[str, ...], body: dict[str, Any]) -> None:
    node.gives("questions/q1/answer", asked(state="changed", then="Looked at again."), method="POST")
    assert gadfly("answer", "q1", *words) == (0, "q1: changed. Looked at again.\n", "")
    assert node.asked[0][:3] == ("POST", "questions/q1/answer", body)


def test_until_may_be_how_long(node: Any, gadfly: Any) -> None:
    node.gives("questions/q1/answer", asked(), method="POST")
    gadfly("answer", "q1", "accept", "It is needed so.", "--until", "60d")
    assert node.asked[0][2]["until"] == answering.date(NOW + 60 * DAY)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say which answer: change, accept, wrong, unknown"),
        (("maybe",), "'maybe' is not one of"),
        (("accept", "because it is", "--until", "soon"), "'soon' is no day"),
        (("change", "x", "--until", "60d"), "--until is for accept"),
    ],
    ids=["none", "another", "no-day", "until-of-change"],
)
def test_what_is_no_answer(node: Any, gadfly: Any, words: tuple[str, ...], said: str) -> None:
    code, out, err = gadfly("answer", "q1", *words)
    assert (code, out) == (3, "")
    assert said in err
    assert node.asked == []


def test_what_the_node_refuses_is_said(node: Any, gadfly: Any) -> None:
    node.gives("questions/q1/answer", {"title": "x", "detail": "It was answered."}, method="POST", status=409)
    code, _, err = gadfly("answer", "q1", "change", "abc")
    assert (code, err) == (3, "gadfly: It was answered.\n")


class Terminal:
    def isatty(self) -> bool:
        return True


TERMINALS = SimpleNamespace(stdin=Terminal(), stdout=Terminal())


@pytest.fixture
def talks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A terminal at which somebody answers these, one after the other."""
    left: list[str] = []
    heard: list[str] = []

    def prompt(text: str, type: Any = str, **_: Any) -> Any:
        heard.append(text)
        said = left.pop(0)
        return type.convert(said, None, None) if hasattr(type, "convert") else said

    monkeypatch.setattr(answering.click, "prompt", prompt)
    monkeypatch.setattr(answering, "sys", TERMINALS)

    def say(*words: str) -> list[str]:
        left.extend(words)
        return heard

    return say


def test_a_dialogue_asks_for_what_is_missing(node: Any, gadfly: Any, talks: Any) -> None:
    node.gives("questions/q1", asked())
    node.gives("questions/q1/answer", asked(state="accepted", then="A decision."), method="POST")
    heard = talks("accept", "It is needed so.", "2027-03-31")
    code, out, _ = gadfly("answer", "q1")
    assert code == 0
    assert "This page causes action." in out
    assert out.endswith("q1: accepted. A decision.\n")
    assert [one.partition(" (")[0] for one in heard] == ["Your answer", "Because", "Until"]
    body = node.asked[-1][2]
    assert (body["reason"], body["until"]) == ("It is needed so.", "2027-03-31")
    assert body["took"] >= 0


def test_a_dialogue_asks_again_where_it_cannot_be_taken(node: Any, gadfly: Any, talks: Any) -> None:
    node.gives("questions/q1", asked())
    node.gives("questions/q1/answer", {"title": "x", "detail": "Name the change."}, method="POST", status=422)
    heard = talks(*["x"] * answering.TRIES)
    code, out, err = gadfly("answer", "q1", "change")
    assert (code, err) == (3, "gadfly: Name the change.\n")
    assert out.count("Name the change.") == answering.TRIES - 1
    assert len(heard) == answering.TRIES


@pytest.mark.parametrize(
    ("typed", "asked_again"),
    [
        ("accept\nok\nIt is needed so.\n2027-03-31\n", "Give a reason in your own words"),
        ("accept\nIt is needed so.\nsoon\n2027-03-31\n", "is no day as"),
    ],
    ids=["reason", "day"],
)
def test_only_what_is_wrong_is_typed_again(
    node: Any, gadfly: Any, monkeypatch: pytest.MonkeyPatch, typed: str, asked_again: str
) -> None:
    node.gives("questions/q1", asked())
    node.gives("questions/q1/answer", asked(state="accepted", then="A decision."), method="POST")
    left = typed.splitlines()
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda text: left.pop(0))
    monkeypatch.setattr(answering, "sys", TERMINALS)
    code, out, _ = gadfly("answer", "q1")
    assert (code, left) == (0, [])
    assert asked_again in out
    assert (node.asked[-1][2]["reason"], node.asked[-1][2]["until"]) == ("It is needed so.", "2027-03-31")


@pytest.mark.parametrize(
    ("names", "about"),
    [
        (["checkout-latency"], ""),
        (["ghosted-disk"], "ghosted-disk"),
        (["a", "b"], "a, b"),
        ([f"disk-{n:03d}" for n in range(1_000)], "disk-019 and 980 more"),
        (["x" * 4_000, "b"], f"{'x' * 79}…, b"),
    ],
    ids=["in-the-text", "apart", "two", "many", "long"],
)
def test_which_subjects(node: Any, gadfly: Any, names: list[str], about: str) -> None:
    node.gives("questions", of(asked(subjects=names)))
    said = " ".join(gadfly("ask")[1].split())
    assert ("about " in said.partition("numbers")[2]) is bool(about)
    assert about in said


def test_what_is_answered_already_ends_the_dialogue(node: Any, gadfly: Any, talks: Any) -> None:
    node.gives("questions/q1", asked())
    node.gives("questions/q1/answer", {"title": "x", "detail": "Answered."}, method="POST", status=409)
    assert len(talks("data wrong", "data wrong")) == 0
    assert gadfly("answer", "q1", "wrong")[0] == 3
    assert len(node.asked) == 2
