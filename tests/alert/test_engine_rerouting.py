"""An alert whose verdict or owner changes goes where its routes say now."""

import itertools

import msgspec

from gadfly.config import Config
from gadfly.config.alerting import Receiver, Route
from gadfly.config.owner import Owner
from gadfly.monitor.change import Change
from gadfly.monitor.verdict import Verdict

PAGER = {
    "receiver": {"pager": Receiver(webhook="https://pager/")},
    "route": (Route(match={"verdict": "~down|gray"}, receiver="pager", go_on=True),),
}
OPS = "https://ops.example/hook"


async def test_what_gets_worse_reaches_the_route_for_it(fleet_of) -> None:
    fleet = await fleet_of(**PAGER)
    await fleet.become(Verdict.degraded, "a")
    assert [to for _, _, to in fleet.told()] == [OPS]
    await fleet.after(60)
    await fleet.down("a")
    assert [(kind, to) for _, kind, to in fleet.told() if to != OPS] == [("firing", "https://pager/")]
    await fleet.up("a")
    await fleet.after(60)
    assert sorted((kind, to) for _, kind, to in fleet.told() if kind == "resolved") == [
        ("resolved", OPS),
        ("resolved", "https://pager/"),
    ]


async def test_a_relapse_into_worse_reaches_it_too(fleet_of) -> None:
    fleet = await fleet_of(**PAGER)
    await fleet.become(Verdict.degraded, "a")
    await fleet.up("a")
    await fleet.after(1)
    await fleet.down("a")
    assert [(kind, to) for _, kind, to in fleet.told() if to != OPS] == [("firing", "https://pager/")]


async def test_what_changes_twice_in_one_batch_goes_by_the_last(fleet_of) -> None:
    fleet = await fleet_of(**PAGER)
    fleet.add("a")
    now = fleet.clock.wall()
    steps = [Verdict.healthy, Verdict.degraded, Verdict.down]
    await fleet.engine.take(
        [
            Change(
                at=now,
                component="a",
                slot=0,
                before=before,
                after=after,
                reason="r",
                subject=fleet.subjects["a"],
            )
            for before, after in itertools.pairwise(steps)
        ]
    )
    await fleet.deliver()
    assert sorted(to for _, _, to in fleet.told()) == [OPS, "https://pager/"]


async def test_what_waited_for_one_target_and_moved_to_another_is_told_once(fleet_of) -> None:
    fleet = await fleet_of(
        receiver={"pager": Receiver(webhook="https://pager/")},
        route=(
            Route(match={"verdict": "degraded"}, wait=30.0),
            Route(match={"verdict": "down"}, receiver="pager"),
        ),
    )
    await fleet.become(Verdict.degraded, "a")
    await fleet.after(10)
    await fleet.down("a")
    await fleet.after(100)
    assert [(at, kind, to) for at, kind, to in fleet.told()] == [(10.0, "firing", "https://pager/")]


async def test_a_reload_that_changes_an_owner_reaches_open_alerts(fleet_of) -> None:
    owners = {"ops": Owner(contact=("https://ops/",)), "app": Owner(contact=("https://app/",))}
    fleet = await fleet_of(owner=owners)
    fleet.add("h", kind="host")
    await fleet.down("a")
    await fleet.after(60)
    fleet.add("a", owner="app", host="h")
    await fleet.reload(Config(owner=owners))
    await fleet.after(60)
    assert sorted((kind, to) for _, kind, to in fleet.told()) == [
        ("firing", "https://app/"),
        ("firing", "https://ops/"),
        ("passed", "https://ops/"),
    ]
    assert fleet.last.items[0].labels["owner"] == "app"
    # What it stands on is new as well.
    await fleet.down("h")
    assert {one.component: one.suppressed for one in await fleet.engine.alerts()} == {
        "h": "",
        "a": "inhibited: h is down",
    }
    await fleet.restart()
    assert fleet.engine._pipeline.book.alerts["a"].targets == ("owner:app",)
    assert fleet.engine._pipeline.book.alerts["a"].subject == fleet.subjects["a"]


async def test_a_reload_leaves_alone_what_it_does_not_touch(fleet) -> None:
    await fleet.down("a")
    await fleet.reload(msgspec.structs.replace(fleet.config))
    await fleet.after(60)
    assert fleet.kinds() == ["firing"]
