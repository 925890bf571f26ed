"""Whoever does not know yet names who could: it goes there once, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.answers import Unfit
from gadfly.ask.life import Team

Make = Callable[..., Any]
SEEN = ("near", "c1")


@pytest.fixture
def asked(life: Make) -> Any:
    one = life()
    one.days(2, SEEN)
    one.answer(1, "unknown", knows="web")
    return one


def where(one: Any) -> list[tuple[str, str]]:
    return [(move.team, move.why) for move in one.q(1).moves]


def test_it_goes_there(asked: Any) -> None:
    assert where(asked) == [("ops", "asked"), ("web", "referred")]
    assert [(told.team, told.why) for told in asked.steps.told] == [("web", "referred")]
    assert (asked.q(1).state, asked.q(1).answer, asked.q(1).knows) == ("open", "unknown", "web")
    assert asked.said == ["asked q1", "moved q1", "unknown q1"]


def test_there_it_is_answered(asked: Any) -> None:
    asked.answer(1, "change", change="abc1234", by="person:bert")
    assert (asked.q(1).state, asked.q(1).answer, asked.q(1).by) == ("answered", "change", "person:bert")
    assert asked.book.record.kind("near").answers == 1


def test_without_an_answer_it_comes_back(asked: Any) -> None:
    asked.days(15, SEEN)
    assert where(asked)[2:] == [("ops", "returned")]
    asked.days(14, SEEN)
    assert where(asked)[3:] == [("boss", "escalated")]


def test_not_known_there_either_it_comes_back_and_rests_at_last(asked: Any) -> None:
    asked.now += 86_400
    asked.answer(1, "unknown", by="person:bert")
    assert where(asked)[2:] == [("ops", "returned")]
    asked.answer(1, "unknown")
    assert asked.q(1).state == "resting"
    asked.answer(1, "unknown")
    assert asked.q(1).state == "resting", "as often as one likes"


def test_it_waits_for_room_and_comes_back_where_there_is_none(life: Make) -> None:
    one = life({"ops": Team(name="ops"), "web": Team(name="web", busy=True)})
    one.days(2, SEEN)
    one.answer(1, "unknown", knows="web")
    assert (one.q(1).heading, one.book.open.get("ops", 0)) == ("web", 0)
    one.answer(1, "unknown")
    assert one.q(1).heading == "web"
    one.days(13, SEEN)
    assert where(one) == [("ops", "asked")]
    one.days(2, SEEN)
    assert where(one) == [("ops", "asked"), ("ops", "returned")]


def test_on_its_way_it_goes_to_nobody_else(life: Make) -> None:
    one = life({"ops": Team(name="ops"), "web": Team(name="web", busy=True), "dba": Team(name="dba")})
    one.days(2, SEEN)
    one.answer(1, "unknown", knows="web")
    with pytest.raises(Unfit, match="goes to web already") as caught:
        one.answer(1, "unknown", knows="dba")
    assert caught.value.field == "knows"
    one.answer(1, "unknown", knows="web")
    assert one.q(1).heading == "web"


def test_on_its_way_it_can_be_answered(life: Make) -> None:
    one = life({"ops": Team(name="ops"), "web": Team(name="web", busy=True)})
    one.days(2, SEEN)
    one.answer(1, "unknown", knows="web")
    one.answer(1, "wrong", reason="data wrong")
    assert (one.q(1).state, one.q(1).heading) == ("answered", "")


def test_what_rests_can_still_go_there(life: Make) -> None:
    one = life({"ops": Team(name="ops"), "web": Team(name="web")})
    one.days(17, SEEN)
    assert one.q(1).state == "resting"
    one.answer(1, "unknown", knows="web")
    assert (one.q(1).state, one.q(1).holder, one.q(1).closed) == ("open", "web", None)
    assert one.book.matters["near", "c1"].why == "open"


def test_only_of_the_whole(life: Make) -> None:
    one = life()
    one.days(2, SEEN, ("near", "c2"))
    with pytest.raises(ValueError, match="whole question"):
        one.answer(1, "unknown", knows="web", subjects=("c1",))
