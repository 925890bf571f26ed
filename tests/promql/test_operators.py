"""Operators between scalars and vectors, matching, sets, and what is ambiguous."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gadfly.errors import QueryError

Ask = Callable[..., dict[str, float]]
SERIES = """
req{job="a",code="200"} 90x20
req{job="a",code="500"} 10x20
req{job="b",code="200"} 50x20
limit{job="a"} 100x20
limit{job="c"} 7x20
info{job="a",version="1"} 1x20
info{job="b",version="2"} 1x20
z 0x20
twin{job="a"} 1x20
""".strip()

ROWS = [
    ("1 + 2 * 3 ^ 2", {"": 19}),
    ("-2 ^ 2", {"": -4}),
    ("2 ^ 3 ^ 2", {"": 512}),
    ("7 % 4 - 1", {"": 2}),
    ("-7 % 4", {"": -3}),
    ("1 atan2 2", {"": math.atan2(1, 2)}),
    ("1 > bool 2", {"": 0}),
    ("1 / 0", {"": math.inf}),
    ("0 / 0", {"": math.nan}),
    ("limit / 10", {'{job="a"}': 10, '{job="c"}': 0.7}),
    ("10 - limit", {'{job="a"}': -90, '{job="c"}': 3}),
    ("limit > 50", {'limit{job="a"}': 100}),
    ("50 < limit", {'limit{job="a"}': 100}),
    ("limit > bool 50", {'{job="a"}': 1, '{job="c"}': 0}),
    ("-limit", {'{job="a"}': -100, '{job="c"}': -7}),
    ("+limit", {'limit{job="a"}': 100, 'limit{job="c"}': 7}),
    ("z ^ 0.5", {"{}": 0}),
    ("(z - Inf) ^ 0.5", {"{}": math.inf}),
    ('req{code="500"} / ignoring (code) limit', {'{job="a"}': 0.1}),
    ('req{code="500"} / on (job) limit', {'{job="a"}': 0.1}),
    (
        'req{code="500"} <= bool on (job) group_left (version, __name__) info',
        {'{code="500",job="a",version="1"}': 0},
    ),
    ("2 * ignoring () group_left (job) limit", {'{job="a"}': 200, '{job="c"}': 14}),
    ("req / on (job) group_left limit", {'{code="200",job="a"}': 0.9, '{code="500",job="a"}': 0.1}),
    ("limit / on (job) group_right req", {'{code="200",job="a"}': 100 / 90, '{code="500",job="a"}': 10}),
    (
        "req * on (job) group_left (version) info",
        {
            '{code="200",job="a",version="1"}': 90,
            '{code="500",job="a",version="1"}': 10,
            '{code="200",job="b",version="2"}': 50,
        },
    ),
    ("req > on (job) group_left limit - 50", {'req{code="200",job="a"}': 90}),
    (
        "req > bool on (job) group_left limit - 50",
        {'{code="200",job="a"}': 1, '{code="500",job="a"}': 0},
    ),
    ('limit == on (job) limit{job="c"}', {'{job="c"}': 7}),
    ("limit and on (job) req", {'limit{job="a"}': 100}),
    ("limit unless on (job) req", {'limit{job="c"}': 7}),
    (
        "limit or on (job) req",
        {'limit{job="a"}': 100, 'limit{job="c"}': 7, 'req{code="200",job="b"}': 50},
    ),
    ("limit and nothing", {}),
    ("nothing or z", {"z": 0}),
    ("limit + nothing", {}),
    ("vector(1) + on () z", {"{}": 1}),
]


@pytest.mark.parametrize(("expression", "expected"), ROWS)
def test_answer(ask: Ask, expression: str, expected: dict[str, float]) -> None:
    assert ask(SERIES, expression) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("limit * on (job) req", "found duplicate series for the match group {'job': 'a'} on the right"),
        ("req * on (job) limit", "many-to-one matching must be explicit"),
        ("limit * on (job) group_left req", "on the right hand-side"),
        ("req * on (job) group_right limit", "on the left hand-side"),
        ("req * on (job) group_left (code) limit", "grouping labels must ensure unique matches"),
        ('abs({__name__=~"limit|twin"})', "same labelset"),
        ('-{__name__=~"limit|twin"}', "same labelset"),
        ('rate({__name__=~"limit|twin"}[5m])', "same labelset"),
    ],
)
def test_ambiguous(ask: Ask, expression: str, problem: str) -> None:
    with pytest.raises(QueryError, match=problem):
        ask(SERIES, expression)


def test_a_match_that_moves_from_one_series_to_another_is_no_ambiguity(
    ask_range: Callable[..., dict[str, list[tuple[float, float]]]],
) -> None:
    series = 'm 5x3\ni{v="1"} 1 1 stale\ni{v="2"} _ _ 2 2'
    assert ask_range(series, "m * on () group_left (v) i", 0, 180, 60) == {
        '{v="1"}': [(0, 5), (60, 5)],
        '{v="2"}': [(120, 10), (180, 10)],
    }
    assert ask_range(series, "m * on () i", 0, 180, 60) == {"{}": [(0, 5), (60, 5), (120, 10), (180, 10)]}
