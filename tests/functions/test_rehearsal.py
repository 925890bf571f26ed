"""The world of a sample: nothing is done, and what is answered comes from the sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gadfly.errors import ConfigError
from gadfly.functions import rehearsal
from gadfly.functions.reach import Reach
from gadfly.functions.rehearsal import Rehearsed, sample
from gadfly.functions.world import Request, Response


def request(path: str, method: str = "GET", port: int = 443) -> Request:
    return Request(method, "https", "h.example", port, path, {}, b"", 1.0, 100)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (request("/list?a=b"), (200, b'["x"]')),
        (request("/gone"), (404, b"no")),
        (request("/text"), (200, b"plain")),
        (request("/other"), (200, b"{}")),
        (request("/list", port=8443), (200, b"8443")),
        (request("/list", "DELETE"), (200, b"{}")),
    ],
    ids=["json", "status", "text", "unknown", "port", "write"],
)
async def test_http_is_answered_by_the_sample(asked: Request, answer: tuple[int, bytes]) -> None:
    world = Rehearsed(
        {
            "http:GET https://h.example/list": ["x"],
            "http:GET https://h.example/gone": {"status": 404, "body": "no"},
            "http:GET https://h.example/text": "plain",
            "http:GET https://h.example:8443/list": "8443",
        }
    )
    found = await world.http(asked)
    assert (found.status, found.body) == answer


async def test_only_reading_is_live(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    async def exchange(asked: Request, _reach: Reach) -> Response:
        sent.append(asked.method)
        return Response(200, {}, b"real")

    monkeypatch.setattr(rehearsal, "exchange", exchange)
    world = Rehearsed({}, live=True)
    bodies = [(await world.http(request("/a", method))).body for method in ("GET", "HEAD", "POST", "DELETE")]
    assert bodies == [b"real", b"real", b"{}", b"{}"]
    assert sent == ["GET", "HEAD"]


async def test_the_rest_is_answered_and_not_done() -> None:
    world = Rehearsed(
        {
            "metric:read up": [{"value": 1}],
            "component:read group=web": [{"name": "w1"}],
            "act:request restart": {"state": "refused"},
            "function:invoke other": 7,
        }
    )
    assert await world.metric("f", "up") == [{"value": 1}]
    assert await world.metric("f", "down") == []
    assert await world.components("f", {"kind": "service", "group": "web"}) == [{"name": "w1"}]
    assert await world.components("f", {"group": "db"}) == []
    assert await world.silence("f", {}, 1.0, "x") == {"id": 0}
    assert await world.act("f", "restart", {}) == {"state": "refused"}
    assert await world.act("f", "other", {}) == {"state": "asked"}
    assert (await world.invoke("f", "other", {}, 1), await world.invoke("f", "third", {}, 1)) == (7, {})
    assert world.secret("a") == world.secret("a") != world.secret("b")


@pytest.mark.parametrize(
    ("text", "event", "answers"),
    [
        ('{"a": 1}', {"a": 1}, {}),
        ("[1]", [1], {}),
        ('{"event": 3, "answers": {"metric:read up": []}}', 3, {"metric:read up": []}),
        ('{"event": 3, "other": 4}', {"event": 3, "other": 4}, {}),
    ],
)
def test_a_sample_is_an_event_or_one_with_answers(
    text: str, event: Any, answers: Any, tmp_path: Path
) -> None:
    path = tmp_path / "s.json"
    path.write_text(text)
    assert sample(path) == ("s.json", event, answers)


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "not JSON"), ('{"event": 1, "answers": []}', "`answers` is an object"), (None, "No such file")],
    ids=["broken", "answers", "absent"],
)
def test_what_is_no_sample(text: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        sample(path)


def test_a_sample_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "BYTES", 10)
    path = tmp_path / "s.json"
    path.write_text(json.dumps("x" * 20))
    with pytest.raises(ConfigError, match="larger than"):
        sample(path)
