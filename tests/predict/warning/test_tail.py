"""A tail says how rare a point is, for light and heavy tails alike."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.warning import tail
from gadfly.predict.warning.tuning import TUNING
from gadfly.predict.warning.views import View

SERIES, POINTS, FROM = 40, 1500, 700


@pytest.mark.parametrize("shape", [0.3, 0.5, 1.0])
def test_one_in_a_hundred_is_one_in_a_hundred(shape: float) -> None:
    """Logarithms of a Pareto distribution are exponential, whatever their scale."""
    rng = np.random.default_rng(2)
    rows = tail.fresh(SERIES)
    days = np.full(SERIES, 5, np.float32)
    rare = 0
    for i in range(POINTS):
        seen = np.full(SERIES, i, np.float32)
        far = (shape * rng.exponential(size=(len(View), SERIES)) + 3).astype(np.float32)
        excess, _, column = tail.excess(rows, seen, far, days, np.float32(0), TUNING)
        if i >= FROM:
            rare += int((tail.nats(excess, seen[column], TUNING) > np.log(100)).sum())
    assert rare / (SERIES * len(View) * (POINTS - FROM)) == pytest.approx(0.01, rel=0.4)


def test_the_hours_of_the_day_are_learnt_before_they_say_anything() -> None:
    rows = tail.fresh(3)
    seen = np.full(3, 500, np.float32)
    far = np.full((len(View), 3), 9, np.float32)
    excess, view, column = tail.excess(rows, seen, far, np.float32([0.5, 1.5, 2.5]), np.float32(0), TUNING)
    told = excess[view == View.DAY]
    assert column[view == View.DAY].tolist() == [1, 2]
    assert told.tolist() == [0, 18]
    quantiles = rows[0, View.DAY].tolist()
    assert quantiles[0] == pytest.approx(9, abs=0.01)
    assert 0 < quantiles[1] == quantiles[2] < 9


def test_points_are_told_by_view_and_series() -> None:
    rows = tail.fresh(2)
    far = np.full((len(View), 2), -1, np.float32)
    far[View.LOW, 1] = far[View.SPARSE, 0] = 1
    days, seen = np.full(2, 9, np.float32), np.full(2, 99, np.float32)
    excess, view, column = tail.excess(rows, seen, far, days, np.float32(0), TUNING)
    assert excess.tolist() == [2, 2]
    assert view.tolist() == [View.LOW, View.SPARSE]
    assert column.tolist() == [1, 0]


def test_little_was_seen_so_little_is_certain() -> None:
    beyond = np.full(2, 30, np.float32)
    few, many = tail.nats(beyond, np.array([50, 5000], np.float32), TUNING)
    assert few < many < 33.1


def test_where_a_budget_is_not_spent_the_tail_sinks_quicker() -> None:
    rows = tail.fresh(2)
    rows[0] = 5
    far = np.full((len(View), 2), 1, np.float32)
    days, seen = np.full(2, 9, np.float32), np.full(2, 99, np.float32)
    tail.excess(rows, seen, far, days, np.float32([0, 2]), TUNING)
    usual, quicker = 5 - rows[0, View.LOW]
    assert quicker == pytest.approx((1 + 2 * tail.HURRY) * usual, rel=1e-3)
