"""Every function of Prometheus 2.42, by at least one row; the numbers are worked out by hand or by `math`."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gadfly.errors import QueryError
from gadfly.promql.signatures import NATIVE_HISTOGRAM, SIGNATURES

NAN, INF = math.nan, math.inf
# At 600 s: counters of 11 samples each 60 s; `c` grows by 6 a minute, `r` is reset once.
SERIES = """
c{a="x"} 0+6x20
r 10 20 30 5 15 25 35 45 55 65 75
g 1 3 2 5 4 4 4 1 0 7 6
n 1 NaN 3 NaN NaN 2 5 4 NaN 6 1
one 0.5x20
neg -2.5x20
half 2.5x20
day 86399x20
leap 1709210096x20
b{le="1"} 10x20
b{le="2"} 30x20
b{le="+Inf"} 40x20
""".strip()

ROWS = [
    ("abs(neg)", {"{}": 2.5}),
    ("absent(one)", {}),
    ('absent(nothing{a="b",c=~"d"})', {'{a="b"}': 1}),
    ('absent((nothing{a="b",a="c"}))', {"{}": 1}),
    ('absent_over_time(nothing{a="b"}[5m])', {'{a="b"}': 1}),
    ("absent_over_time(c[5m])", {}),
    ("acos(one)", {"{}": math.acos(0.5)}),
    ("acosh(half)", {"{}": math.acosh(2.5)}),
    ("asin(one)", {"{}": math.asin(0.5)}),
    ("asinh(neg)", {"{}": math.asinh(-2.5)}),
    ("atan(neg)", {"{}": math.atan(-2.5)}),
    ("atanh(one)", {"{}": math.atanh(0.5)}),
    ("avg_over_time(g[4m])", {"{}": (4 + 1 + 0 + 7 + 6) / 5}),
    ("ceil(half)", {"{}": 3}),
    ("changes(g[10m])", {"{}": 8}),
    ("changes(n[10m])", {"{}": 9}),
    ("clamp(neg, -1, 1)", {"{}": -1}),
    ("clamp(neg, 1, -1)", {}),
    ("clamp_max(half, 1)", {"{}": 1}),
    ("clamp_min(half, 5)", {"{}": 5}),
    ("cos(one)", {"{}": math.cos(0.5)}),
    ("cosh(one)", {"{}": math.cosh(0.5)}),
    ("count_over_time(g[4m])", {"{}": 5}),
    ("day_of_month(leap)", {"{}": 29}),
    ("day_of_week(leap)", {"{}": 4}),
    ("day_of_year(leap)", {"{}": 60}),
    ("days_in_month(leap)", {"{}": 29}),
    ("deg(one)", {"{}": math.degrees(0.5)}),
    ("delta(g[4m])", {"{}": 2}),
    ("deriv(c[5m])", {'{a="x"}': 0.1}),
    ("exp(one)", {"{}": math.exp(0.5)}),
    ("floor(neg)", {"{}": -3}),
    ("histogram_quantile(0.5, b)", {"{}": 1.5}),
    ("histogram_quantile(0.9, b)", {"{}": 2}),
    ("histogram_quantile(-1, b)", {"{}": -INF}),
    ("histogram_quantile(2, b)", {"{}": INF}),
    ("histogram_quantile(NaN, b)", {"{}": NAN}),
    ('histogram_quantile(0.5, b{le!="+Inf"})', {"{}": NAN}),
    ("histogram_quantile(0.5, c)", {}),
    ("holt_winters(c[30s], 0.5, 0.5)", {}),
    ("holt_winters(c[5m], 0.5, 0.5)", {'{a="x"}': 60}),
    ("holt_winters(g[2m], 0.5, 0.5)", {"{}": 10}),
    ("hour(day)", {"{}": 23}),
    ("idelta(g[4m])", {"{}": -1}),
    ("increase(c[4m])", {'{a="x"}': 24}),
    ("irate(c[4m])", {'{a="x"}': 0.1}),
    ("irate(r[8m])", {"{}": 10 / 60}),
    ("label_join(c, \"z\", \"-\", \"a\", \"a\", \"nope\")", {'c{a="x",z="x-x-"}': 60}),
    ("label_replace(c, \"z\", \"<$1>\", \"a\", \"(.*)\")", {'c{a="x",z="<x>"}': 60}),
    ("label_replace(c, \"a\", \"\", \"a\", \".*\")", {"c": 60}),
    ('label_replace(c, "z", "$$-${n}-$7-$nope", "a", "(?P<n>.)")', {'c{a="x",z="$-x--"}': 60}),
    ("last_over_time(g[4m])", {"g": 6}),
    ("ln(half)", {"{}": math.log(2.5)}),
    ("log10(half)", {"{}": math.log10(2.5)}),
    ("log2(half)", {"{}": math.log2(2.5)}),
    ("max_over_time(n[10m])", {"{}": 6}),
    ("min_over_time(n[10m])", {"{}": 1}),
    ("minute(day)", {"{}": 59}),
    ("month(leap)", {"{}": 2}),
    ("pi()", {"": math.pi}),
    ("predict_linear(c[5m], 60)", {'{a="x"}': 66}),
    ("present_over_time(g[4m])", {"{}": 1}),
    ("quantile_over_time(0.5, g[4m])", {"{}": 4}),
    ("quantile_over_time(0.1, g[4m])", {"{}": 0.4}),
    ("quantile_over_time(0, n[10m])", {"{}": NAN}),
    ("quantile_over_time(1, n[10m])", {"{}": 6}),
    ("quantile_over_time(2, g[4m])", {"{}": INF}),
    ("rad(one)", {"{}": math.radians(0.5)}),
    ("rate(c[4m])", {'{a="x"}': 0.1}),
    ("resets(r[10m])", {"{}": 1}),
    ("resets(c[10m])", {'{a="x"}': 0}),
    ("round(half)", {"{}": 3}),
    ("round(neg)", {"{}": -2}),
    ("round(half, 0.2)", {"{}": 2.6}),
    ("scalar(one)", {"": 0.5}),
    ("scalar(b)", {"": NAN}),
    ("sgn(neg)", {"{}": -1}),
    ("sin(one)", {"{}": math.sin(0.5)}),
    ("sinh(one)", {"{}": math.sinh(0.5)}),
    ("sort(one)", {"one": 0.5}),
    ("sort_desc(one)", {"one": 0.5}),
    ("sqrt(half)", {"{}": math.sqrt(2.5)}),
    ("stddev_over_time(g[4m])", {"{}": math.sqrt(37.2 / 5)}),
    ("stdvar_over_time(g[4m])", {"{}": 37.2 / 5}),
    ("sum_over_time(g[4m])", {"{}": 18}),
    ("tan(one)", {"{}": math.tan(0.5)}),
    ("tanh(one)", {"{}": math.tanh(0.5)}),
    ("time()", {"": 600}),
    ("timestamp(one offset 90s)", {"{}": 480}),
    ("timestamp(-one)", {"{}": 600}),
    ("vector(7)", {"{}": 7}),
    ("year(leap)", {"{}": 2024}),
    ("year()", {"{}": 1970}),
    ("minute()", {"{}": 10}),
    ("year(vector(NaN))", {"{}": NAN}),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), ROWS)
def test_answer(ask: Callable[..., dict[str, float]], expression: str, expected: dict[str, float]) -> None:
    assert ask(SERIES, expression) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_every_function_has_a_row() -> None:
    asked = {expression.split("(")[0] for expression, _expected in ROWS}
    assert set(SIGNATURES) - asked == set(NATIVE_HISTOGRAM)


@pytest.mark.parametrize("name", NATIVE_HISTOGRAM)
def test_native_histograms_are_refused_rather_than_answered_wrongly(
    ask: Callable[..., dict[str, float]], name: str
) -> None:
    call = "histogram_fraction(0, 1, b)" if name == "histogram_fraction" else f"{name}(b)"
    with pytest.raises(QueryError, match="native histograms"):
        ask(SERIES, call)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("holt_winters(c[5m], 1, 0.5)", "invalid smoothing factor"),
        ("holt_winters(c[5m], 0.5, 0)", "invalid trend factor"),
        ('label_replace(c, "1x", "", "a", "")', "invalid destination label name"),
        ('label_replace(c, "x", "", "a", "(")', "invalid regular expression"),
        ('label_join(c, "x", "", "1a")', "invalid source label name"),
        ('label_join(c, "x y", "", "a")', "invalid destination label name"),
        ("topk(NaN, c)", "overflows int64"),
        ("topk(1e30, c)", "overflows int64"),
        ('count_values("1x", c)', "invalid label name"),
        ('label_replace(b, "le", "", "le", ".*")', "same labelset"),
    ],
)
def test_what_is_asked_wrongly(ask: Callable[..., dict[str, float]], expression: str, problem: str) -> None:
    with pytest.raises(QueryError, match=problem):
        ask(SERIES, expression)


def test_sorted_by_value_with_nan_last(ask: Callable[..., dict[str, float]]) -> None:
    series = 'm{i="1"} 3\nm{i="2"} NaN\nm{i="3"} 1\nm{i="4"} 2'
    assert list(ask(series, "sort(m)", at=0)) == ['m{i="3"}', 'm{i="4"}', 'm{i="1"}', 'm{i="2"}']
    assert list(ask(series, "sort_desc(m)", at=0)) == ['m{i="1"}', 'm{i="4"}', 'm{i="3"}', 'm{i="2"}']
