"""What is accepted is a decision: until a date, or until its evidence is a quarter worse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.life import decisions, facts
from gadfly.ask.life.tripwire import improved, worsened

Make = Callable[..., Any]
DAY = 86_400.0


def accept(one: Any, id: int, days: float, **more: Any) -> None:
    reason = f"number {id}, it is drained by hand"
    one.answer(id, "accept", reason=reason, until=one.now + days * DAY, **more)


@pytest.mark.parametrize(
    ("then", "now", "worse", "better"),
    [
        (4.0, 5.0, True, False),
        (4.0, 4.99, False, False),
        (4.0, 3.2, False, True),
        (4.0, 3.21, False, False),
        (0.0, 0.1, True, False),
        (0.0, 0.0, False, False),
        (-4.0, -3.0, True, False),
        (-4.0, -5.0, False, True),
        (0.3, 0.375, True, False),
    ],
)
def test_a_quarter_worse_and_a_fifth_better(then: float, now: float, worse: bool, better: bool) -> None:
    assert (worsened(then, now), improved(then, now)) == (worse, better)


def test_it_is_asked_again_after_its_date(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    accept(one, 1, 20)
    one.days(21, ("near", "c1"))
    assert one.said == ["asked q1", "accept q1"]
    one.day(("near", "c1"))
    assert one.said[2:] == ["asked q2"], "seen twice after its date"
    assert one.q(2).text == "c1 has 4 of 9. Is that so?"


def test_it_is_asked_early_when_it_worsens(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1", 4.0))
    accept(one, 1, 300)
    one.days(5, ("near", "c1", 4.9))
    one.day(("near", "c1", 5.0))
    one.days(3, ("near", "c1", 4.9))
    assert len(one.said) == 2, "one day above is no reason"
    one.days(2, ("near", "c1", 5.0))
    assert one.said[2:] == ["asked q2"]
    assert one.q(2).priority == pytest.approx(one.q(1).priority * 22 / 15), "new again; an answer was useful"


def test_the_tripwire_is_drawn_from_what_it_was_when_it_was_accepted(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1", 4.0))
    one.days(2, ("near", "c1", 8.0))
    accept(one, 1, 300)
    one.days(4, ("near", "c1", 9.0))
    assert len(one.said) == 2


def test_as_a_fact(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1", 4.0), ("near", "c2", 3.0))
    accept(one, 1, 20)
    one.day(("near", "c1", 7.0))
    rows = facts(one.book)["decision"]
    assert rows["id"] == ["d1-1", "d1-2"]
    assert (rows["subject"], rows["kind"]) == (["c1", "c2"], ["near", "near"])
    assert (rows["then"], rows["now"]) == ([4.0, 3.0], [7.0, None])
    assert rows["what"] == ["near of c1", "near of c2"]
    (row,) = {tuple(rows[name]) for name in ("until",)}
    assert row[0] == one.q(1).until
    assert facts(one.book)["question"]["new_reason"] == [True]


def test_what_is_no_longer_so_is_decided_no_more(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    accept(one, 1, 20)
    one.days(20)
    assert [name for name, _ in decisions(one.book, one.q(1))] == ["d1"]
    one.days(2)
    assert decisions(one.book, one.q(1)) == []
    one.days(2, ("near", "c1"))
    assert one.said[2:] == ["asked q2"], "and a new sighting is a new question"


@pytest.fixture
def again(life: Make, a_kind: Make) -> Any:
    """`near`, and the kind that asks of accepted things whether they still hold."""
    ask = "{subject}: {worse} of {n}?"
    expired = a_kind("expired-acceptance", number=73, subject="decision", ask=ask, again=30)
    one = life(None, a_kind("near"), expired)
    one.days(2, ("near", "c1"))
    return one


def test_then_another_kind_asks_in_its_place(again: Any) -> None:
    accept(again, 1, 20)
    seen = [("near", "c1"), again.found("expired-acceptance", "d1")]
    again.days(21, ("near", "c1"))
    again.days(3, *seen)
    assert again.said[2:] == ["asked q2"]
    assert (again.q(2).kind, again.q(2).origins) == ("expired-acceptance", (("near", "c1"),))
    accept(again, 2, 30)
    assert decisions(again.book, again.q(1)) == []
    assert [(name, matter.key) for name, matter in decisions(again.book, again.q(2))] == [
        ("d2", ("near", "c1"))
    ]
    again.days(29, ("near", "c1"))
    assert again.said[3:] == ["accept q2"]


def test_the_third_time_the_owners_owner_is_asked(again: Any) -> None:
    owners = []
    for id in range(1, 5):
        owners.append(again.q(id).owner)
        accept(again, id, 20)
        again.days(21, ("near", "c1"))
        again.days(3, ("near", "c1"), again.found("expired-acceptance", f"d{id}"))
    assert owners == ["ops", "ops", "ops", "boss"]


def test_a_decision_is_never_too_young(again: Any) -> None:
    accept(again, 1, 300)
    made = again.now
    again.days(2, ("near", "c1", 6.0), again.found("expired-acceptance", "d1", since=made))
    assert again.said[2:] == ["asked q2"]
    assert facts(again.book)["question"]["subject"] == ["c1", "c1"]


def test_while_that_is_open_nothing_else_asks(again: Any) -> None:
    accept(again, 1, 20)
    again.days(21, ("near", "c1"))
    again.days(2, ("near", "c1"), again.found("expired-acceptance", "d1"))
    for _ in range(3):
        again.day(("near", "c1"), trouble=("expired-acceptance",))
    assert again.said[2:] == ["asked q2"]


def test_a_change_ends_the_decision(again: Any) -> None:
    accept(again, 1, 20)
    again.days(21, ("near", "c1"))
    again.days(2, ("near", "c1"), again.found("expired-acceptance", "d1"))
    again.answer(2, "change", change="it was raised")
    assert decisions(again.book, again.q(1)) == []
    assert again.book.matters["near", "c1"].why == "changed"
    again.days(31, ("near", "c1", 2.0))
    assert (again.q(2).before, again.q(2).after) == (4.0, 2.0)


def test_wrong_is_said_of_both(again: Any) -> None:
    accept(again, 1, 20)
    again.days(21, ("near", "c1"))
    seen = [("near", "c1"), again.found("expired-acceptance", "d1")]
    again.days(2, *seen)
    again.answer(2, "wrong", reason="already known")
    again.days(60, *seen)
    assert again.said[3:] == ["wrong q2"]


def test_a_decision_from_elsewhere_with_such_a_name_is_its_own(again: Any) -> None:
    again.days(2, ("near", "c1"), again.found("expired-acceptance", "d1"))
    assert again.said == ["asked q1", "asked q2"]
    assert again.q(2).origins == ()
