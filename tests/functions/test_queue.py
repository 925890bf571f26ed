"""The queue: one row for a key, each try before it runs, and nothing is forgotten by a process that ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from gadfly.clock import VirtualClock
from gadfly.errors import LimitError, Refused
from gadfly.functions import queue as queues
from gadfly.functions.queue import New, Outcome, Put, Queue, Work
from gadfly.store import asked, invocation_history
from gadfly.store.sqlite import Database

OK = Outcome(ended="ok", version="v1", answer=b'"done"', log=b"said\n")
FAILED = Outcome(ended="failed", error="ValueError: no")
ROOM = {"f": 10, "g": 10}


def new(key: str, function: str = "f", **more: object) -> New:
    return New(function=function, called="c", key=key, event=b'{"a": 1}', **more)  # type: ignore[arg-type]


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def queue(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Queue]:
    store = Database(tmp_path / "gadfly.db")
    found = Queue(store, clock, random.Random(1))
    await found.open()
    yield found
    store.close()


async def states(queue: Queue) -> dict[str, str]:
    return {one.key: one.state for one in await queue.recent()}


async def test_a_key_is_one_call_for_ever(queue: Queue) -> None:
    first = await queue.put(new("a"))
    assert first.new
    assert await queue.put(new("a")) == Put(first.id, False)
    (work,) = await queue.claim(ROOM)
    await queue.end(work, OK)
    assert await queue.put(new("a")) == Put(first.id, False)
    assert await queue.claim(ROOM) == []
    assert (await queue.put(new("a", function="g"))).new


async def test_what_was_said_is_kept(queue: Queue, clock: VirtualClock) -> None:
    put = await queue.put(new("a"))
    (work,) = await queue.claim(ROOM)
    assert work == Work(
        id=put.id,
        function="f",
        called="c",
        key="a",
        event=b'{"a": 1}',
        attempt=1,
        allowed=3,
        created=clock.wall(),
    )
    (running,) = await queue.attempts(put.id)
    assert (running.outcome, running.ended) == ("running", None)
    await clock.advance(2)
    assert await queue.end(work, OK) == "done"
    (attempt,) = await queue.attempts(put.id)
    assert (attempt.outcome, attempt.version, attempt.answer, attempt.log) == (
        "ok",
        "v1",
        b'"done"',
        b"said\n",
    )
    assert attempt.ended == clock.wall() == attempt.began + 2


async def test_the_end_of_a_long_log_stays(queue: Queue) -> None:
    await queue.put(new("a"))
    (work,) = await queue.claim(ROOM)
    await queue.end(work, Outcome(ended="ok", log=b"x" * 20_000 + b"last", unsaid=5))
    (attempt,) = await queue.attempts(work.id)
    assert len(attempt.log) == 16 << 10
    assert attempt.log.endswith(b"last")
    assert attempt.unsaid == 5 + 20_004 - (16 << 10)


async def test_the_oldest_first_and_no_more_than_there_is_room(queue: Queue, clock: VirtualClock) -> None:
    now = clock.wall()
    await queue.put_all([new("later", due=now + 5), new("b", due=now - 1), new("a", due=now - 2)])
    assert [one.key for one in await queue.claim({"f": 1})] == ["a"]
    assert await queue.claim({"g": 5}) == []
    assert [one.key for one in await queue.claim({"f": 5})] == ["b"]
    assert await queue.claim(ROOM) == []
    await clock.advance(5)
    assert [one.key for one in await queue.claim(ROOM)] == ["later"]


async def test_it_is_tried_again_later_and_is_a_dead_letter_at_last(
    queue: Queue, clock: VirtualClock
) -> None:
    await queue.put(new("a"))
    for attempt in (1, 2, 3):
        (work,) = await queue.claim(ROOM)
        assert work.attempt == attempt
        state = await queue.end(work, FAILED)
        assert await queue.claim(ROOM) == []
        await clock.advance(1_200)
    assert state == "dead"
    (row,) = await queue.recent(state="dead")
    assert row.reason == "tried 3 of 3 times; the last time: ValueError: no"
    assert [one.outcome for one in await queue.attempts(row.id)] == ["failed"] * 3


async def test_a_dead_letter_is_made_again_with_all_its_tries(queue: Queue, clock: VirtualClock) -> None:
    put = await queue.put(new("a", allowed=1))
    (work,) = await queue.claim(ROOM)
    await queue.end(work, FAILED)
    assert await queue.replay(put.id, 2) == put.id
    (work,) = await queue.claim(ROOM)
    assert (work.attempt, work.allowed, work.event) == (2, 3, b'{"a": 1}')
    assert await queue.end(work, FAILED) == "waiting"


async def test_one_that_is_done_is_made_again_as_another(queue: Queue) -> None:
    put = await queue.put(new("a"))
    (work,) = await queue.claim(ROOM)
    with pytest.raises(Refused, match="not over"):
        await queue.replay(put.id, 1)
    await queue.end(work, OK)
    other = await queue.replay(put.id, 1)
    third = await queue.replay(put.id, 1)
    assert len({put.id, other, third}) == 3
    assert [one.key for one in await queue.claim(ROOM)] == ["a again 1", "a again 2"]


async def test_what_cannot_be_made_again(queue: Queue) -> None:
    with pytest.raises(Refused, match="no invocation"):
        await queue.replay(99, 1)
    put = await queue.put(new("a", skipped="because"))
    await queue.replay(put.id, 1)
    big = await queue.put(New(function="f", called="c", key="big", event=b"x" * 9_000))
    for work in await queue.claim(ROOM):
        await queue.end(work, OK)
    with pytest.raises(Refused, match="not kept"):
        await queue.replay(big.id, 1)


async def test_a_lane_goes_one_by_one(queue: Queue, clock: VirtualClock) -> None:
    await queue.put_all([new("a", lane="l"), new("b", lane="l"), new("c", lane="m"), new("d")])
    first = await queue.claim(ROOM)
    assert [one.key for one in first] == ["a", "c", "d"]
    assert await queue.end(first[0], FAILED) == "waiting"
    assert await queue.claim(ROOM) == [], "the one before waits to be tried again"
    await clock.advance(20)
    (again,) = await queue.claim(ROOM)
    assert again.key == "a"
    await queue.end(again, OK)
    assert [one.key for one in await queue.claim(ROOM)] == ["b"]


async def test_one_that_does_not_want_to_wait_is_skipped_with_the_reason(
    queue: Queue, clock: VirtualClock
) -> None:
    now = clock.wall()
    await queue.put_all(
        [
            new("a", lane="l", overlap="skip"),
            new("b", lane="l", overlap="skip", due=now + 60),
            new("c", lane="l", overlap="skip", due=now + 120),
        ]
    )
    (work,) = await queue.claim(ROOM)
    await clock.advance(61)
    assert await queue.claim(ROOM) == []
    assert await states(queue) == {"a": "running", "b": "skipped", "c": "waiting"}
    assert (await queue.recent(state="skipped"))[0].reason == "the one of a still runs (overlap = skip)"
    await queue.end(work, OK)
    await clock.advance(60)
    assert [one.key for one in await queue.claim(ROOM)] == ["c"]


async def test_what_ran_when_the_process_ended_is_lost_and_tried_again(
    tmp_path: Path, clock: VirtualClock
) -> None:
    store = Database(tmp_path / "gadfly.db")
    queue = Queue(store, clock)
    await queue.open()
    await queue.put_all([new("a"), new("b", allowed=1), new("c")])
    await queue.claim({"f": 2})
    store.close()

    store = Database(tmp_path / "gadfly.db")
    queue = Queue(store, clock)
    assert sorted(await queue.open()) == [
        ("f", "c", 1, "dead", "the node ended while it ran"),
        ("f", "c", 1, "waiting", "the node ended while it ran"),
    ]
    assert await states(queue) == {"a": "waiting", "b": "dead", "c": "waiting"}
    assert queue.waiting == {"f": 2}
    works = await queue.claim(ROOM)
    assert {one.key: one.attempt for one in works} == {"a": 2, "c": 1}
    lost, _ = await queue.attempts(works[0].id if works[0].key == "a" else works[1].id)
    assert (lost.outcome, lost.error) == ("lost", "the node ended while it ran")
    store.close()


async def test_an_end_that_is_told_twice_counts_once(queue: Queue) -> None:
    await queue.put(new("a"))
    (work,) = await queue.claim(ROOM)
    await queue.end(work, OK)
    await queue.end(work, FAILED)
    assert await states(queue) == {"a": "done"}
    assert queue.waiting == {}


async def test_whoever_waits_for_the_answer_begins_at_once(queue: Queue) -> None:
    work = await queue.begin(new("a", allowed=1))
    assert isinstance(work, Work)
    assert work.attempt == 1
    assert await queue.claim(ROOM) == []
    assert await queue.begin(new("a", allowed=1)) == Put(work.id, False)
    assert await queue.end(work, FAILED) == "dead"


async def test_a_sender_that_goes_away_leaves_a_call_that_is_made(queue: Queue) -> None:
    going = asyncio.create_task(queue.put(new("a")))
    await asyncio.sleep(0)
    going.cancel()
    await queue.put(new("b"))
    assert queue.waiting == {"f": 2}
    assert [one.key for one in await queue.claim(ROOM)] == ["a", "b"]


async def test_whoever_goes_away_before_it_begins_leaves_no_call_that_runs(queue: Queue) -> None:
    going = asyncio.create_task(queue.begin(new("a", allowed=1)))
    await asyncio.sleep(0)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    (row,) = await queue.recent()
    assert row.state == "dead"
    assert "went away before it began" in row.reason


async def test_too_much_of_one_function_is_refused_and_others_are_taken(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "WAITING", 2)
    monkeypatch.setattr(queues, "BYTES", 100)
    await queue.put_all([new("a"), new("b")])
    with pytest.raises(LimitError, match="2 calls of function f wait"):
        await queue.put(new("c"))
    await queue.put(new("c", skipped="because"))
    with pytest.raises(LimitError):
        await queue.put(New(function="g", called="c", key="k", event=b"x" * 101))
    await queue.put(new("c", function="g"))
    await queue.claim({"f": 1})
    await queue.put(new("d"))


async def test_what_waits_for_a_function_that_is_gone_is_a_dead_letter(queue: Queue) -> None:
    await queue.put_all([new("a"), new("b", function="g")])
    assert await queue.abandon(["f"]) == 1
    assert await states(queue) == {"a": "waiting", "b": "dead"}
    assert queue.waiting == {"f": 1}


async def test_what_comes_while_one_is_made_again_is_counted_once(queue: Queue) -> None:
    old = await queue.put(new("old", allowed=1))
    (work,) = await queue.claim(ROOM)
    await queue.end(work, OK)
    for nth in range(20):
        await asyncio.gather(
            *(queue.put(new(f"{nth} {one}")) for one in range(3)),
            queue.replay(old.id, 1),
            queue.put_all([new(f"{nth} all")]),
            queue.abandon(["f"]),
        )
        assert queue.waiting == {"f": 5}
        assert len(await queue.claim(ROOM)) == 5
        assert queue.waiting == {}


async def test_it_wakes_whoever_waits_for_work(queue: Queue, clock: VirtualClock) -> None:
    woken: list[str] = []

    async def wait() -> None:
        while True:
            woken.extend(work.key for work in await queue.claim(ROOM))
            await queue.changed()

    task = asyncio.create_task(wait())
    await queue.put(new("a"))
    for _ in range(30_000):
        if woken:
            break
        await asyncio.sleep(0.001)
    await queue.put(new("later", due=clock.wall() + 30))
    for _ in range(30_000):
        if "later" in woken:
            break
        await clock.advance(10)
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert woken == ["a", "later"]


async def test_what_is_over_for_long_is_forgotten(queue: Queue, clock: VirtualClock) -> None:
    await queue.put_all(
        [new("done"), new("dead", allowed=1), new("skipped", skipped="because"), new("waits")]
    )
    for work in await queue.claim({"f": 2}):
        await queue.end(work, OK if work.key == "done" else FAILED)
    for one in await queue.recent():
        note = partial(
            asked.note, function="f", invocation=one.id, number=1, used={"x": 1}, denied={}, now=0.0
        )
        await queue._store.write(note)
    await queue.tidy(86_400.0)
    assert len(await states(queue)) == 4
    await clock.advance(90_000)
    await queue.put(new("new", skipped="because"))
    await queue.tidy(86_400.0)
    assert await states(queue) == {"waits": "waiting", "new": "skipped"}
    left = await queue._store.read(lambda connection: asked.of(connection, range(10)))
    assert set(left) == {(one.id, 1) for one in await queue.recent(state="waiting")}


async def test_of_dead_letters_the_newest_stay_as_far_as_there_is_room(
    queue: Queue, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invocation_history, "DEAD_BYTES", 2 * len(new("a").event))
    for key in ("a", "b", "c"):
        await queue.put(new(key, allowed=1))
        (work,) = await queue.claim(ROOM)
        await queue.end(work, FAILED)
    await queue.tidy(86_400.0)
    assert set(await states(queue)) == {"a", "b", "c"}
    await clock.advance(7_200)
    await queue.tidy(86_400.0)
    assert set(await states(queue)) == {"b", "c"}


async def test_what_was_put_by_a_clock_that_was_ahead_does_not_wait_for_it(
    queue: Queue, clock: VirtualClock
) -> None:
    wall = clock.wall()
    await queue.put(new("before", due=wall + 30))
    assert await queue.claim(ROOM) == []
    clock.set_wall(wall + 86_400)
    await queue.put_all([new("a", due=wall + 86_400), new("b", due=wall + 86_400 + 20)])
    assert [one.key for one in await queue.claim({"f": 1})] == ["before"]
    clock.set_wall(wall + 10)
    assert [one.key for one in await queue.claim(ROOM)] == ["a"]
    clock.set_wall(wall + 31)
    assert [one.key for one in await queue.claim(ROOM)] == ["b"]


async def test_a_retry_waits_no_longer_than_it_may_when_the_clock_was_set_back(
    tmp_path: Path, clock: VirtualClock
) -> None:
    store = Database(tmp_path / "gadfly.db")
    queue = Queue(store, clock)
    await queue.put(new("a"))
    await queue.open()
    (work,) = await queue.claim(ROOM)
    await queue.end(work, FAILED)
    clock.set_wall(clock.wall() - 1_000_000)
    await queue.open()
    await clock.advance(13)
    (work,) = await queue.claim(ROOM)
    assert work.key == "a", "ten seconds after its first try, as if the clock had not been set"
    await queue.end(work, FAILED)
    clock.set_wall(clock.wall() - 1_000_000)
    await queue.open()
    assert not await queue.claim(ROOM)
    await clock.advance(37)
    assert [one.key for one in await queue.claim(ROOM)] == ["a"]
    store.close()
