"""What touches another owner's component waits for that owner too, and goes on at the last word it lacks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gadfly.act.approvals import consenting
from gadfly.config.act import Limits
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.monitor.liveness import Liveness

LIMITS = Limits(at_once=9, group="90%", fleet="90%", per_hour=9, tries_per_target=5)


@pytest.fixture
def shared(world):
    """A worker of somebody else in the group; its owner speaks through bea."""
    search = Owner(contact=("mailto:search@example.org",), owner="platform")
    world.config = msgspec.structs.replace(world.config, owner={**world.config.owner, "search": search})
    world.view.add("x1", owner="search")
    world.speaks["person:bea"] = ["search"]
    world.declare(level="approve")
    return world


async def consent(world, **changes: str) -> None:
    given = {"owner": "search", "principal": "automation:restart", "action": "test:restart", "target": ""}
    made = await world.db.write(
        lambda connection: consenting.consent(
            connection,
            world.log,
            **{**given, **changes},
            who="person:bea",
            speaks_for=world.speaks["person:bea"],
            owners=world.config.owner,
            now=world.clock.wall(),
            lasts=3600.0,
        )
    )
    await world.acts.consented(made)


async def lacks(world) -> list[tuple[int, str, bool, bool]]:
    rows = await world.rows("SELECT id, state, lacks FROM request ORDER BY id")
    return [(number, state, "autonomy:" in words, "consent:" in words) for number, state, words in rows]


async def waiting(world) -> None:
    await world.start("approve")
    world.view.become("x1", Liveness.stalled)
    await world.advance(70)
    assert await lacks(world) == [(1, "waiting", True, True)]


async def test_both_owners_are_asked(shared) -> None:
    await waiting(shared)
    rows = await shared.rows("SELECT label FROM outbox ORDER BY id")
    assert len(rows) == 2
    assert any("search@example.org" in label for (label,) in rows)


async def test_approved_first_it_waits_on_for_the_consent_alone(shared) -> None:
    await waiting(shared)
    _, decision = await shared.acts.approve(1, "person:anna")
    assert not decision.allowed
    assert await lacks(shared) == [(1, "approved", False, True)]
    await shared.advance(300)
    assert (len(await shared.letters()), shared.done) == (2, [])
    await consent(shared)
    await shared.advance(2)
    assert [name for *_, name in shared.done] == ["x1"]
    assert await shared.rows("SELECT id, state FROM request") == [(1, "done")]


async def test_consented_first_it_waits_on_for_the_approval_alone(shared) -> None:
    await waiting(shared)
    await consent(shared, target="x1")
    assert await lacks(shared) == [(1, "waiting", True, False)]
    assert shared.done == []
    _, decision = await shared.acts.approve(1, "person:anna")
    assert decision.allowed
    await shared.advance(2)
    assert [name for *_, name in shared.done] == ["x1"]


@pytest.mark.parametrize(
    "other", [{"principal": "automation:x"}, {"action": "test:undo"}, {"target": "w1"}, {"principal": "node"}]
)
async def test_a_consent_to_something_else_changes_nothing(shared, other: dict[str, str]) -> None:
    await waiting(shared)
    await shared.acts.approve(1, "person:anna")
    before = len(await shared.entries("decision"))
    await consent(shared, **other)
    await shared.advance(2)
    assert (len(await shared.entries("decision")), shared.done) == (before, [])


async def test_a_withdrawn_consent_counts_for_nothing(shared) -> None:
    """It stands in the ledger with its reason, and what relied on it waits again."""
    shared.declare(level="act-small")
    await shared.start()
    await consent(shared)
    await shared.db.write(withdrawal(shared))
    [*_, given, taken] = await shared.entries("approval")
    assert (given.body["what"], taken.body["what"]) == ("consented", "withdrew")
    assert (taken.who, taken.body["because"]) == ("person:bea", "they left")
    assert taken.body["consent"] == given.body["consent"]
    _, decision = await shared.acts.trigger("restart", "", ["x1"])
    assert "consent" in {one.guard for one in decision.refusals}
    assert decision.waits
    with pytest.raises(Refused, match="No consent 1 is in force"):
        await shared.db.write(withdrawal(shared))


async def test_it_ends_the_rest_of_an_act_on_its_way(shared) -> None:
    """The next stage asks again, and the owner's word is gone."""
    shared.declare(level="act", limits=msgspec.structs.replace(LIMITS, at_once=9))
    for number in range(200):
        shared.view.add(f"other{number}", group="others")
    for name, region in (("x1", "eu"), ("x2", "us")):
        shared.view.add(name, owner="search", labels={"region": region})
    await shared.start("act")
    await consent(shared)
    _, decision = await shared.acts.trigger("restart", "", ["x1", "x2"])
    if decision.waits:
        _, decision = await shared.acts.approve(decision.request, "person:boss")
    assert decision.allowed, decision.words
    await shared.advance(60)
    await shared.db.write(withdrawal(shared))
    await shared.advance(700, 10.0)
    assert [name for *_, name in shared.done] == ["x1"]
    assert (await shared.entries("outcome"))[-1].body["state"] == "partial"


@pytest.mark.parametrize("who", ["person:anna", "program:search", "automation:restart"])
async def test_who_may_not_withdraw(shared, who: str) -> None:
    await shared.start()
    await consent(shared)
    with pytest.raises(Refused, match="does not speak for search"):
        await shared.db.write(withdrawal(shared, who))
    assert await shared.rows("SELECT withdrawn_by FROM consent") == [("",)]


def withdrawal(world, who: str = "person:bea") -> Any:
    return lambda connection: consenting.withdraw(
        connection,
        world.log,
        1,
        who=who,
        speaks_for=world.speaks.get(who, []),
        owners=world.config.owner,
        because="they left",
        now=world.clock.wall(),
    )
