"""A point is scored by the points before it only; the same points give the same answer."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.warning import Detector, scores

STEP = 300.0


def _series(n: int = 460) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    values = 10 + 3 * np.sin(np.arange(n) * 2 * np.pi / 288) + rng.normal(size=n)
    values[300] += 60
    values[400:] += 15
    return 1.4e9 + STEP * np.arange(n), values


@pytest.mark.parametrize("cut", [1, 301])
def test_another_future_changes_nothing_before_it(cut: int) -> None:
    at, values = _series()
    other, later = values.copy(), at.copy()
    other[cut:] = 1e6 - 7 * other[cut:]
    later[cut:] += 86_400 * 3
    before, after = scores(at, values), scores(later, other)
    np.testing.assert_array_equal(before.score[:cut], after.score[:cut])
    np.testing.assert_array_equal(before.p[:cut], after.p[:cut])
    np.testing.assert_array_equal(before.why[:cut], after.why[:cut])
    assert (before.score[cut:] != after.score[cut:]).any()


def test_a_cut_series_has_the_scores_of_the_whole_one() -> None:
    at, values = _series()
    np.testing.assert_array_equal(scores(at, values).score[:310], scores(at[:310], values[:310]).score)


def test_series_do_not_touch_each_other() -> None:
    at, values = _series()
    alone = scores(at, values)
    rng = np.random.default_rng(9)
    detector = Detector(4, alarms_a_week=None, each=True)
    told = []
    for i in range(len(at)):
        few = np.array([2]) if i % 7 == 3 else np.array([3, 0, 2, 1]) if i % 2 else np.arange(4)
        others = rng.lognormal(size=len(few))
        given = np.where(few == 2, values[i], others)
        found = detector.take(few, np.full(len(few), at[i]), given)
        told.append(found.score[few == 2][0])
    np.testing.assert_allclose(told, alone.score, rtol=1e-5, atol=1e-6)


def test_the_same_points_give_the_same_answer() -> None:
    at, values = _series()
    np.testing.assert_array_equal(scores(at, values).score, scores(at, values).score)
