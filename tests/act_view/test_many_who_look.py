"""The board is read once for all who look at the same moment, and anew as soon as something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act_view.showing import FRESH, LOOK
from gadfly.errors import StoreError


@pytest.fixture
async def view(world: Any, shown: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    await world.start()
    made = shown()
    made.reads = 0
    read = made._read

    async def counted() -> dict[str, Any]:
        made.reads += 1
        found: dict[str, Any] = await read()
        return found

    monkeypatch.setattr(made, "_read", counted)
    return made


async def test_a_hundred_at_once_are_one_reading(view: Any) -> None:
    boards = await asyncio.gather(*(view.board() for _ in range(100)))
    assert view.reads == 1
    assert all(one == boards[0] for one in boards)


async def test_time_and_change_make_it_anew(world: Any, view: Any) -> None:
    await view.board()
    await world.clock.advance(FRESH)
    await view.board()
    assert view.reads == 2
    await view.stop("everything", "", "person:anna", "x")
    assert len((await view.board())["stops"]) == 1
    assert view.reads == 3


async def test_who_leaves_takes_nothing_from_the_others(view: Any) -> None:
    first, second = asyncio.ensure_future(view.board()), asyncio.ensure_future(view.board())
    await asyncio.sleep(0)
    first.cancel()
    assert (await second)["version"] == view.version


async def test_a_reading_that_failed_is_not_kept(view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(work: Any) -> None:
        raise StoreError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(view._db, "read", fails)
        with pytest.raises(StoreError):
            await view.board()
    assert (await view.board())["version"] == view.version


async def test_counts_follow_the_engine_and_the_time(world: Any, view: Any) -> None:
    async def until(true: Callable[[], bool]) -> None:
        for _ in range(100):
            if true():
                return
            await world.advance(LOOK)
        raise AssertionError("it did not become true")

    keeping = asyncio.ensure_future(view.keep())
    first = view.version
    await until(lambda: view.version > first)
    await world.db.write(
        lambda connection: connection.execute("UPDATE standing SET frozen = '2 failures in a row'")
    )
    before = view.version
    await until(lambda: view.counts()["frozen"] == 1)
    assert view.version > before
    same = view.version
    world.acts.version += 1
    await until(lambda: view.version > same)  # a budget may be used, though nothing waits or is frozen
    keeping.cancel()


async def test_of_many_that_wait_the_next_to_end_are_shown(
    world: Any, view: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.act_view.showing.MOST", 2)
    await world.db.write(lambda connection: connection.execute("UPDATE standing SET level = 'approve'"))
    for name in ("w1", "w2", "w3"):
        assert (await view.run("restart", [name], "program:deploy", "x"))["state"] == "waiting"
    board = await view.board()
    assert [one["plan"]["targets"] for one in board["approvals"]] == [["w1"], ["w2"]]
    assert board["waiting"] == view.counts()["approvals"] == 3
