"""What comes after `now` changes nothing; the same past gives the same chances."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.predict.capacity import Hours, foresee, time_to_full
from gadfly.predict.capacity.levels import HOUR

START = 500_000 * HOUR
AT = START + 1200.0 * np.arange(40 * 72)
NOW = START + 30 * 24 * HOUR
DAY = 24 * HOUR


def disks() -> np.ndarray:
    rng = np.random.default_rng(8)
    free = 400 - np.cumsum(rng.gamma(0.4, 0.35, (8, len(AT))), axis=1)
    free += 200 * (np.cumsum(rng.random((8, len(AT))) < 0.002, axis=1))
    return free


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, -1e6, np.nan, np.inf]))
def test_another_future_is_not_seen(seed: int, scale: float) -> None:
    free = disks()
    other = free.copy()
    later = AT > NOW
    other[:, later] = np.random.default_rng(seed).normal(0, 1, (8, np.count_nonzero(later))) * scale
    # Whether it rises is told by the past, too.
    one = time_to_full(AT, free, np.zeros(8), now=NOW, horizon=10 * DAY)
    two = time_to_full(AT, other, np.zeros(8), now=NOW, horizon=10 * DAY)
    assert np.array_equal(one.chances, two.chances, equal_nan=True)
    assert one.why() == two.why()


def test_streaming_tells_the_same_with_and_without_what_comes_later() -> None:
    free = disks()
    hours = Hours()
    hours.grow(np.zeros(8, dtype=bool))
    before = AT <= NOW
    count = np.count_nonzero(before)
    hours.take(np.tile(np.arange(8), count), np.repeat(AT[before], 8), free[:, before].T.ravel(), now=NOW)
    streamed = foresee(hours.levels(np.zeros(8), now=NOW))
    whole = time_to_full(AT, free, np.zeros(8), now=NOW, rising=np.zeros(8, dtype=bool))
    assert np.allclose(streamed.chances, whole.chances, atol=1e-3, equal_nan=True)


def test_the_same_again_and_alone() -> None:
    free = disks()
    one = time_to_full(AT, free, np.zeros(8), now=NOW, horizon=10 * DAY)
    two = time_to_full(AT, free, np.zeros(8), now=NOW, horizon=10 * DAY)
    assert np.array_equal(one.chances, two.chances, equal_nan=True)
    alone = time_to_full(AT, free[3:4], np.zeros(1), now=NOW, horizon=10 * DAY)
    assert np.allclose(alone.chances, one.chances[3:4], equal_nan=True)
