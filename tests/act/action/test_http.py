"""An HTTP action against a real server on loopback: what it sends, and how exactly it tells what became."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from gadfly.act.action import allow, http
from gadfly.act.action.effect import Edge, State

Make = Callable[..., Edge]
LOOPBACK = allow.parse(["127.0.0.0/8"])


class Server:
    """Answers every request with `answer`; empty: closes; None: says nothing."""

    def __init__(self) -> None:
        self.answer: bytes | None = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"
        self.got: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        self.got.append(head + (await reader.readexactly(int(length[0].split(b":")[1])) if length else b""))
        if self.answer is None:
            with contextlib.suppress(ConnectionError):
                await reader.read()
        else:
            writer.write(self.answer)
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    found = Server()
    listening = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = listening.sockets[0].getsockname()[1]
    yield found
    listening.close()
    await listening.wait_closed()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a method"),
        ("POST", "a method"),
        ("BREW http://a/", "a method"),
        ("POST ftp://a.example/", "not a URL"),
        ("POST http://{component}/", "without fields"),
        ("POST http://a.example:{parameter.port}/", "without fields"),
        ("POST http://a.example{component}", "without fields"),
        ("POST {component}", "without fields"),
        ("POST http://anna:pw@a.example/", "login"),
        ("POST http://a.example/ body", "neither json"),
        ("POST http://a.example/ header.Authorization=hunter2", "is a secret"),
        ("GET http://a.example/ json.a=b", "no body"),
        ("POST http://a.example/ header.Host=env:X", "node's own"),
        ("POST http://a.example/ header.Content-Length=env:X", "node's own"),
        ("POST 'http://a.example/", "split"),
        ("POST http://a.example/{nobody}", "no field"),
    ],
)
def test_what_does_not_load(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        http.check(text)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("worker-3", "/restart/worker-3?x=worker-3"),
        ("a/../b", "/restart/a%2F..%2Fb?x=a%2F..%2Fb"),
        ("a?b&c#d", "/restart/a%3Fb%26c%23d?x=a%3Fb%26c%23d"),
        ("a@evil.example", "/restart/a%40evil.example?x=a%40evil.example"),
    ],
)
def test_a_value_stays_one_segment(name: str, path: str, values: dict[str, str], edge: Make) -> None:
    values["component"] = name
    at = edge(allowed=allow.parse(["a.example"]))
    text = "POST https://a.example/restart/{component}?x={component}"
    assert http.describe(text, values, at) == f"POST https://a.example{path}"


def test_a_value_does_not_lead_out_of_its_folder(values: dict[str, str], edge: Make) -> None:
    values["component"] = ".."
    with pytest.raises(ValueError, match="out of its folder"):
        http.describe("POST http://a.example/{component}", values, edge())


async def test_sends_the_request_once_with_its_key(
    server: Server, values: dict[str, str], edge: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY", "Bearer hunter2-hunter2")
    server.answer = b"HTTP/1.1 202 OK\r\nContent-Length: 30\r\n\r\nyou said Bearer hunter2-hunter2"
    text = (
        f"POST http://127.0.0.1:{server.port}/r/{{component}} header.Authorization=env:DEPLOY"
        " json.app='{component} \"x\"'"
    )
    effect = await http.do(text, values, edge(allowed=LOOPBACK))
    assert (effect.state, effect.ok) == (State.finished, True)
    assert effect.words == f"127.0.0.1:{server.port} answered 202"
    assert "hunter2" not in effect.output
    [got] = server.got
    assert got.startswith(b"POST /r/worker-3 HTTP/1.1\r\n")
    assert b"authorization: Bearer hunter2-hunter2\r\n" in got
    assert b"idempotency-key: gadfly-17-worker-3\r\n" in got
    assert got.endswith(b'{"app": "worker-3 \\"x\\""}')
    shown = http.describe(text, values, edge(allowed=LOOPBACK))
    assert "env:DEPLOY" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("answer", "ok", "words"),
    [
        (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", False, "answered 503"),
        (
            b"HTTP/1.1 302 Go\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
            False,
            "redirect",
        ),
        (b"HTTP/1.1 204 No\r\n\r\n", True, "answered 204"),
    ],
)
async def test_an_answer_is_an_end(
    server: Server, values: dict[str, str], edge: Make, answer: bytes, ok: bool, words: str
) -> None:
    server.answer = answer
    effect = await http.do(f"DELETE http://127.0.0.1:{server.port}/", values, edge(allowed=LOOPBACK))
    assert (effect.state, effect.ok) == (State.finished, ok)
    assert words in effect.words
    assert len(server.got) == 1


@pytest.mark.parametrize(
    "answer", [None, b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"no HTTP\r\n\r\n"]
)
async def test_no_answer_after_the_request_has_left_is_unknown(
    server: Server, values: dict[str, str], edge: Make, answer: bytes | None
) -> None:
    server.answer = answer
    at = edge(allowed=LOOPBACK, time=0.3)
    effect = await http.do(f"POST http://127.0.0.1:{server.port}/", values, at)
    assert effect.state is State.unknown
    assert len(server.got) == 1


async def test_what_never_left_did_nothing(server: Server, values: dict[str, str], edge: Make) -> None:
    port = server.port
    for text, at, said in (
        (f"POST http://127.0.0.1:{port}/", edge(), "gate.hosts"),
        (f"POST http://localhost:{port}/", edge(allowed=allow.parse(["localhost"])), "does not name by its"),
        (f"POST http://localhost:{port}/", edge(allowed=LOOPBACK), "is not allowed"),
        ("POST http://127.0.0.1:1/", edge(allowed=LOOPBACK), "127.0.0.1:1"),
        (f"POST https://127.0.0.1:{port}/", edge(allowed=LOOPBACK, time=0.5), f"127.0.0.1:{port}"),
        (f"POST http://127.0.0.1:{port}/ header.A=env:NOT_THERE", edge(allowed=LOOPBACK), "NOT_THERE"),
    ):
        effect = await http.do(text, values, at)
        assert effect.state is State.unstarted, text
        assert said in effect.words
    assert server.got == []


async def test_a_large_answer_is_read_no_further(server: Server, values: dict[str, str], edge: Make) -> None:
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000
    effect = await http.do(f"POST http://127.0.0.1:{server.port}/", values, edge(allowed=LOOPBACK))
    assert effect.ok
    assert len(effect.output) <= 2000
