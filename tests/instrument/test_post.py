"""Beats by HTTP: to whom, with what, and what becomes of a node that is slow, refuses or goes away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gadfly import Heart
from gadfly.instrument.destination import parse
from gadfly.instrument.post import PostLink
from gadfly.telemetry.frame import Kind, decode


class Node(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[tuple[str, str | None, bytes]] = []
        self.status = 204
        self.delay = 0.0
        self.close_after = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        node: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(node.delay)
        node.taken.append((self.path, self.headers["Authorization"], body))
        self.send_response(node.status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = node.close_after

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_heart_posts_frames(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GADFLY_TOKEN", "t0ken")
    with Heart("checkout", 0.02, to=node.url) as heart:
        deadline = time.monotonic() + 5
        while heart.beats < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    frames = [decode(body, {}) for _, _, body in node.taken]
    assert [frame.kind for frame in frames[:2]] == [Kind.announce, Kind.beat]
    assert [frame.kind for frame in frames].count(Kind.goodbye) == 1, "the node said that it has it"
    assert {(path, token) for path, token, _ in node.taken} == {("/api/v1/beat", "Bearer t0ken")}


def test_a_prefix_is_kept(node: Node) -> None:
    link = PostLink(parse(f"{node.url}/gadfly/"), 2.0)
    assert link.send(b"x")
    assert node.taken[0][:2] == ("/gadfly/api/v1/beat", None)
    link.close()


def test_a_closed_connection_is_opened_again(node: Node) -> None:
    link = PostLink(parse(node.url), 2.0)
    node.close_after = True
    assert [link.send(b"x") for _ in range(3)] == [True] * 3
    link.close()


def test_a_refusal_is_trouble(node: Node) -> None:
    link = PostLink(parse(node.url), 2.0)
    node.status = 401
    assert not link.send(b"x")
    assert "the node answered 401 Unauthorized" in link.trouble
    node.status = 204
    assert link.send(b"x")
    assert link.trouble == ""
    link.close()


def test_a_slow_node_is_left_after_the_timeout(node: Node) -> None:
    node.delay = 0.5
    link = PostLink(parse(node.url), 0.1)
    start = time.monotonic()
    assert not link.send(b"x")
    assert time.monotonic() - start < 0.45
    assert "timed out" in link.trouble


def test_nobody_there() -> None:
    link = PostLink(parse("http://127.0.0.1:9"), 1.0)
    assert not link.send(b"x")
    assert "refused" in link.trouble
    assert link.sockets() == []
