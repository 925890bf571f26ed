"""Which question first, and how often a kind is asked: what the answers taught."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.finding import Finding
from gadfly.ask.life import Matter, learning
from gadfly.ask.life.learning import Record, consequence, novelty, together
from gadfly.ask.question import Question

Make = Callable[..., Any]


def answered(id: int, answer: str, **more: Any) -> Question:
    given: dict[str, Any] = {
        "kind": "near",
        "digest": "",
        "sort": "check",
        "again": 1.0,
        "observe": 1.0,
        "minutes": 5.0,
        "subjects": ("c1",),
        "owner": "ops",
        "text": "Is it?",
        "asked": 0.0,
        "since": 0.0,
    }
    return Question(**{**given, "id": id, "answer": answer, **more})


def record(*answers: str, **more: Any) -> Record:
    made = Record()
    for id, answer in enumerate(answers, 1):
        made.add(answered(id, answer, **more))
    return made


RATES: dict[str, tuple[tuple[str, ...], str, float]] = {
    "nobody has answered": ((), "ops", 0.5),
    "useful": (("change", "accept"), "ops", (2 + 4 * 3 / 4) / 6),
    "of another team only the kind counts": (("change", "accept"), "web", 3 / 4),
    "useless": (("wrong", "unknown"), "ops", (0 + 4 * 1 / 4) / 6),
}


@pytest.mark.parametrize(("answers", "team", "expected"), RATES.values(), ids=RATES.keys())
def test_the_chance_that_something_is_learnt(answers: tuple[str, ...], team: str, expected: float) -> None:
    assert record(*answers).change("near", team) == pytest.approx(expected)


def test_an_answer_can_be_taken_back() -> None:
    made = record("change", "wrong", took=60.0)
    made.add(answered(2, "wrong", took=60.0), -1)
    made.add(answered(2, ""), -1)
    tally = made.kind("near")
    assert (tally.answers, tally.useful, tally.wrong) == (1, 1, 0)


@pytest.mark.parametrize(
    ("took", "minutes"),
    [
        ([60.0] * 4, 5),
        ([60.0] * 5, 1),
        ([60, 60, 120, 600, 600], 2),
        ([1.0] * 5, 0.5),
        ([9e9] * 5, 60),
        ([600.0] * 30 + [60.0] * 50, 1),
    ],
    ids=["too few", "enough", "the median", "too short", "too long", "the newest"],
)
def test_measured_minutes(took: list[float], minutes: float) -> None:
    made = Record()
    for id in reversed(range(len(took))):  # in whatever order rows are read
        made.add(answered(id, "change", took=took[id]))
    assert made.minutes("near", 5) == minutes


NONE_OF_12 = 1 - 0.1 ** (1 / 12)
"""The rate at which none of twelve still happens in one of ten cases."""
ASKED = {
    "young": (["wrong"] * 11, False, 1.0),
    "useful": (["change"] * 12, False, 1.0),
    "useless": (["unknown"] * 12, False, NONE_OF_12 / 0.4),
    "wrong": (["wrong"] * 12, False, NONE_OF_12 / 0.8),
    "useful, and often wrong": (["change"] * 9 + ["wrong"] * 3, False, 0.5),
    "not less than that": (["wrong"] * 200, False, 0.1),
    "on safety": (["wrong"] * 200, True, 0.5),
}


@pytest.mark.parametrize(("answers", "safety", "expected"), ASKED.values(), ids=ASKED.keys())
def test_a_useless_kind_is_asked_less_often(answers: list[str], safety: bool, expected: float) -> None:
    assert record(*answers).probability("near", safety=safety) == pytest.approx(expected)


def finding(**more: Any) -> Finding:
    given: dict[str, Any] = {
        "kind": "near",
        "subject": "c1",
        "component": None,
        "owner": None,
        "tier": 3,
        "worse": 1.0,
        "exposure": 1.0,
        "values": {},
    }
    return Finding(**{**given, **more})


@pytest.mark.parametrize(
    ("more", "safety", "worth"),
    [
        ({}, False, 2),
        ({"tier": 1}, False, 4),
        ({"tier": 9}, False, 2),
        ({"downstream": 2}, False, 4),
        ({"downstream": 14}, False, 8),
        ({"exposure": 5.0}, False, 10),
        ({"exposure": 0.0}, False, 2),
        ({"exposure": float("nan")}, False, 2),
        ({}, True, 6),
    ],
)
def test_how_much_hangs_on_it(more: dict[str, Any], safety: bool, worth: float) -> None:
    assert consequence(finding(**more), safety=safety) == pytest.approx(worth)


@pytest.mark.parametrize(
    ("asked", "worse", "expected"), [(0, 9.0, 1), (1, 4.0, 0.5), (2, 4.0, 0.25), (2, 5.0, 1)]
)
def test_how_new_it_is(asked: int, worse: float, expected: float) -> None:
    matter = Matter(kind="near", subject="c1", counted=0, worse=worse, asked=asked, then=4.0)
    assert novelty(matter) == expected


def test_a_list_is_worth_more_than_its_first_line_and_less_than_all() -> None:
    assert together([1.0, 4.0, 3.0]) == pytest.approx(4 + 3 / 2 + 1 / 3)


def test_the_first_is_the_one_with_most_to_learn(life: Make, a_kind: Make) -> None:
    one = life(None, a_kind("slow", minutes=20), a_kind("quick", number=2), a_kind("idle", number=3))
    low = one.found("idle", "c1", tier=4)
    one.days(4, ("slow", "c1"), ("quick", "c1"), low)
    assert [one.q(id).kind for id in (1, 2, 3)] == ["quick", "idle", "slow"]


def test_what_another_kind_asks_about_already_comes_later(life: Make, a_kind: Make) -> None:
    one = life(
        None, a_kind("first", minutes=4), a_kind("second", number=2), a_kind("other", number=3, minutes=9)
    )
    one.days(4, ("first", "c1"), ("second", "c1"), ("other", "c2"))
    assert [one.q(id).kind for id in (1, 2, 3)] == ["first", "other", "second"]


def test_also_where_it_was_asked_before(life: Make, a_kind: Make) -> None:
    one = life(None, a_kind("first"), a_kind("second", number=2), a_kind("other", number=3, minutes=9))
    one.days(2, ("first", "c1"))
    one.days(3, ("first", "c1"), ("second", "c1"), ("other", "c2"))
    assert [one.q(id).kind for id in (1, 2, 3)] == ["first", "other", "second"]


def test_some_go_to_the_kind_of_which_least_is_known(
    life: Make, a_kind: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    firsts = []
    for explore in (0.0, 1.0):
        monkeypatch.setattr("gadfly.ask.life.choosing.EXPLORE", explore)
        one = life(None, a_kind("known"), a_kind("unknown", number=2, minutes=60))
        for day in range(3):
            one.days(2, ("known", f"old{day}"))
            one.answer(day + 1, "change", change="abc1234")
        one.days(2, ("known", "c1"), ("unknown", "c1"))
        firsts.append(one.q(4).kind)
    assert firsts == ["known", "unknown"]


def test_chance_is_the_same_for_the_same_seed(life: Make) -> None:
    chances = [life(seed=seed).rules.chance("ask", "near", "c1", 7) for seed in (1, 1, 2)]
    assert chances[0] == chances[1] != chances[2]
    rules = life().rules
    several = [rules.chance(number) for number in range(2000)]
    assert sum(chance < learning.USEFUL for chance in several) == pytest.approx(800, abs=80)


def test_a_useless_kind_waits_for_its_week(life: Make, a_kind: Make) -> None:
    """With a tenth of a chance a week, about ten of a hundred subjects are asked about in one."""
    one = life(None, a_kind("near"))
    old = [("near", f"old{number}") for number in range(15)]
    one.days(2, *old)
    for _, subject in old:
        one.answer(1, "wrong", reason="rule wrong", subjects=(subject,))
    new = [("near", f"new{number}") for number in range(100)]
    one.days(4, *old, *new)
    asked = {subject for question in one.book.questions.values() for subject in question.subjects}
    assert 0 < len(asked) - 15 < 30
