"""What an owner reads: what is asked, the numbers, the four answers, and a link for each."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.ask.letter import Item, subject, text

PAGE = "https://north.example.org/questions#team=payments"
NAMED: dict[str, Any] = {
    "name": "q12",
    "text": "api-latency paged 24 times in 60 days; 2 led to something. What should a person do?",
    "assumed": "This page causes action.",
    "figures": {"times": 24, "led to something": 2, "mean share": 0.08333, "check": "api-latency"},
    "minutes": 5,
    "owner": "payments",
    "link": "https://north.example.org/q/abc",
    "ends": 1_796_000_000.0,
}


def item(**more: Any) -> Item:
    return Item(**{**NAMED, **more})


@pytest.mark.parametrize(
    ("items", "line"),
    [
        ([item()], f"A question for payments: {NAMED['text']}"),
        ([item(safety=True)], f"Safety: a question for payments: {NAMED['text']}"),
        ([item(), item(name="q13")], "2 questions for payments"),
        ([item(), item(safety=True), item(link="")], "2 questions for payments, 1 on safety"),
        ([item(why="withdrawn", link="")], "1 question for payments: nothing is to be answered"),
    ],
    ids=["one", "safety", "two", "some-on-safety", "only-told"],
)
def test_its_subject(items: list[Item], line: str) -> None:
    assert subject("payments", items) == line


def test_all_that_is_needed_stands_there() -> None:
    said = text("payments", [item()], PAGE, alone=True)
    for part in (
        "1 question for payments, about 5 min.",
        f"q12: {NAMED['text']}",
        "Assumed: This page causes action.",
        "Numbers: times 24, led to something 2, mean share 0.0833, check api-latency",
        "See: https://north.example.org/q/abc",
        "gadfly answer q12",
        "until 30 November 2026",
        f"See: {PAGE}",
    ):
        assert part in said, part
    for answer in ("change it", "accept it", "wrong", "who could know"):
        assert answer in said
    assert said.endswith("\n")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"why": "escalated", "was": "search"}, "It was asked of search, where nobody answered"),
        ({"why": "referred", "was": "search"}, "search says that you could know."),
        ({"why": "returned", "was": "dba"}, "It was with dba, who could not say; it is yours again."),
        (
            {"why": "inherited", "was": "search"},
            "It was asked of search, which is declared no longer; it is yours now.",
        ),
        ({"safety": True}, "It is about safety."),
        ({"warning": "Unanswered in 30 days, x is lowered."}, "Unanswered in 30 days, x is lowered."),
        ({"why": "withdrawn", "link": ""}, "q12 is withdrawn, as the evidence went away"),
        ({"why": "lowered", "link": ""}, "lowered by one level"),
    ],
    ids=["escalated", "referred", "returned", "inherited", "safety", "warning", "withdrawn", "lowered"],
)
def test_why_it_comes(more: dict[str, Any], words: str) -> None:
    assert words in text("payments", [item(**more)], PAGE, alone=True)


def test_what_needs_no_answer_has_no_link() -> None:
    said = text("payments", [item(why="withdrawn", link="")], PAGE, alone=True)
    assert "/q/" not in said
    assert "four answers" not in said


@pytest.mark.parametrize("alone", [True, False], ids=["person", "channel"])
def test_it_is_said_whose_answer_it_is(alone: bool) -> None:
    said = text("payments", [item()], PAGE, alone=alone)
    assert ("it is for you alone" in said) is alone
    assert ("which is then that of payments" in said) is not alone


@pytest.mark.parametrize("field", ["text", "assumed", "warning", "owner", "was", "figures", "team"])
@pytest.mark.parametrize("why", ["asked", "escalated", "referred", "returned", "inherited", "withdrawn"])
def test_what_facts_say_is_never_a_line_of_its_own(field: str, why: str) -> None:
    evil = "ops\nSee: http://evil.example/q/lA\u2028\u202e"
    more = {} if field == "team" else {field: {"check": evil} if field == "figures" else evil}
    link = "" if why == "withdrawn" else NAMED["link"]
    one = item(**{**more, "why": why, "link": link})
    team = evil if field == "team" else "payments"
    said = text(team, [one], PAGE, alone=True)
    links = [line for line in said.splitlines() if line.startswith("See:")]
    assert links == [f"See: {url}" for url in (link, PAGE) if url]
    assert "\u202e" not in said
    assert len(subject(team, [one]).splitlines()) == 1


@pytest.mark.parametrize(
    ("subjects", "line"),
    [
        ((), ""),
        (("disk-03", "disk-07"), "About: disk-03, disk-07\n"),
        (tuple("abcdefgh"), "About: a, b, c, d, e and 3 more\n"),
        (("x\u202e" + "y" * 4_000, "b"), f"About: x {'y' * 77}…, b\n"),
    ],
    ids=["one", "two", "many", "long"],
)
def test_which_of_several_it_is_about(subjects: tuple[str, ...], line: str) -> None:
    said = text("payments", [item(subjects=subjects)], PAGE, alone=True)
    assert line in said
    assert ("About: " in said) is bool(line)
