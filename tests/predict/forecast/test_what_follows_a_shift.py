"""A level that moved far beyond the usual is followed; noise is not."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.forecast import forecast
from gadfly.predict.forecast.components import Components
from gadfly.predict.forecast.history import History
from gadfly.predict.forecast.shift import CUT, Shift, places

PLACES = places(200)
COUNTED = np.ones((1, len(PLACES)), np.int64)


def usually(size: float) -> Shift:
    return Shift(PLACES, [np.where(np.arange(len(PLACES)) % 2, size, -size)[None, :]], COUNTED)


@pytest.mark.parametrize(
    ("departure", "counts"),
    [(0.0, 0.0), (CUT, 0.0), (-CUT, 0.0), (2 * CUT, 1.5 * CUT), (-2 * CUT, -1.5 * CUT), (100.0, 99.96)],
    ids=str,
)
def test_a_departure_counts_the_more_the_more_it_stands_out(departure: float, counts: float) -> None:
    found = usually(1.0).size(np.array([200]), [np.array([[departure]])])
    np.testing.assert_allclose(found, [[counts]], rtol=1e-5, atol=1e-5)
    # The same departure is nothing where such are usual.
    assert usually(60.0).size(np.array([200]), [np.array([[departure]])]) == 0


def test_what_is_usual_is_known_from_before_only() -> None:
    away = np.ones((1, len(PLACES)))
    later = away.copy()
    later[:, 100:] = 50.0
    moments, asked = np.array([PLACES[99], 200]), [np.array([[10.0, 10.0]])]
    before = Shift(PLACES, [away], COUNTED).size(moments, asked)[0]
    after = Shift(PLACES, [later], COUNTED).size(moments, asked)[0]
    assert before[0] == after[0] == before[1]
    assert after[1] == 0


def levels(rng: np.random.Generator, last: float) -> np.ndarray:
    """A season of 60 and noise about levels that stay for long; the newest began 12 points ago."""
    level = np.repeat([0.0, 8.0, -2.0, 6.0, 6.0 + last], [150, 150, 150, 138, 72])
    return level + 3 * np.sin(2 * np.pi * np.arange(660) / 60) + rng.normal(0, 1, (30, 660))


def error(values: np.ndarray) -> float:
    middle = forecast(values[:, :600], 60, 60)[:, :, 4]
    return float(np.abs(values[:, 600:] - middle)[:, 30:].mean())


def test_a_shift_as_there_were_before_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    values = levels(np.random.default_rng(8), 10.0)
    followed = error(values)
    assert followed < 0.4 * np.abs(values[:, 600:] - values[:, 540:600]).mean()
    monkeypatch.setattr(Shift, "size", lambda _, moments, away: np.zeros(away[0].shape, np.float32))
    assert followed < 0.9 * error(values)


def test_a_level_that_has_just_moved_is_unrest() -> None:
    history = History.of(levels(np.random.default_rng(9), 10.0)[:, :600], 60)
    quiet, moved = Components(history, 60, 0, 0).unrest(np.array([580, 600]), np.array([1]))[:, 3].T
    assert np.median(moved) > 3 * np.median(quiet)
