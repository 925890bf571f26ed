"""When checks are asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.timing import JITTER, RATE, SOON, first_due, next_due, phase, seed

SEEDS = st.integers(0, 2**64 - 1)
EVERY = st.floats(0.05, 1e6)
NOW = st.floats(0, 1e8)


def test_a_seed_is_the_identity_and_nothing_else() -> None:
    assert seed(("a", "http", "")) == seed(["a", "http", ""])
    assert seed(("a", "http", "")) != seed(("a", "http", "b"))
    assert seed(("ab", "c")) != seed(("a", "bc"))


def test_phases_are_spread_evenly() -> None:
    tenths = [0] * 10
    for number in range(10_000):
        tenths[int(phase(seed((f"c{number}", "http", ""))) * 10)] += 1
    assert min(tenths) > 800


@given(NOW, EVERY, SEEDS)
def test_the_next_turn_is_in_the_future_and_within_an_interval(now: float, every: float, seed: int) -> None:
    due = next_due(now, every, seed)
    assert now < due <= now + every * (1 + JITTER) * (1 + 1e-6) + 1e-6


@given(NOW, st.floats(0.1, 1e5), SEEDS)
def test_turns_keep_their_phase(now: float, every: float, seed: int) -> None:
    """Asked again from any moment between two turns, the answer is the same: a reload moves nothing."""
    due = next_due(now, every, seed)
    assert next_due(now + (due - now) * 0.9, every, seed) == due


@given(SEEDS)
def test_a_thousand_turns_are_a_thousand_intervals(seed: int) -> None:
    now, gaps = 0.0, []
    for _ in range(1000):
        due = next_due(now, 10.0, seed)
        gaps.append(due - now)
        now = due
    assert all(10 * (1 - JITTER) - 1e-6 <= gap <= 10 * (1 + JITTER) + 1e-6 for gap in gaps[1:])
    assert len({round(gap, 3) for gap in gaps}) > 100
    assert now == pytest.approx(10_000, abs=20)


@pytest.mark.parametrize(
    ("every", "count", "within"),
    [(1.0, 1, 1.0), (3600.0, 1, SOON), (3600.0, 10_000, 10_000 / RATE), (5.0, 10_000, 5.0)],
)
def test_first_turns_are_soon_but_no_flood(every: float, count: int, within: float) -> None:
    turns = [first_due(100.0, every, seed((str(number),)), count) for number in range(1000)]
    assert all(100 <= turn < 100 + within for turn in turns)
    assert max(turns) - min(turns) > within * 0.9
