"""Sums that a plain addition would get wrong, and windows of many lengths, against plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.promql import Matrix, Vector, instant, range_query
from gadfly.promql.held import Held

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


def answer(values: list[float], expression: str) -> float:
    at = np.arange(len(values)) * 1000
    held = Held([({"__name__": "m"}, at, np.array(values))])
    value = instant(held, expression, int(at[-1]))
    assert isinstance(value, Vector)
    return value.samples[0].value


@pytest.mark.parametrize(
    ("values", "total", "mean"),
    [
        ([1e100, 1.0, -1e100], 1.0, None),
        ([1e16, 1.0, 1.0, -1e16], 2.0, None),
        ([1e16, 1.0, 1e16, 1.0], 2e16 + 2, 5e15),
        ([math.inf, 1.0], math.inf, math.inf),
        ([math.inf, -math.inf], math.nan, math.nan),
        ([1.0, math.nan], math.nan, math.nan),
        ([1.7e308, 1.7e308], math.inf, 1.7e308),
        ([0.0, 0.0], 0.0, 0.0),
    ],
)
def test_sum_and_mean(values: list[float], total: float, mean: float | None) -> None:
    assert answer(values, "sum_over_time(m[1h])") == pytest.approx(total, rel=1e-15, nan_ok=True)
    if mean is not None:
        assert answer(values, "avg_over_time(m[1h])") == pytest.approx(mean, rel=1e-15, nan_ok=True)


@given(st.lists(NUMBERS, min_size=1, max_size=40))
@settings(max_examples=50)
def test_each_window_by_itself(values: list[float]) -> None:
    """Windows of all lengths over two series at once come to what each comes to alone."""
    at = np.arange(len(values)) * 1000
    held = Held(
        [
            ({"__name__": "m", "i": "1"}, at, np.array(values)),
            ({"__name__": "m", "i": "2"}, at[::-1][::-1], -np.array(values)),
        ]
    )
    for name, of in (
        ("sum", math.fsum),
        ("min", min),
        ("max", max),
        ("avg", lambda window: math.fsum(window) / len(window)),
        ("stdvar", lambda window: float(np.var(np.array(window) - window[0]))),
    ):
        matrix = range_query(held, f"{name}_over_time(m[7s])", 0, int(at[-1]) + 9000, 1000)
        assert isinstance(matrix, Matrix)
        for series, sign in zip(matrix.series, (1, -1), strict=True):
            for when, got in zip(series.at.tolist(), series.value.tolist(), strict=True):
                window = [
                    sign * v for k, v in zip(at.tolist(), values, strict=True) if when - 7000 <= k <= when
                ]
                scale = max(abs(v) for v in window)
                slack = 1e-9 * (scale * scale if name == "stdvar" else scale)
                assert got == pytest.approx(of(window), rel=1e-12, abs=slack)
