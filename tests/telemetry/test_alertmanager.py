"""Alerts in Alertmanager's form: whatever comes, it is taken, or said what is wrong with it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError
from gadfly.telemetry import alertmanager

TEXT = st.text(max_size=12)
TIME = st.sampled_from(["2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "x"])
ALERT = st.fixed_dictionaries(
    {"labels": st.dictionaries(TEXT, TEXT, max_size=3)},
    optional={"annotations": st.dictionaries(TEXT, TEXT, max_size=3), "startsAt": TIME, "endsAt": TIME},
)


@given(st.lists(ALERT, max_size=4))
def test_each_alert_is_taken_or_told_why_not(alerts: list[object]) -> None:
    taken, wrong = alertmanager.read(json.dumps(alerts).encode(), 1.8e9)
    assert len(taken) + len(wrong) == len(alerts)
    assert all(one.labels and one.starts <= one.ends for one in taken)


@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    with pytest.raises(FormatError):
        alertmanager.read(b"x" + body, 0.0)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b'{"labels": {"alertname": "b"}, "startsAt": "yesterday"}', "Invalid RFC3339"),
        (b'{"labels": {"alertname": 5}}', "Expected `str`"),
        (b'{"labels": {"alertname": "\xff"}}', "utf-8"),
        (b"7", "Expected `object`"),
        (b"{}", "labels"),
    ],
)
def test_a_malformed_alert_does_not_keep_its_neighbours_out(bad: bytes, why: str) -> None:
    good = b'{"labels": {"alertname": "%s"}}'
    taken, wrong = alertmanager.read(b"[" + b",".join((good % b"a", bad, good % b"c")) + b"]", 0.0)
    assert [one.labels["alertname"] for one in taken] == ["a", "c"]
    assert len(wrong) == 1
    assert wrong[0].startswith("alert 1: ")
    assert why in wrong[0]


def test_what_begins_after_its_silent_end_is_wrong() -> None:
    body = b'[{"labels": {"a": "b"}, "startsAt": "2200-01-01T00:00:00Z"}]'
    assert alertmanager.read(body, 1.8e9) == ([], ["alert 0: start time must be before end time"])
