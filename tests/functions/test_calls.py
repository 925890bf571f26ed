"""Calls from their beginning to their end: whoever waits gets the answer, and nothing stays open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gadfly.clock import VirtualClock
from gadfly.errors import GadflyError, LimitError, Refused, StoreError
from gadfly.functions import calls, invoke
from gadfly.functions.calls import Calls
from gadfly.functions.function import SYNC, Function, Limits
from gadfly.functions.grant import parse
from gadfly.functions.invoke import Invoker
from gadfly.functions.queue import New, Outcome, Queue, Work
from gadfly.functions.room import Room
from gadfly.functions.sandbox.supervisor import Answer
from gadfly.store import asked
from gadfly.store.deployed import Current, Version
from gadfly.store.sqlite import Database

FUNCTION = Function(
    name="f",
    path="/f.py",
    module="f",
    handler="handler",
    owner="ops",
    purpose="p",
    grants=(parse("component:read name=shop"),),
    limits=Limits(at_once=2),
    retries=1,
)
Handler = Callable[[Any, dict[str, Any], Callable[[Any], Awaitable[dict[str, Any]]]], Awaitable[Answer]]


class World:
    """Knows one component."""

    async def components(self, by: str, chosen: Any) -> list[Any]:
        return [{"name": "shop", "by": by}]


class Place:
    """A queue on disk, and cells that are functions of the test."""

    def __init__(self, folder: Path) -> None:
        self.store = Database(folder / "gadfly.db")
        self.clock = VirtualClock()
        self.queue = Queue(self.store, self.clock)
        self.handler: Handler = answering(None)
        self.told: list[tuple[str, str, str, str]] = []
        self.deployed: Current | None = Current(
            version=Version(
                function="f", hash="ab" * 32, module="f", handler="h", files=1, bytes=1, at=0, who="w"
            ),
            since=0.0,
            who="w",
        )
        self.functions = {"f": FUNCTION, "g": msgspec.structs.replace(FUNCTION, name="g")}
        self.room = Room(2)
        self.invoker = Invoker(
            self.store,
            self.queue,
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            self.room,
            self.clock,
            lambda function, invocation: World(),  # type: ignore[arg-type,return-value]
            self.over,
            "north",
        )
        self.calls = Calls(self.queue, self.invoker, self.clock, lambda: self.functions)

    async def over(self, function: Function, work: Any, state: str, words: str) -> None:
        self.told.append((function.name, work.called, state, words))

    def current(self, _name: str) -> Current | None:
        return self.deployed

    @contextlib.asynccontextmanager
    async def cell(self, _function: Function, _version: Version) -> AsyncIterator[Place]:
        yield self

    async def call(self, event: Any, context: dict[str, Any], asked: Any) -> Answer:
        return await self.handler(event, context, asked)

    async def state(self, number: int) -> tuple[str, str]:
        (found,) = await self.queue.recent(before=number + 1, limit=1)
        return found.state, found.reason


def answering(value: Any, error: Any = None, ended: str = "", log: bytes = b"") -> Handler:
    async def handler(*_: Any) -> Answer:
        return Answer(value, error, ended, log, 0)

    return handler


class Never:
    """A handler that begins, and does not end."""

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def __call__(self, *_: Any) -> Answer:
        self.began.set()
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    found = Place(tmp_path)
    await found.queue.open()
    yield found
    await found.calls.stop()
    found.store.close()


async def test_whoever_waits_gets_all_of_it(place: Place) -> None:
    async def handler(event: Any, context: dict[str, Any], ask: Any) -> Answer:
        found = await ask({"verb": "component:read", "text": "name=shop", "args": {}})
        await ask({"verb": "act:request", "text": "x", "args": {}})
        return Answer([event, found["ok"], context["function_name"]], None, "", b"said \xff", 3)

    place.handler = handler
    number = await place.calls.begin("f", b'{"a": 1}', "person:anna")
    done = await place.calls.answer(number, 30)
    assert done is not None
    assert (done.outcome, done.log) == ("ok", "said �")
    assert done.value == [{"a": 1}, [{"name": "shop", "by": "f"}], "f"]
    assert await place.state(number) == ("done", "")
    said = await place.store.read(lambda connection: asked.of(connection, [number]))
    assert said[number, 1].used == {"component:read name=shop": 1}
    assert said[number, 1].denied == {"act:request x": 1}
    uses = await place.store.read(asked.uses)
    assert uses["f"]["component:read name=shop"].count == 1
    (attempt,) = await place.queue.attempts(number)
    assert (attempt.version, attempt.log, attempt.unsaid) == ("ab" * 32, b"said \xff", 3)
    assert json.loads(attempt.answer)[2] == "f"


@pytest.mark.parametrize(
    ("handler", "outcome", "words"),
    [
        (
            answering(None, {"errorType": "ValueError", "errorMessage": "no\nway"}),
            "failed",
            "ValueError: no way",
        ),
        (answering(None, "not even an object"), "failed", "Error: not even an object"),
        (answering(None, ended="not done after 1 s"), "ended", "not done after 1 s"),
    ],
    ids=["raised", "anything", "ended"],
)
async def test_how_it_failed_is_said(place: Place, handler: Handler, outcome: str, words: str) -> None:
    place.handler = handler
    number = await place.calls.begin("f", b"null", "person:anna")
    done = await place.calls.answer(number, 30)
    assert done is not None
    assert (done.outcome, done.words) == (outcome, words)
    assert place.invoker.ended == {("f", outcome): 1}
    state, reason = await place.state(number)
    assert (state, words in reason) == ("dead", True)
    assert place.told == [("f", "person:anna", "dead", words)]


async def test_half_a_character_is_none(place: Place) -> None:
    place.handler = answering({"a\ud800": ["\udfff", "\U0001f600"]})
    number = await place.calls.begin("f", b"null", "person:anna")
    done = await place.calls.answer(number, 30)
    assert done is not None
    assert (done.outcome, done.value) == ("ok", {"a?": ["?", "\U0001f600"]})
    assert msgspec.json.encode(done)
    place.handler = answering(None, {"errorType": "E", "errorMessage": "\ud800"})
    number = await place.calls.begin("f", b"null", "person:anna")
    assert (await place.calls.answer(number, 30)).words == "E: ?"  # type: ignore[union-attr]
    assert (await place.calls.call("function:g", "f", {"\ud800": 1}, 1)).words == "E: ?"


async def test_what_is_nested_too_deeply_is_no_answer(place: Place) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    place.handler = answering(deep)
    number = await place.calls.begin("f", b"null", "person:anna")
    done = await place.calls.answer(number, 30)
    assert done is not None
    assert (done.outcome, done.words) == ("failed", "RecursionError: its answer is nested too deeply")


async def test_what_ran_is_written_down_when_the_disk_is_back(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = place.queue.end, list[int]()

    async def end(work: Work, outcome: Outcome) -> str:
        if len(refused) < 2:
            refused.append(work.id)
            raise StoreError("the disk is full")
        return await real(work, outcome)

    monkeypatch.setattr(place.queue, "end", end)
    number = await place.calls.begin("f", b"null", "person:anna")
    waiting = asyncio.create_task(place.calls.answer(number, 30))
    while len(refused) < 2:
        await place.clock.advance(5)
    await place.clock.advance(5)
    done = await waiting
    assert done is not None
    assert await place.state(number) == ("done", "")


async def test_a_sandbox_that_does_not_come_up_is_no_crash(place: Place) -> None:
    async def handler(*_: Any) -> Answer:
        raise GadflyError("the cell did not come up")

    place.handler = handler
    number = await place.calls.begin("f", b"null", "person:anna")
    done = await place.calls.answer(number, 30)
    assert done is not None
    assert (done.outcome, done.words) == ("ended", "the cell did not come up")


@pytest.mark.parametrize(("gone", "outcome"), [(1, "ok"), (2, "ended")])
async def test_a_call_that_did_not_begin_is_ordered_once_more(place: Place, gone: int, outcome: str) -> None:
    orders: list[int] = []

    async def handler(*_: Any) -> Answer:
        orders.append(1)
        began = len(orders) > gone
        return Answer(7 if began else None, None, "" if began else "the cell was ended", b"", 0, began)

    place.handler = handler
    number = await place.calls.begin("f", b"null", "person:anna")
    done = await place.calls.answer(number, 30)
    assert done is not None
    assert (done.outcome, len(orders)) == (outcome, 2)


async def test_what_is_not_deployed_is_not_called(place: Place) -> None:
    place.deployed = None
    number = await place.calls.begin("f", b"null", "person:anna")
    done = await place.calls.answer(number, 30)
    assert done is not None
    assert "nothing is deployed as f" in done.words


async def test_what_cannot_be_called(place: Place) -> None:
    with pytest.raises(Refused, match="There is no function"):
        await place.calls.begin("x", b"null", "person:anna")
    with pytest.raises(LimitError, match="6 MiB"):
        await place.calls.begin("f", b" " * (SYNC + 1), "person:anna")
    with pytest.raises(LimitError, match="1 MiB"):
        await place.calls.call("function:g", "f", "x" * (1 << 20), 1)
    assert await place.queue.recent() == []


async def test_one_key_is_one_call(place: Place) -> None:
    place.handler = answering(5)
    assert (await place.calls.act("f", {}, "automation:a", "intent 1 shop")).value == 5
    with pytest.raises(Refused, match="asked for before"):
        await place.calls.act("f", {}, "automation:a", "intent 1 shop")
    assert len(await place.queue.recent()) == 1


async def test_who_gives_up_ends_what_they_waited_for(place: Place) -> None:
    place.handler = never = Never()
    waiting = asyncio.create_task(place.calls.call("function:g", "f", None, 1))
    await never.began.wait()
    assert place.room.free("f", 2) == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await place.calls.stop()
    state, reason = await place.state(1)
    assert (state, "given up" in reason) == ("dead", True)
    assert place.room.free("f", 2) == 2


async def test_who_gives_up_before_there_is_a_place_leaves_nothing_that_runs(place: Place) -> None:
    place.handler = Never()
    for _ in range(2):
        await place.calls.begin("f", b"null", "person:anna")
    waiting = asyncio.create_task(place.calls.call("function:g", "f", None, 1))
    for _ in range(30_000):
        if place.room.free("f", 2) == 0 and len(place.calls._tasks) == 3:
            break
        await asyncio.sleep(0.001)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    for _ in range(30_000):
        if place.told:
            break
        await asyncio.sleep(0.001)
    state, reason = await place.state(3)
    assert (state, "given up" in reason) == ("dead", True)
    assert place.told == [("f", "function:g", "dead", invoke.GIVEN_UP)]


async def test_who_gives_up_while_its_end_is_written_leaves_that_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, writing, on = place.queue.end, asyncio.Event(), asyncio.Event()

    async def end(work: Work, outcome: Outcome) -> str:
        writing.set()
        await on.wait()
        return await real(work, outcome)

    monkeypatch.setattr(place.queue, "end", end)
    place.handler = answering(5)
    waiting = asyncio.create_task(place.calls.call("function:g", "f", None, 1))
    await writing.wait()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    on.set()
    for _ in range(30_000):
        if place.told:
            break
        await asyncio.sleep(0.001)
    assert await place.state(1) == ("done", "")
    assert place.told == [("f", "function:g", "done", "")]


async def test_a_call_that_is_made_again_while_its_owner_is_told_is_counted_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling, on = asyncio.Event(), asyncio.Event()

    async def over(*_: Any) -> None:
        telling.set()
        await on.wait()

    monkeypatch.setattr(place.invoker, "_over", over)
    place.handler = answering(None, {"errorType": "E", "errorMessage": "no"})
    number = await place.calls.begin("f", b"null", "person:anna")
    await telling.wait()
    place.handler = never = Never()
    await place.queue.replay(number, 1)
    (work,) = await place.queue.claim({"f": 1})
    again = place.calls.start(FUNCTION, work)
    await never.began.wait()
    on.set()
    for _ in range(30_000):
        if place.calls._bytes == len(work.event):  # the first one is over
            break
        await asyncio.sleep(0.001)
    assert place.calls._tasks == {number: again}
    await place.calls.stop()
    assert (place.calls._tasks, place.calls._bytes) == ({}, 0)


async def test_a_defect_of_the_node_ends_the_call(place: Place) -> None:
    async def handler(*_: Any) -> Answer:
        raise AttributeError("'list' object has no attribute 'get'")

    place.handler = handler
    number = await place.calls.begin("f", b"null", "person:anna")
    done = await place.calls.answer(number, 30)
    assert done is not None
    assert (done.outcome, "the node failed" in done.words) == ("ended", True)
    assert (await place.state(number))[0] == "dead"


@pytest.mark.parametrize(
    "value",
    [["x" * 70_000], [[]] * 3_000, {str(n): n for n in range(3_000)}],
    ids=["text", "list", "object"],
)
async def test_what_is_large_is_read_beside_the_loop(
    place: Place, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = list[bool]()
    real = invoke.finished

    def finished(*args: Any) -> Any:
        threads.append(threading.current_thread() is threading.main_thread())
        return real(*args)

    monkeypatch.setattr(invoke, "finished", finished)
    for answer in (value, [1, "small"]):
        place.handler = answering(answer)
        number = await place.calls.begin("f", b"null", "person:anna")
        done = await place.calls.answer(number, 30)
        assert done is not None
        assert done.value == answer
    assert threads == [False, True]


async def test_what_runs_when_the_node_stops_is_made_again(place: Place) -> None:
    place.handler = never = Never()
    await place.queue.put(New(function="f", called="c", key="k", event=b"null", allowed=2))
    (work,) = await place.queue.claim({"f": 2})
    place.calls.start(FUNCTION, work)
    await never.began.wait()
    await place.calls.stop()
    assert (await place.state(work.id))[0] == "waiting"


async def test_not_more_is_held_than_there_is_room_for(place: Place) -> None:
    place.handler = answering("x" * (20 << 20))
    numbers = [await place.calls.begin("f", b"null", "person:anna") for _ in range(2)]
    assert all([await place.calls.answer(number, 30) for number in numbers])
    assert [await place.calls.answer(number, 0) is None for number in numbers] == [True, False]


async def test_not_more_are_open_than_there_is_room_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "OPEN", 2)
    place.handler = Never()
    for _ in range(2):
        await place.calls.begin("f", b"null", "person:anna")
    with pytest.raises(LimitError, match="2 calls"):
        await place.calls.begin("g", b"null", "person:anna")
    with pytest.raises(LimitError, match="2 calls"):
        await place.calls.act("g", None, "automation:a", "k")
    assert len(await place.queue.recent()) == 2


async def test_nor_more_bytes_of_events(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "EVENTS", 10)
    number = await place.calls.begin("f", b'"0123456789"', "person:anna")
    with pytest.raises(LimitError):
        await place.calls.begin("f", b"null", "person:anna")
    assert await place.calls.answer(number, 30) is not None
    assert await place.calls.begin("f", b"null", "person:anna")


async def test_an_answer_is_held_for_a_while(place: Place) -> None:
    number = await place.calls.begin("f", b"null", "person:anna")
    assert await place.calls.answer(number, 30) is not None
    assert await place.calls.answer(number, 0) is not None
    await place.clock.advance(61)
    place.calls.tidy()
    assert await place.calls.answer(number, 0) is None
