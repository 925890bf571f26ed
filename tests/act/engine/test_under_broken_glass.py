"""In an emergency a person on the machine acts without asking; sense, stops and the ledger hold."""

from __future__ import annotations

import pytest

from gadfly.act.halt import breakglass, stop_book
from gadfly.monitor.liveness import Liveness

LOCAL = "person:olga"


async def take(world) -> None:
    await world.db.write(
        lambda connection: breakglass.take(
            connection,
            world.log,
            who=LOCAL,
            because="nobody of payments can be reached",
            lasts=600.0,
            owners=world.config.owner,
            url="",
            node="north",
            now=world.clock.wall(),
        )
    )


@pytest.mark.parametrize(
    ("who", "broken", "done"), [(LOCAL, True, 1), (LOCAL, False, 0), ("program:x", True, 0)]
)
async def test_what_would_wait_is_done_at_once(world, who: str, broken: bool, done: int) -> None:
    world.declare(level="approve")
    await world.start("approve")
    if broken:
        await take(world)
    world.view.become("w3", Liveness.stalled)
    _, decision = await world.acts.trigger("restart", who, ["w3"], "it hangs")
    assert decision.allowed is bool(done)
    await world.advance(2)
    assert [(verb, name) for _, verb, name in world.done] == [("restart", "w3")] * done
    said = [entry.body["what"] for entry in await world.entries("breakglass")]
    assert said == (["taken"] if broken else []) + (["acted"] if done else [])


async def test_it_is_over_with_its_time(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    await take(world)
    await world.advance(600)
    _, decision = await world.acts.trigger("restart", LOCAL, ["w3"], "it hangs")
    assert not decision.allowed


async def test_a_stop_holds_all_the_same(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    await take(world)
    await world.db.write(
        lambda connection: stop_book.put(
            connection, world.log, scope="everything", who="program:x", because="", now=world.clock.wall()
        )
    )
    _, decision = await world.acts.trigger("restart", LOCAL, ["w3"], "it hangs")
    assert [one.guard for one in decision.refusals] == ["stop"]
    assert [entry.body["what"] for entry in await world.entries("breakglass")] == ["taken", "refused"]
