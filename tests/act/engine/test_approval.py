"""What waits for a person: told once, approved by another than who asked, and judged anew then."""

from __future__ import annotations

import msgspec
import pytest

from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.monitor.liveness import Liveness


async def test_it_waits_for_its_owner_and_is_done_on_approval(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(300)
    assert world.done == []
    assert await world.letters() == ["May restart act on w3? test:restart"]
    assert await world.rows("SELECT id, state FROM request") == [(1, "waiting")]

    plan, decision = await world.acts.approve(
        1, "person:anna", "looks right", plan_hash(await world.entries())
    )
    assert decision.allowed
    assert [one.name for one in plan.targets] == ["w3"]
    await world.advance(2)
    assert [(verb, name) for _, verb, name in world.done] == [("restart", "w3")]
    kinds = [entry.kind for entry in await world.entries()]
    assert kinds[-4:] == ["approval", "decision", "intent", "outcome"]
    [intent] = await world.entries("intent")
    assert intent.body["approved"] == ["person:anna"]


def plan_hash(entries) -> str:
    return next(entry.body["plan"] for entry in entries if entry.kind == "decision")


@pytest.mark.parametrize(
    ("number", "who", "hash_", "said"),
    [
        (1, "person:eve", "", "does not speak for payments"),
        (1, "automation:restart", "", "a person must"),
        (1, "person:anna", "0" * 64, "read it again"),
        (2, "person:anna", "", "No plan waits"),
    ],
)
async def test_who_may_not_approve(world, number: int, who: str, hash_: str, said: str) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    with pytest.raises(Refused, match=said):
        await world.acts.approve(number, who, hash=hash_)
    await world.advance(5)
    assert world.done == []


async def test_nobody_approves_their_own(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    _, decision = await world.acts.trigger("restart", "person:anna", ["w3"], "it feels slow")
    assert decision.waits
    with pytest.raises(Refused, match="nobody approves their own"):
        await world.acts.approve(decision.request, "person:anna")
    await world.acts.approve(decision.request, "person:boss")
    await world.advance(2)
    assert [name for *_, name in world.done] == ["w3"]
    [intent] = await world.entries("intent")
    assert intent.body["asked_by"] == "person:anna"


async def test_denied_it_is_not_done(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    denied = await world.acts.deny(1, "person:anna", "not now")
    assert denied.state == "denied"
    with pytest.raises(Refused, match="does not wait any more"):
        await world.acts.approve(1, "person:anna")
    assert world.done == []


async def test_denied_nobody_is_asked_again_for_an_hour(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    await world.acts.deny(1, "person:anna", "not now")
    await world.advance(3500, 5.0)
    assert len(await world.letters()) == 1
    await world.advance(200, 5.0)
    assert len(await world.letters()) == 2


async def test_what_changed_meanwhile_is_another_plan(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    world.view.add("w3", labels={"region": "eu"})
    world.view.become("w3", Liveness.stalled)
    _, decision = await world.acts.approve(1, "person:anna")
    assert not decision.allowed
    await world.advance(5)
    assert world.done == []


async def test_nobody_answers_and_the_next_in_the_chain_is_asked(world) -> None:
    """As with an alert, each after the time that the owner before gives; and no more once it is answered."""
    owners = {
        "payments": Owner(
            contact=("mailto:one@example.org", "mailto:two@example.org"), after=600.0, owner="platform"
        ),
        "platform": Owner(contact=("mailto:boss@example.org",), after=600.0),
    }
    world.config = msgspec.structs.replace(world.config, owner=owners)
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    question = "May restart act on w3? test:restart"
    await world.advance(65 + 590, 5.0)
    assert await world.letters() == [question]
    await world.advance(60, 5.0)
    assert await world.letters() == [question, f"Nobody has answered: {question}"]
    [(body,)] = await world.rows("SELECT body FROM outbox WHERE id = 2")
    assert "you answer as payments" in msgspec.json.decode(body)["text"]
    assert "gadfly act approve 1" in msgspec.json.decode(body)["text"]
    await world.advance(600, 5.0)
    contacts = [contact for (contact,) in await world.rows("SELECT contact FROM outbox ORDER BY id")]
    assert [contact.partition("#")[0] for contact in contacts] == [
        "owner:payments",
        "owner:payments",
        "owner:platform",
    ]
    assert len(set(contacts)) == 3
    await world.advance(1200, 5.0)
    assert len(await world.letters()) == 3  # there is nobody above


async def test_who_was_answered_asks_nobody_else(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    await world.acts.deny(1, "person:anna", "not now")
    await world.advance(2000, 5.0)
    assert await world.letters() == ["May restart act on w3? test:restart"]


@pytest.mark.parametrize(
    ("who", "allowed"), [("person:anna", False), ("program:ci-bot", False), ("person:boss", True)]
)
async def test_neither_the_same_person_nor_a_program_approves(world, who: str, allowed: bool) -> None:
    """By whichever token: what reaches the book is the person."""
    world.speaks["program:ci-bot"] = ["payments", "platform"]
    world.declare(level="approve")
    await world.start("approve")
    await world.acts.trigger("restart", "person:anna", ["w3"], "it feels slow")
    if allowed:
        assert (await world.acts.approve(1, who))[1].allowed
        return
    with pytest.raises(Refused, match=r"nobody approves their own|a person must"):
        await world.acts.approve(1, who)
    assert await world.rows("SELECT state FROM request") == [("waiting",)]


async def test_what_an_automation_asks_for_itself_one_person_approves(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    assert (await world.acts.approve(1, "person:anna"))[1].allowed


async def test_what_recovered_meanwhile_is_not_touched(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    world.view.wake("w3")
    with pytest.raises(Refused, match="w3 is not stalled any more, it is healthy"):
        await world.acts.approve(1, "person:anna")
    await world.advance(5)
    assert world.done == []
    assert await world.rows("SELECT state, decided_by FROM request") == [("lapsed", "node")]
    assert await world.rows("SELECT COUNT(*) FROM approval") == [(0,)]
    last = (await world.entries("approval"))[-1]
    assert (last.who, last.body["what"]) == ("node", "lapsed")
    assert "not stalled any more" in last.body["note"]


async def test_what_a_person_wants_is_approved_whatever_is_seen(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    _, decision = await world.acts.trigger("restart", "person:anna", ["w3"], "it feels slow")
    assert (await world.acts.approve(decision.request, "person:boss"))[1].allowed


async def test_an_alert_that_ended_calls_for_nothing(world) -> None:
    world.declare(level="approve", on='alert for 1m, group = "workers"')
    await world.start("approve")
    world.alerting = {"w3": world.clock.wall()}
    await world.advance(70)
    world.alerting = {}
    with pytest.raises(Refused, match="no alert fires of w3 any more"):
        await world.acts.approve(1, "person:anna")


async def test_a_yes_that_was_not_used_is_taken_back(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    world.view.lately = 1000  # a storm: the gate refuses it for now, the yes stands
    _, decision = await world.acts.approve(1, "person:anna")
    assert not decision.allowed
    assert await world.rows("SELECT state FROM request") == [("approved",)]
    await world.acts.deny(1, "person:anna", "it was a mistake")
    world.view.lately = 0
    await world.advance(200)
    assert world.done == []
    assert (await world.rows("SELECT state FROM request WHERE id = 1")) == [("denied",)]
    assert not (await world.acts.trigger("restart", "person:boss", ["w3"], "now"))[1].allowed


async def test_a_yes_that_was_used_is_not_taken_back(world) -> None:
    world.declare(level="approve")
    await world.start("approve")
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    await world.acts.approve(1, "person:anna")
    with pytest.raises(Refused, match="does not wait any more: it is done"):
        await world.acts.deny(1, "person:anna", "too late")


async def test_what_nobody_answers_lapses_with_an_entry(world) -> None:
    world.declare(level="approve", on="manual", targets='group = "workers"')
    await world.start("approve")
    _, decision = await world.acts.trigger("restart", "", ["w3"])
    assert decision.waits
    await world.advance(3700, 30.0)
    assert await world.rows("SELECT state, decided_by FROM request") == [("lapsed", "node")]
    [entry] = await world.entries("approval")
    assert (entry.who, entry.body["what"], entry.body["note"]) == (
        "node",
        "lapsed",
        "nobody answered in time",
    )
    with pytest.raises(Refused, match="it is lapsed"):
        await world.acts.approve(1, "person:anna")


async def test_a_yes_that_was_not_used_in_its_time_lapses_too(world) -> None:
    world.declare(level="approve", on="manual", targets='group = "workers"')
    await world.start("approve")
    world.view.lately = 1000  # a storm
    await world.acts.trigger("restart", "", ["w3"])
    world.view.lately = 0
    _, decision = await world.acts.trigger("restart", "", ["w3"])
    world.view.lately = 1000
    assert not (await world.acts.approve(decision.request, "person:anna"))[1].allowed
    await world.advance(3700, 30.0)
    assert await world.rows("SELECT state FROM request") == [("lapsed",)]
    assert (await world.entries("approval"))[-1].body["note"] == "approved, and not done in time"
