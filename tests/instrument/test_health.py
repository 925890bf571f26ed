"""Health documents, and the endpoints as ASGI and WSGI, alone and around another application."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from gadfly import Health, Heart
from gadfly.instrument.asgi import asgi
from gadfly.instrument.metrics import Counter, Registry
from gadfly.instrument.wsgi import wsgi


def never() -> None:
    threading.Event().wait(3)


def raises() -> None:
    raise ConnectionError("password=hunter2")


@pytest.mark.parametrize(
    ("check", "status", "output"),
    [
        (lambda: None, "pass", None),
        (lambda: True, "pass", None),
        (lambda: "warn", "warn", None),
        (lambda: ("warn", "replica lags"), "warn", "replica lags"),
        (lambda: False, "fail", "the health check says so"),
        (lambda: "starting", "fail", None),
        (lambda: "fine", "fail", "the health check returned 'fine', which is no status"),
        (lambda: 3, "fail", "the health check returned '3', which is no status"),
        (raises, "fail", "raised ConnectionError"),
        (never, "fail", "no answer within 0.05 s"),
    ],
)
def test_one_check(check: Any, status: str, output: str | None) -> None:
    health = Health("checkout", "1.2")
    health.add("db", check, timeout=0.05)
    document = health.report("ready")
    assert document["status"] == status
    assert document["version"] == "1.2"
    assert document["description"] == "health of checkout"
    (result,) = document["checks"]["db"]
    assert (result["status"], result.get("output")) == (status, output)
    assert result["time"].endswith("Z")
    assert document.get("output") == (None if status == "pass" else f"db: {output or ''}")
    assert "hunter2" not in json.dumps(document)


def test_a_check_that_hangs_is_called_once() -> None:
    calls, release = [], threading.Event()

    def hang() -> None:
        calls.append(1)
        release.wait(5)

    health = Health()
    health.add("db", hang, timeout=0.02, every=0.0)
    assert [health.report()["status"] for _ in range(3)] == ["fail"] * 3
    assert len(calls) == 1
    release.set()


def test_a_fresh_result_is_not_asked_for_again() -> None:
    calls: list[int] = []
    health = Health()
    health.add("db", lambda: calls.append(1), every=60.0)
    assert {health.report()["status"] for _ in range(5)} == {"pass"}
    assert len(calls) == 1


def test_liveness_asks_only_what_a_restart_mends() -> None:
    health = Health()
    health.add("db", lambda: False)

    @health.check("pool", live=True)
    def pool() -> str:
        return "warn"

    assert health.body("live")[0] == 200
    assert list(health.report("live")["checks"]) == ["pool"]
    assert health.body("ready")[0] == 503
    with pytest.raises(ValueError, match="named db already"):
        health.add("db", pool)


@pytest.mark.parametrize(
    ("said", "live", "ready"),
    [
        ("pass", 200, 200),
        ("warn", 200, 200),
        ("fail", 200, 503),
        ("starting", 200, 503),
        ("stalled", 503, 503),
    ],
)
def test_the_heart_has_a_word(said: str, live: int, ready: int) -> None:
    heart = Heart("checkout")
    heart.say(said)
    health = Health(heart=heart)
    assert (health.body("live")[0], health.body("ready")[0]) == (live, ready)


def call_asgi(app: Any, method: str, path: str, **scope: Any) -> tuple[int, dict[str, str], bytes]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app({"type": "http", "method": method, "path": path, **scope}, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


def call_wsgi(app: Any, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
    }
    setup_testing_defaults(environ)
    started: list[Any] = []
    result = validator(app)(environ, lambda status, headers, error=None: started.append((status, headers)))
    body = b"".join(result)
    result.close()
    return int(started[0][0].split()[0]), dict(started[0][1]), body


@pytest.fixture
def parts() -> tuple[Health, Registry]:
    health, registry = Health("checkout"), Registry()
    health.add("db", lambda: True)
    Counter("orders_total", registry=registry).inc()
    return health, registry


@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
@pytest.mark.parametrize(
    ("method", "path", "status", "content_type", "inside"),
    [
        ("GET", "/livez", 200, "application/health+json", b'"status": "pass"'),
        ("GET", "/readyz", 200, "application/health+json", b'"db"'),
        ("GET", "/healthz", 200, "application/health+json", b"health of checkout"),
        ("HEAD", "/healthz", 200, "application/health+json", b""),
        ("GET", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", b"orders_total 1\n"),
        ("POST", "/healthz", 405, "text/plain; charset=utf-8", b"GET or HEAD"),
        ("GET", "/", 404, "text/plain; charset=utf-8", b"not found"),
    ],
)
def test_endpoints(
    parts: tuple[Health, Registry],
    kind: str,
    method: str,
    path: str,
    status: int,
    content_type: str,
    inside: bytes,
) -> None:
    if kind == "asgi":
        got, headers, body = call_asgi(asgi(*parts), method, path)
    else:
        got, headers, body = call_wsgi(wsgi(*parts), method, path)
    assert (got, headers["content-type"]) == (status, content_type)
    assert inside in body
    if method != "HEAD":
        assert int(headers["content-length"]) == len(body)


def test_around_an_asgi_application(parts: tuple[Health, Registry]) -> None:
    async def shop(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    app = asgi(*parts, app=shop)
    assert call_asgi(app, "GET", "/cart") == (418, {}, b"/cart")
    assert call_asgi(app, "GET", "/shop/livez", root_path="/shop")[0] == 200


def test_around_a_wsgi_application(parts: tuple[Health, Registry]) -> None:
    def shop(environ: Any, start_response: Any) -> list[bytes]:
        start_response("418 Teapot", [("content-type", "text/plain")])
        return [b"shop"]

    app = wsgi(*parts, app=shop)
    assert call_wsgi(app, "GET", "/cart")[::2] == (418, b"shop")
    assert call_wsgi(app, "GET", "/livez")[0] == 200


def test_coroutine_checks_run_in_the_program_s_loop(parts: tuple[Health, Registry]) -> None:
    loops: list[Any] = []

    async def check() -> str:
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0)
        return "warn"

    health, registry = parts
    health.add("broker", check, every=0.0)
    assert b'"warn"' in call_asgi(asgi(health, registry), "GET", "/readyz")[2]
    assert b'"warn"' in call_wsgi(wsgi(health, registry), "GET", "/readyz")[2]
    assert len(set(loops)) == 2


def test_alone_it_answers_lifespan_and_closes_websockets(parts: tuple[Health, Registry]) -> None:
    sent: list[str] = []
    waiting = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        return {"type": next(waiting)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(asgi(*parts)({"type": "lifespan"}, receive, send))
    asyncio.run(asgi(*parts)({"type": "websocket", "path": "/"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]
