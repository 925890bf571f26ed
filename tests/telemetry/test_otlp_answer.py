"""Answers are what OpenTelemetry's and Google's own libraries read."""

from __future__ import annotations

import json

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from gadfly.telemetry.otlp_answer import JSON, LONGEST, PROTOBUF, status, success


@pytest.mark.parametrize(("rejected", "message"), [(0, ""), (3, "why"), (0, "a warning"), (300, "ü" * 300)])
def test_success(rejected: int, message: str) -> None:
    metrics = ExportMetricsServiceResponse.FromString(
        success(PROTOBUF, "rejectedDataPoints", rejected, message)
    ).partial_success
    assert (metrics.rejected_data_points, metrics.error_message) == (rejected, message)
    logs = ExportLogsServiceResponse.FromString(
        success(PROTOBUF, "rejectedLogRecords", rejected, message)
    ).partial_success
    assert (logs.rejected_log_records, logs.error_message) == (rejected, message)
    said = json.loads(success(JSON, "rejectedDataPoints", rejected, message))
    expected = {"rejectedDataPoints": str(rejected), "errorMessage": message}
    assert said == ({"partialSuccess": expected} if rejected or message else {})


@pytest.mark.parametrize(("code", "expected"), [(400, 3), (503, 14), (429, 8), (418, 2)])
def test_a_status(code: int, expected: int) -> None:
    told = Status.FromString(status(PROTOBUF, code, "no"))
    assert (told.code, told.message) == (expected, "no")
    assert json.loads(status(JSON, code, "no")) == {"code": expected, "message": "no"}


def test_a_message_has_an_end() -> None:
    assert len(Status.FromString(status(PROTOBUF, 400, "x" * 9999)).message) == LONGEST
