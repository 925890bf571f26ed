"""Series in memory, and the notation they are written in."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gadfly.errors import LimitError, QueryError
from gadfly.promql import Limits
from gadfly.promql.held import Held
from gadfly.promql.notation import sequence
from gadfly.promql.parse import parse_selector
from gadfly.promql.source import STALE_BITS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2", {0: 1, 1: 2}),
        ("_ 1 _x2 2", {1: 1, 4: 2}),
        ("0+10x2", {0: 0, 1: 10, 2: 20}),
        ("5-1x2", {0: 5, 1: 4, 2: 3}),
        ("-1.5e1x1 -2", {0: -15, 1: -15, 2: -2}),
        ("NaN Inf -Inf", {0: math.nan, 1: math.inf, 2: -math.inf}),
        ("", {}),
    ],
)
def test_sequence(text: str, expected: dict[int, float]) -> None:
    index, value = sequence(text)
    assert index.tolist() == list(expected)
    np.testing.assert_array_equal(value, list(expected.values()))


def test_the_stale_marker_is_one_nan_of_many() -> None:
    _index, value = sequence("stale NaN")
    assert [bits == STALE_BITS for bits in value.view(np.uint64).tolist()] == [True, False]


@pytest.mark.parametrize("text", ["a", "1+x2", "1x", "_x", "1..2", "stalex2", "1x9999999"])
def test_sequence_refused(text: str) -> None:
    with pytest.raises(QueryError):
        sequence(text)


HELD = Held.load('m{a="1",b="x"} 1 2 3\nm{a="2"} _ 5 6\nn 7', 1000)


@pytest.mark.parametrize(
    ("selector", "start", "end", "expected"),
    [
        ("m", -1, 5000, [1, 2, 3, 5, 6]),
        ("m", 0, 1000, [2, 5]),
        ('m{a="1"}', -1, 5000, [1, 2, 3]),
        ('m{b=""}', -1, 5000, [5, 6]),
        ('m{b!=""}', -1, 5000, [1, 2, 3]),
        ('{a=~"1|2",b!~"x.*"}', -1, 5000, [5, 6]),
        ('{__name__=~".+"}', -1, 0, [1, 7]),
        ("nothing", -1, 5000, []),
    ],
)
def test_select(selector: str, start: int, end: int, expected: list[float]) -> None:
    chunk = HELD.select(parse_selector(selector), start, end, Limits())
    assert chunk.value.tolist() == expected
    assert len(chunk.offsets) == len(chunk.labels) + 1
    assert chunk.offsets[-1] == len(chunk.at)


def test_what_is_known_of_the_series() -> None:
    matchers = [parse_selector('m{a="2"}'), parse_selector("n")]
    assert HELD.label_names([], None, None) == ["__name__", "a", "b"]
    assert HELD.label_names(matchers, None, None) == ["__name__", "a"]
    assert HELD.label_values("a", [], None, None) == ["1", "2"]
    assert HELD.series(matchers, 500, None, Limits()) == [{"__name__": "m", "a": "2"}]
    assert HELD.series(matchers, None, 500, Limits()) == [{"__name__": "n"}]
    assert HELD.metadata() == {}
    with pytest.raises(LimitError, match="1 series"):
        HELD.series([], None, None, Limits(series=1))
