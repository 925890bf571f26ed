"""The simulated node, and a way to ask the application without a socket."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from gadfly.web.api import build


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


chromium = _load("chromium")
simulated_acts = _load("simulated_acts")
simulated_functions = _load("simulated_functions")
simulated_ledger = _load("simulated_ledger")
simulated_logs = _load("simulated_logs")
simulated_predictions = _load("simulated_predictions")
simulated_questions = _load("simulated_questions")
simulated_rules = _load("simulated_rules")
simulated_scraping = _load("simulated_scraping")
simulated_series = _load("simulated_series")
simulated = _load("simulated")


class Answered(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Asker:
    """Calls an ASGI application the way a server does."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self.app = build(node)

    async def __call__(
        self,
        method: str,
        target: str,
        *,
        token: str = "",
        body: bytes | dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        client: str = "127.0.0.1",
    ) -> Answered:
        sent = {"host": "127.0.0.1:7171", **(headers or {})}
        if token:
            sent["authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if isinstance(body, dict):
            sent.setdefault("content-type", "application/json")
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(key.lower().encode(), value.encode()) for key, value in sent.items()],
            "client": (client, 50000),
            "server": ("127.0.0.1", 7171),
        }
        parts = [data[n : n + 30_000] for n in range(0, len(data), 30_000)] or [b""]
        answer = Answered(0, {}, b"")

        async def receive() -> Any:
            if parts:
                part = parts.pop(0)
                return {"type": "http.request", "body": part, "more_body": bool(parts)}
            await asyncio.Event().wait()
            return None

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {key.decode(): value.decode() for key, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")

        await self.app(scope, receive, send)
        return answer


@pytest.fixture
def make_node() -> Callable[..., Any]:
    return simulated.SimulatedNode


@pytest.fixture
def node() -> Any:
    return simulated.SimulatedNode(400)


@pytest.fixture
def ask(node: Any) -> Asker:
    return Asker(node)


@pytest.fixture
def asker() -> type[Asker]:
    return Asker


@pytest.fixture
def token() -> str:
    return simulated.TOKEN


@pytest.fixture
def reader() -> str:
    return simulated.READER


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not chromium.CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("CI needs Debian's chromium at /usr/bin/chromium")
        pytest.skip("needs Debian's chromium at /usr/bin/chromium")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=str(chromium.CHROMIUM), args=chromium.ARGS, headless=True
        )
        yield found
        found.close()


@pytest.fixture
def running(make_node: Any) -> Iterator[Any]:
    made = chromium.Running(make_node, size=2000)
    yield made
    made.close()


@pytest.fixture
def opened(request: Any, browser: Any, running: Any) -> Iterator[Any]:
    """A page in Chromium; a parameter (`indirect`) is what its context has. It complains of nothing, and asks
    nobody else."""
    made = chromium.Opened(browser, running, **getattr(request, "param", {}))
    yield made
    made.context.close()
    assert made.complaints == []
    assert [url for url in made.requested if not url.startswith(running.url)] == []
