"""After a change the evidence is looked at again: did it change anything?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.life import facts

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("later", "after"), [(4.0, 4.0), (1.0, 1.0), (None, 0.0)], ids=["same", "better", "gone"]
)
def test_it_is_measured_after_its_time(life: Make, later: float | None, after: float) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "change", change="abc1234")
    seen = [] if later is None else [("near", "c1", later)]
    one.days(30, *seen)
    assert (one.q(1).measured, facts(one.book)["question"]["measured"]) == (None, [None])
    one.day(*seen)
    assert (one.q(1).before, one.q(1).after, one.q(1).complete) == (4.0, after, True)
    row = facts(one.book)["question"]
    assert (row["before"], row["after"], row["complete"], row["change"]) == (
        [4.0],
        [after],
        [True],
        ["abc1234"],
    )
    assert one.said == ["asked q1", "change q1", "measured q1"]


def test_days_without_data_make_it_incomplete(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "change", change="abc1234")
    for day in range(31):
        one.day(("near", "c1"), trouble=("near",) if day in (3, 4, 5) else ())
    assert one.q(1).complete is False


def test_it_is_not_measured_without_data(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "change", change="abc1234")
    for _ in range(59):
        one.day(trouble=("near",))
    assert one.q(1).measured is None
    one.days(1)
    one.day(trouble=("near",))
    assert (one.q(1).measured is not None, one.q(1).complete) == (True, False)


def test_it_is_not_asked_meanwhile_and_again_after(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "change", change="abc1234")
    one.days(60, ("near", "c1", 40.0))
    assert one.said[2:] == ["measured q1"]
    one.day(("near", "c1", 40.0))
    assert one.said[3:] == ["asked q2"], "60 days after the answer"


def test_the_kind_that_asks_about_changes_comes_first(life: Make, a_kind: Make) -> None:
    one = life(None, a_kind("near", again=7, observe=30))
    one.days(2, ("near", "c1"))
    one.answer(1, "change", change="abc1234")
    one.days(33, ("near", "c1"))
    assert one.said[2:] == ["measured q1"]
    one.day(("near", "c1"))
    assert one.said[3:] == ["asked q2"]


def test_of_several_what_is_left_is_added_up(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"), ("near", "c2"))
    one.answer(1, "change", change="abc1234")
    one.days(31, ("near", "c2", 3.0))
    assert (one.q(1).before, one.q(1).after) == (8.0, 3.0)


@pytest.fixture
def unchanged(life: Make, a_kind: Make) -> Any:
    """A change without effect, and the kind that asks about it."""
    other = a_kind("change-that-changed-nothing", number=74, subject="question", again=14, observe=14)
    one = life(None, a_kind("near", again=31), other)
    one.days(2, ("near", "c1"))
    one.answer(1, "change", change="abc1234")
    one.days(31, ("near", "c1"))
    one.seen = [("near", "c1"), one.found("change-that-changed-nothing", "q1")]
    one.days(2, *one.seen)
    return one


def test_a_change_without_effect_is_asked_about_in_its_place(unchanged: Any) -> None:
    assert unchanged.said[2:] == ["measured q1", "asked q2"]
    assert (unchanged.q(2).origins, unchanged.q(2).owner) == ((("near", "c1"),), "ops")


def test_another_change_is_measured_instead(unchanged: Any) -> None:
    unchanged.answer(2, "change", change="def5678")
    assert facts(unchanged.book)["question"]["measured"] == [None, None], "the first is history"
    unchanged.days(15, ("near", "c1", 1.0))
    assert (unchanged.q(2).before, unchanged.q(2).after) == (4.0, 1.0)


def test_accepting_it_accepts_what_it_was_about(unchanged: Any) -> None:
    unchanged.answer(2, "accept", reason="nothing else can be done", until=unchanged.now + 100 * 86_400)
    decision = facts(unchanged.book)["decision"]
    assert (decision["kind"], decision["subject"]) == (["near"], ["c1"])
    unchanged.days(50, ("near", "c1"))
    assert unchanged.said[4:] == ["accept q2"]


def test_asked_again_the_change_is_history(life: Make, a_kind: Make) -> None:
    other = a_kind("change-that-changed-nothing", number=74, subject="question", again=14, observe=14)
    one = life(None, a_kind("near", again=31), other)
    one.days(2, ("near", "c1"))
    one.answer(1, "change", change="abc1234")
    one.days(34, ("near", "c1"))
    assert (one.said[2:], one.q(1).ended) == (["measured q1", "asked q2"], one.q(2).asked)
    assert facts(one.book)["question"]["measured"] == [None, None]
    one.days(2, ("near", "c1"), one.found("change-that-changed-nothing", "q1"))
    one.answer(3, "wrong", reason="data wrong")
    assert one.book.matters["near", "c1"].question == 2


def test_a_question_from_elsewhere_with_such_a_name_is_its_own(life: Make, a_kind: Make) -> None:
    one = life(None, a_kind("near"), a_kind("change-that-changed-nothing", number=74, subject="question"))
    one.days(2, ("near", "c1"))
    one.days(2, ("near", "c1"), one.found("change-that-changed-nothing", "q1"))
    assert one.q(2).origins == ()
