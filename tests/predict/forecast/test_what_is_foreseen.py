"""Each kind of series is forecast as one who knows it would, and the intervals hold what they promise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gadfly.predict.forecast import forecast

POINTS, HORIZON = 500, 24


def noise(rng: np.random.Generator, size: float = 1.0) -> np.ndarray:
    return rng.normal(0, size, (40, POINTS + HORIZON))


def day(rng: np.random.Generator) -> np.ndarray:
    return 20 + 5 * np.sin(2 * np.pi * np.arange(POINTS + HORIZON) / 24) + noise(rng)


def week(rng: np.random.Generator) -> np.ndarray:
    return day(rng) + np.where(np.arange(POINTS + HORIZON) // 24 % 7 >= 5, -8.0, 0.0)


def walk(rng: np.random.Generator) -> np.ndarray:
    return np.cumsum(noise(rng), axis=1)


def reverting(rng: np.random.Generator) -> np.ndarray:
    out = noise(rng)
    for i in range(1, out.shape[1]):
        out[:, i] += 0.7 * out[:, i - 1]
    return out


def shifted(rng: np.random.Generator) -> np.ndarray:
    out = day(rng)
    out[:, 460:] += 30
    return out


def gaps(rng: np.random.Generator) -> np.ndarray:
    out = day(rng)
    out[:, 200:240] = np.nan
    out[:, :POINTS][rng.random((40, POINTS)) < 0.1] = np.nan
    return out


Kind = Callable[[np.random.Generator], np.ndarray]


@pytest.mark.parametrize(
    ("kind", "most"),
    [(day, 0.8), (week, 0.75), (walk, 1.1), (reverting, 0.8), (shifted, 1.5), (gaps, 0.8)],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_errors_beside_those_of_the_season_before(kind: Kind, most: float) -> None:
    values = kind(np.random.default_rng(3))
    past, future = values[:, :POINTS], values[:, POINTS:]
    season = 1 if kind in (walk, reverting) else 24
    middle = forecast(past, HORIZON, season)[:, :, 4]
    naive = np.repeat(past[:, -1:], HORIZON, axis=1) if season == 1 else past[:, -24:]
    seen = np.isfinite(naive)
    assert np.abs(future - middle)[seen].mean() < most * np.abs(future - naive)[seen].mean()


@pytest.mark.parametrize("kind", [day, walk, reverting, gaps], ids=lambda one: one.__name__)
def test_the_intervals_cover_what_they_say(kind: Kind) -> None:
    values = kind(np.random.default_rng(4))
    out = forecast(values[:, :POINTS], HORIZON, 24 if kind in (day, gaps) else 1)
    inside = (values[:, POINTS:] >= out[:, :, 0]) & (values[:, POINTS:] <= out[:, :, 8])
    assert 0.7 < inside.mean() < 0.92


def test_what_was_never_below_zero_stays_there() -> None:
    rng = np.random.default_rng(5)
    assert forecast(rng.poisson(0.3, (20, 300)).astype(float), 12).min() >= 0


def test_a_series_that_begins_late_is_as_one_that_is_short() -> None:
    values = day(np.random.default_rng(6))[:4, :300]
    late = np.concatenate([np.full((4, 150), np.nan), values], axis=1)
    np.testing.assert_allclose(forecast(late, 12, 24), forecast(values, 12, 24), rtol=1e-6)


def test_a_counter_goes_on_after_its_reset() -> None:
    rng = np.random.default_rng(7)
    total = np.cumsum(rng.poisson(10, (5, 400)), axis=1).astype(float)
    whole = forecast(total, 20, 1)
    reset = total.copy()
    reset[:, 250:] -= total[:, 249:250]
    again = forecast(reset, 20, 1)
    rise = again[:, -1, 4] - reset[:, -1]
    assert (rise > 100).all()
    assert (rise < 300).all()
    np.testing.assert_allclose(rise, whole[:, -1, 4] - total[:, -1], rtol=0.3)
