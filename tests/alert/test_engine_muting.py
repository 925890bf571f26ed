"""Silences, maintenance and inhibition stop telling, never watching, and never hide a recovery."""

import datetime as dt

import pytest

from gadfly.config.alerting import Inhibit, Maintenance
from gadfly.config.owner import Owner
from gadfly.errors import LimitError, Refused
from gadfly.monitor.verdict import Verdict


async def silence(fleet, seconds: float = 600.0, **match: str):
    return await fleet.engine.add_silence(match, fleet.clock.wall() + seconds, "exchanging a disk", "ann")


async def test_a_silence_stops_telling_and_what_is_still_bad_at_its_end_is_told(fleet) -> None:
    await silence(fleet, component="a")
    await fleet.down("a")
    await fleet.after(100)
    assert fleet.kinds() == []
    (shown,) = await fleet.engine.alerts()
    assert (shown.state, shown.suppressed) == ("firing", "silenced by ann: exchanging a disk")
    await fleet.after(600)
    assert [(at, kind) for at, kind, _ in fleet.told()] == [(600.0, "firing")]


async def test_what_recovers_in_a_silence_is_never_told(fleet) -> None:
    await silence(fleet, component="a")
    await fleet.down("a")
    await fleet.up("a")
    await fleet.after(1000)
    assert fleet.kinds() == []
    assert [one.state for one in await fleet.engine.alerts("resolved")] == ["resolved"]


async def test_a_recovery_of_what_was_told_is_told_through_a_silence(fleet) -> None:
    await fleet.down("a")
    await silence(fleet, component="a")
    await fleet.up("a")
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_ending_a_silence_tells_at_once(fleet) -> None:
    made = await silence(fleet, component="~a.*")
    await fleet.down("a")
    assert fleet.engine.silenced(fleet.subjects["a"], Verdict.down)
    await fleet.engine.end_silence(str(made.id), "bob")
    await fleet.deliver()
    assert fleet.kinds() == ["firing"]
    assert not fleet.engine.silenced(fleet.subjects["a"], Verdict.down)
    assert await fleet.engine.silences() == []
    with pytest.raises(Refused):
        await fleet.engine.end_silence(made.id, "bob")


async def test_a_silence_by_verdict_ends_when_it_gets_worse(fleet) -> None:
    await silence(fleet, verdict="degraded")
    await fleet.become(Verdict.degraded, "a")
    assert fleet.kinds() == []
    await fleet.down("a")
    assert fleet.kinds() == ["firing"]


@pytest.mark.parametrize(
    ("match", "seconds", "reason", "error"),
    [
        ({}, 60, "x", Refused),
        ({"a": "~("}, 60, "x", Refused),
        ({"a": "b"}, -1, "x", Refused),
        ({"a": "b"}, 400 * 86_400, "x", Refused),
        ({"a": "b"}, 60, " ", Refused),
        ({"a": "b" * 600}, 60, "x", LimitError),
    ],
)
async def test_a_silence_that_cannot_be_is_refused(fleet, match, seconds, reason, error) -> None:
    with pytest.raises(error):
        await fleet.engine.add_silence(match, fleet.clock.wall() + seconds, reason, "ann")
    assert await fleet.engine.silences() == []


async def test_maintenance_once(fleet_of) -> None:
    start = dt.datetime.fromtimestamp(1_800_000_100, dt.UTC)
    window = Maintenance(
        match={"group": "db"}, because="upgrade", starts=start, ends=start + dt.timedelta(seconds=100)
    )
    fleet = await fleet_of(maintenance=(window,))
    fleet.add("a", group="db")
    await fleet.after(150)
    await fleet.down("a")
    assert (await fleet.engine.alerts())[0].suppressed == "maintenance: upgrade"
    await fleet.after(100)
    assert [(at, kind) for at, kind, _ in fleet.told()] == [(200.0, "firing")]


async def test_a_window_that_opens_stops_reminders_of_what_was_told(fleet_of) -> None:
    start = dt.datetime.fromtimestamp(1_800_000_100, dt.UTC)
    window = Maintenance(match={"component": "a"}, because="upgrade", starts=start)
    fleet = await fleet_of(maintenance=(window,))
    await fleet.down("a")
    await fleet.after(20_000)
    assert fleet.kinds() == ["firing"]
    await fleet.up("a")
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_when_the_source_ends_and_the_target_is_still_bad_it_is_told(fleet_of) -> None:
    fleet = await fleet_of(
        owner={"ops": Owner(contact=("https://ops/",)), "app": Owner(contact=("https://app/",))}
    )
    fleet.add("db")
    fleet.add("shop", owner="app", needs=("cache",))
    fleet.add("cache", needs=("db",))
    await fleet.down("shop", "db")
    assert [to for _, _, to in fleet.told()] == ["https://ops/"]
    assert {one.component: one.suppressed for one in await fleet.engine.alerts()} == {
        "db": "",
        "shop": "inhibited: db is down",
    }
    await fleet.after(100)
    await fleet.up("db")
    await fleet.after(2)
    assert len(fleet.got) == 1
    await fleet.after(2)
    assert sorted((to, kind) for _, kind, to in fleet.told()[1:]) == [
        ("https://app/", "firing"),
        ("https://ops/", "resolved"),
    ]


async def test_a_target_that_recovers_with_its_source_is_never_told(fleet) -> None:
    fleet.add("h", kind="host")
    fleet.add("a", host="h")
    await fleet.down("h", "a")
    await fleet.after(10)
    await fleet.up("h")
    await fleet.after(2)
    await fleet.up("a")
    await fleet.after(60)
    assert fleet.kinds() == ["firing", "resolved"]
    assert [item.component for item in fleet.last.items] == ["h"]


async def test_inhibition_does_not_hide_a_recovery_of_what_was_told(fleet_of) -> None:
    fleet = await fleet_of(
        owner={"ops": Owner(contact=("https://ops/",)), "app": Owner(contact=("https://app/",))}
    )
    fleet.add("h", kind="host")
    fleet.add("a", owner="app", host="h")
    await fleet.down("a")
    await fleet.after(1)
    await fleet.down("h")
    await fleet.up("a")
    await fleet.after(10)
    assert [(to, kind) for _, kind, to in fleet.told()] == [
        ("https://app/", "firing"),
        ("https://ops/", "firing"),
        ("https://app/", "resolved"),
    ]


async def test_those_who_need_each_other_do_not_silence_each_other(fleet) -> None:
    fleet.add("a", needs=("b",))
    fleet.add("b", needs=("a",))
    await fleet.down("a", "b")
    assert fleet.kinds() == ["firing"]
    assert [item.component for item in fleet.last.items] == ["a"]


async def test_a_declared_rule(fleet_of) -> None:
    rule = Inhibit(source={"component": "core"}, target={"verdict": "degraded"}, equal=("group",))
    fleet = await fleet_of(inhibit=(rule,))
    fleet.add("core", "x", group="g")
    fleet.add("y", group="other")
    await fleet.become(Verdict.degraded, "x")
    assert fleet.kinds() == ["firing"]
    await fleet.down("core")
    await fleet.become(Verdict.degraded, "y")
    assert {one.component: one.suppressed for one in await fleet.engine.alerts()} == {
        "core": "",
        "x": "inhibited: core is down",
        "y": "",
    }
