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
