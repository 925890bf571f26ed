"""Clean-ups that are a habit stay in the past that is replayed; rescues and what was freed once do not."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.capacity.habit import Habit, habit
from gadfly.predict.capacity.levels import HISTORY, HOUR, Levels

NOW = 500_000 * HOUR + 1800.0


def of(level: np.ndarray) -> Habit:
    count = len(level)
    return habit(
        Levels(NOW, level[None, :], level[None, :], np.zeros(1, dtype=np.int64), np.full(1, count - 1))
    )


def sawtooth(every: int, *, slope: float = 1.0, hours: int = HISTORY, base: float = -500.0) -> np.ndarray:
    """Rises by `slope` an hour, and falls back each `every` hours."""
    return base + slope * (np.arange(hours) % every)


def test_a_daily_clean_up_is_a_habit() -> None:
    found = of(sawtooth(24))
    assert np.ptp(found.last) == pytest.approx(23)
    assert found.grown[0, -1] == pytest.approx(HISTORY - 1 - 27)
    assert found.most[0] == pytest.approx(23)
    assert found.overdue[0] == 0


def test_what_was_written_since_the_last_clean_up() -> None:
    written = of(sawtooth(24)).written[0]
    assert np.isnan(written[:24]).all()
    assert written[24:48].tolist() == list(range(24))


def test_a_clean_up_that_takes_hours_is_one() -> None:
    level = sawtooth(24)
    for step in range(24, HISTORY, 24):
        level[step : step + 3] = level[step - 1] - np.array([8.0, 16.0, 23.0])
    found = of(level)
    assert np.count_nonzero(np.diff(found.written[0][30:]) < 0) == pytest.approx(26, abs=1)


def test_noise_is_no_clean_up() -> None:
    level = -500 + np.random.default_rng(3).normal(0, 1, HISTORY)
    assert np.isnan(of(level).most[0])


def test_what_was_freed_once_is_taken_out() -> None:
    level = np.concatenate([np.arange(300.0), np.arange(372.0) - 100]) - 1000
    assert of(level).last[0, -1] == pytest.approx(HISTORY - 2, abs=2)


def test_a_rescue_from_the_brink_is_taken_out_however_often() -> None:
    level = np.minimum(-100 + np.arange(HISTORY) % 110, 0.0)
    found = of(level)
    assert np.isnan(found.most[0])
    assert (np.diff(found.last[0]) >= 0).all()


def test_the_nightly_clean_up_is_no_rescue_although_it_is_nearly_full() -> None:
    level = sawtooth(24, base=-500 - 0.0)
    level += np.linspace(0, 476, HISTORY)
    assert of(level).most[0] == pytest.approx(23 + 23 * 476 / HISTORY, rel=0.1)


@pytest.mark.parametrize(("late", "least", "most"), [(0, 0, 0), (4, 0.3, 0.95), (12, 0.9, 1), (48, 0.99, 1)])
def test_a_clean_up_that_does_not_come(late: int, least: float, most: float) -> None:
    hour = np.arange(HISTORY) - (HISTORY - 1 - late)
    found = of(-500.0 + np.where(hour < 0, hour % 24, 24 + hour))
    assert least <= found.overdue[0] <= most
