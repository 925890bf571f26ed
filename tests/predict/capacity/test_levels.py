"""Samples become levels by the hour, whatever their order and distance."""

from __future__ import annotations

import numpy as np

from gadfly.predict.capacity.levels import HOUR, gathered, rises

NOW = 500_000 * HOUR + 1800.0


def test_the_last_and_the_fullest_of_each_hour() -> None:
    at = NOW - np.array([2.4, 2.2, 1.0, 0.4, 0.1]) * HOUR
    levels = gathered(at, np.array([[10.0, 4.0, 6.0, 9.0, 8.0]]), np.array([0.0]), now=NOW, hours=4)
    assert levels.last[0, 1:].tolist() == [-4.0, -6.0, -8.0]
    assert levels.peak[0, 1:].tolist() == [-4.0, -6.0, -8.0]
    assert np.isnan(levels.last[0, 0])
    assert (levels.since[0], levels.heard[0]) == (1, 3)


def test_a_peak_within_the_hour() -> None:
    at = NOW - np.array([60.0, 40.0, 20.0])
    levels = gathered(at, np.array([[10.0, 2.0, 9.0]]), np.array([0.0]), now=NOW, hours=2)
    assert levels.last[0, 1] == -9.0
    assert levels.peak[0, 1] == -2.0


def test_the_order_of_samples_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    at = NOW - rng.uniform(0, 50, 200) * HOUR
    values = rng.uniform(1, 9, (3, 200))
    order = rng.permutation(200)
    one = gathered(at, values, np.zeros(3), now=NOW, hours=48)
    other = gathered(at[order], values[:, order], np.zeros(3), now=NOW, hours=48)
    assert np.array_equal(one.last, other.last, equal_nan=True)
    assert np.array_equal(one.peak, other.peak, equal_nan=True)


def test_holes_are_straight_and_the_end_stays() -> None:
    at = NOW - np.array([6.0, 2.0]) * HOUR
    levels = gathered(at, np.array([[9.0, 1.0]]), np.array([0.0]), now=NOW, hours=8)
    assert levels.last[0, 1:].tolist() == [-9.0, -7.0, -5.0, -3.0, -1.0, -1.0, -1.0]
    assert levels.heard[0] == 5


def test_one_series_may_lack_what_another_has() -> None:
    at = NOW - np.array([1.2, 1.1, 0.1]) * HOUR
    values = np.array([[1.0, np.nan, 3.0], [np.nan, np.inf, np.nan]])
    levels = gathered(at, values, np.array([10.0, 10.0]), now=NOW, hours=3)
    assert levels.last[0].tolist()[1:] == [-9.0, -7.0]
    assert np.isnan(levels.last[1]).all()
    assert (levels.since[1], levels.heard[1]) == (3, -1)


def test_what_rises_and_what_falls() -> None:
    values = np.array([[1.0, 2.0, np.nan], [5.0, 4.0, 3.0], [np.nan, np.nan, np.nan]])
    assert rises(values, np.array([10.0, 0.0, 1.0])).tolist() == [True, False, True]


def test_what_is_beyond_its_limit_is_above_zero() -> None:
    at = NOW - np.array([1.0, 0.0])
    assert (
        gathered(at, np.array([[9.0, 11.0]]), np.array([10.0]), now=NOW, rising=np.array([True])).last[0, -1]
        == 1.0
    )
