"""What a query may not do: read too much, take too long, ask for too many steps."""

from __future__ import annotations

import itertools

import pytest

from gadfly.errors import LimitError, QueryError
from gadfly.promql import Limits, Matrix, Vector, instant, range_query
from gadfly.promql.held import Held

HELD = Held.load('m{i="1"} 0+1x100\nm{i="2"} 0+1x100', 60_000)


def test_samples_that_a_selector_reads() -> None:
    with pytest.raises(LimitError, match="100"):
        instant(HELD, "rate(m[2h])", 6_000_000, Limits(samples=100))
    assert instant(HELD, "rate(m[2h])", 6_000_000, Limits(samples=202))


def test_samples_of_all_selectors_together() -> None:
    with pytest.raises(QueryError, match="too many samples"):
        instant(HELD, "rate(m[2h]) + rate(m[1h])", 6_000_000, Limits(samples=203))


@pytest.mark.parametrize("expression", ["m", "rate(m[5m])", "sum_over_time(vector(1)[100m:1s])"])
def test_values_that_are_held(expression: str) -> None:
    with pytest.raises(QueryError, match="too many samples"):
        range_query(HELD, expression, 0, 6_000_000, 10_000, Limits(samples=500))


def test_values_that_would_become_labels() -> None:
    with pytest.raises(QueryError, match="too many samples"):
        range_query(HELD, 'count_values("v", m + 0.5)', 0, 6_000_000, 60_000, Limits(samples=5000))


@pytest.mark.parametrize(
    "expression",
    [
        "m @ 9223372036854774",
        "m @ -9223372036854774 offset 290y",
        "rate(m[290y] @ 9223372036854774 offset -290y)",
        "sum_over_time(m[290y:290y] @ -9223372036854774)",
    ],
)
def test_nothing_is_found_at_times_beyond_reckoning(expression: str) -> None:
    assert instant(HELD, expression, 0) in (Vector(0, []), Matrix([]))


@pytest.mark.parametrize("expression", ["m", "rate(m[290y])", "m offset 290y", "m offset -290y", "m @ 1e14"])
def test_times_far_away(expression: str) -> None:
    assert instant(HELD, expression, 2**59)
    assert instant(HELD, expression, -(2**59))
    for at in (2**61, -(2**61), 2**80):
        with pytest.raises(QueryError, match="out of range"):
            instant(HELD, expression, at)
    with pytest.raises(QueryError, match="out of range"):
        range_query(HELD, expression, 2**80, 2**80 + 1, 1)


def test_series() -> None:
    with pytest.raises(LimitError, match="1 series"):
        instant(HELD, "m", 0, Limits(series=1))


def test_time() -> None:
    clock = itertools.count(step=0.4).__next__
    with pytest.raises(QueryError, match="timed out") as refused:
        instant(HELD, "m + m + m + m", 0, Limits(seconds=1), now=lambda: float(clock()))
    assert refused.value.kind == "timeout"


def test_steps() -> None:
    assert range_query(HELD, "1", 0, 11_000, 1)
    with pytest.raises(QueryError, match="exceeded maximum resolution of 11,000 points"):
        range_query(HELD, "1", 0, 11_001, 1)
    with pytest.raises(QueryError, match="zero or negative"):
        range_query(HELD, "1", 0, 10, 0)
    with pytest.raises(QueryError, match="must not be before"):
        range_query(HELD, "1", 10, 0, 1)


@pytest.mark.parametrize(("expression", "kind"), [("m[5m]", "range vector"), ('"a"', "string")])
def test_a_range_query_is_of_numbers_at_each_step(expression: str, kind: str) -> None:
    with pytest.raises(QueryError, match=f'invalid expression type "{kind}" for range query'):
        range_query(HELD, expression, 0, 10, 1)
