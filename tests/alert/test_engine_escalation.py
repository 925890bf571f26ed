"""The next contact, and then the owner's owner, until somebody answers."""

import pytest

from gadfly.config.alerting import Route
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.monitor.verdict import Verdict

OWNERS = {
    "pay": Owner(contact=("https://one/", "https://two/"), after=600.0, owner="top"),
    "top": Owner(contact=("https://three/",), after=600.0, owner="pay"),
}


async def test_contact_after_contact_and_no_further_than_the_circle(fleet_of) -> None:
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("a", owner="pay")
    await fleet.down("a")
    await fleet.after(5000)
    assert fleet.told() == [
        (0.0, "firing", "https://one/"),
        (600.0, "escalation", "https://two/"),
        (1200.0, "escalation", "https://three/"),
    ]
    assert "you answer as top" in fleet.last.text
    await fleet.up("a")
    await fleet.after(5)
    assert sorted(to for _, kind, to in fleet.told() if kind == "resolved") == [
        "https://one/",
        "https://three/",
        "https://two/",
    ]


async def test_resolve_goes_only_to_those_who_were_told(fleet_of) -> None:
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("a", owner="pay")
    await fleet.down("a")
    await fleet.after(60)
    await fleet.up("a")
    await fleet.after(5)
    assert [(kind, to) for _, kind, to in fleet.told()] == [
        ("firing", "https://one/"),
        ("resolved", "https://one/"),
    ]


@pytest.mark.parametrize("target", ["a", "i1", "a1"])
async def test_an_acknowledgement_ends_it_and_the_others_hear_of_it(fleet_of, target: str) -> None:
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("a", owner="pay")
    await fleet.down("a")
    await fleet.after(700)
    answer = await fleet.engine.acknowledge(target, "ann", "restarting it")
    assert (answer.id, answer.who, answer.count) == (target, "ann", 1)
    await fleet.after(100_000)
    assert [(kind, to) for _, kind, to in fleet.told()] == [
        ("firing", "https://one/"),
        ("escalation", "https://two/"),
        ("acknowledged", "https://one/"),
        ("acknowledged", "https://two/"),
    ]
    assert fleet.last.subject.startswith("Taken on by ann")
    assert "restarting it" in fleet.last.text
    assert fleet.engine.counts() == {"firing": 1, "unacknowledged": 0, "incidents": 1, "silences": 0}
    (incident,) = await fleet.engine.incidents()
    assert (incident.acknowledged, incident.note) == ("ann", "restarting it")
    assert incident.told == ("https://one", "https://two")


@pytest.mark.parametrize("target", ["nobody", "i99", "a99", "", "ix"])
async def test_what_is_not_open_cannot_be_taken_on(fleet, target: str) -> None:
    await fleet.down("a")
    with pytest.raises(Refused):
        await fleet.engine.acknowledge(target, "ann", "")


async def test_reminders_until_acknowledged(fleet) -> None:
    await fleet.down("a")
    await fleet.after(4 * 3600 * 2 + 10)
    assert [(at, kind) for at, kind, _ in fleet.told()] == [
        (0.0, "firing"),
        (14400.0, "reminder"),
        (28800.0, "reminder"),
    ]
    assert fleet.last.subject.startswith("Still: a is down")
    await fleet.engine.acknowledge("a", "ann")
    await fleet.after(100_000)
    assert len(fleet.got) == 3


async def test_what_can_wait_waits_for_hours(fleet_of) -> None:
    # 1_800_000_000 is a Friday, 08:00 UTC.
    fleet = await fleet_of(owner={"ops": Owner(contact=("https://ops/",), hours="Mon-Fri 09:00-17:00")})
    await fleet.become(Verdict.degraded, "a")
    await fleet.down("b")
    await fleet.after(2 * 3600)
    assert [
        (at, [item.component for item in one.items])
        for (at, _, _), (_, _, one) in zip(fleet.told(), fleet.got, strict=True)
    ] == [
        (0.0, ["b"]),
        (3600.0, ["a"]),
    ]


async def test_an_alert_without_owner_goes_to_the_top_owner(fleet_of) -> None:
    fleet = await fleet_of(
        owner={
            "team": Owner(contact=("https://team/",), owner="head"),
            "empty": Owner(),
            "head": Owner(contact=("https://head/",)),
        }
    )
    fleet.add("a", owner="")
    fleet.add("b", owner="empty")
    await fleet.down("a")
    await fleet.after(10)
    await fleet.down("b")
    assert [to for _, _, to in fleet.told()] == ["https://head/", "https://head/"]


async def test_where_nobody_can_be_told_it_is_said(fleet_of) -> None:
    fleet = await fleet_of(owner={})
    await fleet.down("a")
    assert fleet.got == []
    assert fleet.engine.warnings() == [
        "1 alert is told to nobody: no owner of theirs has a contact, and no owner stands on top"
    ]
    assert (await fleet.engine.alerts())[0].suppressed == "nobody is named who could be told"
    await fleet.up("a")
    await fleet.after(5)
    assert fleet.engine.warnings() == []
    assert await fleet.engine.incidents() == []


async def test_a_route_sends_elsewhere_and_goes_on(fleet_of) -> None:
    from gadfly.config.alerting import Receiver

    fleet = await fleet_of(
        receiver={"wall": Receiver(webhook="https://wall/")},
        route=(
            Route(match={"group": "db"}, receiver="wall", go_on=True, wait=5.0, resolved=False),
            Route(match={"kind": "device"}, receiver="wall"),
        ),
    )
    fleet.add("a", group="db")
    fleet.add("x", kind="device")
    await fleet.down("a")
    await fleet.after(10)
    await fleet.down("x")
    await fleet.up("a")
    await fleet.after(60)
    assert [(at, kind, to) for at, kind, to in fleet.told()] == [
        (0.0, "firing", "https://ops.example/hook"),
        (5.0, "firing", "https://wall/"),
        (10.0, "firing", "https://wall/"),
        (13.0, "resolved", "https://ops.example/hook"),
    ]
