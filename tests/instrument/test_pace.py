"""Beats keep their pace: no drift, no burst after a pause; limits on what is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.instrument.pace import Allowance, next_beat


@pytest.mark.parametrize(
    ("start", "every", "now", "due"),
    [
        (100.0, 1.0, 100.0, 101.0),
        (100.0, 1.0, 100.9, 101.0),
        (100.0, 1.0, 101.0, 102.0),
        (100.0, 1.0, 101.3, 102.0),
        (100.0, 1.0, 131.3, 132.0),
        (100.0, 60.0, 100.1, 160.0),
        (100.0, 1.0, 99.0, 100.0),
    ],
)
def test_next_beat(start: float, every: float, now: float, due: float) -> None:
    assert next_beat(start, every, now) == due


def test_lateness_does_not_add_up() -> None:
    now, beats = 0.0, 0
    while now < 1000:
        now = next_beat(0.0, 1.0, now + 0.3)
        beats += 1
    assert (now, beats) == (1000.0, 1000)


@given(st.floats(0, 1e6), st.floats(0.01, 1e5), st.floats(0, 1e7))
def test_is_always_ahead_and_at_most_one_interval(start: float, every: float, after: float) -> None:
    now = start + after
    due = next_beat(start, every, now)
    assert now < due <= now + every * 1.0001 + 1e-6


def test_allowance() -> None:
    allowance = Allowance(3, 0.0)
    assert [allowance.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert allowance.take(0.34)
    assert not allowance.take(0.34)
    assert [allowance.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert not allowance.take(50.0), "a clock that goes back gives nothing"
