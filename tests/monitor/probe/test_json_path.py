"""Paths into JSON."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.json_path import Absent, equal, look, parse

DOCUMENT = {"a": {"b": [{"c": 1}, {"c": 2}]}, "x.y": {"0": "zero"}, "d": [[7]]}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a.b[0].c", 1),
        ("$.a.b[-1].c", 2),
        ('["x.y"].0', "zero"),
        ("['x.y'][0]", "zero"),
        ("d[0][0]", 7),
        ("$", DOCUMENT),
    ],
)
def test_found(path: str, wanted: Any) -> None:
    assert look(DOCUMENT, parse(path)) == wanted


@pytest.mark.parametrize("path", ["a.c", "a.b[2]", "a.b[-3]", "a.b.c", "d[0][0].x", "a[0]"])
def test_absent(path: str) -> None:
    with pytest.raises(Absent):
        look(DOCUMENT, parse(path))


@pytest.mark.parametrize("path", ["a..b", "a[", "a[x]", "a.", "a]"])
def test_not_a_path(path: str) -> None:
    with pytest.raises(ValueError, match="JSON path"):
        parse(path)


@given(st.text())
def test_never_another_error(path: str) -> None:
    with contextlib.suppress(ValueError, Absent):
        look(DOCUMENT, parse(path))


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [(1, 1, True), (1, 1.0, True), (True, 1, False), (1, True, False), (True, True, True),
     (None, None, True), (0, None, False), ("1", 1, False)],
)  # fmt: skip
def test_equal(found: Any, wanted: Any, same: bool) -> None:
    assert equal(found, wanted) is same
