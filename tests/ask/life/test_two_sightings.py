"""A finding is asked when it was there on two daily evaluations in a row (G3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]
SEEN = ("near", "c1")


def test_it_is_asked_on_the_second_day(life: Make) -> None:
    one = life()
    assert not one.day(SEEN).questions
    (question,) = one.day(SEEN).questions
    assert (question.name, question.owner, question.text) == ("q1", "ops", "c1 has 4 of 9. Is that so?")
    assert question.subjects == ("c1",)
    assert one.steps.told[0].team == "ops"
    one.days(5, SEEN)
    assert one.said == ["asked q1"], "and not again while it is open"


def test_two_looks_on_one_day_are_one(life: Make) -> None:
    one = life()
    one.day(SEEN, hours=1)
    one.day(SEEN, hours=19.5)
    assert one.said == []
    one.day(SEEN)
    assert one.said == ["asked q1"]


def test_a_day_without_it_begins_anew(life: Make) -> None:
    one = life()
    one.day(SEEN)
    one.day()
    assert one.book.matters == {}, "what was never asked is forgotten"
    one.day(SEEN)
    assert one.said == []
    one.day(SEEN)
    assert one.said == ["asked q1"]


def test_days_on_which_it_could_not_be_looked_say_nothing(life: Make) -> None:
    one = life()
    one.day(SEEN)
    one.day(trouble=("near",))
    one.day(SEEN)
    assert one.said == ["asked q1"]


def test_a_long_time_without_a_look_begins_anew(life: Make) -> None:
    one = life()
    one.day(SEEN, days=4)
    one.day(SEEN)
    assert one.said == []
    one.day(SEEN)
    assert one.said == ["asked q1"]


@pytest.mark.parametrize("sightings", [1, 3])
def test_a_kind_may_want_more_or_fewer(life: Make, a_kind: Make, sightings: int) -> None:
    one = life(None, a_kind("near", sightings=sightings))
    for _ in range(sightings - 1):
        one.day(SEEN)
    assert one.said == []
    one.day(SEEN)
    assert one.said == ["asked q1"]


def test_what_does_not_change_is_not_written_every_day(life: Make) -> None:
    one = life()
    one.days(3, SEEN)
    assert not one.day(SEEN)
    assert one.day(("near", "c1", 5.0)).matters, "a new number is"


def test_the_same_evaluation_later_is_no_new_sighting(life: Make) -> None:
    from gadfly.ask.evaluate import Evaluation
    from gadfly.ask.life import advance

    one = life()
    evaluation = Evaluation([one.found("near", "c1")], {}, {"near": 0.0})
    first = one.now
    one._take(advance(one.book, evaluation, one.teams, first, one.rules))
    late = first + 23 * 3600
    assert not advance(one.book, evaluation, one.teams, late, one.rules, at=first)
    assert advance(one.book, evaluation, one.teams, late, one.rules, at=late).questions
