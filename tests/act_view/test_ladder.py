"""Each automation on the ladder: level, record, budgets; its grants; what its owner bears and was told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from gadfly.act_view.grants import shown as grants
from gadfly.act_view.grants import speaks_for
from gadfly.config_act import Grant
from gadfly.errors import Refused
from gadfly.store.tokens import Token
from gadfly.web.act_answers import AutomationStory, Board, Load, Report
from gadfly.web.act_answers import Grant as ShownGrant
from gadfly.web.redact import veiled


async def test_a_verified_run_counts(world: Any, shown: Any) -> None:
    await world.start()
    view = shown()
    (before,) = msgspec.convert(await view.board(), Board).automations
    assert (before.runs, before.bound, before.state, before.last) == (0, 0.0, "ready", None)
    assert (await view.run("restart", ["w1"], "token:deploy", "now"))["state"] == "allowed"
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
    await view.run("restart", ["w1"], "token:deploy", "now")
    await world.advance(3)
    loads = [msgspec.convert(one, Load) for one in await view.load()]
    assert {one.owner for one in loads} == {"payments", "platform"}
    now = world.clock.wall()
    (report,) = [msgspec.convert(one, Report) for one in await view.report("payments", now - 60, now)]
    assert [(one.automation, one.runs, one.verified) for one in report.lines] == [("restart", 1, 1)]
    assert len(await view.report("", now - 60, now)) == 2
    with pytest.raises(Refused):
        await view.report("nonsense", 0, now)


def test_grants_are_those_declared_and_those_implied(world: Any) -> None:
    until = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    one = Grant(
        to=("token:anna",),
        may=("http:POST https://x.example.org/a?key=s3cret",),
        never=("command",),
        until=until,
        owner="payments",
        because="on call",
    )
    config = msgspec.structs.replace(world.config, grant={"anna": one})
    found = [msgspec.convert(each, ShownGrant) for each in grants(config)]
    assert [(each.effect, each.to, each.may) for each in found] == [
        ("forbid", "token:anna", "command"),
        ("permit", "automation:restart", "test:restart {component}"),
        ("permit", "token:anna", "http:POST https://x.example.org/a?…"),
    ]


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
        ("token:all", {"payments", "platform"}),
        ("token:root", {"payments", "platform"}),
        ("token:one", {"payments"}),
        ("token:act", set()),
        ("token:gone", set()),
        ("person:all", set()),
        ("automation:all", set()),
        ("nobody", set()),
    ],
)
def test_in_whose_name_a_token_decides(who: str, owners: set[str]) -> None:
    scopes = {"all": ("approve",), "root": ("admin",), "one": ("approve:payments", "read"), "act": ("act",)}
    tokens = [Token(id=1, name=name, scopes=words, digest=b"") for name, words in scopes.items()]
    assert speaks_for(who, tokens, ["payments", "platform"]) == owners
