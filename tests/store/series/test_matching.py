"""Matchers mean what they mean in Prometheus."""

from __future__ import annotations

import time

import pytest

from gadfly.config.series import Series as Settings
from gadfly.errors import LimitError
from gadfly.promql.source import Matcher
from gadfly.store.series import matching
from gadfly.store.series.index import Index


@pytest.mark.parametrize(
    ("expression", "meets", "misses"),
    [
        ("a", ["a"], ["", "ab", "ba", "A"]),
        ("a|bc", ["a", "bc"], ["", "abc", "ac"]),
        ("a|b.", ["a", "bx"], ["ax", "b"]),
        (".*", ["", "x"], ["x\ny"]),
        (".+", ["x"], ["", "x\n"]),
        ("(?i)aB", ["ab", "AB"], ["a"]),
        ("", [""], ["a"]),
        ("a||b", ["a", "", "b"], ["c"]),
        ("^a$", ["a"], ["aa"]),
        ("[^a]", ["b"], ["a", "bb"]),
        (r"1\.2", ["1.2"], ["1x2"]),
        ("(?s).*", ["x\ny"], []),
        ("ä.", ["äö"], ["ä"]),
    ],
)
def test_expressions(expression: str, meets: list[str], misses: list[str]) -> None:
    test = matching.expression(expression)
    assert [value for value in meets if not test(value)] == []
    assert [value for value in misses if test(value)] == []
    negated = matching.test(Matcher("l", "!~", expression))
    assert [value for value in meets if negated(value)] == []


@pytest.mark.parametrize("expression", ["(", "a{1001}{1001}", r"(a)\1", "(?=a)", "*"])
def test_what_is_no_expression_is_told(expression: str) -> None:
    with pytest.raises(LimitError, match="RE2"):
        matching.expression(expression)


def test_one_that_is_too_long() -> None:
    with pytest.raises(LimitError, match="shorten"):
        matching.expression("a." * 5000)


def test_a_hostile_one_takes_no_time() -> None:
    started = time.perf_counter()
    assert not matching.expression("(a*)*(a|aa)+b")("a" * 2000)
    assert time.perf_counter() - started < 1.0


SERIES = [
    {"__name__": "up", "job": "a", "env": "x"},
    {"__name__": "up", "job": "b"},
    {"__name__": "up", "job": "c", "env": ""},
    {"__name__": "down", "job": "a", "env": "y"},
]


@pytest.mark.parametrize(
    ("matchers", "found"),
    [
        ([], [0, 1, 2, 3]),
        ([("__name__", "=", "up")], [0, 1, 2]),
        ([("__name__", "=", "none")], []),
        ([("none", "=", "x")], []),
        ([("none", "=", "")], [0, 1, 2, 3]),
        ([("env", "=", "")], [1, 2]),
        ([("env", "!=", "")], [0, 3]),
        ([("env", "!=", "x")], [1, 2, 3]),
        ([("env", "=~", "x|")], [0, 1, 2]),
        ([("env", "=~", ".*")], [0, 1, 2, 3]),
        ([("env", "=~", ".+")], [0, 3]),
        ([("env", "!~", ".+")], [1, 2]),
        ([("env", "!~", "x")], [1, 2, 3]),
        ([("env", "!~", "x|")], [3]),
        ([("job", "=~", "a|b"), ("__name__", "=", "up")], [0, 1]),
        ([("job", "=~", "a|b"), ("env", "!=", "x")], [1, 3]),
        ([("job", "!=", "a"), ("env", "=", "")], [1, 2]),
    ],
)
def test_series(matchers: list[tuple[str, str, str]], found: list[int]) -> None:
    index = Index(Settings())
    index.intern(SERIES[:2], "s")
    asked = [Matcher(*one) for one in matchers]  # type: ignore[arg-type]
    index.find(asked)  # what is remembered of the first two is completed by the others
    index.intern(SERIES[2:], "s")
    assert index.find(asked).tolist() == found
    assert index.find(asked).tolist() == found
