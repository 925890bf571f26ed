"""What a person or a program does by hand: in its own name by its own grant, else by asking; never past what
the automation may."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.act.halt import stop_book
from gadfly.act.halt.stop import Scope
from gadfly.monitor.liveness import Liveness


async def asked(world: Any, who: str, *names: str) -> set[str]:
    """By which guards it was refused."""
    _, decision = await world.acts.trigger("restart", who, names or ("w3",), "it hangs")
    return {one.guard for one in decision.refusals}


async def test_with_a_grant_it_is_done_in_the_persons_name(world) -> None:
    """No level of the automation holds a person back; the ledger says who it was."""
    world.declare(level="approve")
    world.grant("person:anna")
    await world.start("approve")
    assert await asked(world, "person:anna") == set()
    await world.advance(2)
    assert [(verb, name) for _, verb, name in world.done] == [("restart", "w3")]
    [intent] = await world.entries("intent")
    assert (intent.who, intent.body["asked_by"]) == ("person:anna", "person:anna")
    assert {"automation:restart", "person:anna"} <= set(intent.about)


@pytest.mark.parametrize("level", ["approve", "act-small", "act"])
@pytest.mark.parametrize("who", ["person:anna", "program:deploy"])
async def test_without_one_somebody_else_must_approve_it(world, who: str, level: str) -> None:
    """However far the automation goes by itself: its leave is not that of whoever has a token."""
    world.declare(level=level)
    await world.start(level)
    _, decision = await world.acts.trigger("restart", who, ["w3"], "it hangs")
    assert decision.waits
    assert f"nobody granted this to {who}" in decision.words
    assert (await world.acts.approve(decision.request, "person:boss"))[1].allowed
    await world.advance(2)
    [intent] = await world.entries("intent")
    assert (intent.who, intent.body["asked_by"]) == ("automation:restart", who)
    assert intent.body["approved"] == ["person:boss"]


@pytest.mark.parametrize(("level", "refused"), [("approve", {"autonomy"}), ("act", set())])
async def test_a_program_with_a_grant_goes_as_far_as_the_automation(world, level: str, refused: Any) -> None:
    world.declare(level=level)
    world.grant("program:deploy")
    await world.start(level)
    assert await asked(world, "program:deploy") == refused


@pytest.mark.parametrize(
    ("about", "refused"),
    [
        ({"on": 'component = "w1"'}, {"autonomy"}),
        ({"may": ("test:undo",)}, {"autonomy"}),
        ({"may": (), "never": ("test:restart",)}, {"grant"}),
        ({"may": ("test:restart w3",)}, set()),
    ],
)
async def test_what_the_grant_says_of_the_target_counts(world, about: Any, refused: set[str]) -> None:
    """What is forbidden to whoever asks is not a thing that another may approve."""
    world.grant("person:anna", **about)
    await world.start()
    assert await asked(world, "person:anna") == (refused | {"autonomy"} if "never" in about else refused)


async def test_a_grant_reaches_no_further_than_the_automation(world) -> None:
    world.grant("person:anna")
    world.grant("automation:restart", may=(), never=("test:restart",))
    await world.start()
    assert await asked(world, "person:anna") == {"grant"}


async def test_the_budget_is_the_automations_whoever_acts(world) -> None:
    world.declare(
        limits=world.config.automation["restart"].limits.__class__(
            at_once=9, group="90%", fleet="90%", per_hour=2, tries_per_target=5
        )
    )
    world.grant("person:anna")
    for number in range(90):
        world.view.add(f"other{number}", group="others")
    await world.start()
    for name in ("w1", "w2"):
        assert await asked(world, "person:anna", name) == set()
        await world.advance(700, 20.0)
    assert await asked(world, "person:anna", "w4") == {"rate"}
    assert "rate" in await asked(world, "", "w4")


async def test_what_a_person_did_says_nothing_of_the_automation(world) -> None:
    world.grant("person:anna")
    world.effect = lambda verb, name: world.view.become(name, Liveness.stalled)
    await world.start()
    for name in ("w1", "w2"):
        await asked(world, "person:anna", name)
        await world.advance(200)
    assert await world.rows("SELECT level, failures, frozen FROM standing") == [("act-small", 0, "")]
    assert {entry.body["state"] for entry in await world.entries("outcome")} == {"failed"}


@pytest.mark.parametrize(
    ("scope", "name", "refused"),
    [("everything", "", set()), ("target", "w3", set()), ("automation", "restart", {"stop"})],
)
async def test_whoever_stopped_the_machines_can_work(
    world, scope: Scope, name: str, refused: set[str]
) -> None:
    """By their own grant; who has none asks for a machine's act."""
    world.grant("person:anna")
    await world.start()
    await world.db.write(
        lambda connection: stop_book.put(
            connection,
            world.log,
            scope=scope,
            name=name,
            who="person:anna",
            because="",
            now=world.clock.wall(),
        )
    )
    assert await asked(world, "person:anna") == refused
    assert "stop" in await asked(world, "person:boss")
    assert "stop" in await asked(world, "")


async def test_a_dry_run_says_what_would_be_said(world) -> None:
    world.declare(level="act")
    world.grant("person:anna")
    await world.start("act")
    said = {}
    for who in ("person:anna", "person:boss", ""):
        dry = await world.acts.plan("restart", ["w3"], who=who)
        said[who] = (dry.plan.principal, [one.guard for one in dry.decision.refusals])
    assert said == {
        "person:anna": ("person:anna", []),
        "person:boss": ("automation:restart", ["autonomy"]),
        "": ("automation:restart", []),
    }


async def test_two_who_ask_for_the_same_ask_twice(world) -> None:
    """A yes to one is none to the other, and neither decides on what the other asked by having asked."""
    world.declare(level="approve")
    await world.start("approve")
    one = (await world.acts.trigger("restart", "person:anna", ["w3"], "a"))[1]
    other = (await world.acts.trigger("restart", "program:deploy", ["w3"], "b"))[1]
    assert one.request != other.request
    assert (await world.acts.approve(other.request, "person:anna"))[1].allowed
