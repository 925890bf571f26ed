"""Changes as server-sent events: shared, resumable, bounded."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.web import stream as module
from gadfly.web.problem import Trouble
from gadfly.web.stream import BACKLOG, HEARTBEAT, LOOK, PAIR, TICK, WATCHERS, Stream, Watcher, resume_from

STEP = TICK + 2 * LOOK
"""By then a change has been told, whatever came before it."""


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def live(make_node: Any, clock: VirtualClock) -> Any:
    return make_node(3000, clock=clock)


@pytest.fixture
async def stream(live: Any) -> AsyncIterator[Stream]:
    made = Stream(live)
    yield made
    await made.close()


def parse(data: bytes) -> list[tuple[str, int, Any]]:
    found = []
    for part in data.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in part.splitlines() if ": " in line)
        if "event" in fields:
            found.append((fields["event"], int(fields["id"]), json.loads(fields["data"])))
    return found


def pairs(data: Any) -> dict[int, int]:
    packed = np.frombuffer(base64.b64decode(data["s"]), PAIR)
    return dict(zip(packed["slot"].tolist(), packed["verdict"].tolist(), strict=True))


def enter(stream: Stream, since: int | None = None) -> tuple[Watcher, list[tuple[str, int, Any]]]:
    watcher, first = stream._enter(since)
    return watcher, parse(first)


async def test_first_the_counts_and_the_version(stream: Stream, live: Any) -> None:
    _, ((name, id, data),) = enter(stream)
    assert (name, id) == ("hello", live.picture.version)
    assert data["size"] == 3000
    assert sum(data["counts"]) == 3000
    assert data["alerts"]["incidents"] == 3


async def test_then_only_what_changed(stream: Stream, live: Any, clock: VirtualClock) -> None:
    watcher, _ = enter(stream)
    live.picture.set([7, 9], [0, 4], 0.0)
    live.picture.set([9], [8], 0.0)
    await clock.advance(STEP)
    data = watcher.take()
    assert data is not None
    ((name, id, change),) = parse(data)
    assert (name, id) == ("change", live.picture.version)
    assert pairs(change) == {7: 0, 9: 8}
    assert sum(change["c"]) == change["n"] == 3000
    await clock.advance(STEP)
    assert watcher.take() == b""


async def test_what_comes_thick_and_fast_is_told_together(
    stream: Stream, live: Any, clock: VirtualClock
) -> None:
    watcher, _ = enter(stream)
    for _ in range(40):
        live.breathe(3)
        await clock.advance(0.01)
    data = watcher.take()
    assert data is not None
    assert 4 <= len(parse(data)) <= 0.4 / TICK


async def test_a_tick_is_serialised_once_for_all(stream: Stream, live: Any, clock: VirtualClock) -> None:
    watchers = [enter(stream)[0] for _ in range(100)]
    live.breathe()
    await clock.advance(STEP)
    pieces = [watcher.waiting[0] for watcher in watchers]
    assert all(piece is pieces[0] for piece in pieces)


async def test_resume_tells_what_was_missed_and_nothing_twice(
    stream: Stream, live: Any, clock: VirtualClock
) -> None:
    since = live.picture.version
    live.picture.set([5], [0], 0.0)
    enter(stream)
    live.picture.set([6], [1], 0.0)
    watcher, events = enter(stream, since)
    assert [name for name, _, _ in events] == ["hello", "change"]
    assert pairs(events[1][2]) == {5: 0, 6: 1}
    await clock.advance(STEP)
    assert watcher.take() == b""


async def test_resume_from_now_tells_nothing(stream: Stream, live: Any) -> None:
    _, events = enter(stream, live.picture.version)
    assert [name for name, _, _ in events] == ["hello"]


@pytest.mark.parametrize("since", [0, 10**18])
async def test_resume_from_what_is_not_known(stream: Stream, since: int) -> None:
    _, events = enter(stream, since)
    assert [name for name, _, _ in events] == ["hello", "resync"]


@pytest.mark.parametrize(
    ("text", "version"), [("12", 12), ("", None), ("x", None), ("-1", None), ("²", None), ("9" * 30, None)]
)
def test_last_event_id(text: str, version: int | None) -> None:
    assert resume_from(text) == version


async def test_much_at_once_is_loaded_whole(stream: Stream, live: Any, clock: VirtualClock) -> None:
    watcher, _ = enter(stream)
    live.picture.set(np.arange(2000), 0, 0.0)
    await clock.advance(STEP)
    data = watcher.take()
    assert data is not None
    assert len(data) < 100
    assert [name for name, _, _ in parse(data)] == ["resync"]


async def test_who_does_not_keep_up_is_told_so_and_nothing_is_kept(
    stream: Stream, live: Any, clock: VirtualClock
) -> None:
    slow, _ = enter(stream)
    quick, _ = enter(stream)
    for _ in range(BACKLOG + 5):
        live.breathe()
        await clock.advance(STEP)
        assert quick.take()
    assert len(slow.waiting) == 0
    assert slow.take() is None
    live.breathe()
    await clock.advance(STEP)
    data = slow.take()
    assert data is not None
    assert [name for name, _, _ in parse(data)] == ["change"]


async def test_silence_is_filled_with_comments(stream: Stream, clock: VirtualClock) -> None:
    watcher, _ = enter(stream)
    await clock.advance(HEARTBEAT + STEP)
    assert watcher.take() == b":\n\n"


async def test_alerts_are_told(stream: Stream, live: Any, clock: VirtualClock) -> None:
    watcher, _ = enter(stream)
    await live.acknowledge("i1", "me", "")
    await clock.advance(STEP)
    data = watcher.take()
    assert data is not None
    ((name, _, told),) = parse(data)
    assert name == "alerts"
    assert told == {"version": 2, **live.alert_counts()}


async def test_nobody_watches_nothing_runs(stream: Stream, live: Any, clock: VirtualClock) -> None:
    answer = stream.answer(None)
    assert stream.watchers == 1

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    await answer({"type": "http"}, receive, send)
    assert stream.watchers == 0
    await clock.advance(STEP)
    assert stream._ticking is not None
    assert stream._ticking.done()


async def test_too_many_watchers(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCHERS", 2)
    enter(stream)
    enter(stream)
    with pytest.raises(Trouble) as caught:
        enter(stream)
    assert caught.value.status == 503
    assert WATCHERS >= 100


async def test_closing_ends_every_stream_at_once(stream: Stream) -> None:
    watcher, first = stream._enter(None)
    told = stream._events(watcher, first)
    assert await anext(told) == first
    waiting = asyncio.ensure_future(anext(told, b"end"))
    await asyncio.sleep(0)
    await stream.close()
    assert await waiting in (b"", b"end")
    with pytest.raises(Trouble):
        enter(stream)


async def test_a_peer_that_reads_nothing_is_given_up(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK", 0.01)
    answer = stream.answer(None)

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        await asyncio.Event().wait()

    async with asyncio.timeout(5):
        await answer({"type": "http"}, receive, send)
    assert stream.watchers == 0
