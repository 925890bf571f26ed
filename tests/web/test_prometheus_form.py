"""Times and durations are read as Prometheus does."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.web import prometheus
from gadfly.web.prometheus import BadData


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1435781430.781", 1435781430781),
        ("0", 0),
        ("-1.5", -1500),
        ("1e3", 1000000),
        ("2015-07-01T20:10:51.781Z", 1435781451781),
        ("2015-07-01T22:10:51+02:00", 1435781451000),
        ("2015-07-01T14:40:51.5-05:30", 1435781451500),
    ],
)
def test_a_time_is_unix_seconds_or_rfc_3339(text: str, ms: int) -> None:
    assert prometheus.parse_time(text) == ms


@pytest.mark.parametrize(
    "text", ["", "now", "1e400", "nan", "inf", "2015-13-01T00:00:00Z", "2015-07-01", "1 "]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadData, match="to a valid timestamp"):
        prometheus.parse_time(text)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("15", 15000),
        ("0.25", 250),
        ("5m", 300000),
        ("1h30m", 5400000),
        ("1y2w3d", 33004800000),
        ("1s5ms", 1005),
    ],
)
def test_a_duration_is_seconds_or_units(text: str, ms: int) -> None:
    assert prometheus.parse_duration(text) == ms


@pytest.mark.parametrize("text", ["", "m", "5m1h", "5 m", "1e400", "9" * 30 + "y", "-5m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(BadData, match="to a valid duration"):
        prometheus.parse_duration(text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (prometheus.parse_time, prometheus.parse_duration):
        with contextlib.suppress(BadData):
            assert isinstance(read(text), int)
