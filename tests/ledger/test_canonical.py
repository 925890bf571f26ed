"""Canonical JSON: the vectors of RFC 8785, and the same bytes as another hand's implementation."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gadfly.ledger.canonical import DEPTH, canonical, number

# RFC 8785, appendix B.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers_are_written_as_the_rfc_lists_them(bits: str, text: str) -> None:
    assert number(struct.unpack(">d", bytes.fromhex(bits))[0]) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a number"):
        canonical([value])


def test_the_sample_of_the_rfc() -> None:
    given = json.loads(
        r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
             "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"""
    )
    assert canonical(given).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_names_are_sorted_by_utf_16_code_units() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = canonical({name: index for index, name in enumerate(names)})
    assert list(json.loads(written)) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize("value", [1 << 53, -(1 << 53)])
def test_integers_are_taken_up_to_2_53(value: int) -> None:
    assert canonical(value) == str(value).encode()
    for refused in (value, value << 10, value << 1000):
        with pytest.raises(ValueError, match="beyond 2\\^53"):
            canonical({"a": [refused + (1 if value > 0 else -1)]})
    assert canonical(9007199254740994.0) == canonical(9007199254740994) == b"9007199254740994"


@pytest.mark.parametrize("value", [b"bytes", {1: 2}, {"a": object()}, {"a": {3.5: 1}}, {1, 2}])
def test_what_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_a_lone_surrogate_is_refused() -> None:
    for value in ("\ud800", {"\udfff": 1}, {"a": 1.5, "b": "\ud800"}):
        with pytest.raises(ValueError, match="surrogate"):
            canonical(value)


def test_nesting_has_an_end() -> None:
    value: Any = 1
    for _ in range(DEPTH):
        value = [value]
    assert canonical(value) == b"[" * DEPTH + b"1" + b"]" * DEPTH
    with pytest.raises(ValueError, match="nested deeper"):
        canonical([value])


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53) + 1, (1 << 53) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=5),
    max_leaves=20,
)


@given(values)
def test_another_implementation_writes_the_same(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=6), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(plain)
def test_the_quick_way_writes_the_same(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_reading_and_writing_again_changes_nothing(value: Any) -> None:
    text = canonical(value)
    assert canonical(json.loads(text)) == text
