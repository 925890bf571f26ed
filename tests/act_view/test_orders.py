"""A freeze that a person orders holds everybody, and is lifted by who ordered it or is above; the clock."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gadfly.errors import Refused
from gadfly.web.answers.act_board import Board


def by(who: str) -> str:
    return f"person:{who}"


async def board(view: Any) -> Board:
    return msgspec.convert(await view.board(), Board)


async def run(view: Any) -> list[str]:
    told = await view.run("restart", ["w1"], by("anna"), "now")
    return [one["guard"] for one in told["plan"]["refusals"]]


async def test_it_holds_until_it_is_lifted(world: Any, shown: Any) -> None:
    world.grant(by("anna"))
    await world.start()
    view = shown()
    made = await view.freeze("sale", 'group = "workers"', by("boss"), "the sale", None)
    assert made["id"] == "w1"
    assert await run(view) == ["freeze"]
    (one,) = (await board(view)).freezes
    assert (one.id, one.what, one.who, one.releasable) == ("w1", 'group = "workers"', by("boss"), True)
    with pytest.raises(Refused) as refused:
        await view.release("w1", by("stranger"), "it is in the way")
    assert refused.value.status == 403
    await view.release("w1", by("boss"), "it is over")
    assert await run(view) == []
    assert [entry.body["what"] for entry in await world.entries("freeze")] == ["ordered", "lifted"]


async def test_a_clock_that_ran_ahead_is_put_right_by_a_person(world: Any, shown: Any) -> None:
    world.grant(by("anna"))
    await world.start()
    view = shown()
    right = world.clock.wall()
    await world.db.write(lambda connection: connection.execute("UPDATE latest SET at = ?", (right + 86_400,)))
    assert "expiry" in await run(view)
    await view.clock(by("boss"), "the clock was a day ahead")
    assert await run(view) == []
    assert [entry.body["what"] for entry in await world.entries("node")] == ["clock"]
