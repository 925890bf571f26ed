"""Three open questions a team, one new a day, five a week; on safety one more a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.life import Team

Make = Callable[..., Any]


def many(a_kind: Make, count: int, **more: Any) -> list[Any]:
    return [a_kind(f"k{n}", number=n + 1, **more) for n in range(count)]


def test_one_a_day_and_three_open(life: Make, a_kind: Make) -> None:
    one = life(None, *many(a_kind, 8))
    seen = [(f"k{n}", "c") for n in range(8)]
    counts = [len(one.day(*seen).questions) for _ in range(7)]
    assert counts == [0, 1, 1, 1, 0, 0, 0]


def test_five_a_week(life: Make, a_kind: Make) -> None:
    one = life(None, *many(a_kind, 12))
    seen = [(f"k{n}", "c") for n in range(12)]
    days = []
    for day in range(12):
        asked = [question for question in one.day(*seen).questions if question.state == "open"]
        days += [day] * len(asked)
        for question in asked:
            one.answer(question.id, "wrong", reason="rule wrong")
    assert days == [1, 2, 3, 4, 5, 8, 9, 10, 11]


@pytest.mark.parametrize(("week", "most"), [(2, 2), (0, 0), (100, 5)], ids=["fewer", "none", "more"])
def test_a_team_may_allow_itself_fewer_and_not_more(life: Make, a_kind: Make, week: float, most: int) -> None:
    one = life({"ops": Team(name="ops", week=week)}, *many(a_kind, 12))
    seen = [(f"k{n}", "c") for n in range(12)]
    asked = 0
    for _ in range(7):
        for question in one.day(*seen).questions:
            if question.state == "open":
                asked += 1
                one.answer(question.id, "wrong", reason="rule wrong")
    assert asked == most


def test_on_safety_one_more_a_day(life: Make, a_kind: Make) -> None:
    one = life(None, *many(a_kind, 5), *(a_kind(f"s{n}", number=20 + n, safety=True) for n in range(5)))
    seen = [(f"k{n}", "c") for n in range(5)] + [(f"s{n}", "c") for n in range(5)]
    asked = [[question.kind for question in one.day(*seen).questions] for _ in range(6)]
    assert [len(kinds) for kinds in asked] == [0, 2, 2, 1, 0, 0]
    assert all(kind.startswith("s") for kinds in asked for kind in kinds), "three times as much hangs on it"
    assert sum(move.extra for question in one.book.questions.values() for move in question.moves) == 3


def test_one_a_day_by_the_teams_own_clock(life: Make, a_kind: Make) -> None:
    """20:00 and 01:00 UTC are one day in Los Angeles."""
    one = life({"ops": Team(name="ops", zone="America/Los_Angeles")}, *many(a_kind, 3, sightings=1))
    seen = [(f"k{n}", "c") for n in range(3)]
    one.now += 8 * 3600
    assert len(one.day(*seen, hours=5).questions) == 1
    assert len(one.day(*seen, hours=15).questions) == 0
    assert len(one.day(*seen).questions) == 1


def test_teams_have_budgets_of_their_own(life: Make) -> None:
    one = life()
    seen = [one.found("near", f"c{n}", owner=owner) for n, owner in enumerate(("ops", "web", "boss"))]
    one.days(2, *seen)
    assert [one.q(id).owner for id in (1, 2, 3)] == ["boss", "ops", "web"]


def test_where_nobody_is_named_the_fallback_is_asked(life: Make) -> None:
    one = life(fallback="chief")
    one.days(2, one.found("near", "c1", owner=None))
    assert one.q(1).owner == "chief"


def test_what_is_withdrawn_makes_room_at_once(life: Make, a_kind: Make) -> None:
    one = life(None, *many(a_kind, 4))
    seen = [(f"k{n}", "c") for n in range(4)]
    one.days(4, *seen)
    assert one.book.open == {"ops": 3}
    gone = one.q(1).kind
    steps = one.day(*(finding for finding in seen if finding[0] != gone))
    assert [question.state for question in steps.questions] == ["withdrawn", "open"]
