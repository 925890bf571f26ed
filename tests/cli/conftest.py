"""A node's API as the command line meets it: canned answers over real HTTP, and what was asked for."""

from __future__ import annotations

import importlib.util
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from gadfly.cli import main

# A module of words that several tests share; tests are no package to import it from.
_spec = importlib.util.spec_from_file_location("told_acts", Path(__file__).with_name("told_acts.py"))
assert _spec is not None
assert _spec.loader is not None
sys.modules["told_acts"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["told_acts"])


class FakeNode:
    """Answers by (method, path without /api/v1/); `asked` has (method, path with query, body, token)."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {}
        self.asked: list[tuple[str, str, Any, str]] = []
        self.stream: list[str] = ["event: hello\nid: 1\ndata: {}\n\n"]
        fake = self

        class Door(BaseHTTPRequestHandler):
            def answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else None
                path = self.path.removeprefix("/api/v1/")
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                fake.asked.append((self.command, path, body, token))
                if path.startswith("stream"):
                    self.tell()
                    return
                status, value = fake.answers.get(
                    (self.command, unquote(urlsplit(path).path)),
                    (404, {"title": "Not found", "detail": "no such thing"}),
                )
                data = (
                    value
                    if isinstance(value, bytes)
                    else b""
                    if value is None
                    else json.dumps(value).encode()
                )
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def tell(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                for event in fake.stream:
                    self.wfile.write(event.encode())
                self.wfile.flush()
                fake.closed.wait(5)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.closed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def gives(self, path: str, value: Any, *, method: str = "GET", status: int = 200) -> None:
        self.answers[(method, path)] = (status, value)

    def has(self, **counts: int) -> None:
        """A summary with these counts."""
        self.gives(
            "summary",
            {
                "node": "north",
                "software": "0.1.0",
                "at": time.time(),
                "started": time.time(),
                "version": 1,
                "size": sum(counts.values()),
                "total": sum(counts.values()),
                "counts": counts,
                "alerts": {"firing": 0, "unacknowledged": 0, "dead_letters": 0},
                "ready": True,
                "warnings": [],
            },
        )

    def shows(self, *rows: dict[str, Any]) -> None:
        """A page of components."""
        whole = [
            {"slot": n, "kind": "service", "since": time.time() - 60, **row} for n, row in enumerate(rows)
        ]
        self.gives("components", {"total": len(rows), "offset": 0, "version": 1, "components": whole})

    def close(self) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNode]:
    fake = FakeNode()
    monkeypatch.setenv("GADFLY_NODE", fake.url)
    monkeypatch.setenv("NO_COLOR", "1")
    yield fake
    fake.close()


@pytest.fixture
def gadfly(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line; gives exit code, standard output, standard error."""

    def run(*args: str) -> tuple[int, str, str]:
        code = main(args)
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """What was started in the background of a shell ignores interrupts, and so would its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
