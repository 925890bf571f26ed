"""What queries of kinds may call besides DuckDB's own functions.

Bounds of rates are Clopper–Pearson's and posteriors those of Beta(1, 1); both come from the regularised
incomplete beta function I_x(a, b), computed by its continued fraction (Lentz's method). Slopes are those of
Theil and Sen: the median of the slopes of all pairs, with the interval of Kendall's test. Each function takes
plain numbers, remembers what it computed (counts recur), and gives None where there is nothing to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

SQL = (
    "CREATE MACRO days(n) AS n::DOUBLE * 86400",
    "CREATE MACRO day_of(t) AS CAST(floor(t::DOUBLE / 86400) AS INTEGER)",
    "CREATE MACRO jaccard(a, b) AS len(list_intersect(a, b))::DOUBLE"
    " / nullif(len(list_distinct(list_concat(a, b))), 0)",
)
MOST_POINTS = 64
"""Longer series are first summed up to as many medians of neighbours: pairs grow with the square."""


@lru_cache(maxsize=65_536)
def beta_share(x: float, a: float, b: float) -> float:
    """I_x(a, b): the share of Beta(a, b) below x."""
    if not 0 < x < 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    got = d
    for m in range(1, 10_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + numerator * d or tiny)
            c = 1 + numerator / c or tiny
            got *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return got


def beta_below(k: float, n: float, bound: float) -> float | None:
    """P(rate < bound) after k of n, from Beta(1, 1). None: k is not among 0 … n."""
    return beta_share(bound, k + 1, n - k + 1) if 0 <= k <= n else None


def beta_above(k: float, n: float, bound: float) -> float | None:
    """P(rate > bound) after k of n, from Beta(1, 1). None: k is not among 0 … n."""
    return beta_share(1 - bound, n - k + 1, k + 1) if 0 <= k <= n else None


@lru_cache(maxsize=65_536)
def _quantile(share: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_share(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def _lower(k: float, n: float, share: float) -> float | None:
    if n <= 0 or not 0 <= k <= n:
        return None
    return 0.0 if k == 0 else _quantile(share, k, n - k + 1)


def _upper(k: float, n: float, share: float) -> float | None:
    if n <= 0 or not 0 <= k <= n:
        return None
    return 1.0 if k == n else _quantile(1 - share, k + 1, n - k)


def lower95(k: float, n: float) -> float | None:
    """One-sided 95 % lower bound of the rate of k of n."""
    return _lower(k, n, 0.05)


def upper95(k: float, n: float) -> float | None:
    """One-sided 95 % upper bound of the rate of k of n."""
    return _upper(k, n, 0.05)


def upper90(k: float, n: float) -> float | None:
    """One-sided 90 % upper bound of the rate of k of n."""
    return _upper(k, n, 0.1)


@lru_cache(maxsize=65_536)
def fisher_p(a: int, b: int, c: int, d: int) -> float | None:
    """P of a or more in the first cell of ((a, b), (c, d)) with these sums: Fisher's test, one-sided. None: a
    cell is negative."""
    if min(a, b, c, d) < 0:
        return None
    row, column, n = a + b, a + c, a + b + c + d
    whole = _choose(n, column)
    first, last = a, min(row, column)
    term = math.exp(_choose(row, first) + _choose(n - row, column - first) - whole)
    total = term
    for i in range(first, last):
        term *= (row - i) * (column - i) / ((i + 1) * (n - row - column + i + 1))
        total += term
        if term < total * 1e-17:
            break
    return min(total, 1.0)


def _choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


@lru_cache(maxsize=65_536)
def poisson_p(k: int, expected: float) -> float:
    """P of k or more where so many are expected."""
    if k <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    term = math.exp(k * math.log(expected) - expected - math.lgamma(k + 1))
    if k > expected:
        total, i = 0.0, k
        while term > total * 1e-17:
            total += term
            i += 1
            term *= expected / i
        return min(total, 1.0)
    below, i = 0.0, k
    while i > 0 and term > 0:
        term *= i / expected
        i -= 1
        below += term
    return max(0.0, 1 - below)


@lru_cache(maxsize=8192)
def _theil_sen(
    x: tuple[float | None, ...], y: tuple[float | None, ...]
) -> tuple[float | None, float | None, float | None]:
    """Median slope, and the ends of its 95 % interval."""
    points = np.array([(a, b) for a, b in zip(x, y, strict=False) if a is not None and b is not None])
    if len(points) < 2:
        return None, None, None
    points = _few(points[np.argsort(points[:, 0], kind="stable")])
    n = len(points)
    i, j = np.triu_indices(n, 1)
    run = points[j, 0] - points[i, 0]
    rise = points[j, 1] - points[i, 1]
    slopes = np.sort(rise[run > 0] / run[run > 0])
    if not len(slopes):
        return None, None, None
    middle = float((slopes[(len(slopes) - 1) // 2] + slopes[len(slopes) // 2]) / 2)
    if n < 4:
        return middle, None, None
    reach = 1.959964 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(math.floor((len(slopes) - reach) / 2), 0)
    return middle, float(slopes[low]), float(slopes[len(slopes) - 1 - low])


def _few(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """At most `MOST_POINTS` of them, n × 2: medians of neighbours, the first of which may be fewer."""
    width = -(-len(points) // MOST_POINTS)
    if width == 1:
        return points
    first = len(points) % width
    whole = np.median(points[first:].reshape(-1, width, 2), axis=1)
    return np.vstack([np.median(points[:first], axis=0), whole]) if first else whole


def slope(x: Sequence[float | None], y: Sequence[float | None]) -> float | None:
    """Theil–Sen: by how much y grows for each x. None: fewer than two points."""
    return _theil_sen(tuple(x), tuple(y))[0]


def slope_low(x: Sequence[float | None], y: Sequence[float | None]) -> float | None:
    """Lower end of the 95 % interval of `slope`. None: fewer than four points."""
    return _theil_sen(tuple(x), tuple(y))[1]


def slope_high(x: Sequence[float | None], y: Sequence[float | None]) -> float | None:
    """Upper end of the 95 % interval of `slope`. None: fewer than four points."""
    return _theil_sen(tuple(x), tuple(y))[2]


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_clock(t: float, zone: str) -> float:
    """Seconds of the local day at t. An unknown zone counts as UTC."""
    local = datetime.fromtimestamp(t, _zone(zone))
    return local.hour * 3600 + local.minute * 60 + local.second


def local_hour(t: float, zone: str) -> int:
    """Local hour 0 … 23 at t. An unknown zone counts as UTC."""
    return datetime.fromtimestamp(t, _zone(zone)).hour


def _known(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def of(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return of


POINTS = ["DOUBLE[]", "DOUBLE[]"]
FUNCTIONS: dict[str, tuple[Callable[..., Any], list[str], str]] = {
    "beta_below": (_known(beta_below), ["DOUBLE"] * 3, "DOUBLE"),
    "beta_above": (_known(beta_above), ["DOUBLE"] * 3, "DOUBLE"),
    "lower95": (_known(lower95), ["DOUBLE"] * 2, "DOUBLE"),
    "upper95": (_known(upper95), ["DOUBLE"] * 2, "DOUBLE"),
    "upper90": (_known(upper90), ["DOUBLE"] * 2, "DOUBLE"),
    "fisher_p": (_known(fisher_p), ["BIGINT"] * 4, "DOUBLE"),
    "poisson_p": (_known(poisson_p), ["BIGINT", "DOUBLE"], "DOUBLE"),
    "slope": (_known(slope), POINTS, "DOUBLE"),
    "slope_low": (_known(slope_low), POINTS, "DOUBLE"),
    "slope_high": (_known(slope_high), POINTS, "DOUBLE"),
    "local_clock": (_known(local_clock), ["DOUBLE", "VARCHAR"], "DOUBLE"),
    "local_hour": (_known(local_hour), ["DOUBLE", "VARCHAR"], "INTEGER"),
}
"""Function, sorts of its arguments, sort of its result. NULL in any argument gives NULL."""
