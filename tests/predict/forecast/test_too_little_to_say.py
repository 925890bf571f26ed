"""Whatever comes in, there is no warning and no crash, and what cannot be said is NaN."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.predict.forecast import LEVELS, forecast

nan, inf = np.nan, np.inf


@pytest.mark.parametrize(
    "values",
    [[], [nan], [nan] * 50, [1.0], [1.0, 2.0], [nan, 1.0, nan, 2.0, nan], [inf, -inf, 3.0, inf, 4.0]],
    ids=["none", "a gap", "gaps", "one", "two", "two with gaps", "two with infinities"],
)
def test_fewer_than_three_values_are_too_little(values: list[float]) -> None:
    out = forecast(np.array([values], float), 5, 0)
    assert out.shape == (1, 5, 9)
    assert np.isnan(out).all()


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 2.0, 3.0],
        [1.0, nan, 2.0, nan, inf, 3.0, nan, nan],
        [0.0] * 30 + [1.0],
        [1e300, -1e299, 1e299] * 20,
        [1.7e308, -1.7e308, 1.0, 2.0, 3.0, 2.0] * 9,
        [1e-308, 3e-308, 2e-308] * 20,
        [1e15 + 1, 1e15 + 2, 1e15 + 1] * 20,
        [0.0, 1.0] * 40,
        list(np.arange(100.0)),
        list(2.0 ** np.arange(100)),
    ],
    ids=["three", "gaps", "late step", "huge", "too huge", "tiny", "far", "two values", "line", "doubling"],
)
@pytest.mark.parametrize("season", [0, 4, 24, 1000])
def test_three_values_are_something(values: list[float], season: int) -> None:
    out = forecast(np.array([values]), 30, season)
    assert np.isfinite(out).all()
    assert (np.diff(out, axis=2) >= 0).all()


@pytest.mark.parametrize("value", [0.0, 7.25, -1e12, 1e-300])
def test_what_never_changed_goes_on(value: float) -> None:
    values = np.full((1, 60), value)
    values[0, 10:15] = nan
    assert (forecast(values, 10, 12) == value).all()


def test_one_series_with_too_little_takes_nothing_from_the_others() -> None:
    values = np.tile(np.sin(np.arange(100.0)), (3, 1))
    values[1] = nan
    out = forecast(values, 8)
    assert np.isnan(out[1]).all()
    assert np.isfinite(out[[0, 2]]).all()


@pytest.mark.parametrize(
    ("values", "horizon", "season", "levels", "message"),
    [
        (np.zeros(9), 3, 0, LEVELS, "series by points"),
        (np.zeros((1, 9)), 0, 0, LEVELS, "horizon"),
        (np.zeros((1, 9)), 3, -1, LEVELS, "season"),
        (np.zeros((1, 9)), 3, 0, (), "levels"),
        (np.zeros((1, 9)), 3, 0, (0.5, 0.1), "levels"),
        (np.zeros((1, 9)), 3, 0, (0.5, 1.0), "levels"),
    ],
    ids=["shape", "horizon", "season", "no level", "not ascending", "level 1"],
)
def test_wrong_arguments_are_named(
    values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        forecast(values, horizon, season, levels=levels)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40),
    st.integers(1, 12),
    st.integers(0, 9),
)
def test_any_numbers(values: list[float], horizon: int, season: int) -> None:
    out = forecast(np.array([values], float).reshape(1, -1), horizon, season)
    known = np.isfinite(out)
    assert known.all() or not known.any()
    if known.all():
        assert (np.diff(out, axis=2) >= 0).all()
