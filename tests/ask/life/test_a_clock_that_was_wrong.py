"""The clock was wrong for a while: what was seen and asked by it is not in the way for years."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.life import Team

Make = Callable[..., Any]
SEEN = ("near", "c1")
DAY = 86_400.0
YEARS = 3_750 * DAY


@pytest.mark.parametrize("back", [1 / 24, 10.0], ids=["an hour", "ten days"])
def test_what_is_not_seen_before_it_was_asked_is_not_withdrawn(life: Make, back: float) -> None:
    one = life()
    one.days(2, SEEN)
    one.now -= (1 + back) * DAY
    one.day()
    assert one.q(1).state == "open"
    one.now += (1 + back) * DAY
    one.day()
    assert one.q(1).state == "withdrawn"


def test_what_was_seen_ahead_is_seen_anew(life: Make) -> None:
    one = life()
    one.now += YEARS
    one.day(SEEN)
    one.now -= YEARS
    one.days(2, SEEN)
    assert one.said == ["asked q1"]


def test_what_was_asked_and_answered_ahead_counts_for_no_budget(life: Make) -> None:
    one = life({"ops": Team(name="ops", week=1)})
    one.now += YEARS
    one.days(2, SEEN)
    one.answer(1, "wrong", reason="rule wrong")
    one.now -= YEARS
    one.days(2, ("near", "c2"))
    assert one.said == ["asked q1", "wrong q1", "asked q2"]


def test_what_was_asked_ahead_goes_up(life: Make) -> None:
    one = life()
    one.now += YEARS
    one.days(2, SEEN)
    one.now -= YEARS
    one.days(2, SEEN, ("near", "c2"))
    assert one.said == ["asked q1", "asked q2"]
    one.days(14, SEEN, ("near", "c2"))
    assert one.q(1).holder == "boss"
