"""What is scheduled long ahead is announced to its owners 30, 7 and 1 days before, and then proposed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from gadfly.act.calling.countdown import Countdown, notice_of

DAY = 86_400.0


@pytest.mark.parametrize(
    ("days", "notice"),
    [
        (40, None),
        (37, None),
        (36.9, 30),
        (30, 30),
        (29.9, None),
        (9.9, 7),
        (7, 7),
        (6, None),
        (2, 1),
        (0.9, None),
    ],
)
def test_when_which_notice_is_written(days: float, notice: int | None) -> None:
    assert notice_of(days * DAY) == notice


async def begin(world: Any) -> tuple[Countdown, float]:
    world.view.add("tenant", group="tenants", labels={"environment": "staging"})
    due = world.clock.wall() + 40 * DAY
    world.declare(
        destructive=True,
        undo="irreversible",
        on="manual",
        targets='component = "tenant"',
        due=dt.datetime.fromtimestamp(due, dt.UTC),
        environment="staging",
        level="act",
        expect="component left within 30s",
    )
    await world.start("act")
    world.effect = lambda verb, name: None
    countdown = Countdown(
        world.db, world.log, world.acts, world.clock, lambda: world.config, url="http://x/", node="north"
    )
    return countdown, due


async def pass_to(world: Any, countdown: Countdown, when: float) -> None:
    world.clock.set_wall(when)
    await world.clock.advance(3600.0)
    world.renew()
    await countdown.look()
    await world.settle()


async def test_three_letters_and_then_it_is_proposed_until_it_was_done(world: Any) -> None:
    countdown, due = await begin(world)
    for days in (39, 31, 30.5, 20, 8, 7.5, 2, 1.5, 0.5):
        await pass_to(world, countdown, due - days * DAY - 3600)
    letters = [one for one in await world.letters() if "ends 1 of yours" in one]
    assert len(letters) == 3
    told = [due - at for (at,) in await world.rows("SELECT told FROM announcement ORDER BY told")]
    assert [round(one / DAY, 1) for one in told] == [31, 8, 2]
    assert len(await world.entries("notification")) == 3
    await pass_to(world, countdown, due + 60)
    (found,) = [one for one in await world.entries("decision") if not one.body["allowed"]]
    refusals = dict(found.body["refusals"])
    assert "must consent afresh" in refusals["announced"]
    assert world.done == []


async def test_with_consent_and_signals_only_the_rest_is_asked(world: Any) -> None:
    countdown, due = await begin(world)
    for days in (31, 8, 2):
        await pass_to(world, countdown, due - days * DAY - 3600)
    await world.db.write(
        lambda connection: connection.execute(
            "INSERT INTO consent (owner, principal, action, target, who, at, ends)"
            " VALUES ('payments', 'automation:restart', 'test:restart', 'tenant', 'person:x', ?, ?)",
            (due - 3 * DAY, due + 3 * DAY),
        )
    )
    await pass_to(world, countdown, due - 3500)
    (found,) = await world.entries("decision")
    assert "announced" not in dict(found.body["refusals"])
    for _ in range(30):
        await pass_to(world, countdown, due + 2 * DAY)
    assert len(await world.entries("decision")) == 1  # a day after it was due it is over
