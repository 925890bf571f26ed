"""When the evidence goes away the question is withdrawn, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]
SEEN = ("near", "c1")


def test_it_is_withdrawn_and_said(life: Make) -> None:
    one = life()
    one.days(2, SEEN)
    steps = one.day()
    assert (one.q(1).state, one.q(1).gone) == ("withdrawn", ("c1",))
    assert [(told.team, told.why) for told in steps.told] == [("ops", "withdrawn")]
    assert one.said == ["asked q1", "withdrawn q1"]
    assert one.book.open.get("ops", 0) == 0


def test_not_where_it_could_not_be_looked(life: Make) -> None:
    one = life()
    one.days(2, SEEN)
    one.day(trouble=("near",))
    assert one.q(1).state == "open"


def test_of_several_only_the_one(life: Make) -> None:
    one = life()
    one.days(2, SEEN, ("near", "c2"))
    one.day(SEEN)
    assert (one.q(1).state, one.q(1).gone, one.q(1).own) == ("open", ("c2",), (("near", "c1"),))
    one.day()
    assert one.q(1).state == "withdrawn"


def test_what_comes_and_goes_is_not_asked_every_time(life: Make) -> None:
    one = life()
    one.days(2, SEEN)
    one.day()
    one.days(13, SEEN)
    assert one.said == ["asked q1", "withdrawn q1"]
    one.days(2, SEEN)
    assert one.said == ["asked q1", "withdrawn q1", "asked q2"]


def test_unless_it_is_worse_than_it_was(life: Make) -> None:
    one = life()
    one.days(2, SEEN)
    one.day()
    one.days(2, ("near", "c1", 5.0))
    assert one.said == ["asked q1", "withdrawn q1", "asked q2"], "25 % worse, seen twice"


def test_what_is_muted_is_taken_back_and_asked_again_when_it_is_not(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    kinds = one.kinds
    one.kinds = {name: kind for name, kind in kinds.items() if name != "near"}
    steps = one.day()
    assert (one.q(1).state, steps.told) == ("withdrawn", [])
    assert [event.more for event in steps.events] == [{"why": "muted"}]
    one.kinds = kinds
    one.days(16, ("near", "c1"))
    assert one.said == ["asked q1", "withdrawn q1", "asked q2"]


def test_what_was_never_asked_by_a_kind_that_is_no_more_is_forgotten(life: Make) -> None:
    one = life()
    one.day(("near", "c1"))
    one.kinds = {"deaf": one.kinds["deaf"]}
    one.day()
    assert one.book.matters == {}


def test_a_change_under_watch_of_a_kind_that_is_muted_became_no_better_by_it(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "change", change="raised it")
    one.kinds = {"deaf": one.kinds["deaf"]}
    one.days(61)
    assert (one.q(1).after, one.q(1).complete) == (4.0, False)
