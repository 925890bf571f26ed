"""Exponential histograms as histograms with bounds: what lies below a bound is counted below it."""

from __future__ import annotations

import math
from collections import Counter
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.telemetry.otlp_exponential import MOST, classic
from gadfly.telemetry.otlp_points import Exponential

Buckets = tuple[int, tuple[int, ...]]
NONE: Buckets = (0, ())


def point(
    scale: int, positive: Buckets = NONE, negative: Buckets = NONE, zero: int = 0, threshold: float = 0.0
) -> Exponential:
    observed = sum(positive[1]) + sum(negative[1]) + zero
    return Exponential(b"", 0, 0, observed, None, scale, zero, threshold, positive, negative)


def buckets(values: list[float], scale: int) -> Buckets:
    """As an SDK sorts them."""
    indexes = Counter(math.ceil(math.log2(value) * 2.0**scale) - 1 for value in values)
    if not indexes:
        return NONE
    first, last = min(indexes), max(indexes)
    return first, tuple(indexes[index] for index in range(first, last + 1))


@given(st.integers(-2, 8), st.lists(st.integers(-40, 40)), st.lists(st.integers(-40, 40)), st.integers(0, 3))
def test_what_lies_below_a_bound_is_counted_below_it(
    scale: int, over: list[int], under: list[int], zero: int
) -> None:
    # A little off the bounds, where a logarithm is sure.
    positive, negative = [[2 ** (n / 4 + 0.01) for n in some] for some in (over, under)]
    found = classic(point(scale, buckets(positive, scale), buckets(negative, scale), zero))
    assert found is not None
    values = [*positive, *(-one for one in negative), *[0.0] * zero]
    assert all(low < high for low, high in pairwise(found.bounds))
    below = list(accumulate(found.counts))
    assert below[:-1] == [sum(value <= bound for value in values) for bound in found.bounds]
    assert below[-1] == found.observed == len(values)


def test_whole_octaves_are_told() -> None:
    found = classic(point(3, (8, (1,))))  # 2.18
    assert found is not None
    assert found.bounds == pytest.approx((0, 2 * 2**0.5, 4))
    again = classic(point(20, (2**20 + 1, (1,))))  # 2.0000027
    assert again is not None
    assert again.bounds == found.bounds


def test_what_is_within_the_threshold_is_zero() -> None:
    found = classic(point(0, (-2, (1, 1, 1)), zero=5, threshold=0.5))
    assert found is not None
    assert found.bounds == (0.5, 1.0, 2.0)
    assert found.counts == (6, 1, 1, 0)


@pytest.mark.parametrize(
    "one",
    [
        point(1, (0, (1, *[0] * (MOST + 4), 1))),
        point(0, (-(2**31), (1, 1)), (2**31 - 1, (1,))),
        point(31, (0, (1,))),
        point(-11, (0, (1,))),
        point(-(2**31), (0, (1,))),
    ],
)
def test_what_is_no_quantity_of_this_world(one: Exponential) -> None:
    found = classic(one)
    assert found is None or len(found.bounds) <= MOST + 1


def test_the_largest_numbers_are_in_the_last_bucket() -> None:
    found = classic(point(0, (1022, (1, 1))))
    assert found is not None
    assert found.bounds == (0.0, 2.0**1023)
    assert found.counts == (0, 1, 1)


def test_no_value_is_none() -> None:
    found = classic(point(0)._replace(none=True))
    assert found is not None
    assert found.none


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.tuples(st.integers(-(2**31), 2**31 - 1), st.lists(st.integers(0, 2**64 - 1), max_size=3).map(tuple)),
    st.tuples(st.integers(-(2**31), 2**31 - 1), st.lists(st.integers(0, 2**64 - 1), max_size=3).map(tuple)),
    st.floats(),
)
def test_any_point(scale: int, positive: Buckets, negative: Buckets, threshold: float) -> None:
    found = classic(point(scale, positive, negative, 1, threshold))
    assert found is None or len(found.counts) == len(found.bounds) + 1
