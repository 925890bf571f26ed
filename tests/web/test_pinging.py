"""The door of the pings: statuses, words and headers as Healthchecks answers, bodies bounded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gadfly.errors import FormatError, Refused, StoreError
from gadfly.telemetry.ping import OUTPUT, Said
from gadfly.web import pinging
from gadfly.web.pinging import PingDoor

PATH = "/ping/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"


class Pings:
    def __init__(self) -> None:
        self.error: Exception | None = None
        self.created = False
        self.taken: list[bytes] = []

    def whom(self, address: Any, query: str, peer: str) -> tuple[str, Said, bool]:
        if self.error is not None:
            raise self.error
        return "job", Said("success", 0, ""), self.created

    async def take(self, name: str, told: Said, output: bytes) -> None:
        self.taken.append(output)


async def asked(
    pings: Pings, method: str = "GET", path: str = PATH, parts: tuple[bytes, ...] = (b"",), kind: str = "http"
) -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []
    messages = [
        {"type": "http.request", "body": part, "more_body": place < len(parts) - 1}
        for place, part in enumerate(parts)
    ]

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        sent.append({"status": 0, "headers": []})
        sent.append({"body": b"behind"})

    scope = {"type": kind, "method": method, "path": path, "query_string": b"", "client": ("10.0.0.1", 1)}
    await PingDoor(behind, node=SimpleNamespace(pings=pings))(scope, receive, send)  # type: ignore[arg-type]
    headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_ok(method: str) -> None:
    status, headers, body = await asked(Pings(), method)
    assert (status, body) == (200, b"OK")
    assert headers["ping-body-limit"] == "100000"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["content-length"] == "2"


async def test_created() -> None:
    pings = Pings()
    pings.created = True
    status, _, body = await asked(pings)
    assert (status, body) == (201, b"Created")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Refused("not found", 404), 404, b"not found"),
        (Refused("ambiguous slug", 409), 409, b"ambiguous slug"),
        (Refused("rate limited", 429), 429, b"rate limited"),
        (FormatError("invalid url format"), 400, b"invalid url format"),
        (StoreError("/secret/path is full"), 503, b"not stored, ping again"),
    ],
)
async def test_refusals(error: Exception, status: int, words: bytes) -> None:
    pings = Pings()
    pings.error = error
    found, headers, body = await asked(pings, "POST")
    assert (found, body) == (status, words)
    assert ("retry-after" in headers) == (status in (429, 503))


async def test_other_methods_are_told_which_there_are() -> None:
    status, headers, _ = await asked(Pings(), "DELETE")
    assert (status, headers["allow"]) == (405, "GET, HEAD, POST")


async def test_of_a_body_the_end_is_kept() -> None:
    pings = Pings()
    await asked(pings, "POST", parts=(b"a" * OUTPUT, b"b" * 10, b"c"))
    assert pings.taken == [b"a" * (OUTPUT - 11) + b"b" * 10 + b"c"]


async def test_a_body_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinging, "LONGEST", 1000)
    pings = Pings()
    status, headers, _ = await asked(pings, "POST", parts=(b"a" * 600, b"b" * 600, b"c"))
    assert (status, headers["connection"], pings.taken) == (413, "close", [])


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> Any:
        raise TimeoutError

    status, words, _ = await PingDoor(None, node=SimpleNamespace(pings=Pings()))._answer(  # type: ignore[arg-type]
        pinging.address(PATH),  # type: ignore[arg-type]
        {"method": "POST", "query_string": b"", "client": None},
        never,
    )
    assert (status, words) == (408, b"the body did not come")


async def test_who_hangs_up_has_pinged_all_the_same() -> None:
    pings = Pings()
    status, _, _ = await asked(pings, "POST", parts=())
    assert (status, pings.taken) == (200, [b""])


@pytest.mark.parametrize(("path", "kind"), [("/metrics", "http"), ("/", "http"), (PATH, "lifespan")])
async def test_all_else_goes_on(path: str, kind: str) -> None:
    assert (await asked(Pings(), path=path, kind=kind))[2] == b"behind"
