"""The last sixty answers to a check are kept, oldest first."""

from __future__ import annotations

import pytest

from gadfly.monitor.probe.history import KEPT, History
from gadfly.monitor.probe.result import Outcome, Result


def _answer(seconds: float) -> Result:
    return Result(outcome=Outcome.passing, reason="ok", seconds=seconds)


@pytest.mark.parametrize("count", [1, KEPT - 1, KEPT, KEPT + 1, 3 * KEPT + 7])
def test_the_last_answers_oldest_first(count: int) -> None:
    history = History()
    for number in range(count):
        history.add("web", "http", _answer(number), at=100.0 + number)
    recent = history.recent("web", "http")
    first = max(0, count - KEPT)
    assert [at for at, _, _ in recent] == [100.0 + number for number in range(first, count)]
    assert recent[-1] == (100.0 + count - 1, Outcome.passing, count - 1)
    last = history.last("web", "http")
    assert last is not None
    assert last[1] == 100.0 + count - 1


def test_nothing_is_known_of_what_was_never_asked() -> None:
    history = History()
    assert history.last("web", "http") is None
    assert history.recent("web", "http") == []
    history.add("web", "http", _answer(1), at=1.0)
    history.keep(frozenset())
    assert history.recent("web", "http") == []
