"""What cannot be judged is not judged: no crash, no warning, no alarm, and p is NaN."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.predict.warning import NOTHING, Detector, scores

N = 400
AT = 1.4e9 + 60.0 * np.arange(N)


@pytest.mark.parametrize(
    "values",
    [
        np.full(N, 7.0),
        np.zeros(N),
        np.full(N, -1e300),
        np.full(N, 1e-300),
        np.full(N, np.nan),
        np.full(N, np.inf),
        np.full(N, -np.inf),
    ],
    ids=["constant", "zero", "huge", "tiny", "nan", "inf", "minus-inf"],
)
def test_a_series_that_says_nothing_raises_no_alarm(values: np.ndarray) -> None:
    found = scores(AT, values)
    assert not found.alarm.any()
    assert found.score.max() < 0.5
    assert np.isfinite(found.score).all()


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_a_few_points_are_too_little(n: int) -> None:
    found = scores(AT[:n], np.arange(n) * 1e9)
    assert found.score.tolist() == [0] * n
    assert np.isnan(found.p).all()
    assert found.why.tolist() == [NOTHING] * n


def test_what_is_not_a_number_is_left_out() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=N)
    at, holes = np.repeat(AT, 2), np.full(2 * N, np.nan)
    at[1::2] += 30
    holes[::2] = values
    holes[5::8] = np.inf
    told, plain = scores(at, holes), scores(AT, values)
    np.testing.assert_array_equal(told.score[::2], plain.score)
    assert told.score[1::2].tolist() == [0] * N
    assert np.isnan(told.p[1::2]).all()


def test_a_time_that_does_not_advance_is_left_out() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=N)
    twice = scores(np.repeat(AT, 2), np.stack([values, values + 1e6], axis=1).reshape(-1))
    np.testing.assert_array_equal(twice.score[::2], scores(AT, values).score)
    assert not twice.alarm[1::2].any()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(width=64, allow_nan=True, allow_infinity=True), st.floats(-1e12, 1e12)),
        min_size=1,
        max_size=60,
    )
)
def test_any_numbers_at_any_times(points: list[tuple[float, float]]) -> None:
    detector = Detector(2, alarms_a_week=3)
    for value, at in points * 4:
        found = detector.take(np.arange(2), np.array([at, 1e9]), np.array([value, 1.0]))
        assert np.isfinite(found.score).all()
        assert ((found.score >= 0) & (found.score <= 1)).all()


@pytest.mark.parametrize("budget", [0, -1, np.nan, np.inf])
def test_a_budget_is_more_than_nothing(budget: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Detector(1, alarms_a_week=budget)
    detector = Detector(1, alarms_a_week=1)
    with pytest.raises(ValueError, match="more than 0"):
        detector.alarms_a_week = budget


def test_series_are_never_fewer() -> None:
    detector = Detector(3, alarms_a_week=1)
    detector.grow(5)
    assert detector.count == 5
    with pytest.raises(ValueError, match="5 series"):
        detector.grow(4)
