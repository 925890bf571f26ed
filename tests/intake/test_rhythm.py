"""An interval is told of what arrives regularly, and of nothing else."""

from __future__ import annotations

import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.intake import rhythm
from gadfly.intake.rhythm import MISTRUST, WANTED, WANTED_MOST, Rhythm


def after(gaps: list[float], start: Rhythm | None = None) -> Rhythm:
    found = start or Rhythm(100.0)
    for at in accumulate(gaps, initial=found.last):
        found = found.next(at)
    return found


@pytest.mark.parametrize(
    ("gaps", "least", "most"),
    [
        ([], 0, 0),
        ([60.0] * (WANTED - 1), 0, 0),  # too few to say
        ([60.0] * WANTED, 60, 60),
        ([60.0] * 3 + [125.0] + [60.0] * 3, 100, 125),  # one was lost: still regular, and patient
        ([60.0] * 3 + [125.0] + [60.0] * 60, 60, 62),  # which fades
        ([10.0, 0.05] * 10, 10, 10.1),  # an export in two requests is one
        ([10.0] * 8 + [60.0] * 20, 60, 61),  # another interval is learnt
        ([60.0] * 8 + [10.0] * 8, 10, 60),
        ([60.0] * 8 + [10.0] * 300, 10, 12),
        ([60.0] * 8 + [5.0, 55.0, 60.0, 60.0], 60, 60),  # one more than usual
        ([20.0, 40.0] * 8, 40, 40),  # two that each keep a minute
        ([0.2] + [10.0] * 6, 10, 11),
        ([10.0] * 20 + [600.0] + [10.0] * WANTED, 0, 0),  # an outage, or not regular: more is wanted
        ([10.0] * 20 + [600.0] + [10.0] * (MISTRUST * WANTED), 10, 11),
    ],
)
def test_the_interval(gaps: list[float], least: float, most: float) -> None:
    assert least <= after(gaps).interval <= most


def test_whoever_pauses_again_and_again_is_trusted_less_each_time() -> None:
    found = Rhythm(0.0)
    alarms = 0
    for _ in range(400):
        found = after([10.0] * 33, found)
        alarms += found.interval > 0
        found = after([500.0], found)
    assert alarms <= 4
    assert found.wanted > 33


def test_who_pauses_once_a_day_ends_by_not_being_missed() -> None:
    found, alarms = Rhythm(0.0), 0
    for _ in range(30):
        found = after([60.0] * 1430, found)
        alarms += found.interval > 0
        found = after([600.0], found)
    assert 0 < alarms <= 10


def test_a_pause_before_anything_was_told_costs_nothing() -> None:
    assert after([10.0] * 3 + [3600.0] + [10.0] * WANTED).interval == 10


def test_a_long_regular_run_restores_some_trust() -> None:
    found = after([10.0] * 20 + [600.0])
    assert found.wanted == MISTRUST * WANTED
    assert after([10.0] * 255, found).wanted == MISTRUST * WANTED
    assert after([10.0] * 2000, found).wanted == MISTRUST * WANTED // 2


def test_irregular_arrivals_have_no_interval_for_long() -> None:
    draw = random.Random(4)
    found, told = Rhythm(0.0), 0
    for _ in range(5000):
        found = after([draw.paretovariate(0.8)], found)
        told += found.interval > 0
    assert told < 100


def test_what_was_known_before_goes_on() -> None:
    assert rhythm.known(5.0, 60.0).interval == 60
    assert after([60.0], rhythm.known(5.0, 60.0)).interval == 60


@given(st.lists(st.floats(-10, 1e9), max_size=40))
def test_any_gaps(gaps: list[float]) -> None:
    found = after(gaps)
    assert 0 <= found.interval <= max([0.0, *gaps]) * 40
    assert WANTED <= found.wanted <= WANTED_MOST
