"""A stop holds everything at the point of effect, ends what is on its way, and voids what was queued."""

from __future__ import annotations

from gadfly.act.halt.stop import Stop
from gadfly.monitor.liveness import Liveness

STOP = Stop(id=1, scope="everything", who="person:boss", because="look first", at=0.0, entry=1 << 40)


async def test_what_was_allowed_before_a_stop_has_no_effect_after_it(world) -> None:
    """The gate allows (its book knows of no stop yet); the executor, which was told, does not."""
    await world.start("act")
    world.stops = (STOP,)
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    assert world.done == []
    assert [entry.kind for entry in await world.entries()] == ["decision", "intent", "outcome"]
    [outcome] = await world.entries("outcome")
    assert outcome.body["state"] == "cancelled"
    assert "everything was stopped by person:boss" in outcome.body["reason"].lower()


async def test_a_stop_ends_what_is_on_its_way(world) -> None:
    world.hang = True
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    assert len(world.acts.running) == 1
    world.stops = (STOP,)
    await world.advance(1)
    await world.advance(35)
    [outcome] = await world.entries("outcome")
    assert outcome.body["state"] == "failed"
    assert "ended on the way" in outcome.body["reason"]


async def test_without_a_lease_nothing_is_done(world) -> None:
    await world.start("act")
    world.renew = lambda: None  # the control plane is gone
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    assert world.done == []
    [outcome] = await world.entries("outcome")
    assert "authority lapsed" in outcome.body["reason"]
