"""Looked at seldom: what counts as days in a row, and as enough of them, follows from the schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.life.pace import pace

DAY = 86_400.0
NOW = 20_000 * DAY
Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("schedule", "longest", "mean"),
    [
        ("0 9 * * *", 1.0, 1.0),
        ("30 8 * * 1-5", 3.0, 1.4),
        ("0 9 * * 1", 7.0, 7.0),
        ("0 */6 * * *", 0.25, 0.25),
        ("30 8 * * 1-5 Europe/Berlin", 3.0, 1.4),
        ("no schedule", 1.0, 1.0),
    ],
)
def test_gaps_of_a_schedule(schedule: str, longest: float, mean: float) -> None:
    found = pace(schedule, NOW)
    assert found.longest / DAY == pytest.approx(longest, abs=0.05)
    assert found.mean / DAY == pytest.approx(mean, abs=0.1)


@pytest.mark.parametrize("gap", [1.0, 3.02, 7.0])
def test_two_looks_in_a_row_are_two_sightings_however_far_apart(life: Make, gap: float) -> None:
    one = life(None, longest=gap * DAY, mean=gap * DAY)
    one.day(("near", "c1"), days=gap)
    one.day(("near", "c1"), days=gap)
    assert one.said == ["asked q1"]


def test_what_is_looked_at_every_week_is_measured_as_complete(life: Make) -> None:
    one = life(None, longest=7 * DAY, mean=7 * DAY)
    one.day(("near", "c1"), days=7)
    one.day(("near", "c1"), days=7)
    one.answer(1, "change", change="raised it")
    for _ in range(6):
        one.day(("near", "c1", 1.0), days=7)
    assert (one.q(1).after, one.q(1).complete) == (1.0, True)
