"""What queries may call gives the numbers that it should, computed here in another way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.ask import macros
from gadfly.ask.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(threads=1) as made:
        yield made


def value(world: World, expression: str) -> Any:
    return world.ask(f"SELECT {expression} AS value")[0]["value"]


def binomial_tail(k: int, n: int, rate: Fraction) -> float:
    """P(at least k of n)."""
    return float(sum(math.comb(n, i) * rate**i * (1 - rate) ** (n - i) for i in range(k, n + 1)))


def cases(*rows: tuple[Any, ...]) -> Any:
    return pytest.mark.parametrize("case", rows, ids=["-".join(map(str, row)) for row in rows])


@cases((1, 8, 0.5), (2, 10, 0.5), (3, 12, 0.5), (6, 20, 0.5), (0, 1, 0.5), (40, 400, 0.125), (7, 7, 0.75))
def test_posterior(world: World, case: tuple[int, int, float]) -> None:
    """A Beta(k + 1, n - k + 1) below x is a binomial of n + 1 at x that is above k."""
    k, n, bound = case
    exact = binomial_tail(k + 1, n + 1, Fraction(bound))
    assert value(world, f"beta_below({k}, {n}, {bound})") == pytest.approx(exact, rel=1e-10)
    assert value(world, f"beta_above({k}, {n}, {bound})") == pytest.approx(1 - exact, rel=1e-9, abs=1e-15)


def test_posterior_asks_where_the_catalogue_says(world: World) -> None:
    asks = {(1, 8), (2, 10), (3, 12), (6, 20)}
    for k, n in asks:
        assert value(world, f"beta_below({k}, {n}, 0.5)") >= 0.95
        assert value(world, f"beta_below({k + 1}, {n}, 0.5)") < 0.95


@cases((0, 10), (3, 10), (10, 10), (19, 20), (95, 100), (1, 100))
def test_bounds_of_a_rate(world: World, case: tuple[int, int]) -> None:
    """Clopper–Pearson: at the bound the tail beyond what was seen is exactly the rest."""
    k, n = case
    lower, upper, upper90 = (value(world, f"{name}({k}, {n})") for name in ("lower95", "upper95", "upper90"))
    if k:
        assert binomial_tail(k, n, Fraction(lower)) == pytest.approx(0.05, rel=1e-6)
    else:
        assert lower == 0
    if k < n:
        assert 1 - binomial_tail(k + 1, n, Fraction(upper)) == pytest.approx(0.05, rel=1e-6)
        assert 1 - binomial_tail(k + 1, n, Fraction(upper90)) == pytest.approx(0.1, rel=1e-6)
    else:
        assert (upper, upper90) == (1, 1)


@cases(
    (8, 2, 1, 5), (0, 5, 5, 0), (10, 0, 0, 90), (3, 3, 3, 3), (50, 10, 10, 1000), (0, 0, 0, 0), (5, 0, 0, 0)
)
def test_fisher(world: World, case: tuple[int, int, int, int]) -> None:
    a, b, c, d = case
    row, column, n = a + b, a + c, sum(case)
    ways = [math.comb(row, i) * math.comb(n - row, column - i) for i in range(a, min(row, column) + 1)]
    exact = float(Fraction(sum(ways), math.comb(n, column)))
    assert value(world, f"fisher_p({a}, {b}, {c}, {d})") == pytest.approx(exact, rel=1e-9)


@cases((3, 1.0), (10, 3.5), (2, 9.0), (0, 1.0), (1, 0.0), (80, 100.0), (150, 100.0), (900, 800.0))
def test_poisson(world: World, case: tuple[int, float]) -> None:
    k, expected = case
    below = math.fsum(
        math.exp(i * math.log(expected) - expected - math.lgamma(i + 1)) if expected else float(i == 0)
        for i in range(k)
    )
    assert value(world, f"poisson_p({k}, {expected})") == pytest.approx(1 - below, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    "expression",
    [
        "beta_below(NULL, 3, 0.5)",
        "beta_below(4, 3, 0.5)",
        "lower95(0, 0)",
        "upper95(-1, 4)",
        "fisher_p(-1, 2, 3, 4)",
        "slope([1.0], [2.0])",
        "slope([1.0, 1.0], [2.0, 3.0])",
        "slope_low([1, 2, 3], [1, 2, 3])",
        "slope(NULL, [1])",
        "jaccard([]::VARCHAR[], []::VARCHAR[])",
        "local_hour(NULL, 'UTC')",
    ],
)
def test_nothing_to_say(world: World, expression: str) -> None:
    assert value(world, expression) is None


points = st.lists(
    st.tuples(st.integers(0, 300), st.floats(-1e6, 1e6, allow_nan=False)), min_size=4, max_size=40
)


@given(points)
@settings(max_examples=150, deadline=None)
def test_slope_is_the_median_of_all_pairs(of: list[tuple[int, float]]) -> None:
    x, y = [float(a) for a, _ in of], [b for _, b in of]
    pairs = sorted((d - b) / (c - a) for (a, b), (c, d) in combinations(sorted(of), 2) if c > a)
    got = macros.slope(x, y), macros.slope_low(x, y), macros.slope_high(x, y)
    if not pairs:
        assert got == (None, None, None)
        return
    assert got[0] == pytest.approx(median(pairs), rel=1e-9, abs=1e-9)
    assert got[1] <= got[0] <= got[2]  # type: ignore[operator]
    n = len(of)
    if len(pairs) == n * (n - 1) // 2:
        reach = 1.959964 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
        outside = max(math.floor((len(pairs) - reach) / 2), 0)
        assert (got[1], got[2]) == pytest.approx((pairs[outside], pairs[-1 - outside]), rel=1e-9, abs=1e-9)


def test_slope_of_a_long_series_withstands_outliers() -> None:
    x = [float(day) for day in range(400)]
    y = [2.0 * day + (day % 7) + (1e6 if day % 29 == 0 else 0) for day in x]
    low, middle, high = (one(x, y) for one in (macros.slope_low, macros.slope, macros.slope_high))
    assert low is not None
    assert middle is not None
    assert high is not None
    assert low <= 2 <= high
    assert middle == pytest.approx(2, abs=0.05)


def test_slope_passes_over_what_is_not_known(world: World) -> None:
    assert value(world, "slope([1, 2, NULL, 4], [10, NULL, 99, 40])") == 10


@cases((1_711_846_800.0, "Europe/Berlin", 3, 3 * 3600.0), (1_711_843_200.0, "Europe/Berlin", 1, 3600.0),
       (1_711_846_800.0, "", 1, 3600.0), (1_711_846_800.0, "Mars/Base", 1, 3600.0),
       (1_711_846_830.0, "Asia/Kolkata", 6, 6 * 3600 + 1830.0))  # fmt: skip
def test_local_time_also_when_the_clocks_change(world: World, case: tuple[float, str, int, float]) -> None:
    at, zone, hour, clock = case
    assert value(world, f"local_hour({at}, '{zone}')") == hour
    assert value(world, f"local_clock({at}, '{zone}')") == clock


def test_days_and_sets(world: World) -> None:
    assert value(world, "days(2)") == 172_800
    assert value(world, "day_of(172799.9)") == 1
    assert value(world, "jaccard(['a', 'b', 'b'], ['b', 'c'])") == pytest.approx(1 / 3)


@given(st.floats(0, 1), st.floats(0.5, 5000), st.floats(0.5, 5000))
@settings(max_examples=200, deadline=None)
def test_beta_is_a_share_and_its_own_mirror(x: float, a: float, b: float) -> None:
    share = macros.beta_share(x, a, b)
    assert -1e-12 <= share <= 1 + 1e-12
    assert share == pytest.approx(1 - macros.beta_share(1 - x, b, a), abs=1e-7)
