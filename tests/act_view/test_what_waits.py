"""What waits for a person: shown with its plan, answered by who may, and by nobody for themselves."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gadfly.errors import Refused
from gadfly.web.answers.act_board import Board
from gadfly.web.answers.act_plans import Approval, Decided


@pytest.fixture
async def view(world: Any, shown: Any) -> Any:
    world.declare(level="approve")
    await world.start("approve")
    return shown()


async def asked(view: Any) -> Decided:
    found = await view.run("restart", ["w1"], "program:deploy", "it is slow")
    return msgspec.convert(found, Decided)


async def test_a_run_that_needs_a_yes_waits_on_the_board(world: Any, view: Any) -> None:
    decided = await asked(view)
    assert decided.state == "waiting"
    board = msgspec.convert(await view.board(), Board)
    (one,) = board.approvals
    assert one.id == decided.approval
    assert (one.who, one.answers) == ("program:deploy", ("payments", "platform"))
    assert one.why == "program:deploy asked for it: it is slow; now w1 is healthy"
    assert one.lacks.startswith("autonomy:")
    assert one.plan.action == "test:restart {component}"
    assert one.plan.lines == ("w1: restart w1",)
    assert [(each.label, each.value, each.count, each.of) for each in one.plan.shares] == [
        ("group", "workers", 1, 10),
        ("region", "eu", 1, 0),
    ]
    assert view.counts() == {"approvals": 1, "stops": 0, "frozen": 0}
    assert world.done == []


async def test_a_yes_runs_it_and_says_so(world: Any, view: Any) -> None:
    decided = await asked(view)
    found = await view.approve(decided.approval, "person:anna", "looked", decided.plan.hash)
    done = msgspec.convert(found, Approval)
    assert (done.by, done.then) == ("person:anna", "it runs as intent 1")
    await world.advance(2)
    assert [name for _, _, name in world.done] == ["w1"]
    told = await view.automation("restart")
    assert told["runs"][0]["state"] == "verified"
    assert told["runs"][0]["measured_by"] == "node"
    assert told["runs"][0]["who"] == "program:deploy"
    assert told["runs"][0]["approved"] == "person:anna"
    assert (await view.board())["approvals"] == []


@pytest.mark.parametrize(
    ("who", "status", "says"),
    [
        ("program:deploy", 403, "a person must"),
        ("person:nobody", 403, "does not speak for payments"),
        ("automation:restart", 403, "a person must"),
    ],
)
async def test_who_may_not_answer_is_refused(world: Any, view: Any, who: str, status: int, says: str) -> None:
    decided = await asked(view)
    with pytest.raises(Refused, match=says) as refused:
        await view.approve(decided.approval, who, "", "")
    assert refused.value.status == status
    await world.advance(2)
    assert world.done == []


async def test_nobody_approves_what_they_asked_for(world: Any, view: Any) -> None:
    found = await view.run("restart", ["w1"], "person:anna", "me")
    with pytest.raises(Refused, match="nobody approves their own"):
        await view.approve(found["approval"], "person:anna", "", "")
    assert (await view.approve(found["approval"], "person:boss", "", ""))["then"] == "it runs as intent 1"


async def test_another_plan_is_not_approved(view: Any) -> None:
    decided = await asked(view)
    with pytest.raises(Refused) as refused:
        await view.approve(decided.approval, "person:anna", "", "0" * 64)
    assert refused.value.status == 409


async def test_a_no_ends_it(world: Any, view: Any) -> None:
    decided = await asked(view)
    denied = await view.deny(decided.approval, "person:anna", "not now")
    assert (denied["state"], denied["by"]) == ("denied", "person:anna")
    assert [one["state"] for one in await view.approvals("all")] == ["denied"]
    assert await view.approvals("waiting") == []
    with pytest.raises(Refused):
        await view.approve(decided.approval, "person:anna", "", "")


async def test_a_dry_run_writes_nothing(world: Any, view: Any) -> None:
    before = len(await world.entries())
    told = await view.plan("restart", ["w1", "w7"], "nobody")
    assert told["count"] == 2
    assert (await view.plan("restart", ["w1"], "nobody"))["waits"] is True
    assert [one["guard"] for one in told["refusals"]] != []
    assert len(await world.entries()) == before
    for targets, status in ((["nobody"], 422), ([], None)):
        if status:
            with pytest.raises(Refused) as refused:
                await view.plan("restart", targets, "nobody")
            assert refused.value.status == status
    with pytest.raises(Refused) as refused:
        await view.plan("nonsense", [], "nobody")
    assert refused.value.status == 404


@pytest.mark.parametrize("id", ["x", "", "9" * 30, "-1", "77"])
async def test_what_does_not_wait_is_not_there(view: Any, id: str) -> None:
    with pytest.raises(Refused) as refused:
        await view.approve(id, "person:anna", "", "")
    assert refused.value.status == 404
