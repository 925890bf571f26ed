"""What is lost of what the living send: measured, conditional, forgotten, never taken for too little."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gadfly.monitor.loss import LATE_SHORT, Loss

HERE, THERE = np.array([5]), np.array([9])


def fed(loss: Loss, frames: int, every: int, run: int = 1, bucket: int = 5) -> Loss:
    """So many frames arrived, and before every so-many-th one a run of `run` was lost."""
    lost = np.zeros(frames, np.int64)
    if every:
        lost[::every] = run
    loss.arrived(np.full(frames, bucket), lost)
    return loss


def nats(loss: Loss, tries: int) -> float:
    first, further, _ = loss.chances(HERE)
    return float(-math.log(first[0]) - (tries - 1) * math.log(further[0]))


def test_nothing_known_is_taken_for_bad() -> None:
    assert Loss().beat_loss(HERE)[0] > 0.5
    assert nats(Loss(), 3) < 3


def test_a_clean_network_is_known_within_a_few_hundred_beats() -> None:
    loss = fed(Loss(), 300, 0)
    assert loss.beat_loss(HERE)[0] < 0.01
    assert nats(loss, 3) > 7


@pytest.mark.parametrize(("every", "share"), [(4, 0.2), (19, 0.05)])
def test_loss_by_the_gaps(every: int, share: float) -> None:
    got = fed(Loss(), 4000, every).beat_loss(HERE)[0]
    assert share <= got < share * 1.3


def test_bursts_make_the_next_loss_likely() -> None:
    _, _, single = fed(Loss(), 4000, 20).chances(HERE)
    _, _, bursts = fed(Loss(), 4000, 20, run=5).chances(HERE)
    assert single[0] < 0.15
    assert bursts[0] > 0.7


def test_another_network_is_judged_by_its_own_numbers() -> None:
    loss = fed(fed(Loss(), 4000, 3, bucket=5), 40_000, 0, bucket=9)
    assert loss.beat_loss(HERE)[0] > 0.2 > 0.02 > loss.beat_loss(THERE)[0]


def test_a_network_with_few_numbers_is_like_the_fleet() -> None:
    loss = fed(fed(Loss(), 4000, 4, bucket=9), 1, 0, bucket=5)
    assert loss.beat_loss(HERE)[0] > 0.15


def test_tries_that_the_living_did_not_answer_count() -> None:
    loss = fed(Loss(), 10_000, 0)
    before = loss.chances(HERE)
    loss.lived(np.full(100, 5), np.tile([0, 2], 50), answered=True)
    first, further, _ = loss.chances(HERE)
    assert 0.4 < first[0] < 0.6
    assert before[0][0] < 0.01
    assert 0.4 < further[0] < 0.6


def test_one_that_lived_without_an_answer_says_only_that() -> None:
    loss = Loss()
    loss.lived(np.array([5]), np.array([3]), answered=False)
    assert loss.tries[:, 5].tolist() == [1, 1, 2, 2]
    loss.lived(np.array([5]), np.array([0]), answered=True)
    assert loss.tries[:, 5].tolist() == [2, 1, 2, 2]


def test_the_usual_lateness_and_a_sudden_one() -> None:
    loss = Loss()
    assert loss.late_per_second() == pytest.approx(1 / 30)
    loss.forget(1.0)
    loss.forget(301.0)
    assert loss.late_per_second() == pytest.approx(1 / 300)
    loss.forget(9001.0)
    assert loss.late_per_second() == pytest.approx(1 / 3600)
    loss.lived(np.full(102, 5), np.zeros(102), answered=True)
    assert loss.late_per_second() == pytest.approx(100 * math.log(2) / LATE_SHORT)
    loss.forget(9101.0)
    loss.forget(9101.0)
    assert loss.late_per_second() < 1


def test_old_numbers_fade() -> None:
    loss = fed(Loss(), 1000, 4)
    loss.forget(1.0)
    loss.forget(1200.0)
    assert loss.frames.sum() < 2


def test_round_trips() -> None:
    loss = Loss()
    assert loss.round_trip(HERE) == pytest.approx([0.01])
    for _ in range(50):
        loss.answered_after(5, 0.1)
    assert 0.1 <= loss.round_trip(HERE)[0] < 0.11
    assert loss.round_trip(THERE) == pytest.approx(loss.round_trip(HERE))  # the fleet's, where it has none
    loss.answered_after(9, 5.0)
    assert loss.round_trip(THERE) == pytest.approx([2.0])


def test_a_clean_network_keeps_its_own_measure_beside_a_bad_one() -> None:
    loss = fed(fed(Loss(), 4000, 0, bucket=5), 4000, 4, run=5, bucket=9)
    loss.lived(np.full(400, 9), np.tile([1, 4], 200), answered=True)
    assert nats(loss, 3) > 9
    first, further, _ = loss.chances(THERE)
    assert first[0] > 0.5 < further[0]


def test_one_late_answer_of_a_stopped_process_is_no_slow_network() -> None:
    loss = Loss()
    for _ in range(20):
        loss.answered_after(5, 0.001)
    loss.answered_after(5, 10.0)
    assert loss.round_trip(HERE)[0] < 0.1
    for _ in range(40):
        loss.answered_after(5, 0.4)
    assert loss.round_trip(HERE)[0] > 0.4  # what stays slow is learnt


def test_what_was_taken_for_lost_and_came_is_taken_back() -> None:
    loss = fed(Loss(), 100, 50, run=3)
    loss.lived(np.array([5]), np.array([2]), answered=False)
    loss.found(5, tried=True)
    assert (loss.lost[5], loss.tries[:, 5].tolist()) == (5, [1, 1, 0, 0])
    loss.found(5, tried=True)
    loss.found(5, tried=True)
    assert (loss.lost[5], loss.tries[:, 5].tolist()) == (3, [0, 0, 0, 0])
    loss.found(5, tried=False)
    assert loss.lost[5] == 2


def test_a_late_one_is_as_likely_dead_as_its_like() -> None:
    loss = Loss()
    assert loss.alive_when_late(HERE) == pytest.approx([1.0])
    loss.died(np.full(999, 5))
    assert loss.alive_when_late(HERE) == pytest.approx([1 / 1000])
    assert loss.alive_when_late(THERE) == pytest.approx([1.0])
    loss.lived(np.full(9, 5), np.zeros(9), answered=True)
    assert loss.alive_when_late(HERE) == pytest.approx([10 / 1009])
    loss.forget(1.0)
    loss.forget(601.0)
    assert loss.alive_when_late(HERE)[0] > 0.9
