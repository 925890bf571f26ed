"""Alarms are as many as the budget allows, whatever the series do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gadfly.predict.warning import Detector, budget
from gadfly.predict.warning.budget import WEEK, Budget
from gadfly.predict.warning.tuning import TUNING

SERIES, STEP, POINTS = 200, 300.0, 1800


@pytest.mark.parametrize(
    "draw",
    [lambda rng: rng.normal(size=SERIES), lambda rng: rng.pareto(1.5, size=SERIES)],
    ids=["light tail", "heavy tail"],
)
def test_a_fleet_keeps_to_its_budget(draw: Callable[[np.random.Generator], np.ndarray]) -> None:
    rng = np.random.default_rng(4)
    detector = Detector(SERIES, alarms_a_week=100)
    alarms = 0
    for i in range(POINTS):
        alarms += int(detector.take(np.arange(SERIES), np.full(SERIES, i * STEP), draw(rng)).alarm.sum())
    assert alarms == pytest.approx(100 * POINTS * STEP / WEEK, rel=0.25)


def _spend(each: bool, passed: list[list[float]], allowed_a_week: float | None = 2.016) -> list[list[bool]]:
    """Alarms of series whose budget is one in a thousand points of five minutes."""
    one = Budget(allowed_a_week, each=each)
    n = len(passed[0])
    rows = budget.fresh(n)
    step, seen = np.full(n, STEP, np.float32), np.full(n, 1000, np.float32)
    tuning = replace(TUNING, rest=10.0, stranger=1.0)
    return [one.spend(rows, np.array(now, np.float32), step, seen, n, tuning)[1].tolist() for now in passed]


@pytest.mark.parametrize(
    ("a_week", "passed", "alarm"),
    [
        (None, 0.0, True),
        (None, -0.01, False),
        (2.016, 0.01, True),
        (2.016, -0.01, False),
        (20.16, -2.29, True),
        (20.16, -2.31, False),
        (0.2016, 2.31, True),
        (0.2016, 2.29, False),
    ],
)
def test_the_budget_is_the_threshold(a_week: float | None, passed: float, alarm: bool) -> None:
    assert _spend(True, [[passed]], a_week) == [[alarm]]


def test_a_shared_budget_is_harder_to_get() -> None:
    assert _spend(False, [[0.6, 0.0]]) == [[False, False]]
    assert _spend(False, [[0.7, 0.0]]) == [[True, False]]


def test_an_alarm_is_the_same_for_a_while() -> None:
    told = [one[0] for one in _spend(True, [[2.0]] * 60, None)]
    assert told[0]
    assert not any(told[1:4])
    assert 10 <= sum(told) <= 20


def test_what_is_stranger_is_told_at_once() -> None:
    assert _spend(True, [[2.0], [2.5], [3.5]], None) == [[True], [False], [True]]


def test_an_alarm_raises_the_threshold_and_time_lowers_it() -> None:
    one = Budget(2.016, each=False)
    rows, step, seen = budget.fresh(1), np.full(1, STEP, np.float32), np.full(1, 1000, np.float32)
    one.spend(rows, np.float32([9]), step, seen, 1, TUNING)
    raised = one.offset
    assert raised == pytest.approx(TUNING.gain, rel=0.01)
    for _ in range(1000):
        one.spend(rows, np.float32([-np.inf]), step, seen, 1, TUNING)
    assert one.offset == pytest.approx(0, abs=0.01)


def test_a_long_silence_lowers_it_only_so_far() -> None:
    one = Budget(1e6, each=False)
    rows, step, seen = budget.fresh(9), np.full(9, STEP, np.float32), np.full(9, 1000, np.float32)
    for _ in range(3000):
        one.spend(rows, np.full(9, -np.inf, np.float32), step, seen, 9, TUNING)
    assert one.offset == budget.LOWEST


def test_points_that_come_rarely_may_be_stranger_seldom() -> None:
    one = Budget(2.016, each=True)
    rows = budget.fresh(2)
    step = np.array([300, 3600], np.float32)
    passed, seen = np.full(2, -1.0, np.float32), np.full(2, 1000, np.float32)
    assert one.spend(rows, passed, step, seen, 2, TUNING)[1].tolist() == [False, True]


def test_the_score_is_half_where_the_alarm_is() -> None:
    one = Budget(None, each=True)
    passed = np.array([-np.inf, -2, -0.1, 0, 3, 80], np.float32)
    n = len(passed)
    score, alarm = one.spend(
        budget.fresh(n), passed, np.ones(n, np.float32), np.full(n, 1000, np.float32), n, TUNING
    )
    assert alarm.tolist() == (score >= 0.5).tolist() == [False, False, False, True, True, True]
    assert score[0] == pytest.approx(0, abs=1e-20)
    assert (np.diff(score) > 0).all()
    assert score[-1] <= 1


def test_what_strikes_all_series_at_once_costs_half_a_week_at_most() -> None:
    one = Budget(20.0, each=False)
    n = 500
    rows, step, seen = budget.fresh(n), np.full(n, 6 * 3600, np.float32), np.full(n, 1000, np.float32)
    for _ in range(30):
        one.spend(rows, np.full(n, -np.inf, np.float32), step, seen, n, TUNING)
    passed = np.arange(n, dtype=np.float32)
    score, alarm = one.spend(rows, passed, step, seen, n, TUNING)
    assert np.flatnonzero(alarm).tolist() == list(range(n - 10, n))
    assert ((score >= 0.5) == alarm).all()


def test_one_alarm_does_not_hide_what_is_far_stranger_but_for_a_weeks_alarms() -> None:
    one = Budget(3.0, each=False)
    rows, step, seen = budget.fresh(9), np.full(9, STEP, np.float32), np.full(9, 1000, np.float32)

    def told(*passed: float) -> list[int]:
        now = np.array([*passed, *[-np.inf] * (9 - len(passed))], np.float32)
        return np.flatnonzero(one.spend(rows, now, step, seen, 9, TUNING)[1]).tolist()

    assert told(20.0) == [0]
    assert told(0.0, 6.0) == []  # strange, and the budget is spent
    assert told(0.0, 20.0, 21.0) == [2]  # of what is one event, one is told
    assert [told(0, 0, 0, 20.0), told(0, 0, 0, 0, 30.0), told(0, 0, 0, 0, 0, 40.0)] == [[3], [4], []]


def test_one_series_alone_does_not_spend_what_all_may_owe() -> None:
    one = Budget(3.0, each=False)
    rows, step, seen = budget.fresh(9), np.full(9, STEP, np.float32), np.full(9, 1000, np.float32)

    def told(series: int, passed: float) -> list[int]:
        now = np.full(9, -np.inf, np.float32)
        now[series] = passed
        return np.flatnonzero(one.spend(rows, now, step, seen, 9, TUNING)[1]).tolist()

    assert [told(0, 100.0 * (turn + 1)) for turn in range(9)] == [[0], *[[]] * 8]
    assert told(5, 20.0) == [5]


def test_what_is_unspent_is_known() -> None:
    one = Budget(20.0, each=True)
    rows = budget.fresh(2)
    rows[budget.OFFSET] = [-2, 3]
    assert np.asarray(one.unspent(rows)).tolist() == [2, 0]
    shared = Budget(20.0, each=False)
    shared.offset = -1.5
    assert shared.unspent(rows) == 1.5
