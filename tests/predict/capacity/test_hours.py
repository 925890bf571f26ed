"""Kept as samples come, the levels are those gathered from all samples at once."""

from __future__ import annotations

import numpy as np

from gadfly.predict.capacity import Hours, gathered
from gadfly.predict.capacity.levels import HOUR

START = 500_000 * HOUR


def test_the_same_as_gathered() -> None:
    rng = np.random.default_rng(2)
    at = START + np.sort(rng.uniform(0, 100, 400)) * HOUR
    values = np.round(rng.uniform(1, 100, (3, 400)), 1).astype(np.float32).astype(np.float64)
    values[1, 100:180] = np.nan
    limit = np.array([0.0, 128.0, 256.0])
    rising = np.array([False, True, True])
    hours = Hours(60)
    hours.grow(rising)
    for first in range(0, 400, 7):
        part = slice(first, first + 7)
        number = len(at[part])
        hours.take(
            np.tile(np.arange(3), number),
            np.repeat(at[part], 3),
            values[:, part].T.ravel(),
            now=float(at[part][-1]),
        )
    now = float(at[-1])
    kept, wanted = hours.levels(limit, now=now), gathered(at, values, limit, now=now, rising=rising, hours=60)
    assert np.allclose(kept.last, wanted.last, equal_nan=True)
    assert np.allclose(kept.peak, wanted.peak, equal_nan=True)
    assert kept.since.tolist() == wanted.since.tolist()
    assert kept.heard.tolist() == wanted.heard.tolist()


def test_what_comes_late_twice_or_from_the_future_is_dropped() -> None:
    hours = Hours(48)
    hours.grow(np.array([True]))
    one = np.array([0])
    hours.take(one, np.array([START]), np.array([5.0]), now=START)
    for at, value in (
        (START, 7.0),
        (START - 60, 8.0),
        (START + 9e9, 9.0),
        (START + 1, np.nan),
        (START + 1, 1e300),
    ):
        hours.take(one, np.array([at]), np.array([value]), now=START + 2)
    levels = hours.levels(np.array([10.0]), now=START + 2)
    assert levels.last[0, -1] == -5.0
    assert levels.since[0] == 47


def test_old_hours_are_forgotten() -> None:
    hours = Hours(48)
    hours.grow(np.array([True]))
    hours.take(np.array([0]), np.array([START]), np.array([5.0]), now=START)
    assert hours.levels(np.array([10.0]), now=START + 47 * HOUR).since[0] == 0
    assert hours.levels(np.array([10.0]), now=START + 48 * HOUR).since[0] == 48


def test_it_grows() -> None:
    hours = Hours(48)
    hours.grow(np.array([True]))
    hours.take(np.array([0]), np.array([START]), np.array([5.0]), now=START)
    hours.grow(np.array([False, False]))
    hours.take(np.array([2]), np.array([START]), np.array([3.0]), now=START)
    assert len(hours) == 3
    assert hours.levels(np.array([10.0, 0.0, 0.0]), now=START).last[:, -1].tolist()[::2] == [-5.0, -3.0]
