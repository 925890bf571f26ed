"""What whoever asks gives with an act reaches the guards: parameters, what was read, data, use, due."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from gadfly.act.plan import Data, Input
from gadfly.act.plans.planning import Supplied
from gadfly.errors import Refused


async def refusers(world: Any, name: str = "w1", **given: Any) -> set[str]:
    _, decision = await world.acts.trigger("restart", "", [name], "now", Supplied(**given))
    return {one.guard for one in decision.refusals}


async def test_a_blank_parameter_is_refused_and_a_filled_one_reaches_the_action(world) -> None:
    world.declare(on="manual", targets='group = "workers"', run="test:restart {component} {parameter.term}")
    await world.start()
    assert await refusers(world, parameters={"term": " "}) == {"shape"}
    with pytest.raises(Refused, match="needs the parameter term"):
        await refusers(world)
    with pytest.raises(Refused, match="no parameter other"):
        await refusers(world, parameters={"term": "1y", "other": "x"})
    plan, decision = await world.acts.trigger(
        "restart", "", ["w1"], "now", Supplied(parameters={"term": "1y"})
    )
    assert decision.intent is not None
    assert plan.parameters == {"term": "1y"}


@pytest.mark.parametrize(
    ("about", "held"),
    [
        ({}, set()),
        ({"quorum": False}, {"inputs"}),
        ({"complete": False}, {"inputs"}),
        ({"at": -61.0}, {"inputs"}),
    ],
)
async def test_what_was_read_for_it_is_whole_young_and_of_a_majority(
    world, about: dict[str, Any], held: set[str]
) -> None:
    await world.start()
    now = world.clock.wall()
    read = Input(name="registry", **{**about, "at": now + about.get("at", 0.0)})
    assert await refusers(world, inputs=(read,)) == held


async def test_data_that_doubled_is_refused(world) -> None:
    await world.start()
    assert await refusers(world, data=Data(size=9000, before=4000, limit=20_000)) == {"shape"}
    assert await refusers(world, data=Data(size=4100, before=4000, limit=20_000)) == set()


async def test_what_is_in_use_is_deleted_by_its_owner_only(world) -> None:
    today = dt.datetime.fromtimestamp(world.clock.wall(), dt.UTC).date()
    for name, days in (("fresh", 3), ("idle", 40)):
        used = (today - dt.timedelta(days=days)).isoformat()
        world.view.add(name, owner="search", labels={"used": used, "environment": "staging"})
    world.view.add("unsaid", owner="search", labels={"environment": "staging"})
    world.declare(destructive=True, undo="irreversible", environment="staging", level="act", on="manual")
    world.declare(targets='group = "workers"')
    await world.start("act")
    now = world.clock.wall()
    await world.db.write(
        lambda connection: connection.execute(
            "INSERT INTO consent (owner, principal, action, target, who, at, ends)"
            " VALUES ('search', 'automation:restart', 'test:restart', '', 'person:x', ?, ?)",
            (now, now + 3600),
        )
    )
    for name, held in (("fresh", True), ("idle", False), ("unsaid", True)):
        found = await refusers(world, name)
        assert ("consent" in found) is held, (name, found)


async def test_it_is_not_done_before_it_is_due(world) -> None:
    due = dt.datetime.fromtimestamp(world.clock.wall() + 90 * 86_400, dt.UTC)
    world.declare(destructive=True, undo="irreversible", on="manual", targets='group = "workers"', due=due)
    await world.start("act")
    assert "announced" in await refusers(world)


async def test_what_was_read_is_not_read_anew_when_somebody_approves(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    read = Input(name="registry", at=world.clock.wall())
    _, decision = await world.acts.trigger("restart", "person:boss", ["w1"], "now", Supplied(inputs=(read,)))
    assert decision.waits
    await world.advance(70, step=10)
    _, decision = await world.acts.approve(decision.request, "person:anna")
    assert {one.guard for one in decision.refusals} == {"inputs"}
