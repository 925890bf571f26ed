"""Unverified is failure: it is taken back through the gate, and two failures freeze and tell the owner."""

from __future__ import annotations

import itertools

from gadfly.act.action.effect import Effect, State
from gadfly.monitor.liveness import Liveness


def nothing(verb: str, name: str) -> None:
    """An actor that does not do what it says."""


async def test_what_the_actor_says_is_not_believed(world) -> None:
    world.effect = nothing
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(95)
    outcome, *_ = await world.entries("outcome")
    assert outcome.body["state"] == "failed"
    assert outcome.body["measured"]["w3"].startswith("failed: it is stalled and down")
    assert outcome.who == "node"


async def test_an_actor_that_says_no_is_believed(world) -> None:
    world.says = Effect(state=State.finished, ok=False, words="ended with 1", output="a\nno such host\n")
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(95)
    outcome, *_ = await world.entries("outcome")
    assert outcome.body["state"] == "failed"
    assert "w3: ended with 1; no such host; it is alive" in outcome.body["reason"]


async def test_an_unknown_effect_is_measured_and_not_repeated(world) -> None:
    world.says = Effect(state=State.unknown, words="no answer")
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(120)
    assert [entry.body["state"] for entry in await world.entries("outcome")] == ["verified"]
    assert len(world.done) == 1


async def test_what_never_began_used_nothing(world) -> None:
    world.says = Effect(state=State.unstarted, words="there is no such unit")
    world.effect = nothing
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    [outcome] = await world.entries("outcome")
    assert outcome.body["state"] == "cancelled"
    assert "no such unit" in outcome.body["reason"]
    assert await world.rows("SELECT COUNT(*) FROM reservation") == [(0,)]
    assert [verb for _, verb, _ in world.done] == ["restart"]  # and nothing was taken back


async def test_what_can_never_begin_is_told_once_and_tried_ever_more_seldom(world) -> None:
    world.says = Effect(state=State.unstarted, words="there is no such unit")
    world.effect = nothing
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(7300, 10.0)
    assert await world.letters() == ["restart cannot act: there is no such unit"]
    times = [at for at, *_ in world.done]
    pauses = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert len(times) == 7
    assert all(later > 1.5 * sooner for sooner, later in itertools.pairwise(pauses))


async def test_the_rollback_is_an_act_of_its_own(world) -> None:
    for number in range(100):
        world.view.add(f"other{number}", group="others")
    world.effect = lambda verb, name: world.view.become(name, Liveness.alive) if verb == "undo" else None
    world.declare(level="act")
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(100)
    assert [verb for _, verb, _ in world.done] == ["restart", "undo"]
    kinds = [
        (entry.kind, entry.body.get("action") or entry.body.get("state")) for entry in await world.entries()
    ]
    assert kinds == [
        ("decision", "test:restart"),
        ("intent", "test:restart"),
        ("outcome", "failed"),
        ("autonomy", None),  # a failure lowers it
        ("decision", "test:undo"),
        ("intent", "test:undo"),
        ("outcome", "verified"),
    ]
    assert (await world.entries("intent"))[1].body["trigger"] == "undo of intent 1"


async def test_a_rollback_that_the_gate_refuses_is_told(world) -> None:
    world.effect = nothing
    world.declare(level="act")
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(100)
    assert [verb for _, verb, _ in world.done] == ["restart"]
    refused = (await world.entries("decision"))[-1]
    assert (refused.body["action"], refused.body["allowed"]) == ("test:undo", False)
    assert await world.letters() == ["restart failed and was not taken back"]


async def test_a_rollback_that_fails_is_not_rolled_back(world) -> None:
    for number in range(100):
        world.view.add(f"other{number}", group="others")
    world.effect = nothing
    world.declare(level="act")
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(300)
    assert [verb for _, verb, _ in world.done] == ["restart", "undo"]
    assert [entry.body["because"] for entry in await world.entries("freeze")] == ["2 failures in a row"]


async def test_two_failures_freeze_it_and_tell_its_owner(world) -> None:
    world.effect = nothing
    world.declare(undo="irreversible", disturbs=False)
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(400)
    assert len(world.done) == 2
    assert [one.body["state"] for one in await world.entries("outcome")] == ["failed", "failed"]
    [freeze] = await world.entries("freeze")
    assert freeze.body["because"] == "2 failures in a row"
    assert [subject for subject in await world.letters() if "frozen" in subject] == [
        "restart is frozen: 2 failures in a row"
    ]
    assert (await world.rows("SELECT contact FROM outbox"))[0][0].startswith("owner:payments#")
    refused = (await world.entries("decision"))[-1]
    assert refused.body["allowed"] is False
    assert any("frozen" in reason for _, reason in refused.body["refusals"])
