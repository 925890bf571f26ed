"""So many at once, in all and of each; who waits inside another needs no second place."""

from __future__ import annotations

import asyncio

from gadfly.functions.room import Room


async def hold(room: Room, name: str, most: int, go: asyncio.Event, began: list[str], **more: bool) -> None:
    async with room.of(name, most, **more):
        began.append(name)
        await go.wait()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_each_function_has_its_own_limit() -> None:
    room, go, began = Room(10), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(hold(room, name, 2, go, began)) for name in "aaab"]
    await settled()
    assert sorted(began) == ["a", "a", "b"]
    assert (room.free("a", 2), room.free("a", 3), room.free("c", 20)) == (0, 1, 7)
    go.set()
    await asyncio.gather(*tasks)
    assert len(began) == 4
    assert room.running == 0


async def test_all_together_have_one() -> None:
    room, go, began = Room(1), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(hold(room, name, 2, go, began)) for name in "ab"]
    await settled()
    assert began == ["a"]
    assert room.free("c", 5) == 0
    room.most = 2
    go.set()
    await asyncio.gather(*tasks)
    assert began == ["a", "b"]


async def test_whom_another_waits_for_has_a_place() -> None:
    room, go, began = Room(1), asyncio.Event(), list[str]()
    outer = asyncio.create_task(hold(room, "a", 1, go, began))
    await settled()
    inner = asyncio.create_task(hold(room, "b", 1, go, began, inner=True))
    second = asyncio.create_task(hold(room, "b", 1, go, began, inner=True))
    await settled()
    assert began == ["a", "b"]
    go.set()
    await asyncio.gather(outer, inner, second)


async def test_who_gives_up_takes_no_place() -> None:
    room, go, began = Room(1), asyncio.Event(), list[str]()
    first = asyncio.create_task(hold(room, "a", 1, go, began))
    await settled()
    second = asyncio.create_task(hold(room, "a", 1, go, began))
    await settled()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    go.set()
    await first
    assert room.running == 0
    assert room.free("a", 1) == 1
