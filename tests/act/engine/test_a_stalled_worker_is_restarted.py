"""The whole way of an act: what calls, the gate, the ledger, the effect, the measure."""

from __future__ import annotations

import itertools

from gadfly.monitor.liveness import Liveness


async def test_it_is_done_once_and_measured_by_the_picture(world) -> None:
    await world.start()
    await world.advance(5)
    world.view.become("w3", Liveness.stalled)
    await world.advance(58)
    assert world.done == []  # a minute is not over
    await world.advance(5)
    assert [(verb, name) for _, verb, name in world.done] == [("restart", "w3")]
    await world.advance(300)
    assert len(world.done) == 1

    entries = await world.entries()
    assert [entry.kind for entry in entries] == ["decision", "intent", "outcome"]
    decision, intent, outcome = entries
    assert decision.body["allowed"] is True
    assert decision.who == outcome.who == "node"
    assert intent.who == "automation:restart"
    assert intent.body["targets"] == ["w3"]
    assert outcome.body["state"] == "verified"
    assert outcome.body["measured"] == {"w3": "verified: it is alive"}
    assert decision.body["plan"] == intent.body["plan"] == outcome.body["plan"]
    assert all("component:w3" in entry.about for entry in entries)
    assert await world.rows("SELECT state FROM intent") == [("verified",)]
    assert await world.rows("SELECT COUNT(*) FROM reservation WHERE ended IS NULL") == [(0,)]
    assert "w3" in world.view.asked


async def test_what_ends_before_its_time_calls_for_nothing(world) -> None:
    await world.start()
    for _ in range(4):
        world.view.become("w3", Liveness.stalled)
        await world.advance(40)
        world.view.become("w3", Liveness.alive)
        await world.advance(5)
    assert world.done == []
    assert await world.entries() == []


async def test_who_is_not_selected_is_not_touched(world) -> None:
    world.view.add("db", group="databases")
    await world.start()
    world.view.become("db", Liveness.stalled)
    await world.advance(120)
    assert world.done == []
    assert await world.entries() == []


async def test_what_began_again_between_two_looks_counts_anew(world) -> None:
    await world.start()
    world.view.become("w3", Liveness.stalled)
    await world.advance(40)
    world.view.become("w3", Liveness.alive)
    await world.clock.advance(0.1)
    world.view.become("w3", Liveness.stalled)
    await world.advance(55)
    assert world.done == []
    await world.advance(10)
    assert len(world.done) == 1


async def test_of_several_as_many_as_may_be_at_once(world) -> None:
    await world.start()
    for name in ("w1", "w2", "w3"):
        world.view.become(name, Liveness.stalled)
    await world.advance(1500, 5.0)  # of ten, one may be taken out within ten minutes
    assert sorted(name for _, _, name in world.done) == ["w1", "w2", "w3"]
    times = [at for at, *_ in world.done]
    assert all(later - sooner >= 600 for sooner, later in itertools.pairwise(times))
    assert [entry.body["count"] for entry in await world.entries("intent")] == [1, 1, 1]
    refused = [
        entry.body["refusals"] for entry in await world.entries("decision") if not entry.body["allowed"]
    ]
    assert {guard for refusals in refused for guard, _ in refusals} == {"rate"}


async def test_a_jump_of_the_wall_clock_calls_for_nothing(world) -> None:
    await world.start()
    world.view.become("w3", Liveness.stalled)
    await world.advance(5)
    world.clock.set_wall(world.clock.wall() + 3600)
    await world.advance(20)
    assert world.done == []
    await world.advance(40)
    assert len(world.done) == 1
