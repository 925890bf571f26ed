"""A question on a running node: asked by letter, answered by its link, read on the page, in the ledger."""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gadfly.app import Node
from gadfly.ask.evaluate import Evaluation
from gadfly.ask.finding import Finding

pytestmark = pytest.mark.slow
Until = Callable[..., Awaitable[Any]]
DAY = 86_400.0
MORE = """
            hours = "Mon-Sun 00:00-24:00"
            [owner.search]
            contact = ["receiver:file"]
            hours = "Mon-Sun 00:00-24:00"
"""


def found(subject: str, owner: str = "ops") -> Finding:
    values = {
        "subject": subject,
        "check": subject,
        "n": 24,
        "k": 2,
        "days": 60,
        "worse": 22,
        "component": "api",
    }
    return Finding("unacted", subject, "api", owner, 2, 22.0, 12.0, values, 3, 0.0)


async def asks(node: Node, *findings: Finding) -> None:
    """Two days in a row the data says so."""
    seen = Evaluation(list(findings), {}, {"unacted": 0.1})
    for back in (DAY, 0.0):
        await node.asking.dialogue.advance(seen, node.clock.wall() - back)


def http(
    node: Node, path: str, body: bytes | None = None, media: str = "application/x-www-form-urlencoded"
) -> tuple[int, str]:
    headers = {"content-type": media, "authorization": f"Bearer {node.access.local}"} if body else {}
    if path.startswith("/q/"):
        headers.pop("authorization", None)
    request = urllib.request.Request(node.server.url.rstrip("/") + path, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def letters(place: Any, until: Until, count: int) -> list[dict[str, Any]]:
    def come() -> list[dict[str, Any]]:
        return [one for one in place.notifications() if one["kind"] == "notice"]

    await until(lambda: len(come()) >= count, 30.0)
    return come()


async def test_from_the_letter_to_the_ledger(place: Any, until: Until) -> None:
    place.write(MORE)
    async with place.node() as node:
        await asks(node, found("api-latency"), found("api-errors", "search"))
        told = await letters(place, until, 2)
        mine = next(one for one in told if "for ops" in one["title"])
        assert "api-latency" in mine["title"]
        for part in (
            "Assumed: This page causes action.",
            "times 24, led to something 2",
            "four answers",
            "Ledger: ",
        ):
            assert part in mine["text"]
        (path,) = re.findall(r"https?://[^/]+(/q/\S+)", mine["text"])

        status, page = await asyncio.to_thread(http, node, path)
        assert status == 200
        assert "What should a person do at the next one?" in page
        book = await node.asking.book()
        mine_id, other_id = sorted(book.questions, key=lambda id: book.questions[id].owner)
        assert book.questions[mine_id].state == "open"

        short = urllib.parse.urlencode({"answer": "accept", "reason": "ok"}).encode()
        status, page = await asyncio.to_thread(http, node, path, short)
        assert status == 422
        assert "in your own words" in page

        form = urllib.parse.urlencode({"answer": "change", "change": "commit 4f2a: for = 5m"}).encode()
        answered = await asyncio.gather(*(asyncio.to_thread(http, node, path, form) for _ in range(4)))
        assert sorted(one for one, _ in answered)[0] == 200
        assert all(one in (409, 410) for one, _ in sorted(answered)[1:])
        assert (await asyncio.to_thread(http, node, path))[0] == 410
        assert book.questions[mine_id].answer == "change"
        assert book.questions[mine_id].by == "owner:ops"
        assert book.questions[other_id].state == "open"

        status, text = await asyncio.to_thread(http, node, f"/api/v1/questions/q{mine_id}")
        story = json.loads(text)
        assert story["state"] == "changed"
        assert story["evidence"]["rows"][0]["n"] == 24
        assert [one["who"] for one in story["history"]] == ["The node", "Owner ops"]
        assert "commit 4f2a" in story["history"][-1]["words"]

        refused = json.dumps({"answer": "accept", "reason": "too short", "until": "2020-01-01"}).encode()
        where = f"/api/v1/questions/q{other_id}/answer"
        status, text = await asyncio.to_thread(http, node, where, refused, "application/json")
        assert (status, json.loads(text)["field"]) == (422, "reason")
        until_day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 60 * DAY))
        given = {"answer": "accept", "reason": "The sale needs it this loud.", "until": until_day}
        status, text = await asyncio.to_thread(
            http, node, where, json.dumps(given).encode(), "application/json"
        )
        assert (status, json.loads(text)["state"]) == (200, "accepted")
        status, text = await asyncio.to_thread(http, node, "/api/v1/questions/review?owner=search")
        assert [one["id"] for one in json.loads(text)["accepted"]] == [f"q{other_id}"]


async def test_a_team_has_one_letter_a_day(place: Any, until: Until) -> None:
    place.write(MORE)
    async with place.node() as node:
        await asks(node, found("api-latency"))
        await letters(place, until, 1)
        await node.asking.dialogue.advance(Evaluation([], {}, {"unacted": 0.1}), None)
        rows = await node.db.read(lambda one: one.execute("SELECT team, why FROM question_told").fetchall())
        assert rows == [("ops", "withdrawn")]
        assert len(place.notifications()) == 1


async def test_what_a_team_was_asked_that_is_declared_no_more(place: Any, until: Until) -> None:
    place.write(MORE + '[component.api]\nowner = "search"')
    async with place.node() as node:
        await asks(node, found("api http", "search"))
        (told,) = await letters(place, until, 1)
        (link,) = re.findall(r"https?://[^/]+(/q/\S+)", told["text"])
        place.write('hours = "Mon-Sun 00:00-24:00"\n[component.api]\nowner = "ops"')
        await node.reload()

        _, told = await letters(place, until, 2)
        assert told["title"].startswith("A question for ops: ")
        assert "It was asked of search, which is declared no longer; it is yours now." in told["text"]
        (fresh,) = re.findall(r"https?://[^/]+(/q/\S+)", told["text"])
        status, page = await asyncio.to_thread(http, node, link)
        assert status == 410
        assert "Since this letter q1 passed to ops, where it is answered" in page
        assert (await asyncio.to_thread(http, node, fresh))[0] == 200

        for owner in ("search", "ops"):
            _, text = await asyncio.to_thread(http, node, f"/api/v1/questions?owner={owner}")
            (shown,) = json.loads(text)["questions"]
            assert (shown["owner"], shown["whom"]) == ("ops", "ops")
            assert shown["then"].startswith("It was asked of search, which is declared no longer")
        assert json.loads(text)["owners"] == ["ops", "search"]
        _, text = await asyncio.to_thread(http, node, "/api/v1/questions/q1")
        words = [one["words"] for one in json.loads(text)["history"]]
        assert words[1] == (
            "Question q1 passed from search, which is declared no longer, to ops: unacted of api http."
        )
        assert words[2] == "Question q1 went to ops, as it is theirs now: unacted of api http."
