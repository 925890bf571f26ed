"""A dry run says everything and does nothing: no entry, no effect, no letter."""

from __future__ import annotations

import pytest

from gadfly.errors import Refused


async def test_it_says_what_would_happen(world) -> None:
    await world.start()
    found = await world.acts.plan("restart", ["w3", "w4"])
    assert [line.words for line in found.lines] == ["restart w3", "restart w4"]
    assert {one.guard for one in found.decision.refusals} >= {"radius"}
    assert found.decision.intent is None
    await world.advance(5)
    assert await world.entries() == []
    assert await world.letters() == []
    assert world.done == []


async def test_without_names_it_means_all_that_it_selects(world) -> None:
    world.view.add("db", group="databases")
    await world.start()
    found = await world.acts.plan("restart")
    assert [target.name for target in found.plan.targets] == [f"w{number}" for number in range(10)]


async def test_what_cannot_be_planned(world) -> None:
    world.view.add("db", group="databases")
    await world.start()
    for name, targets, said in (
        ("nobody", [], "No automation"),
        ("restart", ["db"], "db is no target of restart"),
        ("restart", ["w3", "ghost"], "ghost is no target of restart"),
    ):
        with pytest.raises(Refused, match=said):
            await world.acts.plan(name, targets)
        with pytest.raises(Refused, match=said):
            await world.acts.trigger(name, "person:anna", targets)
    assert await world.entries() == []


async def test_nothing_never_means_everything(world) -> None:
    world.declare(on="manual", targets='group = "nobody"')
    await world.start()
    with pytest.raises(Refused, match="nothing never means everything"):
        await world.acts.trigger("restart", "person:anna")
    assert world.done == []
