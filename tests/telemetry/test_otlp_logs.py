"""A request of logs is read as OpenTelemetry's own library wrote it, from both encodings."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1 import logs_pb2 as pb
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from gadfly.errors import FormatError
from gadfly.telemetry import otlp_logs, otlp_value
from gadfly.telemetry.otlp_logs import Record, severity

TEXT = st.text(max_size=5)


def word(value: str) -> AnyValue:
    return AnyValue(string_value=value)


def request(*records: pb.LogRecord, scope: str = "") -> ExportLogsServiceRequest:
    resource = Resource(attributes=[KeyValue(key="service.name", value=word("cart"))])
    group = pb.ScopeLogs(scope=InstrumentationScope(name=scope), log_records=records)
    return ExportLogsServiceRequest(resource_logs=[pb.ResourceLogs(resource=resource, scope_logs=[group])])


def both(message: ExportLogsServiceRequest) -> list[Record]:
    """The records, which are the same from both encodings."""

    def in_hexadecimal(found: Any) -> Any:  # as OTLP has it, other than Protocol Buffers' JSON
        if isinstance(found, list):
            return [in_hexadecimal(one) for one in found]
        if isinstance(found, dict):
            return {
                name: base64.b64decode(one).hex() if name in ("traceId", "spanId") else in_hexadecimal(one)
                for name, one in found.items()
            }
        return found

    (source,) = otlp_logs.decode(message.SerializeToString())
    assert source.resource == {"service.name": "cart"}
    said = in_hexadecimal(json_format.MessageToDict(message, use_integers_for_enums=True))
    assert otlp_logs.decode_json(json.dumps(said).encode()) == [source]
    return source.records


def test_a_record() -> None:
    record = pb.LogRecord(
        time_unix_nano=7,
        observed_time_unix_nano=9,
        severity_number=17,
        severity_text="ERROR",
        body=word("card refused"),
        attributes=[KeyValue(key="order", value=AnyValue(int_value=7))],
        trace_id=bytes(range(16)),
        span_id=bytes(range(8)),
        event_name="payment",
        flags=1,
    )
    assert both(request(record, scope="payments")) == [
        Record(
            7,
            3,
            "card refused",
            {
                "order": "7",
                "scope": "payments",
                "event": "payment",
                "trace_id": "000102030405060708090a0b0c0d0e0f",
                "span_id": "0001020304050607",
                "severity": "ERROR",
            },
        )
    ]


@given(
    st.lists(
        st.builds(
            pb.LogRecord,
            time_unix_nano=st.integers(0, 2**64 - 1),
            observed_time_unix_nano=st.integers(0, 2**64 - 1),
            severity_number=st.integers(0, 24),
            severity_text=TEXT,
            body=st.one_of(st.builds(word, TEXT), st.builds(AnyValue, int_value=st.integers(0, 9))),
            attributes=st.lists(
                st.builds(lambda k, v: KeyValue(key=k, value=word(v)), TEXT, TEXT), max_size=2
            ),
            trace_id=st.sampled_from([b"", bytes(16)]),
        ),
        max_size=3,
    ),
    TEXT,
)
@settings(deadline=None)
def test_any_records(records: list[pb.LogRecord], scope: str) -> None:
    found = both(request(*records, scope=scope))
    assert [one.time for one in found] == [
        one.time_unix_nano or one.observed_time_unix_nano for one in records
    ]


@pytest.mark.parametrize(
    ("number", "text", "expected"),
    [
        (0, "", 6),
        (0, "WARN", 4),
        (0, "whatever", 6),
        (1, "", 7),
        (5, "", 7),
        (8, "", 7),
        (9, "INFO", 6),
        (10, "", 5),
        (13, "", 4),
        (16, "", 4),
        (17, "", 3),
        (18, "", 2),
        (19, "", 1),
        (21, "", 2),
        (24, "FATAL", 2),
        (21, "emergency", 0),
        (17, "critical", 2),
        (9, "error", 6),
    ],
)
def test_severities_are_syslogs(number: int, text: str, expected: int) -> None:
    assert severity(number, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"resourceLogs":1}',
        '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":-1}]}]}]}',
    ],
)
def test_json_that_is_no_request(text: str) -> None:
    with pytest.raises(FormatError):
        otlp_logs.decode_json(text.encode())


def test_an_empty_request() -> None:
    assert otlp_logs.decode(b"") == otlp_logs.decode_json(b"{}") == []
    assert otlp_logs.decode_json(b'{"resourceLogs":[{}]}') == [otlp_logs.Source({}, [])]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_a_format_error(data: bytes) -> None:
    for decode in (otlp_logs.decode, otlp_logs.decode_json):
        with contextlib.suppress(FormatError):
            decode(data)


@given(st.data())
@settings(deadline=None)
def test_a_damaged_request_is_a_request_or_a_format_error(data: Any) -> None:
    good = request(pb.LogRecord(time_unix_nano=7, body=word("x"), trace_id=bytes(16))).SerializeToString()
    at, cut = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 3))
    with contextlib.suppress(FormatError):
        otlp_logs.decode(good[:at] + data.draw(st.binary(max_size=3)) + good[at + cut :])


def test_two_bytes_each_but_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp_value, "MESSAGES", 1000)
    assert len(otlp_logs.decode(b"\x0a\x00" * 1000)) == 1000
    with pytest.raises(FormatError, match="fewer"):
        otlp_logs.decode(b"\x0a\x00" * 1001)
    with pytest.raises(FormatError, match="fewer"):
        otlp_logs.decode_json(b"[" + b"{}," * 1_000_001)
