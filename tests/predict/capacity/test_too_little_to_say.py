"""Whatever comes in: a chance between 0 and 1, or NaN; no warning, no crash."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.predict.capacity import LEAST, time_to_full
from gadfly.predict.capacity.levels import HOUR

NOW = 500_000 * HOUR + 1234.5
DAY = 24 * HOUR


def steadily(hours: float, every: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    at = NOW - HOUR * np.arange(0, hours, every)[::-1]
    return at, (10 + (NOW - at) / HOUR)[None, :]


@pytest.mark.parametrize("hours", [0, 0.5, 1, 24, LEAST - 2])
def test_a_short_history(hours: float) -> None:
    at, free = steadily(hours)
    filling = time_to_full(at, free, np.zeros(1), now=NOW)
    assert np.isnan(filling.probability(DAY)[0])
    assert np.isnan(filling.quantiles((0.5,))[0, 0])
    assert "too little to say" in filling.why()[0]


def test_long_enough() -> None:
    at, free = steadily(LEAST + 2)
    assert time_to_full(at, free, np.zeros(1), now=NOW).probability(DAY)[0] > 0.5


def test_nothing_was_heard_for_hours() -> None:
    at, free = steadily(100)
    assert np.isnan(time_to_full(at, free, np.zeros(1), now=NOW + 5 * HOUR).probability(DAY)[0])


@pytest.mark.parametrize("value", [0.0, 1.0, 1e20])
def test_a_constant(value: float) -> None:
    at, _ = steadily(300)
    filling = time_to_full(at, np.full((1, len(at)), value), np.array([-1.0]), now=NOW, horizon=30 * DAY)
    assert filling.probability(30 * DAY)[0] == 0


def test_no_series_and_no_points() -> None:
    assert time_to_full(np.empty(0), np.empty((0, 0)), np.empty(0), now=NOW).probability(1).shape == (0,)
    assert np.isnan(time_to_full(np.empty(0), np.empty((2, 0)), np.zeros(2), now=NOW).probability(1)).all()


@pytest.mark.parametrize("shapes", [((3,), (2, 4), (2,)), ((4,), (2, 4), (3,)), ((4,), (4,), (1,))], ids=str)
def test_shapes_that_do_not_fit(shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match="give times"):
        time_to_full(*(np.zeros(shape) for shape in shapes), now=NOW)


NUMBER = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-100, 100) | st.just(5.0)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_anything(data: st.DataObject) -> None:
    points = data.draw(st.integers(0, 40))
    ago = data.draw(st.lists(st.floats(-30, 400) | st.just(np.nan), min_size=points, max_size=points))
    values = data.draw(st.lists(NUMBER, min_size=2 * points, max_size=2 * points))
    limit = np.array(data.draw(st.tuples(NUMBER, NUMBER)))
    at = NOW - np.array(ago, dtype=np.float64) * HOUR
    shape = np.array(values, dtype=np.float64).reshape(2, points)
    horizon = data.draw(st.sampled_from([DAY, 10 * DAY]))
    filling = time_to_full(at, shape, limit, now=NOW, horizon=horizon)
    chance = filling.probability(DAY)
    assert (np.isnan(chance) | ((chance >= 0) & (chance <= 1))).all()
    quantiles = filling.quantiles((0.1, 0.9))
    assert (np.isnan(quantiles[:, 0]) | (quantiles[:, 0] <= quantiles[:, 1])).all()
    assert len(filling.why()) == 2
