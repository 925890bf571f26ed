"""Questions and decisions are facts: the kinds that ask about questions see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gadfly.ask import kinds
from gadfly.ask.evaluate import evaluate
from gadfly.ask.finding import Finding
from gadfly.ask.life import facts
from gadfly.ask.text import fill
from gadfly.ask.world import World

Make = Callable[..., Any]
SEEN = ("near", "c1")


def asked(one: Any, name: str) -> list[Finding]:
    """What that kind of the catalogue finds in the book."""
    known = kinds.load()
    with World() as world:
        for table, columns in facts(one.book).items():
            world.add(table, columns)
        found = evaluate(world, {name: known[name]}, one.now)
    assert not found.trouble
    for each in found.findings:
        assert fill(known[name].ask, each.values).endswith("?")
    return found.findings


def test_what_was_accepted_and_grew_worse(life: Make) -> None:
    one = life()
    one.days(2, SEEN)
    one.answer(1, "accept", reason="it is drained by hand", until=one.now + 90 * 86_400)
    one.days(2, SEEN)
    assert asked(one, "expired-acceptance") == []
    one.day(("near", "c1", 6.0))
    (found,) = asked(one, "expired-acceptance")
    assert (found.subject, found.owner) == ("d1", "ops")
    assert one.book.origins("expired-acceptance", found.subject) == (SEEN,)


def test_what_was_accepted_and_is_over(life: Make) -> None:
    one = life()
    one.days(2, SEEN)
    one.answer(1, "accept", reason="it is drained by hand", until=one.now + 5 * 86_400)
    one.days(4, SEEN)
    assert asked(one, "expired-acceptance") == []
    one.days(2, SEEN)
    assert [found.subject for found in asked(one, "expired-acceptance")] == ["d1"]


def test_a_change_that_changed_nothing(life: Make) -> None:
    one = life()
    one.days(2, SEEN)
    one.answer(1, "change", change="abc1234")
    one.days(30, SEEN)
    assert asked(one, "change-that-changed-nothing") == []
    one.days(2, SEEN)
    (found,) = asked(one, "change-that-changed-nothing")
    assert (found.subject, found.owner) == ("q1", "ops")
    assert one.book.origins("change-that-changed-nothing", found.subject) == (SEEN,)


def test_a_change_that_changed_something(life: Make) -> None:
    one = life()
    one.days(2, SEEN)
    one.answer(1, "change", change="abc1234")
    one.days(32, ("near", "c1", 3.0))
    assert one.q(1).measured is not None
    assert asked(one, "change-that-changed-nothing") == []


def test_questions_that_nobody_answers(life: Make, a_kind: Make) -> None:
    one = life({}, *(a_kind(f"k{number}", number=number + 1) for number in range(6)))
    seen = [(f"k{number}", "c1") for number in range(6)]
    one.days(16, *seen)
    assert asked(one, "unanswered-questions") == []
    one.days(20, *seen)
    (found,) = asked(one, "unanswered-questions")
    assert (found.subject, found.values["n"]) == ("ops", 6)


def test_a_useless_kind(life: Make) -> None:
    one = life()
    subjects = [f"c{number}" for number in range(14)]
    one.days(2, *(("near", subject) for subject in subjects))
    for subject in subjects:
        one.answer(1, "wrong", reason="rule wrong", subjects=(subject,))
    one.days(1)
    (found,) = asked(one, "question-kind-useless")
    assert (found.subject, found.values["n"], found.values["w"]) == ("near", 14, 14)
