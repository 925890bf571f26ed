"""When a probability is told."""

from __future__ import annotations

import math

import pytest

from gadfly.predict.alarm import CERTAIN, a_week, needed, stands


@pytest.mark.parametrize(
    ("probability", "stood", "alarm"),
    [
        (0.49, False, False),
        (0.5, False, True),
        (0.3, True, True),
        (0.25, True, True),
        (0.24, True, False),
        (math.nan, False, False),
        (math.nan, True, True),
    ],
    ids=str,
)
def test_an_alarm_begins_at_its_chance_and_ends_at_half_of_it(
    probability: float, stood: bool, alarm: bool
) -> None:
    assert stands(probability, 0.5, stood=stood) is alarm


@pytest.mark.parametrize(
    ("told", "budget", "wanted"), [(0, 1, 0.5), (1, 1, CERTAIN), (1, 2, 0.5), (5, 2, CERTAIN)], ids=str
)
def test_what_is_all_but_certain_is_told_without_a_budget(told: int, budget: float, wanted: float) -> None:
    assert needed(0.5, told, budget) == wanted


def test_a_chance_above_certain_stays_as_it_is() -> None:
    assert needed(0.99, 9, 1) == 0.99


@pytest.mark.parametrize(
    ("text", "rate"),
    [("1 alarm a week", 1), ("2 alarms a week", 2), ("3 a week", 3), ("1 alarm a day", 7)],
    ids=str,
)
def test_a_budget_is_read_as_it_is_written(text: str, rate: float) -> None:
    assert a_week(text) == rate


@pytest.mark.parametrize("text", ["", "alarms", "two alarms a week", "1 alarm", "1  alarms a week"], ids=repr)
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        a_week(text)
