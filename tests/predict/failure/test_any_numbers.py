"""Whatever the numbers are, what is told is a chance or NaN, without a warning."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gadfly.predict.failure import SIGNS, Foresight
from gadfly.predict.failure.calibration import Calibration, rising

NUMBER = st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 10)


@settings(max_examples=20, deadline=None)
@given(arrays(np.float64, (40, 3, len(SIGNS)), elements=NUMBER), arrays(np.bool_, (40, 3)))
def test_any_numbers(numbers: np.ndarray, failed: np.ndarray) -> None:
    foresight = Foresight(np.array([0, 0, 2]), horizon=4)
    for now, bad in zip(numbers, failed, strict=True):
        told = foresight.hour(now, bad)
        assert (np.isnan(told) | ((told > 0) & (told < 1))).all()
        assert foresight.why(1)


def test_nobody() -> None:
    assert Foresight(np.empty(0, dtype=np.int64)).hour(
        np.empty((0, len(SIGNS))), np.empty(0, dtype=bool)
    ).shape == (0,)


@given(arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1)))
def test_what_is_pooled_rises_and_keeps_its_mean(values: np.ndarray) -> None:
    found = rising(values, np.ones(len(values)))
    assert (np.diff(found) >= -1e-12).all()
    assert np.isclose(found.mean(), values.mean())


def test_chances_that_were_too_high_are_lowered() -> None:
    calibration = Calibration()
    odds = np.repeat([-2.5, 0.5], 500)
    calibration.learn(odds, (np.arange(1000) % 20 == 0).astype(np.float64), 1.0)
    low, high = calibration.corrected(np.array([-2.5, 0.5]))
    assert -3.3 < low <= high < -2.5
    assert calibration.corrected(np.array([-1.0, 0.0, 1.0])).tolist() == sorted(
        calibration.corrected(np.array([-1.0, 0.0, 1.0]))
    )


def test_nothing_learnt_corrects_nothing() -> None:
    assert Calibration().corrected(np.array([-1.0, 2.0])).tolist() == [-1.0, 2.0]
