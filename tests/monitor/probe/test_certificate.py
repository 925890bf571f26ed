"""Ends of certificates against bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.certificate import DAY, ends, judge
from gadfly.monitor.probe.result import Outcome

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("left", "bound", "outcome", "words"),
    [
        (30 * DAY, "> 14d", Outcome.passing, ""),
        (14 * DAY, "> 14d", Outcome.warn, "certificate ends in 14 days"),
        (9.5 * DAY, "> 14d", Outcome.warn, "certificate ends in 9 days"),
        (DAY, "> 14d", Outcome.warn, "certificate ends in 1 day"),
        (7300, "> 14d", Outcome.warn, "certificate ends in 2 hours"),
        (61, "> 14d", Outcome.warn, "certificate ends in 1 minute"),
        (9, "> 14d", Outcome.warn, "certificate ends in less than a minute"),
        (9, "> 0d", Outcome.passing, ""),
        (0, "> 0d", Outcome.fail, "certificate ended less than a minute ago"),
        (-3 * DAY, "> 0d", Outcome.fail, "certificate ended 3 days ago"),
    ],
)
def test_judge(left: float, bound: str, outcome: Outcome, words: str) -> None:
    assert judge(NOW + left, NOW, bound) == (outcome, words)


def test_a_bound_is_checked() -> None:
    with pytest.raises(ValueError, match="not a bound"):
        judge(NOW, NOW - 1, "14d")


@given(st.binary(max_size=200))
def test_garbage_is_no_certificate(der: bytes) -> None:
    with pytest.raises(ValueError):
        ends(der)
