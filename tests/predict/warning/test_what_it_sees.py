"""Each kind of strangeness is seen by the time it matters, and the view that saw it is named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gadfly.predict.warning import View, scores

N, EVENT = 1900, 1440
RNG = np.random.default_rng(11)
HOUR = 2 * np.pi * np.arange(N) / 288


def _high(values: np.ndarray) -> None:
    values[EVENT] += 25


def _low(values: np.ndarray) -> None:
    values[EVENT] -= 25


def _level(values: np.ndarray) -> None:
    values[EVENT:] += 2.5


def _loud(values: np.ndarray) -> None:
    values[EVENT:] = 3.5 * RNG.normal(size=N - EVENT)


def _quiet(values: np.ndarray) -> None:
    values[EVENT:] *= 0.02


def _day(values: np.ndarray) -> None:
    values += 20 * np.maximum(np.sin(HOUR), 0)
    values[1440:1584] -= 20 * np.maximum(np.sin(HOUR[1440:1584]), 0)


def _dense(values: np.ndarray) -> None:
    values *= 0.1
    values[::72] += 30
    values[EVENT::9] += 30


@pytest.mark.parametrize(
    ("happens", "within", "why"),
    [
        (_high, 1, {View.HIGH, View.JUMP}),
        (_low, 1, {View.LOW, View.JUMP}),
        (_level, 100, {View.LEVEL, View.HIGH, View.TREND, View.DAY}),
        (_loud, 60, {View.LOUD, View.JUMP, View.HIGH, View.LOW, View.DENSE}),
        (_quiet, 150, {View.QUIET, View.SPARSE}),
        (_day, 250, {View.DAY, View.LEVEL, View.TREND, View.LOW, View.SPARSE}),
        (_dense, 150, {View.DENSE, View.LOUD, View.LEVEL, View.SPARSE, View.HIGH, View.DAY}),
    ],
)
def test_it_is_seen(happens: Callable[[np.ndarray], None], within: int, why: set[View]) -> None:
    values = np.random.default_rng(3).normal(size=N)
    happens(values)
    found = scores(1.4e9 + 300.0 * np.arange(N), values)
    alarms = np.flatnonzero(found.alarm)
    first = alarms[alarms >= EVENT]
    assert len(first)
    assert first[0] < EVENT + within
    assert View(found.why[first[0]]) in why
    # Spikes are new until some have come.
    assert len(alarms) - len(first) <= (12 if happens is _dense else 4)
    assert (found.score[alarms] >= 0.5).all()
    assert (found.score[~found.alarm] < 0.5).all()
