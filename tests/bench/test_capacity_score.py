"""How the disks' bench counts alarms: when they begin, which are true, and what was found."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import capacity
from disks import Disks

POINTS = 200 * capacity.HOUR


def score(firing: list[tuple[float, float]], full: list[tuple[int, int]]) -> capacity.Score:
    """Of one disk, from the spans of hours in which the alarm stands and in which the disk is full."""
    alarm, free = np.zeros((1, POINTS), dtype=bool), np.ones((1, POINTS))
    for begin, end in firing:
        alarm[0, int(begin * capacity.HOUR) : int(end * capacity.HOUR)] = True
    for begin, end in full:
        free[0, int(begin * capacity.HOUR) : int(end * capacity.HOUR)] = 0.0
    disks = Disks(np.arange(POINTS) * 300.0, free, np.ones(1), np.array(["steady"]))
    return capacity.score(disks, alarm, 0, np.array([True]))


def test_a_true_alarm_and_its_lead() -> None:
    found = score([(80, 105)], [(100, 105)])
    assert (found.true, found.false, found.fills, found.found, found.leads) == (1, 0, 1, 1, [20.0])


def test_too_early_is_false_and_finds_nothing() -> None:
    found = score([(50, 105)], [(100, 105)])
    assert (found.true, found.false, found.fills, found.found) == (0, 1, 1, 0)


def test_too_late_counts_for_nothing() -> None:
    found = score([(101, 105)], [(100, 105)])
    assert (found.true, found.false, found.fills, found.found) == (0, 0, 1, 0)


def test_one_that_stands_after_room_was_made_begins_anew() -> None:
    found = score([(80, 150)], [(100, 105), (130, 150)])
    assert (found.true, found.false, found.fills, found.found) == (2, 0, 2, 2)


def test_an_interruption_ends_it_when_it_lasts() -> None:
    assert score([(80, 85), (85.5, 90)], []).false == 1
    assert score([(80, 85), (88, 90)], []).false == 2
