"""The mean of a phase over some seasons, and of its neighbours, from running sums."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.forecast.plan import blocks
from gadfly.predict.forecast.sums import Profile, run

SEASON, START = 7, 5


def profile() -> tuple[np.ndarray, Profile]:
    x = np.random.default_rng(1).normal(0, 1, (3, 90))
    x[:, :START] = 0
    return x, Profile(x, np.array([[START]]), SEASON)


def test_a_running_sum_ends_in_the_sum_of_all() -> None:
    x, _ = profile()
    np.testing.assert_allclose(run(x)[:, [0, 1, -1]], np.stack([x[:, 0] * 0, x[:, 0], x.sum(axis=1)], axis=1))


@pytest.mark.parametrize("seasons", [1, 3, 100])
@pytest.mark.parametrize("at", [START, 40, 89])
def test_the_mean_of_a_phase(at: int, seasons: int) -> None:
    x, found = profile()
    phases = list(range(at, START - 1, -SEASON))[:seasons]
    np.testing.assert_allclose(found.means(np.array([at]), (seasons,))[0][:, 0], x[:, phases].mean(axis=1))


@pytest.mark.parametrize("half", [0, 2])
@pytest.mark.parametrize("seasons", [1, 3])
def test_the_mean_of_a_phase_and_its_neighbours(seasons: int, half: int) -> None:
    x, found = profile()
    phases = [one + by for one in range(60, 0, -SEASON)[:seasons] for by in range(-half, half + 1)]
    smooth = found.smooth(found.along(), np.array([60]), seasons, half)
    np.testing.assert_allclose(smooth[:, 0], x[:, phases].mean(axis=1))


@pytest.mark.parametrize(
    ("horizon", "found"),
    [
        (1, [(1, 1)]),
        (4, [(1, 1), (2, 4)]),
        (6, [(1, 1), (2, 6)]),
        (24, [(1, 1), (2, 4), (5, 13), (14, 24)]),
    ],
    ids=str,
)
def test_horizons_that_share_their_weights(horizon: int, found: list[tuple[int, int]]) -> None:
    assert blocks(horizon) == found
