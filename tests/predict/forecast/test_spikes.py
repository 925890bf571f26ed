"""A single point that is nothing like the rest changes little of what is foretold."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gadfly.predict.forecast import forecast
from gadfly.predict.forecast.spikes import without_spikes

Floats = NDArray[np.float64]
DAY = 24


def wave(points: int = 500) -> Floats:
    noise = np.random.default_rng(0).normal(0, 1, points)
    return np.asarray(50 + 10 * np.sin(np.arange(points) / DAY * 2 * np.pi) + noise)


def foretold(values: Floats, season: int = DAY) -> Floats:
    return np.asarray(forecast(values[None], DAY, season)[0])


@pytest.mark.parametrize("spike", [500.0, -1e6, 1e9], ids=str)
@pytest.mark.parametrize("back", [1, 2, 30, 300], ids=lambda back: f"{back}-back")
def test_one_spike_moves_no_median_far(back: int, spike: float) -> None:
    values = wave()
    values[-back] = spike
    assert np.abs(foretold(values)[:, 4] - foretold(wave())[:, 4]).max() < 10.0


@pytest.mark.parametrize("back", [1, 100], ids=lambda back: f"{back}-back")
def test_nor_where_there_is_no_season(back: int) -> None:
    flat = 50 + np.random.default_rng(1).normal(0, 0.5, 300)
    spiked = flat.copy()
    spiked[-back] = 1e6
    assert np.abs(foretold(spiked, 1)[:, 4] - 50).max() < 12.0


def test_a_new_level_is_believed_at_its_second_point() -> None:
    values = wave()[None].copy()
    values[0, -1] += 300
    assert without_spikes(values, np.array([0]), DAY)[0, -1] < 150
    values[0, -2] += 300
    assert without_spikes(values, np.array([0]), DAY) is values


def test_what_comes_back_every_day_stays() -> None:
    values = wave()[None].copy()
    values[0, 3::DAY] += 3000
    assert without_spikes(values, np.array([0]), DAY) is values


def test_what_is_mostly_nothing_stays() -> None:
    values = np.zeros((1, 600))
    values[0, 40::60] = 100.0
    assert without_spikes(values, np.array([0]), 1) is values


def test_more_than_one_in_a_hundred_belong_to_the_series() -> None:
    values = 50 + np.random.default_rng(2).normal(0, 0.1, (1, 1000))
    rare, often = values.copy(), values.copy()
    rare[0, 100:900:160] = 5000.0
    often[0, 100:900:40] = 5000.0
    assert without_spikes(rare, np.array([0]), 1).max() < 60
    assert without_spikes(often, np.array([0]), 1) is often


def test_what_began_late_is_looked_at_from_there() -> None:
    values = np.stack([wave(), wave()])
    values[1, :200] = 0.0
    values[:, 400] = 9e5
    found = without_spikes(values, np.array([0, 200]), DAY)
    assert found[:, 400].max() < 150
    assert (found[1, :200] == 0).all()
    assert values[0, 400] == 9e5
