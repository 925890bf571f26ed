"""A restart loses nothing; what is not a state is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError
from gadfly.predict.warning import Detector


def _fed(detector: Detector, since: int, until: int) -> list[float]:
    told = []
    for i in range(since, until):
        values = np.random.default_rng(i).normal(size=3)
        values[1] += 40 * (i == 330)
        told += detector.take(np.arange(3), np.full(3, 60.0 * i), values).score.tolist()
    return told


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("budget", [None, 20.0])
def test_a_restart_changes_no_score(each: bool, budget: float | None) -> None:
    through, stopped = (Detector(3, alarms_a_week=budget, each=each) for _ in range(2))
    _fed(stopped, 0, 300)
    again = Detector.restored(stopped.state())
    assert again.count == 3
    assert again.alarms_a_week == budget
    assert _fed(again, 300, 400) == _fed(through, 0, 400)[900:]
    again.grow(4)
    assert again.count == 4


def test_a_state_that_is_cut_is_refused() -> None:
    state = Detector(3, alarms_a_week=1).state()
    for wrong in (state[:-1], state + b"x", state[:100], b"", state.replace(b'"format": 1', b'"format": 9')):
        with pytest.raises(FormatError, match="begins anew"):
            Detector.restored(wrong)


@given(st.binary(max_size=700))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        Detector.restored(data)


def test_a_series_takes_less_than_a_kilobyte() -> None:
    assert len(Detector(1000, alarms_a_week=1).state()) < 1000 * 1000
