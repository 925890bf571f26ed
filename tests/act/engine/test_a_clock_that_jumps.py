"""A clock that once ran a year ahead and came back leaves the gate as it was."""

from __future__ import annotations

from typing import Any


async def test_one_jump_ahead_closes_nothing(world: Any) -> None:
    await world.start()
    await world.advance(700, step=50)
    await world.acts.trigger("restart", "", ["w1"], "a true time")
    await world.advance(60, step=5)
    right = world.clock.wall()
    world.clock.set_wall(right + 365 * 86_400)
    await world.acts.trigger("restart", "", ["w2"], "in a wrong moment")
    world.clock.set_wall(right)
    await world.advance(120, step=5)
    _, decision = await world.acts.trigger("restart", "", ["w3"], "afterwards")
    assert "expiry" not in {one.guard for one in decision.refusals}
