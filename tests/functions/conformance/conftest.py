"""The two who answer: a cell of gadfly's, and AWS' own runtime client before a Runtime API on loopback.

What is compared is what goes out: the bytes of an answer as the node keeps them, and the bytes that the
runtime client posts. Three things are written alike on both sides before, and nothing else: the folder of the
function (``/code`` in a cell), the times in lines of the log, and addresses of objects.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import re
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gadfly.functions import invoke
from gadfly.functions.sandbox.supervisor import Limits, SandboxError, Template

PATIENCE = 60.0
REQUEST = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
CONTEXT = {
    "function_name": "f",
    "function_version": "7",
    "invoked_function_arn": "arn:aws:lambda:eu-central-1:123456789012:function:f",
    "memory_limit_in_mb": 128,
    "aws_request_id": REQUEST,
    "log_group_name": "/here/f",
    "log_stream_name": "[7]one",
}
ENVIRONMENT = {
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    "AWS_LAMBDA_FUNCTION_NAME": CONTEXT["function_name"],
    "AWS_LAMBDA_FUNCTION_VERSION": CONTEXT["function_version"],
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(CONTEXT["memory_limit_in_mb"]),
    "AWS_LAMBDA_LOG_GROUP_NAME": CONTEXT["log_group_name"],
    "AWS_LAMBDA_LOG_STREAM_NAME": CONTEXT["log_stream_name"],
}
"""As there; the version of Python that an exported function asks for."""
SECONDS = 20.0
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ADDRESS = re.compile(rb"0x[0-9a-f]{6,}")


class Given(NamedTuple):
    """`how`: response, error, refused (before any call) or gone (no answer at all)."""

    how: str
    body: bytes
    log: bytes


def alike(text: bytes, folder: str) -> bytes:
    """With the three things that differ from run to run written alike."""
    return _ADDRESS.sub(b"0x0", _TIME.sub(b"TIME", text.replace(folder.encode(), b"/code")))


class RuntimeApi(ThreadingHTTPServer):
    """Hands out one event and takes what is posted for it."""

    daemon_threads = True

    def __init__(self, said: queue.Queue[tuple[str, bytes]], event: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.said = said
        self.event: bytes | None = event
        self.over = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side is killed while it waits for a second event: no error of anybody's."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RuntimeApi

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        assert self.path == "/2018-06-01/runtime/invocation/next"
        event, self.server.event = self.server.event, None
        if event is None:
            # There is no second one: it waits, as there, until it is ended.
            self.server.over.wait(PATIENCE)
            self.close_connection = True
            return
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": REQUEST,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + SECONDS) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": CONTEXT["invoked_function_arn"],
        }
        self._answer(200, event, headers)  # type: ignore[arg-type]

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def do_POST(self) -> None:
        how = self.path.removeprefix("/2018-06-01/runtime/")
        body = self._body()
        self._answer(202, b"{}")
        self.server.said.put((how, body))


class Official:
    """AWS' runtime client, answering for one handler after another."""

    def __init__(self) -> None:
        self._said: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._driver = subprocess.Popen(
            [sys.executable, "-B", str(Path(__file__).with_name("official.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._driver.stdout
        for line in self._driver.stdout:
            self._said.put((line.decode().strip(), b""))

    def _order(self, order: dict[str, Any] | None) -> None:
        assert self._driver.stdin
        self._driver.stdin.write(json.dumps(order).encode() + b"\n")
        self._driver.stdin.flush()

    def answer(self, folder: Path, event: Any) -> Given:
        api = RuntimeApi(self._said, json.dumps(event).encode())
        threading.Thread(target=api.serve_forever, args=(0.01,), daemon=True).start()
        try:
            return self._answer(folder, f"127.0.0.1:{api.server_port}")
        finally:
            api.over.set()
            api.shutdown()
            api.server_close()

    def _answer(self, folder: Path, address: str) -> Given:
        log = folder / "log"
        order = {
            "folder": str(folder),
            "handler": "f.handler",
            "log": str(log),
            "environment": {**ENVIRONMENT, "AWS_LAMBDA_RUNTIME_API": address},
        }
        self._order(order)
        how, body = self._said.get(timeout=PATIENCE)
        self._order(None)
        while self._said.get(timeout=PATIENCE)[0] != "ended":
            pass  # it may have gone by itself meanwhile
        how = "refused" if how == "init/error" else how.removeprefix(f"invocation/{REQUEST}/")
        return Given(how, alike(body, str(folder)), alike(log.read_bytes(), str(folder)))

    def close(self) -> None:
        assert self._driver.stdin
        assert self._driver.stdout
        self._driver.stdin.close()
        self._driver.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._driver.stdout.close()


class Ours:
    """Cells of one template, one a handler, in a loop of their own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._template = Template()
        self._runner.run(self._template.start())

    def answer(self, folder: Path, event: Any) -> Given:
        return self._runner.run(self._answer(folder, event))

    async def _answer(self, folder: Path, event: Any) -> Given:
        try:
            cell = await self._template.cell(str(folder), ("f", "handler"), Limits(seconds=SECONDS))
        except SandboxError as error:
            return Given("refused", str(error).encode(), b"")
        try:
            await cell.load()  # as a deploy does
            answer = await cell.call(event, CONTEXT, _nothing)
        except SandboxError as error:
            return Given("refused", str(error).encode(), b"")
        finally:
            cell.close()
        done = invoke.finished(1, answer, 0.0)
        if done.outcome == "ended":
            return Given("gone", done.words.encode(), answer.log)
        how = "response" if done.error is None else "error"
        return Given(how, alike(invoke.kept(done), "/code"), alike(answer.log, "/code"))

    def close(self) -> None:
        self._template.close()
        self._runner.close()


async def _nothing(asked: dict[str, Any]) -> dict[str, Any]:
    return {"denied": "nothing is granted"}


@pytest.fixture(scope="session")
def official() -> Iterator[Official]:
    pytest.importorskip("awslambdaric", reason="awslambdaric is not installed: make .venv/.tests")
    client = Official()
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="session")
def ours() -> Iterator[Ours]:
    cells = Ours()
    try:
        yield cells
    finally:
        cells.close()


@pytest.fixture
def function(tmp_path: Path) -> Callable[[str], Path]:
    """A folder with this source as its ``f.py``."""

    def write(source: str) -> Path:
        os.chmod(tmp_path, 0o755)
        folder = tmp_path / "function"
        folder.mkdir(mode=0o755)
        file = folder / "f.py"
        file.write_text(textwrap.dedent(source))
        file.chmod(0o644)
        return folder

    return write
