"""Lines of logs by the API: filtered, paged, followed, and refused with words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest


async def lines(ask: Any, **query: object) -> Any:
    answer = await ask("GET", f"/api/v1/logs?{urlencode(query)}")
    assert answer.status == 200, answer.body
    return answer.json()


async def test_the_newest_come_first(ask: Any) -> None:
    found = await lines(ask, limit=2)
    assert [line["text"][:9] for line in found["lines"]] == ["<img src=", "Out of me"]
    line = found["lines"][1]
    assert (line["host"], line["unit"], line["source"], line["severity"]) == (
        "h1",
        "kernel",
        "syslog",
        "error",
    )
    assert line["fields"] == {"pid": "42"}
    assert found["more"]
    assert found["newest"] == found["lines"][0]["number"]


async def test_pages_follow_each_other(ask: Any) -> None:
    first = await lines(ask, limit=200)
    second = await lines(ask, limit=200, before=first["cursor"])
    assert len(first["lines"]) + len(second["lines"]) == 252
    assert not second["more"]


async def test_what_comes_is_followed(ask: Any) -> None:
    newest = (await lines(ask, limit=1))["newest"]
    assert (await lines(ask, after=newest))["lines"] == []
    ask.node.logs.say("new", at=ask.node.clock.wall())
    page = await lines(ask, after=newest)
    assert [line["text"] for line in page["lines"]] == ["new"]
    assert (await lines(ask, after=page["cursor"]))["lines"] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "OUT OF memory: killed 4711 ("}, 1),
        ({"match": "checkout/1?5 "}, 2),
        ({"unit": "k*"}, 1),
        ({"host": "h2"}, 0),
        ({"severity": "warning"}, 2),
        ({"source": "file:*"}, 0),
    ],
)
async def test_lines_are_chosen(ask: Any, query: dict[str, str], count: int) -> None:
    assert len((await lines(ask, **query))["lines"]) == count


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("match=(", "missing )"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("after=1&before=2", "not both"),
        ("q=a&match=b", "not both"),
        ("severity=bad", "emergency"),
        ("since=soon", "since"),
        ("who=me", "Unknown"),
    ],
)
async def test_what_cannot_be_asked_is_said(ask: Any, query: str, words: str) -> None:
    answer = await ask("GET", f"/api/v1/logs?{query}")
    assert answer.status == 422
    assert words in answer.json()["detail"]


async def test_a_store_that_is_not_open_asks_to_come_again(ask: Any) -> None:
    ask.node.logs.trouble = "the logs are still being opened"
    answer = await ask("GET", "/api/v1/logs")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "2"
