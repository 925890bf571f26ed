"""One kind on many subjects of one owner is one question with a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gadfly.ask import kept

Make = Callable[..., Any]


def test_one_question_with_a_list(life: Make) -> None:
    one = life()
    one.days(2, *(("near", f"c{n}", float(n)) for n in range(14)))
    (question,) = one.book.questions.values()
    assert question.text == "14 have 91. Which of them?"
    assert question.subjects[:2] == ("c13", "c12"), "the worst first"
    assert question.before == 91
    evidence = kept.evidence(one.connection, question)
    assert evidence is not None
    assert (evidence.count, evidence.sha256) == (14, question.sha256)


def test_more_than_can_be_shown(life: Make) -> None:
    one = life()
    one.days(2, *(("near", f"c{n:04}", float(n)) for n in range(1200)))
    question = one.q(1)
    evidence = kept.evidence(one.connection, question)
    assert evidence is not None
    assert (len(question.subjects), evidence.count, len(evidence.rows)) == (1000, 1000, 100)
    one.answer(1, "wrong", reason="rule wrong")
    one.day(*(("near", f"c{n:04}", float(n)) for n in range(1200)))
    assert len(one.q(2).subjects) == 200, "the rest is asked about when these are answered"


def test_a_part_is_answered_apart(life: Make) -> None:
    one = life()
    seen = [("near", "c1", 1.0), ("near", "c2", 2.0), ("near", "c3", 3.0)]
    one.days(2, *seen)
    one.answer(1, "change", change="raised it", subjects=("c1", "c3"))
    rest, part = one.q(1), one.q(2)
    assert (rest.state, rest.subjects, rest.before) == ("open", ("c2",), 2.0)
    assert (part.state, part.subjects, part.before, part.part) == ("answered", ("c3", "c1"), 4.0, 1)
    assert kept.evidence(one.connection, part) == kept.evidence(one.connection, rest)
    one.answer(1, "wrong", reason="data wrong", subjects=("c2",))
    assert one.q(1).state == "answered"
    assert one.book.last == 2, "the last part is the question itself"
    one.day(*seen)
    assert one.said == ["asked q1", "change q2", "wrong q1"]


def test_a_part_counts_for_no_budget(life: Make, a_kind: Make) -> None:
    one = life(None, *(a_kind(f"k{n}") for n in range(3)))
    seen = [("k0", f"c{n}") for n in range(6)]
    one.days(2, *seen)
    for n in range(5):
        one.answer(1, "change", change=f"edit {n}", subjects=(f"c{n}",))
    one.days(2, *seen, ("k1", "c"))
    assert "asked q7" in one.said


def test_owners_are_asked_apart(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"), one.found("near", "c2", owner="web", component="cart"))
    assert [(one.q(id).owner, one.q(id).component) for id in (1, 2)] == [("ops", "shop"), ("web", "cart")]


def test_what_comes_of_no_answer_is_said_however_long_it_makes_the_text(life: Make, a_kind: Make) -> None:
    long = " ".join(["word"] * 43) + " {n}?"
    one = life(None, a_kind("deaf", safety=True, subject="automation", ask=long))
    one.days(2, ("deaf", "mend"))
    assert one.q(1).text.startswith("Unanswered for 30 days, this lowers mend one level. word")
