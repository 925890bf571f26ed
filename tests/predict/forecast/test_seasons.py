"""A natural period is found where there is one, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.forecast import seasons


def series(period: int, points: int, strength: float) -> np.ndarray:
    rng = np.random.default_rng(1)
    shape = rng.normal(0, strength, period)
    return np.resize(shape, points) + rng.normal(0, 1, (5, points)) + np.linspace(0, 5, points)


@pytest.mark.parametrize(
    ("step", "period"),
    [(3600, 24), (3600, 168), (300, 288), (300, 12), (10, 360), (86400, 7), (1800, 48), (604800 / 7, 7)],
)
def test_the_period_that_is_there(step: float, period: int) -> None:
    assert seasons(series(period, 8 * period + 3, 2.0), step) == period


@pytest.mark.parametrize("step", [10, 300, 3600, 86400])
def test_noise_has_none(step: float) -> None:
    assert seasons(series(10, 1000, 0.0), step) == 0


def test_gaps_and_strange_values_do_not_hide_it() -> None:
    values = series(24, 400, 2.0)
    values[:, 100:120] = np.nan
    values[0] = np.nan
    values[1, 5] = np.inf
    assert seasons(values, 3600) == 24


@pytest.mark.parametrize(
    "values", [np.zeros((0, 0)), np.full((2, 100), np.nan), np.ones((2, 100)), np.ones(3)], ids=range(4)
)
def test_nothing_to_find(values: np.ndarray) -> None:
    assert seasons(values, 3600) == 0


@pytest.mark.parametrize("step", [0, -1, np.nan, np.inf])
def test_a_step_must_be_time(step: float) -> None:
    with pytest.raises(ValueError, match="between two points"):
        seasons(np.ones(10), step)
