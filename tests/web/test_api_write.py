"""Remote write over HTTP: what a sender is told, and whether it may send again."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.telemetry.written import Wrote
from gadfly.web import write

V1 = {"content-type": "application/x-protobuf", "content-encoding": "snappy"}
V2 = {**V1, "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"}


class Receiver:
    def __init__(self) -> None:
        self.outcome: Wrote | Exception = Wrote(3, [])
        self.took: list[tuple[int, int, str]] = []
        self.full = False
        self.held = 0

    def admit(self, size: int) -> bool:
        self.held += 0 if self.full else size
        return not self.full

    def done(self, size: int) -> None:
        self.held -= size

    async def take(self, body: bytes, version: int, who: str) -> Wrote:
        self.took.append((len(body), version, who))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def receiver(node: Any) -> Receiver:
    node.remote_write = Receiver()
    return node.remote_write  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", ["/api/v1/write", "/prometheus/api/v1/write"])
async def test_both_paths(ask: Any, receiver: Receiver, path: str) -> None:
    answer = await ask("POST", path, body=b"x" * 200_000, headers=V1)
    assert (answer.status, answer.body) == (204, b"")
    assert receiver.took == [(200_000, 1, "")]


async def test_version_2_is_told_how_much(ask: Any, receiver: Receiver) -> None:
    answer = await ask("POST", "/api/v1/write", body=b"x", headers=V2)
    assert answer.status == 204
    told = {key: value for key, value in answer.headers.items() if "remote-write" in key}
    assert told == write.written(3)
    assert receiver.took[0][1] == 2


@pytest.mark.parametrize(
    ("media", "encoding", "version"),
    [
        ("application/x-protobuf", "snappy", 1),
        ("application/x-protobuf;proto=prometheus.WriteRequest", "Snappy", 1),
        ("Application/X-Protobuf; proto=io.prometheus.write.v2.Request", "snappy", 2),
        ('application/x-protobuf; proto="io.prometheus.write.v2.Request"; charset=x', "snappy", 2),
        ("application/x-protobuf;proto=io.prometheus.write.v3.Request", "snappy", 415),
        ("application/x-protobuf", "zstd", 415),
        ("application/x-protobuf", "", 415),
        ("application/json", "snappy", 415),
        ("", "snappy", 415),
    ],
)
async def test_what_is_announced(
    ask: Any, receiver: Receiver, media: str, encoding: str, version: int
) -> None:
    headers = {"content-type": media, "content-encoding": encoding}
    answer = await ask("POST", "/api/v1/write", body=b"x", headers=headers)
    if version == 415:
        assert answer.status == 415
        assert receiver.took == []
    else:
        assert receiver.took[0][1] == version


@pytest.mark.parametrize(
    ("outcome", "status", "again", "words"),
    [
        (Wrote(2, ["1 refused: older"]), 400, False, "2 samples were taken. Not taken: 1 refused: older."),
        (FormatError("protobuf: byte 3"), 400, False, "byte 3"),
        (LimitError("too large"), 413, False, "too large"),
        (StoreError("disk full"), 503, True, "disk full"),
    ],
)
@pytest.mark.parametrize("headers", [V1, V2])
async def test_whether_it_may_be_sent_again(
    ask: Any,
    receiver: Receiver,
    outcome: Wrote | Exception,
    status: int,
    again: bool,
    words: str,
    headers: dict[str, str],
) -> None:
    receiver.outcome = outcome
    answer = await ask("POST", "/api/v1/write", body=b"x", headers=headers)
    assert answer.status == status
    assert ("retry-after" in answer.headers) is again
    assert words in answer.json()["detail"]
    assert receiver.held == 0
    if isinstance(outcome, Wrote) and headers is V2:
        assert answer.headers["x-prometheus-remote-write-samples-written"] == "2"


async def test_too_much_at_once_may_come_again(ask: Any, receiver: Receiver) -> None:
    receiver.full = True
    answer = await ask("POST", "/api/v1/write", body=b"x", headers=V1)
    assert answer.status == 503
    assert answer.headers["retry-after"] == "2"
    assert receiver.took == []


async def test_a_body_beyond_the_limit(ask: Any, receiver: Receiver) -> None:
    for headers in (V1, {**V1, "content-length": str(write.BODY + 1)}):
        answer = await ask("POST", "/api/v1/write", body=bytes(write.BODY + 1), headers=headers)
        assert answer.status == 413
    assert receiver.took == []
    assert receiver.held == 0


async def test_from_elsewhere_a_token_is_needed(ask: Any, receiver: Receiver, token: str) -> None:
    elsewhere = "192.0.2.1"
    answer = await ask("POST", "/api/v1/write", body=b"x", headers=V1, client=elsewhere)
    assert answer.status == 401
    made = await ask("POST", "/api/v1/tokens", token=token, body={"name": "prom", "scopes": ["ingest"]})
    secret = made.json()["token"]
    answer = await ask("POST", "/api/v1/write", body=b"x", headers=V1, client=elsewhere, token=secret)
    assert answer.status == 204
    assert receiver.took == [(1, 1, "prom")]
