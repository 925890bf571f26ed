"""Numbers in labels are read as Go reads them, as Prometheus 2.42 does with the bound of a bucket."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.promql.go_float import parse_float


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x1p1", 2), ("0x1.8p1", 3), ("0x_1p1", 2), ("0x.8p1", 1), ("0x1p-9999", 0), ("1_0", 10),
        ("1e1_0", 1e10), ("00_1", 1), ("1.", 1), (".5", 0.5), ("+1", 1), ("-0", 0), ("1E-400", 0),
        ("inf", math.inf), ("iNf", math.inf), ("-Infinity", -math.inf),
        ("", None), (".", None), ("_", None), ("_1", None), ("1_", None), ("1__0", None), ("1_.5", None),
        ("1e", None), ("1e_1", None), ("1e400", None), ("0x10", None), ("0x.p1", None), ("0xp1", None),
        ("0x1p9999", None), ("0x1p_1", None), ("0b1", None), ("infin", None), ("+nan", None), (" 1", None),
        ("1 ", None), ("1\n", None), ("\u0663", None), ("\u0131nf", None), ("x", None),
    ],
)  # fmt: skip
def test_as_go_reads_it(text: str, value: float | None) -> None:
    assert parse_float(text) == value


def test_not_a_number() -> None:
    found = parse_float("NaN")
    assert found is not None
    assert math.isnan(found)


@given(st.floats(allow_nan=False), st.text("0123456789abcdefxp_.+-inINF", max_size=12))
def test_every_number_and_no_text_breaks_it(value: float, text: str) -> None:
    assert parse_float(repr(value)) == value
    found = parse_float(text)
    assert found is None or isinstance(found, float)
