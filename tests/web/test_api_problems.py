"""Every error is a problem document (RFC 9457) that says what to do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import gadfly.errors

FRAME = {"content-type": "application/octet-stream"}


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "says"),
    [
        ("GET", "/nope", None, 404, "openapi"),
        ("GET", "/page/../api.py", None, 404, "nothing at this address"),
        ("GET", "/api/v1/components/nobody", None, 404, "nobody"),
        ("GET", "/api/v1/components/nobody/story", None, 404, "nobody"),
        ("GET", "/api/v1/story?name=", None, 404, "No component"),
        ("GET", "/api/v1/slots/400", None, 404, "slot"),
        ("GET", "/api/v1/slots/-1", None, 404, "slot"),
        ("GET", "/api/v1/slots/²", None, 404, "slot"),
        ("POST", "/api/v1/summary", None, 405, "GET"),
        ("GET", "/api/v1/beat", None, 405, "POST"),
        ("GET", "/api/v1/components?verdict=sad", None, 422, "'sad'"),
        ("GET", "/api/v1/components?limit=1001", None, 422, "1000"),
        ("GET", "/api/v1/components?limit=x", None, 422, "limit"),
        ("GET", "/api/v1/components?offset=-1", None, 422, "offset"),
        ("GET", "/api/v1/components?order=age", None, 422, "order"),
        ("GET", "/api/v1/components?nme=x", None, 422, "'nme'"),
        ("GET", "/api/v1/grid/order?by=age", None, 422, "by"),
        ("GET", "/api/v1/alerts?state=sad", None, 422, "state"),
        ("POST", "/api/v1/silences", b"{", 400, "JSON"),
        (
            "POST",
            "/api/v1/silences",
            b'{"match": {"a": "b"}, "reason": "x", "lasts": 5, "lasts": 50}',
            400,
            "twice",
        ),
        (
            "POST",
            "/api/v1/silences",
            b'{"match": {"a": "b", "\\u0061": "c"}, "reason": "x", "lasts": 5}',
            400,
            "twice",
        ),
        ("POST", "/api/v1/silences", {"match": {}, "reason": "x", "lasts": 5}, 422, "match"),
        ("POST", "/api/v1/silences", {"match": {"a": "b"}, "reason": "", "lasts": 5}, 422, "reason"),
        ("POST", "/api/v1/silences", {"match": {"a": "b"}, "reason": "x"}, 422, "end"),
        ("POST", "/api/v1/silences", {"match": {"a": "b"}, "reason": "x", "ends": 5}, 422, "future"),
        (
            "POST",
            "/api/v1/silences",
            {"match": {"a": "b"}, "reason": "x", "lasts": 1, "ends": 2},
            422,
            "either",
        ),
        ("POST", "/api/v1/silences", {"match": {"a": "b"}, "raeson": "x"}, 422, "raeson"),
        ("POST", "/api/v1/alerts/zz/ack", {}, 404, "zz"),
        ("DELETE", "/api/v1/silences/zz", None, 404, "zz"),
        ("POST", "/api/v1/outbox/zz/retry", None, 404, "zz"),
        ("DELETE", "/api/v1/tokens/99", None, 404, "99"),
        ("DELETE", "/api/v1/tokens/x", None, 404, "token"),
        ("POST", "/api/v1/tokens", {"name": "x", "scopes": ["all"]}, 422, "scopes[0]"),
        ("POST", "/api/v1/probe/nobody", None, 404, "nobody"),
    ],
)
async def test_problem(
    ask: Any, token: str, method: str, target: str, body: Any, status: int, says: str
) -> None:
    headers = {"content-type": "application/json"} if isinstance(body, bytes) else {}
    answer = await ask(method, target, token=token, body=body, headers=headers)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert says in told["detail"] + told["title"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_too_large_by_its_length(ask: Any, token: str) -> None:
    answer = await ask("POST", "/api/v1/silences", token=token, headers={"content-length": "70000"})
    assert answer.status == 413
    assert "65536" in answer.json()["detail"]


async def test_too_large_whatever_it_claims(ask: Any, token: str) -> None:
    media = {"content-type": "application/json"}
    answer = await ask("POST", "/api/v1/silences", token=token, body=b" " * 70_000, headers=media)
    assert answer.status == 413
    assert "65536" in answer.json()["detail"]


async def test_another_media_type(ask: Any, token: str) -> None:
    media = {"content-type": "text/plain"}
    answer = await ask("POST", "/api/v1/silences", token=token, body=b"{}", headers=media)
    assert answer.status == 415


async def test_allow_names_the_methods(ask: Any) -> None:
    answer = await ask("DELETE", "/api/v1/silences")
    assert answer.status == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(","))


async def test_a_defect_is_ours_and_tells_nothing_else(ask: Any, node: Any, caplog: Any) -> None:
    def broken() -> Any:
        raise RuntimeError("a path and a secret")

    node.metrics_text = broken
    answer = await ask("GET", "/metrics")
    assert answer.status == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"secret" not in answer.body
    assert "a path and a secret" in caplog.text


async def test_what_takes_too_long_ends(ask: Any, node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless() -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr("gadfly.web.guard.SECONDS", 0.01)
    node.incidents = endless
    answer = await ask("GET", "/api/v1/incidents")
    assert answer.status == 408


@pytest.mark.parametrize("error", ["StoreError", "LimitError", "GadflyError"])
async def test_the_node_s_own_errors(ask: Any, node: Any, error: str) -> None:
    async def fails() -> Any:
        raise getattr(gadfly.errors, error)("the disk is full")

    node.incidents = fails
    answer = await ask("GET", "/api/v1/incidents")
    assert answer.status == {"StoreError": 503, "LimitError": 429, "GadflyError": 500}[error]
    assert answer.json()["detail"] == "the disk is full"
