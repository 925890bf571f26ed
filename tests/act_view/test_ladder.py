"""Each automation on the ladder: level, record, budgets; its grants; what its owner bears and was told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from gadfly.act_view.grants import shown as grants
from gadfly.act_view.grants import speaks_for
from gadfly.config.act import Grant
from gadfly.errors import Refused
from gadfly.store.tokens import Token
from gadfly.web.answers.act_board import Board
from gadfly.web.answers.act_board import Grant as ShownGrant
from gadfly.web.answers.act_load import Load, Report
from gadfly.web.answers.automations import AutomationStory
from gadfly.web.redact import veiled


async def test_a_verified_run_counts(world: Any, shown: Any) -> None:
    await world.start()
    view = shown()
    (before,) = msgspec.convert(await view.board(), Board).automations
    assert (before.runs, before.bound, before.state, before.last) == (0, 0.0, "ready", None)
    assert (await world.acts.trigger("restart", "", ["w1"], "its trigger"))[1].allowed
    await view._look()
    (running,) = msgspec.convert(await view.board(), Board).automations
    used = {one.name: (one.used, one.most) for one in running.budgets}
    assert used["targets at once"] == (1, 1)
    assert used["runs an hour"] == (1, 6)
    assert used["of group workers"] == (0.1, 0.5)
    assert running.outcome == "running"
    await world.advance(3)
    told = msgspec.convert(await view.automation("restart"), AutomationStory)
    assert (told.automation.runs, told.automation.verified, told.automation.outcome) == (1, 1, "verified")
    assert 0.04 < told.automation.bound < 0.06
    assert ("an hour", "6") in told.limits
    assert told.runs[0].targets == ("w1",)
    assert await view.automation("nonsense") is None


async def test_one_whose_last_day_is_over(world: Any, shown: Any) -> None:
    world.declare(expires=dt.date(2020, 1, 1))
    await world.start()
    assert (await shown().board())["automations"][0]["state"] == "expired"


async def test_load_and_report_of_the_owner(world: Any, shown: Any) -> None:
    await world.start()
    view = shown()
    await world.acts.trigger("restart", "", ["w1"], "its trigger")
    await world.advance(3)
    loads = [msgspec.convert(one, Load) for one in await view.load()]
    assert {one.owner for one in loads} == {"payments", "platform"}
    now = world.clock.wall()
    (report,) = [msgspec.convert(one, Report) for one in await view.report("payments", now - 60, now)]
    assert [(one.automation, one.runs, one.verified) for one in report.lines] == [("restart", 1, 1)]
    assert len(await view.report("", now - 60, now)) == 2
    with pytest.raises(Refused):
        await view.report("nonsense", 0, now)


async def test_a_record_is_raised_from_above_and_not_while_a_review_is_owed(world: Any, shown: Any) -> None:
    await world.start("approve")
    view = shown()
    with pytest.raises(Refused, match="needs 20") as refused:
        await view.raise_level("restart", "person:boss", "it is good")
    assert refused.value.status == 409
    await world.db.write(
        lambda connection: connection.executemany(
            "INSERT INTO intent (entry, plan, body, principal, automation, owner, action, symptom, cost, at,"
            " ends, state, counted)"
            " VALUES (?, '', '', 'automation:restart', 'restart', 'payments', '', '', 0, 0, 0, 'verified',"
            " 'verified')",
            [(-number,) for number in range(1, 30)],
        )
    )
    with pytest.raises(Refused, match="speaks for the owner of payments"):
        await view.raise_level("restart", "person:anna", "it is mine")
    await view.breakglass("person:olga", "the approver's phone is off", 60.0)
    with pytest.raises(Refused, match="b1 is not reviewed"):
        await view.raise_level("restart", "person:boss", "it is good")
    await view.give_back("person:olga")
    await view.review("b1", "person:boss", "it was needed")
    await view.raise_level("restart", "person:boss", "it is good")
    assert (await view.board())["automations"][0]["level"] == "act-small"
    with pytest.raises(Refused) as refused:
        await view.raise_level("nonsense", "person:boss", "x")
    assert refused.value.status == 404


async def test_a_consent_stands_among_the_grants(world: Any, shown: Any) -> None:
    await world.start()
    view = shown()
    with pytest.raises(Refused, match="a person who speaks for payments must"):
        await view.consent("payments", "automation:restart", "systemd:restart", "", 60.0, "program:deploy")
    made = await view.consent("payments", "automation:restart", "systemd:restart", "w1", 60.0, "person:anna")
    assert (made["owner"], made["who"]) == ("payments", "person:anna")
    (found,) = [one for one in await view.grants() if one["source"] == "consent"]
    shape = msgspec.convert(found, ShownGrant)
    assert (shape.to, shape.may, shape.on) == ("automation:restart", "systemd:restart", 'component = "w1"')
    await world.clock.advance(61)
    assert [one for one in await view.grants() if one["source"] == "consent"] == []
    with pytest.raises(Refused) as refused:
        await view.consent("nonsense", "automation:restart", "systemd:restart", "", 60.0, "person:anna")
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("principal", "action"),
    [
        ("*", "*"),
        ("automation:restart", "*"),
        ("automation:restart", "htttp:POST"),
        ("automation:restart", "systemd"),
        ("automation:nobody", "systemd:restart"),
        ("automation:*", "systemd:restart"),
        ("*", "systemd:restart"),
    ],
)
async def test_a_consent_is_to_one_principal_and_one_action(
    world: Any, shown: Any, principal: str, action: str
) -> None:
    await world.start()
    view = shown()
    with pytest.raises(Refused) as refused:
        await view.consent("payments", principal, action, "", 60.0, "person:anna")
    assert refused.value.status == 422
    assert [one for one in await view.grants() if one["source"] == "consent"] == []


def test_grants_are_those_declared_and_those_implied(world: Any) -> None:
    until = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    one = Grant(
        to=("person:anna",),
        may=("http:POST https://x.example.org/a?key=s3cret",),
        never=("command",),
        until=until,
        owner="payments",
        because="on call",
    )
    config = msgspec.structs.replace(world.config, grant={"anna": one})
    found = [msgspec.convert(each, ShownGrant) for each in grants(config)]
    assert [(each.effect, each.to, each.may) for each in found] == [
        ("forbid", "person:anna", "command"),
        ("permit", "automation:restart", "test:restart {component}"),
        ("permit", "person:anna", "http:POST https://x.example.org/a?…"),
    ]


async def test_days_are_shown_as_they_were_written(world: Any, shown: Any) -> None:
    world.declare(review=dt.date(2027, 1, 15), expires=dt.date(2027, 3, 31))
    await world.start()
    (one,) = msgspec.convert(await shown().board(), Board).automations
    assert (one.review, one.expires) == ("2027-01-15", "2027-03-31")
    told = await shown().automation("restart")
    assert told["automation"]["review"] == "2027-01-15"
    (grant,) = [one for one in await shown().grants() if one["to"] == "automation:restart"]
    assert dt.datetime.fromtimestamp(grant["until"], dt.UTC).date() == dt.date(2027, 3, 31)


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        (
            "http:POST https://a.example/x?key=s&b=1 header.X=env:KEY",
            "http:POST https://a.example/x?… header.X=env:KEY",
        ),
        ("command /bin/x env.A=file:/run/secret", "command /bin/x env.A=file:/run/secret"),
        ("is it there?", "is it there?"),
    ],
)
def test_references_stay_and_queries_go(text: str, shown_as: str) -> None:
    assert veiled(text) == shown_as


@pytest.mark.parametrize(
    ("who", "owners"),
    [
        ("person:all", {"payments", "platform"}),
        ("person:root", {"payments", "platform"}),
        ("person:one", {"payments"}),
        ("person:two", {"payments", "platform"}),
        ("person:act", set()),
        ("person:gone", set()),
        ("person:late", set()),
        ("program:all", set()),
        ("program:bot", set()),
        ("automation:all", set()),
        ("nobody", set()),
    ],
)
def test_in_whose_name_a_person_decides(who: str, owners: set[str]) -> None:
    scopes = {"all": ("approve",), "root": ("admin",), "one": ("approve:payments", "read"), "act": ("act",)}
    tokens = [Token(id=1, name=f"t-{who}", scopes=may, digest=b"", person=who) for who, may in scopes.items()]
    tokens += [
        Token(id=2, name="a", scopes=("approve:payments",), digest=b"", person="two"),
        Token(id=3, name="b", scopes=("approve:platform",), digest=b"", person="two"),
        Token(id=4, name="late", scopes=("admin",), digest=b"", person="late", expires=100.0),
        Token(id=5, name="bot", scopes=("admin",), digest=b""),
    ]
    assert speaks_for(who, tokens, ["payments", "platform"], 100.0) == owners
