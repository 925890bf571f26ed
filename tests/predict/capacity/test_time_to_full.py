"""Disks of known fate: when they are full, how sure that is, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.predict.capacity import Filling, known, time_to_full
from gadfly.predict.capacity.levels import HOUR

NOW = 500_000 * HOUR
DAY = 24 * HOUR
POINTS = 28 * 24 * 2
AT = NOW - HOUR / 2 * np.arange(POINTS)[::-1]


def told(free: np.ndarray, horizon: float = 2 * DAY, limit: float = 0.0) -> Filling:
    return time_to_full(AT, free[None, :], np.array([limit]), now=NOW, horizon=horizon)


def hours_ago() -> np.ndarray:
    return (NOW - AT) / HOUR


@pytest.mark.parametrize(("left", "soonest", "latest"), [(6, 5, 7), (20, 18, 22), (40, 37, 43)])
def test_a_steady_rise(left: float, soonest: float, latest: float) -> None:
    filling = told(left + hours_ago())
    low, middle, high = filling.quantiles((0.1, 0.5, 0.9))[0] / HOUR
    assert soonest <= middle <= latest
    assert low < middle < high
    assert filling.probability(soonest * 0.8 * HOUR)[0] < 0.1
    assert filling.probability(min(48, latest * 1.2) * HOUR)[0] > 0.9


def test_a_quota_that_fills_is_a_disk_upside_down() -> None:
    disk = told(20 + hours_ago())
    quota = told(1000 - 20 - hours_ago(), limit=1000)
    assert np.allclose(disk.chances, quota.chances)


def test_far_from_full() -> None:
    filling = told(5000 + hours_ago())
    assert filling.probability(DAY)[0] == 0
    assert filling.quantiles((0.5,))[0, 0] == np.inf
    assert "never rose" in filling.why()[0]


def test_nobody_writes_at_night() -> None:
    # By day 2 an hour, at night nothing; it is 18:00, and 5 are left: not before tomorrow 8:00.
    clock = (18 - hours_ago()) % 24
    rate = np.where((clock >= 8) & (clock < 18), 2.0, 0.0)
    rng = np.random.default_rng(5)
    free = 5 + np.cumsum((rate * rng.uniform(0.8, 1.2, POINTS))[::-1])[::-1] / 2
    filling = told(free)
    assert filling.probability(12 * HOUR)[0] < 0.05
    assert 15 <= filling.quantiles((0.5,))[0, 0] / HOUR <= 18


def test_a_clean_up_comes_every_night() -> None:
    # Rises by 1 an hour, 20 hours since the last clean-up; 8 are left, and the next one is in 4 hours.
    free = 8 + 20 - (20 - hours_ago()) % 24
    filling = told(free)
    assert filling.probability(2 * DAY - 1)[0] < 0.1
    assert filling.probability(4 * HOUR)[0] < 0.05


def test_a_clean_up_that_did_not_come() -> None:
    free = 8 + 40 - np.where(hours_ago() < 40, 40 - hours_ago(), (40 - hours_ago()) % 24)
    filling = told(free)
    assert filling.probability(DAY)[0] > 0.8
    assert "overdue" in filling.why()[0]


def test_a_leak_that_began_today() -> None:
    since = 7.0
    rng = np.random.default_rng(6)
    free = 500 + rng.uniform(0, 1, POINTS) - 10 * np.maximum(since - hours_ago(), 0)
    free -= free[-1] - 100
    assert told(free).probability(DAY)[0] > 0.7


def test_it_is_full() -> None:
    filling = told(np.maximum(hours_ago() - 3, 0))
    assert filling.probability(0)[0] == 1
    assert filling.quantiles((0.1, 0.9))[0].tolist() == [0, 0]
    assert filling.why() == ["it is full"]


def test_weeks_ahead() -> None:
    filling = told(24 * 30 + hours_ago(), horizon=84 * DAY)
    assert 28 <= filling.quantiles((0.5,))[0, 0] / DAY <= 32
    assert filling.probability(20 * DAY)[0] < 0.05
    assert filling.probability(60 * DAY)[0] > 0.8


def test_further_than_was_looked_is_refused() -> None:
    filling = told(20 + hours_ago())
    with pytest.raises(ValueError, match="longer horizon"):
        filling.probability(3 * DAY)
    with pytest.raises(ValueError, match="lies ahead"):
        filling.probability(-1)


def test_an_end_that_is_known() -> None:
    filling = known(np.array([NOW + 10 * DAY, NOW - 1, np.nan]), now=NOW)
    assert filling.probability(9 * DAY).tolist()[:2] == [0, 1]
    assert filling.probability(10 * DAY).tolist()[:2] == [1, 1]
    assert np.isnan(filling.probability(DAY)[2])
    assert np.allclose(filling.quantiles((0.1, 0.9))[0], 10 * DAY, atol=1)
    assert filling.why() == [
        "ends in 10 days, which is known",
        "has ended",
        "too little to say: no end is known",
    ]


def test_chances_rise_with_the_deadline_and_quantiles_with_the_level() -> None:
    rng = np.random.default_rng(7)
    free = 30 + np.cumsum(rng.gamma(0.3, 2, POINTS))[::-1]
    filling = told(free, horizon=20 * DAY)
    chances = [filling.probability(day * DAY)[0] for day in (0.1, 0.5, 1, 2, 5, 20)]
    assert chances == sorted(chances)
    quantiles = filling.quantiles((0.1, 0.5, 0.9))[0]
    assert quantiles.tolist() == sorted(quantiles)


def test_its_reason_names_the_way_it_goes() -> None:
    def reason(usual: float, up: bool) -> str:
        filling = Filling(
            edges=np.array([3600.0]),
            chances=np.array([[0.5]]),
            room=np.array([24.0]),
            history=np.array([48.0]),
            usual=np.array([usual]),
            days=np.array([3.0]),
            momentum=np.array([2.0]),
            overdue=np.array([0.0]),
        )
        return filling.why(np.array([up]))[0]

    assert "it rose by 7.5 within a day; now it rises by 2 an hour more" in reason(7.5, True)
    assert "it fell by 7.5 within a day; now it falls by 2 an hour more" in reason(7.5, False)
    assert "it fell by 7.5 within a day" in reason(-7.5, True)
    assert "it rose by 7.5 within a day" in reason(-7.5, False)


def test_an_end_in_milliseconds_is_suspected() -> None:
    assert "milliseconds?" in known(np.array([1000.0 * NOW]), now=NOW).why()[0]


@pytest.mark.parametrize("minute", [0, 20, 29, 31, 50])
def test_weeks_ahead_a_job_that_is_yet_to_come_in_this_hour_is_not_missed(minute: int) -> None:
    now = NOW // DAY * DAY + 7 * HOUR + minute * 60  # the job runs each day at 07:30
    at = np.arange(now - 28 * DAY, now + 1, 600) // 600 * 600
    free = 300 - 250 * (((at - 7.5 * HOUR) % DAY) / DAY)
    filling = time_to_full(at, free[None], np.zeros(1), now=now, horizon=60 * DAY)
    assert filling.probability(30 * DAY)[0] < 0.05
