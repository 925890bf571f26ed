"""Functions over HTTP: who may look, who may call, and what a webhook's sender sees."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.functions.trigger import in_hand
from gadfly.functions.trigger.event import Reply


async def test_what_there_is(ask: Any) -> None:
    found = (await ask("GET", "/api/v1/functions")).json()["functions"]
    assert [(one["name"], one["deployed"][:4]) for one in found] == [("tidy", "abab"), ("unborn", "")]
    assert (await ask("GET", "/api/v1/functions/tidy")).json()["versions"][0]["files"] == 1
    assert (await ask("GET", "/api/v1/functions/none")).status == 404


async def test_calls_are_paged(ask: Any) -> None:
    first = (await ask("GET", "/api/v1/invocations?limit=3")).json()["invocations"]
    assert [one["id"] for one in first] == [200, 199, 198]
    dead = (await ask("GET", "/api/v1/invocations?state=dead&before=200")).json()["invocations"]
    assert [one["id"] for one in dead] == [150, 100, 50]
    assert (await ask("GET", "/api/v1/functions/tidy/logs?limit=2")).json()["tries"][0]["unsaid"] == 7


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("invocations?state=lost", 422),
        ("invocations?limit=0", 422),
        ("invocations?limit=501", 422),
        ("functions/tidy/logs?limit=51", 422),
        ("invocations/7?wait=26", 422),
        ("invocations/x", 404),
        ("invocations/9999", 404),
        ("invocations/99999999999999999999", 404),
    ],
)
async def test_what_is_asked_wrongly(ask: Any, path: str, status: int) -> None:
    assert (await ask("GET", f"/api/v1/{path}")).status == status


@pytest.mark.parametrize(
    "path", ["functions/tidy/deploy", "functions/tidy/invoke", "invocations/7/replay"], ids=str
)
async def test_who_may_only_read_calls_nothing(ask: Any, node: Any, reader: str, path: str) -> None:
    assert (await ask("POST", f"/api/v1/{path}", body={})).status == 401
    assert (await ask("POST", f"/api/v1/{path}", token=reader, body={})).status == 403
    assert [node.functions.deployed, node.functions.invoked, node.functions.replayed] == [[], [], []]


async def test_it_is_done_in_the_name_of_who_asks(ask: Any, node: Any, token: str) -> None:
    told = await ask("POST", "/api/v1/functions/tidy/invoke", token=token, body={"event": {"a": [1]}})
    assert (told.status, told.json()["answer"]) == (200, {"a": [1]})
    ((name, event, who),) = node.functions.invoked
    assert (name, event) == ("tidy", b'{"a":[1]}')
    assert (
        await ask("POST", "/api/v1/functions/tidy/deploy", token=token, body={"hash": "abc"})
    ).status == 200
    assert node.functions.deployed == [("tidy", "abc", who)]
    assert (await ask("POST", "/api/v1/invocations/7/replay", token=token)).json() == {"invocation": 1007}
    assert node.functions.replayed == [(7, who)]
    assert who.startswith(("person:", "program:"))


async def test_a_delivery_needs_no_token(ask: Any, node: Any) -> None:
    told = await ask("POST", "/fn/tidy?a=1", body=b"x" * 100, headers={"X-Hub-Signature-256": "s"})
    assert (told.status, told.headers["x-own"], told.body) == (202, "1", b'{"id":1}')
    (came,) = node.functions.delivered
    assert (came.method, came.path, came.query, came.body) == ("POST", "/", "a=1", b"x" * 100)
    assert dict(came.headers)["x-hub-signature-256"] == "s"


async def test_a_delivery_is_read_no_further_than_its_webhook_takes(ask: Any, node: Any) -> None:
    signed = {"X-Hub-Signature-256": "s"}
    assert (await ask("POST", "/fn/tidy", body=b"x" * 101, headers=signed)).status == 413
    unsigned = await ask("POST", "/fn/tidy", body=b"x" * 101)
    assert (unsigned.status, unsigned.headers["connection"]) == (401, "close")
    refused = await ask("POST", "/fn/none", body=b"x")
    assert (refused.status, refused.json()) == (404, {"error": "there is no such webhook"})
    assert (await ask("GET", "/fn/tidy")).status == 405
    assert not node.functions.delivered


async def test_deliveries_beyond_what_fits_in_memory_are_to_come_again(
    ask: Any, node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_hand, "SHARE", 50)
    signed = {"X-Hub-Signature-256": "s"}
    told = await ask("POST", "/fn/tidy", body=b"x" * 51, headers=signed)
    assert (told.status, told.headers["connection"], "later" in told.json()["error"]) == (429, "close", True)
    for _ in range(3):
        assert (await ask("POST", "/fn/tidy", body=b"x" * 50, headers=signed)).status == 202


async def test_a_handlers_answer_is_no_word_of_the_node(ask: Any, node: Any) -> None:
    own = [("set-cookie", "a=b"), ("content-security-policy", "x"), ("x-frame-options", "no"), ("x-own", "1")]
    node.functions.answer = Reply(200, own, b"A")
    told = await ask("POST", "/fn/tidy", body=b"x", headers={"X-Hub-Signature-256": "s"})
    assert (told.status, told.body, told.headers["x-own"]) == (200, b"A", "1")
    assert "set-cookie" not in told.headers
    assert told.headers["x-frame-options"] == "DENY"
    assert told.headers["content-security-policy"] != "x"


@pytest.mark.parametrize("status", [204, 304])
async def test_nothing_follows_an_answer_without_a_body(ask: Any, node: Any, status: int) -> None:
    node.functions.answer = Reply(status, [("content-length", "5")], b"HTTP/1.1 200 OK")
    told = await ask("POST", "/fn/tidy", body=b"x", headers={"X-Hub-Signature-256": "s"})
    assert (told.status, told.body) == (status, b"")
    assert "content-length" not in told.headers


@pytest.mark.parametrize("depth", [100_000, 20_000, 2_000, 1_000])
async def test_an_event_that_is_nested_too_deeply_is_refused(
    ask: Any, node: Any, token: str, depth: int
) -> None:
    event = b'{"event": ' + b"[" * depth + b"]" * depth + b"}"
    told = await ask(
        *("POST", "/api/v1/functions/tidy/invoke"),
        token=token,
        body=event,
        headers={"content-type": "application/json"},
    )
    assert told.status == 400
    assert b"not JSON" in told.body
    assert not node.functions.invoked
