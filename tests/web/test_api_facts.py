"""Facts over HTTP: what is taken, who may, and what is said of what is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gadfly.ask import kinds
from gadfly.ask.facts import TABLES
from gadfly.ask_facts.lacking import reads
from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.web.answers.facts import (
    FactRow,
    FactRows,
    Facts,
    GoneFacts,
    Look,
    TakenFacts,
)
from gadfly.web.facts import MEASURED

LINES = {"content-type": "application/x-ndjson"}


class Keeping:
    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.outcome: Exception | None = None

    async def facts(self) -> Facts:
        return Facts(looked=None, seconds=None, trouble={}, tables=[], kinds=[])

    async def rows(self, table: str, *, after: str, limit: int) -> FactRows:
        self.asked.append((table, after, limit))
        return FactRows(
            table=table, rows=[FactRow(key='["ops"]', cells={"owner": "ops"}, at=1.0, who="ci")], next=""
        )

    async def put(self, table: str, lines: bytes, who: str) -> TakenFacts:
        self.asked.append((table, lines))
        if self.outcome is not None:
            raise self.outcome
        return TakenFacts(table=table, taken=1, total=1)

    async def delete(self, table: str, key: str, who: str) -> GoneFacts:
        self.asked.append((table, key))
        return GoneFacts(table=table, gone=1)

    async def look(self, who: str) -> Look:
        return Look(at=1.0, findings=2, seconds=0.5, trouble={})


@pytest.fixture
def keeping(node: Any) -> Keeping:
    node.fact_keeping = Keeping()
    return node.fact_keeping  # type: ignore[no-any-return]


async def test_rows_are_told_read_and_forgotten(ask: Any, keeping: Keeping, token: str) -> None:
    told = await ask("POST", "/api/v1/facts/rota", body=b'{"owner": "ops"}\n', headers=LINES, token=token)
    assert told.json() == {"table": "rota", "taken": 1, "total": 1}
    read = await ask("GET", "/api/v1/facts/rota?limit=5&after=x", token=token)
    assert read.json()["rows"] == [{"key": '["ops"]', "cells": {"owner": "ops"}, "at": 1.0, "who": "ci"}]
    gone = await ask("DELETE", "/api/v1/facts/rota?key=k", token=token)
    assert gone.json()["gone"] == 1
    assert keeping.asked == [("rota", b'{"owner": "ops"}\n'), ("rota", "x", 5), ("rota", "k")]
    looked = await ask("POST", "/api/v1/questions/now", token=token)
    assert looked.json()["findings"] == 2
    assert (await ask("GET", "/api/v1/facts", token=token)).status == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [(FormatError("body:2: level"), 400), (LimitError("too many"), 429), (StoreError("the disk"), 503)],
    ids=["format", "limit", "store"],
)
async def test_what_is_not_taken_is_said(
    ask: Any, keeping: Keeping, token: str, error: Exception, status: int
) -> None:
    keeping.outcome = error
    answer = await ask("POST", "/api/v1/facts/rota", body=b"{}\n", headers=LINES, token=token)
    assert answer.status == status
    assert str(error) in answer.body.decode()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/api/v1/facts/rota", {"content-type": "text/csv"}, 415),
        ("GET", "/api/v1/facts/rota?limit=0", {}, 422),
        ("GET", "/api/v1/facts/rota?limit=1001", {}, 422),
        ("GET", "/api/v1/facts/rota?table=x", {}, 422),
    ],
    ids=["media", "none", "too many", "unknown"],
)
async def test_what_is_asked_wrongly_is_refused(
    ask: Any, keeping: Keeping, token: str, method: str, path: str, headers: dict[str, str], status: int
) -> None:  # fmt: skip
    answer = await ask(method, path, body=b"{}" if method == "POST" else b"", headers=headers, token=token)
    assert answer.status == status
    assert keeping.asked == []


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/api/v1/facts/rota"), ("POST", "/api/v1/questions/now")]
)
async def test_who_has_no_token_changes_nothing(ask: Any, keeping: Keeping, method: str, path: str) -> None:
    assert (await ask(method, path)).status == 401
    assert keeping.asked == []


async def test_a_look_is_not_given_up_with_the_request(ask: Any, keeping: Keeping, token: str) -> None:
    begun, ended, go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def look(who: str) -> Look:
        begun.set()
        await go.wait()
        ended.set()
        raise StoreError("nobody hears it")

    keeping.look = look  # type: ignore[method-assign]
    request = asyncio.ensure_future(ask("POST", "/api/v1/questions/now", token=token))
    await begun.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    go.set()
    await asyncio.wait_for(ended.wait(), 30)


async def test_a_look_may_take_longer_than_other_requests(
    ask: Any, keeping: Keeping, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.web.guard.SECONDS", 0.01)

    async def look(who: str) -> Look:
        await asyncio.sleep(0.1)
        return Look(at=1.0, findings=2, seconds=0.5, trouble={})

    keeping.look = look  # type: ignore[method-assign]
    assert (await ask("POST", "/api/v1/questions/now", token=token)).status == 200


async def _token(ask: Any, token: str, scope: str) -> str:
    made = await ask("POST", "/api/v1/tokens", token=token, body={"name": scope, "scopes": [scope]})
    return str(made.json()["token"])


@pytest.mark.parametrize("table", TABLES)
async def test_who_may_only_send_metrics_says_nothing_of_who_acts_and_decides(
    ask: Any, keeping: Keeping, token: str, table: str
) -> None:
    path = f"/api/v1/facts/{table}"
    told = await ask("POST", path, body=b"{}", headers=LINES, token=await _token(ask, token, "ingest"))
    assert told.status == (200 if table in MEASURED else 403)
    here = await ask("POST", path, body=b"{}", headers=LINES)
    assert here.status == (200 if table in MEASURED else 401)
    told = await ask("POST", path, body=b"{}", headers=LINES, token=await _token(ask, token, "reload"))
    assert told.status == 200


@pytest.mark.parametrize(
    "kind", [name for name, one in kinds.load().items() if one.safety and one.subject == "automation"]
)
def test_no_automation_is_lowered_by_what_may_be_told_with_metrics(kind: str) -> None:
    read = set(reads(kinds.load()[kind].query))
    assert {"automation", "action"} & read
    assert not {"automation", "action"} & MEASURED
