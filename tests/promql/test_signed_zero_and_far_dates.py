"""-0 stays where it stays in Prometheus, and dates go as far as 64 bits do (as promtool said)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from gadfly.promql.dates import part

SERIES = 'm -0 -0 -0\nk{a="1"} -0x2\nk{a="2"} 0x2'


@pytest.mark.parametrize(
    ("expression", "negative"),
    [
        ("m", True),
        ("last_over_time(m[5m])", True),
        ("avg(m)", True),
        ("sum(m)", True),
        ("sum(k)", False),
        ("quantile_over_time(0.5, m[5m])", True),
        ("avg_over_time(m[5m])", False),
        ("sum_over_time(m[5m])", False),
        ("delta(m[5m])", False),
        ("sgn(m)", True),
        ("clamp(m, 0, 1)", False),
        ("clamp(m, -1, 0)", True),
        ("clamp_max(m, 0)", True),
        ("clamp_min(m, 0)", False),
        ("vector(scalar(m))", True),
        ("round(m)", False),
        ("m + 0", False),
    ],
)
def test_a_zero_has_the_sign_that_it_has_there(
    ask: Callable[..., dict[str, float]], expression: str, negative: bool
) -> None:
    (value,) = ask(SERIES, expression, at=120).values()
    assert value == 0
    assert math.copysign(1, value) == (-1 if negative else 1)


PARTS = ["minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (9e18, [0, 16, 6, 21, 111, 30, 4, 285198648531]),
        (-9e18, [0, 8, 1, 12, 256, 30, 9, -285198644592]),
        (9.2233720279e18, [50, 9, 6, 1, 60, 31, 3, 292277026313]),
        (-9.2233720279e18, [9, 14, 1, 2, 306, 30, 11, -292277022374]),
        (-1e15, [13, 22, 0, 29, 180, 30, 6, -31686769]),
        *((number, [math.nan] * 8) for number in (1e20, -1e20, math.nan, math.inf)),
    ],
    ids=str,
)
def test_parts_of_far_dates(seconds: float, expected: list[float]) -> None:
    found = [float(part(name, np.array([seconds]))[0]) for name in PARTS]
    assert found == pytest.approx(expected, rel=0, nan_ok=True)
