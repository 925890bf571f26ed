"""What was foreseen at a moment does not change with what came after it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gadfly.predict.forecast import forecast
from gadfly.predict.forecast.components import Components
from gadfly.predict.forecast.history import History


def wavy(series: int, points: int, season: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    wave = np.sin(2 * np.pi * np.arange(points) / season)
    return (
        5
        + wave
        + np.cumsum(rng.normal(0, 0.1, (series, points)), axis=1)
        + rng.normal(0, 0.3, (series, points))
    )


@pytest.mark.parametrize(
    ("season", "week", "year"),
    [(1, 0, 0), (6, 0, 0), (6, 7, 0), (6, 7, 200), (24, 0, 0), (48, 0, 0), (96, 0, 0)],
    ids=str,
)
def test_no_component_sees_beyond_its_moment(season: int, week: int, year: int) -> None:
    moment = 300
    known = History.of(wavy(3, 400, max(season, 2)), season)
    other = known.x.copy()
    other[:, moment:] = np.random.default_rng(2).normal(50, 9, other[:, moment:].shape)
    shifted = dataclasses.replace(known, x=other)
    moments, ahead = np.array([moment - 50, moment]), np.arange(1, 91)
    seen = Components(known, season, week, year)
    later = Components(shifted, season, week, year)
    for before, after in zip(seen.design(moments, ahead), later.design(moments, ahead), strict=True):
        np.testing.assert_allclose(before, after, rtol=0, atol=1e-5)
    # The first kind is the same for all moments: what the whole history has been like.
    unrest, shifted_unrest = (one.unrest(moments, ahead)[:, 1:] for one in (seen, later))
    np.testing.assert_allclose(unrest, shifted_unrest, rtol=0, atol=1e-5)


def test_a_component_does_see_the_point_before_its_moment() -> None:
    known = History.of(wavy(1, 400, 6), 6)
    other = known.x.copy()
    other[:, 299] += 5
    moments, ahead = np.array([300]), np.array([1])
    base, added = Components(known, 6, 0, 0).design(moments, ahead)
    base2, added2 = Components(dataclasses.replace(known, x=other), 6, 0, 0).design(moments, ahead)
    assert abs(base2 - base).max() > 0.1
    assert abs(added2 - added).max() > 0.1


def test_a_series_is_forecast_from_itself_alone() -> None:
    values = wavy(5, 300, 12)
    values[2, :77] = np.nan
    together = forecast(values, 20, 12)
    for i in range(5):
        np.testing.assert_allclose(forecast(values[i : i + 1], 20, 12)[0], together[i], rtol=1e-6, atol=1e-8)


def test_the_same_again() -> None:
    values = wavy(4, 300, 12)
    assert forecast(values, 20, 12).tobytes() == forecast(values.copy(), 20, 12).tobytes()
