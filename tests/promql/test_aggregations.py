"""Many series to one a group, and the best of each group."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

Ask = Callable[..., dict[str, float]]
SERIES = """
m{job="a",i="1"} 1
m{job="a",i="2"} 5
m{job="b",i="1"} 4
m{job="b",i="2"} NaN
big{i="1"} 1e308
big{i="2"} 1.5e308
odd{i="1"} Inf
odd{i="2"} -Inf
""".strip()
NAN = math.nan

ROWS = [
    ('sum(m{job="a"})', {"{}": 6}),
    ("sum by (job) (m)", {'{job="a"}': 6, '{job="b"}': NAN}),
    ("sum without (i) (m)", {'{job="a"}': 6, '{job="b"}': NAN}),
    ("sum by (nope) (m)", {"{}": NAN}),
    ("min by (job) (m)", {'{job="a"}': 1, '{job="b"}': 4}),
    ("max by (job) (m)", {'{job="a"}': 5, '{job="b"}': 4}),
    ("max(m)", {"{}": 5}),
    ('max(m{i="2",job="b"})', {"{}": NAN}),
    ('avg(m{job="a"})', {"{}": 3}),
    ("avg(big)", {"{}": 1.25e308}),
    ("avg(odd)", {"{}": NAN}),
    ('avg(odd{i="1"})', {"{}": math.inf}),
    ("avg(odd > 0 or big)", {"{}": math.inf}),
    ("topk(1, nothing)", {}),
    ("group by (job) (m)", {'{job="a"}': 1, '{job="b"}': 1}),
    ("count by (i) (m)", {'{i="1"}': 2, '{i="2"}': 2}),
    ("count by (__name__) (m)", {"m": 4}),
    ('stddev(m{job="a"})', {"{}": 2}),
    ('stdvar(m{job="a"})', {"{}": 4}),
    ('stdvar(m{i="2",job="b"})', {"{}": 0}),
    ('quantile(0.5, m{job="a"})', {"{}": 3}),
    ("quantile by (job) (0.25, m)", {'{job="a"}': 2, '{job="b"}': NAN}),
    ('quantile(2, m{job="a"})', {"{}": math.inf}),
    ('quantile(-1, m{job="a"})', {"{}": -math.inf}),
    ('quantile(NaN, m{job="a"})', {"{}": NAN}),
    ("topk(1, m)", {'m{i="2",job="a"}': 5}),
    ("topk by (job) (1, m)", {'m{i="2",job="a"}': 5, 'm{i="1",job="b"}': 4}),
    ("topk(0, m)", {}),
    ("topk(-1, m)", {}),
    ("bottomk without (i) (1.9, m)", {'m{i="1",job="a"}': 1, 'm{i="1",job="b"}': 4}),
    ('count_values("v", m)', {'{v="1"}': 1, '{v="4"}': 1, '{v="5"}': 1, '{v="NaN"}': 1}),
    ('count_values by (job) ("v", m > 3)', {'{job="a",v="5"}': 1, '{job="b",v="4"}': 1}),
    ('count_values without (job) ("i", m > 3)', {'{i="5"}': 1, '{i="4"}': 1}),
    ("sum(nothing)", {}),
]


@pytest.mark.parametrize(("expression", "expected"), ROWS)
def test_answer(ask: Ask, expression: str, expected: dict[str, float]) -> None:
    assert ask(SERIES, expression, at=0) == pytest.approx(expected, nan_ok=True)


def test_best_first(ask: Ask) -> None:
    assert list(ask(SERIES, "topk(3, m)", at=0).values()) == [5, 4, 1]
    assert list(ask(SERIES, "bottomk(3, m)", at=0).values()) == [1, 4, 5]


def test_members_that_come_and_go(
    ask_range: Callable[..., dict[str, list[tuple[float, float]]]],
) -> None:
    series = 'm{i="1"} 1 1 stale _ 1\nm{i="2"} _ 3 3 stale 3'
    assert ask_range(series, "sum(m)", 0, 240, 60) == {"{}": [(0, 1), (60, 4), (120, 3), (240, 4)]}
    assert ask_range(series, "stddev(m)", 0, 240, 60) == {"{}": [(0, 0), (60, 1), (120, 0), (240, 1)]}
    assert ask_range(series, "topk(1, m)", 0, 240, 60) == {
        'm{i="1"}': [(0, 1)],
        'm{i="2"}': [(60, 3), (120, 3), (240, 3)],
    }
