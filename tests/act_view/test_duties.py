"""What somebody must see to: brakes, freezes, reviews, proofs, unexplained effects."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from gadfly.act.bypass import unexplained
from gadfly.act.bypass.unexplained import Effect
from gadfly.act.guard import GUARDS
from gadfly.act_view.showing import FRESH
from gadfly.config.act import FreezeWindow
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry
from gadfly.web.answers.act_board import Board


async def board(view: Any) -> Board:
    return msgspec.convert(await view.board(), Board)


async def test_a_frozen_automation_is_released_by_who_answers_for_it(world: Any, shown: Any) -> None:
    await world.start("act-small")
    view = shown()
    await world.db.write(
        lambda connection: connection.execute("UPDATE standing SET frozen = '2 failures in a row'")
    )
    one = (await board(view)).freezes[0]
    assert (one.what, one.why, one.releasable) == ("automation restart", "2 failures in a row", True)
    assert (await board(view)).automations[0].state == "frozen"
    with pytest.raises(Refused, match="payments or platform") as refused:
        await view.release(one.id, "program:deploy", "I looked")
    assert refused.value.status == 403
    await view.release(one.id, "person:anna", "the disk was full")
    assert (await board(view)).freezes == ()
    assert [entry.who for entry in await world.entries("freeze")] == ["person:anna"]


async def test_a_brake_on_a_target_is_released(world: Any, shown: Any) -> None:
    await world.start()
    view = shown()
    await world.db.write(
        lambda connection: connection.execute(
            "INSERT INTO brake (target, symptom, since) VALUES ('w1', 'stalled', ?)", (world.clock.wall(),)
        )
    )
    (one,) = (await board(view)).freezes
    assert one.what == "w1, against stalled"
    await view.release(one.id, "person:anna", "new worker")
    assert (await board(view)).freezes == ()
    with pytest.raises(Refused) as refused:
        await view.release(one.id, "person:anna", "again")
    assert refused.value.status == 404


async def test_ordered_freezes_stand_while_they_hold(world: Any, shown: Any) -> None:
    now = dt.datetime.fromtimestamp(world.clock.wall(), dt.UTC)
    hour = dt.timedelta(hours=1)
    windows = {
        "sale": FreezeWindow(starts=now - hour, ends=now + hour, owner="payments", because="the sale"),
        "past": FreezeWindow(starts=now - 2 * hour, ends=now - hour, owner="payments", because="over"),
        "later": FreezeWindow(starts=now + hour, ends=now + 2 * hour, owner="payments", because="to come"),
    }
    world.config = msgspec.structs.replace(world.config, freeze=windows)
    await world.start()
    (one,) = (await board(shown())).freezes
    assert (one.what, one.why, one.who, one.releasable) == ("everything", "the sale", "owner payments", False)


async def test_break_glass_owes_a_review_by_somebody_else(world: Any, shown: Any) -> None:
    await world.start()
    view = shown()
    made = await view.breakglass("person:olga", "the approver's phone is off", 600.0)
    found = await board(view)
    assert [one.id for one in found.breakglass] == [made["id"]] == ["b1"]
    assert [one.id for one in found.reviews] == ["b1"]
    assert any("Break-glass" in subject for subject in await world.letters())
    await world.advance(601, step=60)
    assert (await board(view)).breakglass == ()
    with pytest.raises(Refused, match="somebody else"):
        await view.review("b1", "person:olga", "fine")
    await view.review("b1", "person:boss", "it was needed")
    assert (await board(view)).reviews == ()


async def test_no_program_breaks_the_glass(world: Any, shown: Any) -> None:
    await world.start()
    with pytest.raises(Refused, match="a person must"):
        await shown().breakglass("program:deploy", "the approver's phone is off", 600.0)


async def test_an_overdue_automation_only_suggests_and_wants_a_review(world: Any, shown: Any) -> None:
    world.declare(review=dt.date(2020, 1, 1))
    await world.start("act")
    found = await board(shown())
    (one,) = found.automations
    assert (one.level, one.declared, one.overdue) == ("suggest", "act-small", True)
    (review,) = found.reviews
    assert (review.id, review.what, review.owner) == ("", "automation restart", "payments")


async def test_every_guard_stands_with_its_proof(world: Any, shown: Any) -> None:
    await world.start()
    view = shown()
    found = (await board(view)).proofs
    assert {one.guard for one in found} == set(GUARDS)
    assert all(one.denied and one.at is not None for one in found)
    await world.db.write(lambda connection: connection.execute("DELETE FROM proof WHERE guard = 'freeze'"))
    await world.clock.advance(FRESH)
    (missing,) = [one for one in (await board(view)).proofs if one.guard == "freeze"]
    assert (missing.at, missing.denied) == (None, False)


async def test_what_no_intent_explains_stands_for_a_day(world: Any, shown: Any) -> None:
    await world.start()
    view = shown()
    body = {"count": 3, "effects": [{"what": "w1 was restarted", "at": "x"}]}
    entry = Entry(
        kind="unexplained",
        who="node",
        about=("component:w1", "owner:payments"),
        body=body,
        at=world.clock.wall(),
    )
    await world.db.write(lambda connection: world.log.append(connection, [entry]))
    (one,) = (await board(view)).unexplained
    assert (one.component, one.effect, one.owner) == ("w1", "w1 was restarted, and 2 more", "payments")
    await world.clock.advance(86_401)
    assert (await board(view)).unexplained == ()


async def test_of_what_nobody_declared_an_act_for_only_the_ledger_tells(world: Any, shown: Any) -> None:
    await world.start("act-small")
    view = shown()
    effects = [
        Effect(kind="restarted", component="w1", at=1.0),
        Effect(kind="stopped", component="w2", at=1.0, covered=True),
    ]
    wall = world.clock.wall()
    alone, both = unexplained.entry(effects[:1], wall), unexplained.entry(effects, wall)
    await world.db.write(lambda connection: world.log.append(connection, [alone]))
    assert (await board(view)).unexplained == ()
    await world.clock.advance(FRESH)
    await world.db.write(lambda connection: world.log.append(connection, [both]))
    (one,) = (await board(view)).unexplained
    assert (one.component, one.effect) == ("w2", "w2 was stopped")
