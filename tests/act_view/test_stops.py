"""Stops, as they are pressed: committed and shown to executors when the call returns, lifted by who may."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from gadfly.errors import Refused, StoreError
from gadfly.web.answers.act_board import Board, Stop


@pytest.fixture
async def view(world: Any, shown: Any) -> Any:
    await world.start("act")
    return shown()


async def test_a_stop_is_in_the_ledger_and_at_the_executors_at_once(world: Any, view: Any) -> None:
    made = msgspec.convert(await view.stop("everything", "", "person:anna", "it loops"), Stop)
    assert (made.id, made.who, made.because) == ("s1", "person:anna", "it loops")
    assert [one.because for one in view._stops.stops] == ["it loops"]
    (entry,) = await world.entries("stop")
    assert entry.who == "person:anna"
    board = msgspec.convert(await view.board(), Board)
    assert [one.state for one in board.automations] == ["stopped"]
    assert view.counts()["stops"] == 1
    refused = await view.run("restart", ["w1"], "program:deploy", "now")
    assert refused["state"] == "refused"
    assert "stop" in [one["guard"] for one in refused["plan"]["refusals"]]
    assert world.done == []


async def test_whoever_stops_something_waits_for_no_reader(
    world: Any, view: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = view.version

    async def busy(work: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(world.db, "read", busy)
    async with asyncio.timeout(2.0):
        await view.stop("everything", "", "person:anna", "it loops")
    assert view.counts()["stops"] == 1
    assert view.version > version


@pytest.mark.parametrize(
    ("scope", "name", "owner"),
    [("owner", "payments", "payments"), ("automation", "restart", "payments"), ("target", "w1", "payments")],
)
async def test_a_smaller_stop_knows_who_answers(view: Any, scope: str, name: str, owner: str) -> None:
    assert (await view.stop(scope, name, "person:anna", "x"))["owner"] == owner


@pytest.mark.parametrize("scope", ["owner", "automation", "target"])
async def test_a_slip_does_not_look_like_a_stop(world: Any, view: Any, scope: str) -> None:
    with pytest.raises(Refused, match="nothing was stopped") as refused:
        await view.stop(scope, "nonsense", "person:anna", "x")
    assert refused.value.status == 404
    assert await world.entries("stop") == []


@pytest.mark.parametrize(
    ("who", "may"), [("person:anna", True), ("person:boss", True), ("program:deploy", False)]
)
async def test_it_is_lifted_by_who_stopped_or_from_above(world: Any, view: Any, who: str, may: bool) -> None:
    made = await view.stop("owner", "payments", "person:anna", "x")
    if not may:
        with pytest.raises(Refused, match="may"):
            await view.resume(made["id"], who, "over")
        assert len((await view.board())["stops"]) == 1
        return
    await view.resume(made["id"], who, "over")
    assert (await view.board())["stops"] == []
    assert view.counts()["stops"] == 0
    assert [one.body["what"] for one in await world.entries("stop")] == ["put", "lifted"]


async def test_every_change_is_told_to_who_watches(view: Any) -> None:
    before = view.version
    made = await view.stop("everything", "", "person:anna", "x")
    stopped = view.version
    await view.resume(made["id"], "person:anna", "over")
    assert before < stopped < view.version


async def test_a_stop_that_the_disk_does_not_take_yet_is_shown(
    world: Any, view: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(work: Any, **named: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(world.db, "write", full)
        made = await view.stop("everything", "", "person:anna", "it loops")
        assert made["id"] == "s0"
        board = msgspec.convert(await view.board(), Board)
        assert [(one.id, one.because) for one in board.stops] == [("s0", "it loops")]
        assert [one.state for one in board.automations] == ["stopped"]
        assert view.counts()["stops"] == 1
