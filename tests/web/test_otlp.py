"""OpenTelemetry's protocol over HTTP: who may send what, in which encoding, and what is answered."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.telemetry.otlp_answer import JSON, PROTOBUF, Taken
from gadfly.web import otlp
from gadfly.web.table import otlp as otlp_table


class Otlp:
    """What a node has behind it."""

    def __init__(self) -> None:
        self.got: list[tuple[Any, ...]] = []
        self.answer: Taken | Exception = Taken(0, "")
        self.full = False

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        if self.full:
            raise LimitError("no room")
        yield

    async def metrics(self, body: bytes, *, json: bool, sender: str, address: str) -> Taken:
        return self._take("metrics", body, json, sender, address)

    async def logs(self, body: bytes, *, json: bool, address: str) -> Taken:
        return self._take("logs", body, json, "", address)

    def _take(self, *said: Any) -> Taken:
        self.got.append(said)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def behind(ask: Any) -> Otlp:
    ask.node.otlp = made = Otlp()
    return made


def as_(media: str, **more: str) -> dict[str, str]:
    return {"content-type": media, **{name.replace("_", "-"): value for name, value in more.items()}}


@pytest.mark.parametrize("prefix", otlp_table.PREFIXES)
@pytest.mark.parametrize("kind", ["metrics", "logs"])
@pytest.mark.parametrize("media", [JSON, PROTOBUF, "application/json; charset=utf-8"])
async def test_it_is_taken_wherever_clients_send_it(
    ask: Any, behind: Otlp, prefix: str, kind: str, media: str
) -> None:
    answer = await ask("POST", f"{prefix}/{kind}", body=b"hello", headers=as_(media))
    assert answer.status == 200
    assert answer.headers["content-type"] == media.partition(";")[0]
    assert answer.body == (b"{}" if media.startswith(JSON) else b"")
    assert behind.got == [(kind, b"hello", media.startswith(JSON), "", "127.0.0.1")]


async def test_gzip_is_unpacked(ask: Any, behind: Otlp) -> None:
    for body in (b"hello", bytes(range(256)) * 1000):
        packed = as_(PROTOBUF, content_encoding="gzip")
        assert (await ask("POST", "/v1/metrics", body=gzip.compress(body), headers=packed)).status == 200
        assert behind.got[-1][1] == body
    assert (
        await ask("POST", "/v1/logs", body=b"x", headers=as_(JSON, content_encoding="identity"))
    ).status == 200


async def test_what_was_not_taken_is_said(ask: Any, behind: Otlp) -> None:
    behind.answer = Taken(3, "3 refused: too old")
    answer = await ask("POST", "/v1/metrics", body=b"x", headers=as_(JSON))
    assert answer.json() == {
        "partialSuccess": {"rejectedDataPoints": "3", "errorMessage": "3 refused: too old"}
    }
    answer = await ask("POST", "/v1/metrics", body=b"x", headers=as_(PROTOBUF))
    assert ExportMetricsServiceResponse.FromString(answer.body).partial_success.rejected_data_points == 3
    answer = await ask("POST", "/v1/logs", body=b"x", headers=as_(JSON))
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "3"


@pytest.mark.parametrize("media", [JSON, PROTOBUF])
@pytest.mark.parametrize(
    ("error", "status", "code", "again"),
    [
        (FormatError("no request"), 400, 3, False),
        (StoreError("the disk is full"), 503, 14, True),
        (LimitError("too many"), 429, 8, True),
    ],
)
async def test_errors(
    ask: Any, behind: Otlp, media: str, error: Exception, status: int, code: int, again: bool
) -> None:
    behind.answer = error
    answer = await ask("POST", "/v1/metrics", body=b"x", headers=as_(media))
    assert answer.status == status
    assert answer.headers["content-type"] == media
    said = answer.json() if media == JSON else Status.FromString(answer.body)
    assert (
        (said["code"], said["message"]) == (code, str(error)) if media == JSON else (said.code, said.message)
    )
    assert ("retry-after" in answer.headers) is again


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (as_("text/plain"), b"x", 415),
        ({}, b"x", 415),
        (as_(PROTOBUF, content_encoding="zstd"), b"x", 415),
        (as_(PROTOBUF, content_encoding="gzip"), b"x", 400),
        (as_(PROTOBUF, content_encoding="gzip"), gzip.compress(bytes(otlp.UNPACKED + 1)), 413),
        (as_(JSON), bytes(otlp.BODY + 1), 413),
        (as_(JSON, content_length=str(otlp.BODY + 1)), b"", 413),
        (as_(JSON, authorization="Bearer wrong"), b"x", 401),
        (as_(JSON, x_forwarded_for="192.0.2.1"), b"x", 401),
    ],
)
async def test_what_is_not_read(
    ask: Any, behind: Otlp, headers: dict[str, str], body: bytes, status: int
) -> None:
    assert (await ask("POST", "/v1/metrics", body=body, headers=headers)).status == status
    assert behind.got == []


async def test_while_too_much_is_read(ask: Any, behind: Otlp) -> None:
    behind.full = True
    answer = await ask("POST", "/v1/logs", body=b"x", headers=as_(JSON))
    assert (answer.status, answer.json()["message"]) == (429, "no room")


async def test_from_elsewhere_it_takes_a_token(ask: Any, behind: Otlp) -> None:
    answer = await ask("POST", "/v1/metrics", body=b"x", headers=as_(JSON), client="192.0.2.1")
    assert (answer.status, answer.json()["code"]) == (401, 16)


@pytest.mark.parametrize("media", [JSON, PROTOBUF])
async def test_traces_are_refused_with_the_words_for_it(ask: Any, behind: Otlp, media: str) -> None:
    answer = await ask("POST", "/v1/traces", body=b"x", headers=as_(media))
    assert answer.status == 404
    said = answer.json()["message"] if media == JSON else Status.FromString(answer.body).message
    assert "OTEL_TRACES_EXPORTER=none" in said


async def test_who_asks_otherwise_is_told_how(ask: Any) -> None:
    assert (await ask("GET", "/v1/metrics")).status == 405
