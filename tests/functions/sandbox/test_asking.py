"""What a handler may ask for becomes one frame, and the reply a value or an error of its own."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gadfly.functions.sandbox import asking

said: list[dict[str, Any]] = []
replies: list[dict[str, Any]] = []


@pytest.fixture(autouse=True)
def _broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_exchange", None)
    said.clear()
    replies.clear()

    def exchange(message: dict[str, Any]) -> dict[str, Any]:
        said.append(message)
        return replies.pop(0)

    asking.connect(exchange)


@pytest.mark.parametrize(
    ("ask", "verb", "text", "args"),
    [
        pytest.param(lambda: asking.metric("a > 1"), "metric:read", "a > 1", {}, id="metric"),
        pytest.param(
            lambda: asking.components(group="web"), "component:read", "group=web", {}, id="component"
        ),
        pytest.param(
            lambda: asking.silence("group=web", 900, "rollout"),
            "alert:silence",
            "group=web",
            {"seconds": 900, "comment": "rollout"},
            id="silence",
        ),
        pytest.param(
            lambda: asking.act("restart", on="w7"),
            "act:request",
            "restart",
            {"inputs": {"on": "w7"}},
            id="act",
        ),
        pytest.param(
            lambda: asking.invoke("tidy", [1]), "function:invoke", "tidy", {"event": [1]}, id="invoke"
        ),
    ],
)
def test_what_is_said(ask: Any, verb: str, text: str, args: dict[str, Any]) -> None:
    replies.append({"ok": [1]})
    assert ask() == [1]
    assert said == [{"ask": {"verb": verb, "text": text, "args": args}}]


@pytest.mark.parametrize(
    ("body", "sent", "kind"),
    [
        pytest.param(b"\xff", b"\xff", None, id="bytes"),
        pytest.param("ü", "ü".encode(), None, id="text"),
        pytest.param({"a": 1}, b'{"a": 1}', "application/json", id="object"),
        pytest.param(None, None, None, id="none"),
    ],
)
def test_a_request(body: Any, sent: bytes | None, kind: str | None) -> None:
    replies.append({"ok": {"status": 201, "headers": {"x": "y"}, "body": base64.b64encode(b"[1]").decode()}})
    found = asking.http("post", "https://h.example/x", body=body, secret="slack")
    assert (found.status, found.headers, found.json(), found.text()) == (201, {"x": "y"}, [1], "[1]")
    ask = said[0]["ask"]
    assert (ask["verb"], ask["text"], ask["args"]["secret"]) == ("http:POST", "https://h.example/x", "slack")
    assert ask["args"]["headers"].get("content-type") == kind
    assert (base64.b64decode(ask["args"]["body"]) if sent is not None else None) == sent


def test_what_is_denied_is_an_error_of_its_own() -> None:
    replies.append({"denied": "metric:read a"})
    with pytest.raises(asking.Denied, match="metric:read a"):
        asking.metric("a")


@pytest.mark.parametrize("reply", [{"failed": "too slow"}, {}])
def test_what_failed_is_another(reply: dict[str, Any]) -> None:
    replies.append(reply)
    with pytest.raises(asking.Failed):
        asking.metric("a")


def test_components_are_chosen_by_one_thing() -> None:
    with pytest.raises(TypeError, match="one of"):
        asking.components(group="a", owner="b")


def test_nothing_is_asked_while_code_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_exchange", None)
    with pytest.raises(asking.Failed, match="while the code is loaded"):
        asking.metric("a")
