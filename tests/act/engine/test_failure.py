"""Unverified is failure: it is taken back through the gate, and two failures freeze and tell the owner."""

from __future__ import annotations

import hashlib
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
    world.says = Effect(state=State.finished, ok=False, words="ended with 1")
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(95)
    outcome, *_ = await world.entries("outcome")
    assert outcome.body["state"] == "failed"
    assert "w3: ended with 1; it is alive" in outcome.body["reason"]
    assert "output" not in outcome.body


async def test_what_a_program_says_stays_out_of_the_ledger(world) -> None:
    said = "a\nno mailbox anna@example.org\n"
    world.says = Effect(state=State.finished, ok=False, words="ended with 1", output=said)
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(95)
    outcome, *_ = await world.entries("outcome")
    assert outcome.body["output"] == {
        "sha256": hashlib.sha256(said.encode()).hexdigest(),
        "bytes": len(said),
    }
    assert await world.rows("SELECT COUNT(*) FROM ledger_entry WHERE instr(body, 'mailbox') > 0") == [(0,)]
    [(reason, output)] = await world.rows("SELECT reason, output FROM intent WHERE id = 1")
    assert reason.endswith("(it said: no mailbox anna@example.org)")
    assert output == said


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


async def test_what_worked_before_must_work_after_the_rollback(world) -> None:
    """Its measure is how the target was before the act, not what the act was for. It is told, and neither
    rolled back nor one more failure."""
    for number in range(100):
        world.view.add(f"other{number}", group="others")
    world.effect = lambda verb, name: world.view.become(name, Liveness.stalled)
    world.declare(level="act", on="manual", targets='group = "workers"')
    await world.start("act")
    await world.acts.trigger("restart", "", ["w3"])
    await world.advance(300)
    assert [verb for _, verb, _ in world.done] == ["restart", "undo"]
    first, second = await world.entries("intent")
    assert (first.body["expect"], second.body["expect"]) == (
        "component alive within 30s",
        "component unharmed within 30s",
    )
    outcomes = await world.entries("outcome")
    assert [entry.body["state"] for entry in outcomes] == ["failed", "failed"]
    assert "it worked before, and is down" in outcomes[1].body["reason"]
    assert await world.letters() == ["restart failed and was not taken back"]
    assert await world.entries("freeze") == []
    assert await world.rows("SELECT failures FROM standing") == [(1,)]


async def test_a_good_rollback_makes_no_failure_good(world) -> None:
    for number in range(100):
        world.view.add(f"other{number}", group="others")
    world.effect = nothing
    world.declare(level="act")
    await world.start("act")
    world.view.become("w3", Liveness.stalled)
    await world.advance(300)
    assert [verb for _, verb, _ in world.done] == ["restart", "undo", "restart"]
    states = [entry.body["state"] for entry in await world.entries("outcome")]
    assert states == ["failed", "verified", "failed"]
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
