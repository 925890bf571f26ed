from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("0s", 0),
        ("250ms", 0.25),
        ("5s", 5),
        ("1.5s", 1.5),
        ("1m30s", 90),
        ("12h", 43_200),
        ("14d", 1_209_600),
        ("1w", 604_800),
        ("1d2h3m4s5ms", 93_784.005),
    ],
)
def test_reads(text: str, seconds: float) -> None:
    assert duration.parse(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "15", "15x", "s", "-1s", "1s1m", "1s1s", " 1s", "1s ", "1 s", "1s5", "1e3s", "٣s", "inf", "1m-3s"],
)
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write 250ms, 5s, 1m30s, 12h or 14d"):
        duration.parse(text)


def test_refuses_more_than_ten_years() -> None:
    with pytest.raises(ValueError, match="longer than ten years"):
        duration.parse("4000d")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "250ms"),
        (1.5, "1.5s"),
        (90, "1m30s"),
        (3_600, "1h"),
        (86_400 * 14, "14d"),
        (3_600.25, "1h250ms"),
        (0.000001, "0.001ms"),
    ],
)
def test_writes(seconds: float, text: str) -> None:
    assert duration.format(seconds) == text


def test_a_negative_duration_is_not_written() -> None:
    with pytest.raises(ValueError, match="not negative"):
        duration.format(-1)


@given(st.integers(0, 10 * 365 * 86_400 * 1000))
def test_what_is_written_reads_back(milliseconds: int) -> None:
    assert duration.parse(duration.format(milliseconds / 1000)) == milliseconds / 1000


@given(st.text(max_size=50))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert 0 <= duration.parse(text) <= duration.LONGEST


@pytest.mark.parametrize(("text", "sign", "seconds"), [("> 14d", ">", 1_209_600), ("<2h", "<", 7_200)])
def test_bounds(text: str, sign: str, seconds: float) -> None:
    assert duration.parse_bound(text, sign) == seconds


@pytest.mark.parametrize(
    ("text", "sign"), [("14d", ">"), ("< 14d", ">"), ("> 2h", "<"), (">", ">"), ("", "<")]
)
def test_a_bound_has_the_sign_that_makes_sense(text: str, sign: str) -> None:
    with pytest.raises(ValueError, match=f'write "{sign} '):
        duration.parse_bound(text, sign)


def test_a_bound_is_a_duration() -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        duration.parse_bound("> 14", ">")
