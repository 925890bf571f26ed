"""An open alert has another owner by a reload: the new one is told, and the former one that it went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gadfly.config import Config
from gadfly.config.alerting import Route
from gadfly.config.owner import Owner
from gadfly.errors import StoreError
from gadfly.ledger.journal import Journal
from gadfly.ledger.sentence import sentence
from gadfly.monitor.change import Change
from gadfly.monitor.verdict import Verdict

OWNERS = {
    "two": Owner(contact=("https://two/",), after=300.0, owner="chief"),
    "ops": Owner(contact=("https://ops/", "https://ops-2/"), after=600.0),
    "chief": Owner(contact=("https://chief/",), owner="ops"),
}
GONE = {name: owner for name, owner in OWNERS.items() if name != "two"}
TWO, OPS = ("firing", "https://two/"), ("firing", "https://ops/")
PASSED = ("passed", "https://two/")
Step = Callable[[Any], Awaitable[Any]]


async def pass_on(fleet: Any, owner: str = "ops", owners: dict[str, Owner] = OWNERS, **parts: Any) -> None:
    fleet.add("shop", owner=owner)
    await fleet.reload(Config(owner=owners, **parts))


def after(seconds: float) -> Step:
    return lambda fleet: fleet.after(seconds)


def up(fleet: Any) -> Any:
    return fleet.up("shop")


def down(fleet: Any) -> Any:
    return fleet.down("shop")


def back(fleet: Any) -> Any:
    return pass_on(fleet, "two")


def without_two(fleet: Any) -> Any:
    return pass_on(fleet, owners=GONE)


def ack(fleet: Any) -> Any:
    return fleet.engine.acknowledge("shop", "anna", "a disk")


def hush(owner: str) -> Step:
    return lambda fleet: fleet.engine.add_silence({"owner": owner}, fleet.clock.wall() + 600, "known", "anna")


async def taken_out(fleet: Any) -> None:
    del fleet.subjects["shop"]
    await fleet.reload(fleet.config)


async def away(fleet: Any) -> None:
    """The node ends, its configuration changes, and it starts again."""
    fleet.config = Config(owner=GONE)
    fleet.add("shop", owner="ops")
    await fleet.restart()
    await fleet.engine.aim_again()


CASES: dict[str, tuple[list[Step], list[tuple[str, str]]]] = {
    "each is told once": ([pass_on, after(5), pass_on, after(60)], [PASSED, OPS]),
    "its end is the new one's": (
        [pass_on, after(60), up, after(5)],
        [PASSED, OPS, ("resolved", "https://ops/")],
    ),
    "taken out later": (
        [pass_on, after(60), taken_out, after(5)],
        [PASSED, OPS, ("resolved", "https://ops/")],
    ),
    "taken out": ([taken_out, after(60)], [("resolved", "https://two/")]),
    "by a start": ([away, after(60)], [OPS]),
    "the former one is declared no longer": ([without_two, after(60)], [OPS]),
    "escalation starts afresh": (
        [after(310), pass_on, after(610)],
        [
            ("escalation", "https://chief/"),
            PASSED,
            ("passed", "https://chief/"),
            OPS,
            ("escalation", "https://ops-2/"),
        ],
    ),
    "taken on": ([ack, pass_on, after(1000)], [PASSED, OPS]),
    "there and back": ([pass_on, after(60), back, after(60)], [PASSED, OPS, ("passed", "https://ops/"), TWO]),
    "silenced for the new one": ([hush("ops"), pass_on, after(60)], [PASSED]),
    "silenced, and the silence ends": ([hush("ops"), pass_on, after(610)], [PASSED, OPS]),
    "about to be well": ([up, pass_on, after(60)], [("resolved", "https://two/")]),
    "nearly well, and it falls back": ([up, pass_on, after(1), down, after(60)], [PASSED, OPS]),
}


@pytest.mark.parametrize("name", CASES)
async def test_who_is_told(fleet_of: Callable[..., Any], name: str) -> None:
    steps, expected = CASES[name]
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("shop", owner="two")
    await fleet.down("shop")
    for step in steps:
        await step(fleet)
    told = [(kind, to) for _, kind, to in fleet.told()]
    assert (told[0], sorted(told[1:])) == (TWO, sorted(expected))


async def test_whoever_was_told_nothing_is_not_told_that_it_went(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of(owner=OWNERS)
    await hush("two")(fleet)
    fleet.add("shop", owner="two")
    await fleet.down("shop")
    await pass_on(fleet)
    await fleet.after(60)
    assert [(kind, to) for _, kind, to in fleet.told()] == [OPS]
    (alert,) = await fleet.engine.alerts()
    assert (alert.owner, alert.was, alert.suppressed) == ("ops", ("two",), "")


async def test_the_words(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("shop", owner="two")
    await fleet.down("shop")
    await ack(fleet)
    await pass_on(fleet)
    await fleet.after(1)
    letters = {(one.kind, to): one for _, to, one in fleet.got}
    former, new = letters[PASSED], letters[OPS]
    assert former.subject == "No longer yours: shop; ops answers for it now"
    assert former.text.split("\n")[1:] == ["", f"See: {former.url}", ""]
    # Whatever was opened for the former one where it arrives, closes there.
    assert (former.status, former.items[0].ends is not None) == ("resolved", True)
    assert new.subject.startswith("Yours now: shop is down – no beat for 3 s, since ")
    assert "\ntwo answered for shop; it is yours now.\n" in new.text
    assert "\nTaken on by anna: a disk.\n" in new.text
    assert (new.status, new.items[0].labels["owner"], new.acknowledged) == ("firing", "ops", "anna")


async def test_of_an_incident_only_what_is_anothers_now(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of(owner=OWNERS)
    names = ["shop", "cart", "stock"]
    fleet.add("rack", owner="chief", kind="host")
    fleet.add(*names, owner="two", host="rack")
    await fleet.down(*names)
    fleet.add("shop", "cart", owner="ops", host="rack")
    await fleet.reload(Config(owner=OWNERS))
    await fleet.after(1)
    letters = {(one.kind, to): one for _, to, one in fleet.got}
    assert letters[TWO].total == 3
    former, new = letters[PASSED], letters[OPS]
    assert former.subject == "No longer yours: cart, shop; ops answers for them now"
    assert "two answered for cart, shop; they are yours now." in new.text
    await fleet.up(*names)
    await fleet.after(60)
    ends = {to: one.total for _, to, one in fleet.got if one.kind == "resolved"}
    assert ends == {"https://two/": 1, "https://ops/": 2}


async def test_routes_are_looked_up_by_the_new_owner(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("shop", owner="two")
    await fleet.down("shop")
    await pass_on(fleet, route=(Route(match={"owner": "ops"}, wait=30.0),))
    await fleet.after(60)
    assert [(at, to) for at, kind, to in fleet.told() if kind == "firing"] == [
        (0.0, "https://two/"),
        (30.0, "https://ops/"),
    ]


@pytest.mark.parametrize("open_before", [True, False], ids=["it goes on", "it opens"])
async def test_a_change_that_waited_has_the_owner_of_now(
    fleet_of: Callable[..., Any], open_before: bool
) -> None:
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("shop", owner="two")
    if open_before:
        await fleet.become(Verdict.degraded, "shop")
    late = Change(
        at=fleet.clock.wall(),
        component="shop",
        slot=0,
        before=Verdict.degraded if open_before else Verdict.healthy,
        after=Verdict.down,
        reason="refused",
        subject=fleet.subjects["shop"],
    )
    await pass_on(fleet)
    await fleet.engine.take([late])
    await fleet.after(60)
    assert [one.owner for one in await fleet.engine.alerts()] == ["ops"]
    assert ("firing", "https://two/") not in [(kind, to) for _, kind, to in fleet.told()[int(open_before) :]]


async def test_a_start_keeps_the_network_that_it_was_heard_from(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("shop", owner="two", subnet="10.0.3.0/24")
    await fleet.down("shop")
    await away(fleet)
    subject = fleet.engine._pipeline.book.alerts["shop"].subject
    assert (subject.owner, subject.subnet) == ("ops", "10.0.3.0/24")


async def test_what_the_disk_refuses_is_done_later(
    fleet_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("shop", owner="two")
    await fleet.down("shop")

    async def refuse(*args: Any, **more: Any) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(fleet.db, "write", refuse)
        fleet.add("shop", owner="ops")
        with pytest.raises(StoreError):
            await fleet.engine.aim_again()
    await fleet.after(60)
    assert sorted((kind, to) for _, kind, to in fleet.told()[1:]) == sorted([PASSED, OPS])


async def test_the_ledger_says_it_once(fleet_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[Any] = []
    monkeypatch.setattr(Journal, "observe", lambda self, connection, some: entries.extend(some))
    fleet = await fleet_of(owner=OWNERS)
    fleet.add("shop", owner="two")
    await fleet.down("shop")
    for _ in range(2):
        await pass_on(fleet)
    (entry,) = [one for one in entries if one.body.get("event") == "passed"]
    assert entry.about == ("incident:i1", "component:shop", "owner:ops", "owner:two")
    assert sentence(entry) == "The alert of shop passed from two to ops."
    assert (entry.body["from"], entry.body["to"], entry.body["component"]) == ("two", "ops", "shop")
