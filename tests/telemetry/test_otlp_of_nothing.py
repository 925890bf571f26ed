"""OTLP: bytes that say nothing are counted while they are read, and refused before they cost much."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gadfly.errors import FormatError
from gadfly.telemetry import otlp_logs, otlp_metrics, otlp_metrics_json, otlp_value, protobuf
from gadfly.telemetry.remote_write_sent import delimited, varint

MANY = 200_000
"""Ten times as many as a tenth of what a request may have allows."""
EMPTY = b"\x3a\x00" * MANY
Decode = Callable[[bytes], Any]


def metrics(*scopes: bytes) -> bytes:
    return delimited(0x0A, b"".join(delimited(0x12, one) for one in scopes))


def metric(kind: int, *points: bytes) -> bytes:
    return metrics(delimited(0x12, delimited(kind, b"".join(delimited(0x0A, one) for one in points))))


def record(content: bytes) -> bytes:
    return delimited(0x0A, delimited(0x12, delimited(0x12, content)))


@pytest.fixture
def a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request may have a tenth of what it may, which is read as quickly."""
    monkeypatch.setattr(otlp_value, "FIELDS", otlp_value.FIELDS // 10)
    monkeypatch.setattr(otlp_value, "MESSAGES", otlp_value.MESSAGES // 10)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many fields were taken from the tally."""
    found = [0]
    take = protobuf.Tally.take

    def counted(tally: protobuf.Tally, size: int) -> None:
        found[0] += 1
        take(tally, size)

    monkeypatch.setattr(protobuf.Tally, "take", counted)
    return found


@pytest.mark.parametrize(
    ("decode", "data"),
    [
        pytest.param(otlp_metrics.decode, delimited(0x0A, b"\x12\x00" * MANY), id="scopes"),
        pytest.param(otlp_metrics.decode, EMPTY, id="of a request"),
        pytest.param(otlp_metrics.decode, delimited(0x0A, EMPTY), id="of a resource"),
        pytest.param(otlp_metrics.decode, metrics(EMPTY), id="of a scope"),
        pytest.param(otlp_metrics.decode, metrics(delimited(0x12, b"\x62\x00" * MANY)), id="of a metric"),
        pytest.param(
            otlp_metrics.decode, metrics(delimited(0x12, delimited(0x2A, EMPTY))), id="beside points"
        ),
        pytest.param(otlp_metrics.decode, metric(0x2A, b"\x2a\x00" * MANY), id="exemplars of a gauge"),
        pytest.param(otlp_metrics.decode, metric(0x2A, EMPTY), id="attributes of a gauge"),
        pytest.param(otlp_metrics.decode, metric(0x4A, b"\x42\x00" * MANY), id="exemplars of a histogram"),
        pytest.param(otlp_metrics.decode, metric(0x4A, b"\x32\x00" * MANY), id="counts of a histogram"),
        pytest.param(otlp_metrics.decode, metric(0x5A, b"\x32\x00" * MANY), id="quantiles"),
        pytest.param(otlp_metrics.decode, metric(0x5A, delimited(0x32, EMPTY)), id="of a quantile"),
        pytest.param(otlp_metrics.decode, metric(0x52, b"\x5a\x00" * MANY), id="exemplars, exponential"),
        pytest.param(otlp_metrics.decode, metric(0x52, delimited(0x42, EMPTY)), id="of buckets"),
        pytest.param(otlp_logs.decode, EMPTY, id="of a request of logs"),
        pytest.param(otlp_logs.decode, delimited(0x0A, b"\x12\x00" * MANY), id="scopes of logs"),
        pytest.param(
            otlp_logs.decode, delimited(0x0A, delimited(0x12, b"\x12\x00" * MANY)), id="records of logs"
        ),
        pytest.param(otlp_logs.decode, delimited(0x0A, delimited(0x0A, EMPTY)), id="of a resource of logs"),
        pytest.param(otlp_logs.decode, record(b"\x6a\x00" * MANY), id="of a record"),
        pytest.param(otlp_logs.decode, record(b"\x32\x00" * MANY), id="attributes of a record"),
        pytest.param(
            otlp_logs.decode,
            record(delimited(0x2A, delimited(0x2A, b"\x0a\x00" * MANY))),
            id="values of a list",
        ),
        pytest.param(
            otlp_logs.decode,
            record(delimited(0x2A, delimited(0x32, b"\x0a\x00" * MANY))),
            id="values of a map",
        ),
        pytest.param(
            lambda data: otlp_value.attributes(data, 1), delimited(0x0A, b"\x1a\x00" * MANY), id="of a pair"
        ),
    ],
)
@pytest.mark.usefixtures("a_tenth")
def test_empty_parts_are_refused_while_they_are_read(decode: Decode, data: bytes, read: list[int]) -> None:
    with pytest.raises(FormatError, match=r"fewer|more than 1000"):
        decode(data)
    assert read[0] <= 25_100


def test_what_a_whole_request_may_have(read: list[int]) -> None:
    with pytest.raises(FormatError, match="fewer"):
        otlp_metrics.decode(EMPTY * 10)
    assert 240_000 <= read[0] <= 251_000


def test_attributes_of_one_name_are_as_many_as_there_are(read: list[int]) -> None:
    with pytest.raises(FormatError, match="more than 1000"):
        otlp_value.attributes(b"\x0a\x00" * MANY, 1)
    assert read[0] <= 1001


def test_records_are_counted_before_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = b"\x08\x00"  # a time that is no time
    data = delimited(0x0A, delimited(0x12, delimited(0x12, wrong) * 11))
    monkeypatch.setattr(otlp_value, "MESSAGES", 10)
    with pytest.raises(FormatError, match="fewer"):
        otlp_logs.decode(data)


def test_numbers_of_a_list_count(monkeypatch: pytest.MonkeyPatch) -> None:
    data = metric(0x52, delimited(0x42, delimited(0x12, varint(1) * 4000)))
    (found,) = otlp_metrics.decode(data)
    assert len(found.metrics[0].exponentials[0].positive[1]) == 4000
    monkeypatch.setattr(otlp_value, "FIELDS", 900)
    with pytest.raises(FormatError, match="fewer"):
        otlp_metrics.decode(data)


@pytest.mark.parametrize("tag", [b"\x31", b"\x39"], ids=["counts", "bounds"])
def test_numbers_that_are_not_packed_cost_as_much_as_they_are(tag: bytes) -> None:
    # Put together pair by pair, these would be copied 20,000,000,000 times: minutes.
    (found,) = otlp_metrics.decode(metric(0x4A, (tag + bytes(8)) * 200_000))
    (point,) = found.metrics[0].histograms
    assert len(point.counts) + len(point.bounds) == 200_000


@pytest.mark.parametrize("kind", ["gauge", "sum", "histogram", "summary", "exponentialHistogram"])
def test_points_in_json_are_counted_before_one_is_read(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [{"flags": "no number"}] * 20
    said = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{kind: {"dataPoints": points}}]}]}]}
    monkeypatch.setattr(otlp_value, "MESSAGES", 31)
    with pytest.raises(FormatError, match="fewer"):
        otlp_metrics_json.decode(json.dumps(said).encode())
    monkeypatch.setattr(otlp_value, "MESSAGES", 32)
    with pytest.raises(FormatError, match="no integer"):
        otlp_metrics_json.decode(json.dumps(said).encode())


def test_records_in_json_are_counted_before_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "no number"}] * 20}]}]}
    monkeypatch.setattr(otlp_value, "MESSAGES", 21)
    with pytest.raises(FormatError, match="fewer"):
        otlp_logs.decode_json(json.dumps(said).encode())
    monkeypatch.setattr(otlp_value, "MESSAGES", 22)
    with pytest.raises(FormatError, match="no integer"):
        otlp_logs.decode_json(json.dumps(said).encode())
