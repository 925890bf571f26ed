"""Differences are added up to counters, each once."""

from __future__ import annotations

from gadfly.intake.delta import Change, Sums


def test_a_sum_begins_with_zero_at_its_start() -> None:
    change = Change(Sums())
    assert change.add(1, 1000, 2000, 5) == [(1001, 0.0), (2000, 5)]
    assert change.add(1, 2000, 3000, 2) == [(3000, 7)]


def test_without_a_start_it_begins_with_what_was_added() -> None:
    assert Change(Sums()).add(1, 0, 2000, 5) == [(2000, 5)]
    assert Change(Sums()).add(1, 2000, 2000, 5) == [(2000, 5)]


def test_only_what_is_on_disk_counts() -> None:
    sums = Sums()
    Change(sums).add(1, 0, 2000, 5)
    change = Change(sums)
    assert change.add(1, 0, 2000, 5) == [(2000, 5)]
    sums.commit(change)
    assert Change(sums).add(1, 0, 3000, 1) == [(3000, 6)]


def test_what_is_sent_again_is_counted_once() -> None:
    sums = Sums()
    change = Change(sums)
    change.add(1, 0, 2000, 5)
    sums.commit(change)
    assert Change(sums).add(1, 0, 2000, 5) == []


def test_what_is_old_or_stands_twice_is_refused() -> None:
    change = Change(Sums())
    change.add(1, 0, 2000, 5)
    assert change.add(1, 0, 2000, 5) is None
    assert change.add(1, 0, 1000, 5) is None


def test_those_not_added_to_for_longest_begin_anew() -> None:
    sums = Sums(most=2)
    for series in (1, 2, 1, 3):
        change = Change(sums)
        change.add(series, 0, 1000 + 1000 * len(sums) + series, 1)
        sums.commit(change)
    assert len(sums) == 2
    assert sums.get(2) is None


def test_a_sum_that_is_not_held_goes_on_from_the_store() -> None:
    stored = {1: (2000, 12.0), 2: (2000, float("nan"))}
    change = Change(Sums(), stored.get)
    assert change.add(1, 1000, 2000, 7) == []  # its answer was lost
    assert change.add(1, 0, 1500, 7) is None
    assert change.add(1, 2000, 3000, -1) == [(3000, 11)]
    assert change.add(2, 0, 3000, 1) == [(3000, 1)]
    assert change.add(3, 0, 3000, 1) == [(3000, 1)]
