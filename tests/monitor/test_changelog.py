"""Watchers get what changed since the version they hold, or are told to take the whole."""

from __future__ import annotations

import numpy as np

from gadfly.monitor.changelog import Changelog


def _slots(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.array(numbers, np.uint32)


def test_changes_since_a_version_each_once() -> None:
    log = Changelog(start=100)
    log.add(_slots(3, 1))
    log.add(_slots(1, 7))
    assert log.version == 102
    for version, expected in ((102, []), (101, [1, 7]), (100, [1, 3, 7])):
        found = log.since(version)
        assert found is not None
        assert found.tolist() == expected


def test_a_version_of_another_run_or_of_the_future_is_not_known() -> None:
    log = Changelog(start=100)
    assert log.since(99) is None
    assert log.since(101) is None
    assert log.since(-1) is None


def test_old_changes_are_dropped_and_said_to_be() -> None:
    log = Changelog(limit=3)
    log.add(_slots(1, 2))
    log.add(_slots(3, 4))
    assert log.since(0) is None
    found = log.since(1)
    assert found is not None
    assert found.tolist() == [3, 4]
