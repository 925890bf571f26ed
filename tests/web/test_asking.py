"""Queries have places of their own, and end when nobody waits for them."""

from __future__ import annotations

import asyncio
import math
import threading
from typing import Any

import pytest

from gadfly.errors import LimitError, QueryError
from gadfly.web import asking
from gadfly.web.asking import Asking, Gone, Now


class Client:
    """As much of a request as is looked at."""

    def __init__(self, *, gone: bool = False) -> None:
        self.gone = gone

    async def is_disconnected(self) -> bool:
        return self.gone


async def run(places: Asking, work: Any, client: Client | None = None) -> Any:
    return await places.run(client or Client(), work)  # type: ignore[arg-type]


async def test_the_work_is_done_in_a_thread() -> None:
    places = Asking()
    assert await run(places, lambda now: threading.current_thread().name) != threading.main_thread().name
    places.close()


async def test_its_error_is_the_callers() -> None:
    def work(now: Now) -> None:
        raise LimitError("too much")

    with pytest.raises(LimitError, match="too much"):
        await run(Asking(), work)


async def test_who_goes_away_ends_the_query() -> None:
    ended = threading.Event()

    def work(now: Now) -> None:
        while now() < math.inf:
            ended.wait(0.005)
        ended.set()

    with pytest.raises(Gone):
        await run(Asking(), work, Client(gone=True))
    assert await asyncio.to_thread(ended.wait, 5)


async def test_a_place_is_free_when_its_thread_is_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAITING", 1)
    monkeypatch.setattr(asking, "AT_ONCE", 1)
    places, release = Asking(), threading.Event()

    def work(now: Now) -> str:
        release.wait(10)
        return "done"

    first = asyncio.create_task(run(places, work))
    await asyncio.sleep(0.01)
    first.cancel()
    second = asyncio.create_task(run(places, lambda now: "second"))
    await asyncio.sleep(0.01)
    with pytest.raises(QueryError, match="queries wait already"):
        await run(places, work)
    assert not second.done()
    release.set()
    assert await second == "second"


async def test_who_finds_no_place_in_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.01)
    monkeypatch.setattr(asking, "AT_ONCE", 1)
    places, release = Asking(), threading.Event()
    first = asyncio.create_task(run(places, lambda now: release.wait(10)))
    await asyncio.sleep(0.005)
    with pytest.raises(QueryError, match="1 queries run") as told:
        await run(places, lambda now: None)
    assert told.value.kind == "timeout"
    release.set()
    assert await first
    assert await run(places, lambda now: "again") == "again"


async def test_what_hangs_is_answered_in_time_and_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.0)
    places, release = Asking(), threading.Event()
    with pytest.raises(QueryError, match="timed out") as found:
        await run(places, lambda now: release.wait(30))
    assert found.value.kind == "timeout"
    assert places._places._value == asking.AT_ONCE - 1
    release.set()
    places.close()
