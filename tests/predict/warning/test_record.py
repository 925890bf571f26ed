"""A view speaks only when a point is among its strangest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gadfly.predict.warning import record
from gadfly.predict.warning.tuning import TUNING
from gadfly.predict.warning.views import View

PLAIN = replace(TUNING, tie=0.0, record=1e9, apart=10.0, daily=1.0, extreme=1.0, other=1.0)


def _straight(told: float) -> float:
    return float(told if told >= 0 else -np.expm1(-told))


def _passes(points: list[tuple[int, float]], view: View, tuning: object = PLAIN) -> list[float]:
    """By how much points (how many were seen, mean excesses) of a view pass; below, without the logarithm."""
    rows = record.fresh(1)
    return [
        _straight(
            record.beyond(
                rows,
                np.float32([seen]),
                np.float32([excess]),
                np.array([view]),
                np.array([0]),
                tuning,  # type: ignore[arg-type]
            )[0]
        )
        for seen, excess in points
    ]


def test_the_first_is_only_asked_whether_it_is_much() -> None:
    assert _passes([(0, 3.0)], View.HIGH) == [2]
    assert _passes([(0, 0.5)], View.HIGH) == pytest.approx([-0.5])


def test_the_next_must_be_stranger_than_the_strangest() -> None:
    told = _passes([(0, 3.0), (20, 2.5), (40, 3.5), (60, 3.4)], View.HIGH)
    assert told == pytest.approx([2, -0.5, 0.5, -0.1])


def test_of_the_hours_of_the_day_it_may_be_the_second() -> None:
    told = _passes([(0, 3.0), (20, 2.5), (40, 2.6), (60, 2.5)], View.DAY)
    assert told == pytest.approx([2, 1.5, 0.1, -0.1])


def test_points_of_one_episode_are_no_records_to_each_other() -> None:
    told = _passes([(0, 3.0), (5, 2.0), (9, 4.0), (18, 3.5)], View.LOW)
    assert told == pytest.approx([2, 1, 3, 2.5])


def test_an_episode_ends_so_long_after_its_strangest_point() -> None:
    assert _passes([(0, 3.0), (8, 3.5), (18, 2.0), (19, 2.0)], View.LOW) == pytest.approx([2, 2.5, 1, -1.5])


def test_a_tie_is_no_record() -> None:
    tuning = replace(PLAIN, tie=0.25)
    assert _passes([(0, 3.0), (20, 3.0), (40, 3.5)], View.JUMP, tuning)[1:] == pytest.approx([-0.25, 0.25])


def test_records_fade() -> None:
    tuning = replace(PLAIN, record=100.0)
    assert _passes([(0, 3.0), (50, 3.0)], View.JUMP, tuning)[1] == pytest.approx(0.5)


def test_views_and_series_have_their_own_records() -> None:
    rows = record.fresh(2)
    seen = np.zeros(2, np.float32)
    views, columns = np.array([View.HIGH, View.JUMP]), np.array([1, 0])
    record.beyond(rows, seen, np.float32([4, 5]), views, columns, PLAIN)
    seen += 20
    views = np.array([View.HIGH, View.HIGH, View.JUMP])
    told = record.beyond(rows, seen, np.float32([4, 5, 6]), views, np.array([0, 1, 0]), PLAIN)
    assert told.tolist() == pytest.approx([3, 1, 1])


def test_single_points_are_asked_for_more_than_a_running_mean() -> None:
    asked = record.least(TUNING)
    assert asked[View.DAY] < asked[View.HIGH] == asked[View.LOW] < asked[View.JUMP]


def test_far_below_is_hardly_worse_than_below() -> None:
    rows = record.fresh(1)
    told = [
        float(
            record.beyond(
                rows, np.float32([seen]), np.float32([excess]), np.array([View.LOW]), np.array([0]), PLAIN
            )[0]
        )
        for seen, excess in ((0, 1000.0), (20, 999.0), (40, 500.0), (60, 2.0))
    ]
    assert told[0] > 900
    assert 0 > told[1] > told[2] > told[3] > -7
