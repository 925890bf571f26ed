"""One cause, one incident, one message; and an update after a while."""

from gadfly.config.alerting import Route
from gadfly.config.component import Component
from gadfly.config.owner import Owner
from gadfly.monitor.verdict import Verdict


async def test_deaths_spread_over_two_seconds_are_one_message_and_one_update(fleet) -> None:
    fleet.add(*(f"c{n}" for n in range(8)), group="web")
    for n in range(8):
        await fleet.down(f"c{n}")
        await fleet.after(0.25)
    assert fleet.kinds() == ["firing"]
    await fleet.after(60)
    assert [(at, kind) for at, kind, _ in fleet.told()] == [(0.0, "firing"), (30.0, "update")]
    assert fleet.last.total == 8
    assert fleet.last.cause == "8 components, most in group web"
    await fleet.up(*(f"c{n}" for n in range(8)))
    await fleet.after(10)
    assert fleet.kinds() == ["firing", "update", "resolved"]
    assert fleet.last.total == 8


async def test_a_host_takes_what_runs_on_it_into_its_incident(fleet) -> None:
    fleet.add("h1", kind="host")
    fleet.add("a", "b", "c", host="h1")
    await fleet.down("a", "h1")
    await fleet.down("b")
    await fleet.after(120)
    await fleet.down("c")
    await fleet.after(1)
    incidents = await fleet.engine.incidents()
    assert [(one.count, one.cause) for one in incidents] == [
        (4, "host h1 is down, and 3 components that run on or need it")
    ]
    assert fleet.kinds() == ["firing"]
    assert [item.component for item in fleet.last.items] == ["h1"]


async def test_unrelated_failures_are_told_apart_at_once(fleet) -> None:
    await fleet.down("a")
    await fleet.after(1)
    await fleet.down("b")
    assert [(at, kind) for at, kind, _ in fleet.told()] == [(0.0, "firing"), (1.0, "firing")]
    assert len(await fleet.engine.incidents()) == 2


async def test_everything_at_once_is_one_message(fleet) -> None:
    await fleet.down(*(f"c{n}" for n in range(500)))
    await fleet.after(2)
    assert fleet.kinds() == ["firing"]
    assert fleet.last.total == 500
    assert len(fleet.last.items) == 100
    assert "at once" in fleet.last.subject


async def test_a_storm_in_pieces_is_one_message(fleet) -> None:
    for piece in range(5):
        await fleet.down(*(f"c{piece}-{n}" for n in range(200)))
        await fleet.after(0.1)
    await fleet.after(120)
    assert fleet.kinds() == ["firing"]
    assert fleet.last.total == 1000


async def test_the_first_signs_of_a_storm_are_not_told_apart(fleet) -> None:
    fleet.suspected = (5000, 6000)
    for n in range(4):
        await fleet.down(f"first{n}")
        await fleet.after(0.05)
    for piece in range(5):
        await fleet.down(*(f"c{piece}-{n}" for n in range(200)))
        await fleet.after(1.9)
    fleet.suspected = (0, 6000)
    await fleet.after(0.1)
    assert fleet.kinds() == ["firing"]
    assert fleet.last.total == 1004
    await fleet.after(3)
    await fleet.down("straggler")
    await fleet.after(100)
    (incident,) = await fleet.engine.incidents()
    assert incident.count == 1005
    assert [
        (kind, one.total) for kind, one in zip(fleet.kinds(), (got[2] for got in fleet.got), strict=True)
    ] == [
        ("firing", 1004),
        ("update", 1005),
    ]
    await fleet.restart()
    names = list(fleet.verdicts)
    await fleet.up(*names)
    await fleet.after(10)
    assert fleet.kinds()[2:] == ["resolved"]
    assert await fleet.engine.incidents() == []


async def test_several_unrelated_deaths_in_one_moment_wait_for_the_rest_of_a_storm(fleet) -> None:
    # All refused at once: nobody stays under suspicion.
    await fleet.down(*(f"c{n}" for n in range(9)))
    await fleet.after(0.1)
    assert fleet.kinds() == []
    for piece in range(3):
        await fleet.down(*(f"d{piece}-{n}" for n in range(200)))
        await fleet.after(0.1)
    await fleet.after(60)
    assert fleet.kinds() == ["firing"]
    assert fleet.last.total == 609
    assert len(await fleet.engine.incidents()) == 1


async def test_several_unrelated_deaths_and_no_storm_are_told_half_a_second_later(fleet) -> None:
    await fleet.down("a", "b", "c")
    assert fleet.kinds() == ["firing"] * 3
    await fleet.after(0.2)
    await fleet.down("d")
    await fleet.after(0.2)
    assert fleet.kinds() == ["firing"] * 3
    await fleet.after(0.4)
    assert fleet.kinds() == ["firing"] * 4


async def test_under_suspicion_of_many_one_failure_is_told_half_a_second_later(fleet) -> None:
    fleet.suspected = (10, 6000)
    await fleet.down("a")
    await fleet.after(5)
    assert fleet.told() == [(0.5, "firing", "https://ops.example/hook")]


async def test_a_storm_much_larger_than_what_was_told_is_told_at_once(fleet) -> None:
    await fleet.down("a")
    for n in range(8):
        await fleet.down(f"b{n}")
        await fleet.after(0.3)
    await fleet.down(*(f"c{n}" for n in range(500)))
    await fleet.after(2)
    assert len(await fleet.engine.incidents()) == 10
    assert (fleet.kinds(), fleet.last.total) == (["firing"] * 10, 500)


async def test_links_lead_to_the_component_or_to_all_that_are_not_well(fleet) -> None:
    await fleet.down("a b/ü")
    assert fleet.last.url == "http://127.0.0.1:7171/#c=a%20b%2F%C3%BC"
    assert f"See: {fleet.last.url}\n" in fleet.last.text
    fleet.add("x", "y", group="g")
    await fleet.become(Verdict.degraded, "x", "y")
    assert fleet.last.url == "http://127.0.0.1:7171/#v=down,gray,zombie,missing,degraded"
    await fleet.up("x", "y")
    await fleet.after(10)
    assert (fleet.last.kind, fleet.last.url) == ("resolved", "http://127.0.0.1:7171/")


async def test_owners_hear_of_their_own(fleet_of) -> None:
    fleet = await fleet_of(
        owner={"x": Owner(contact=("https://x/",)), "y": Owner(contact=("https://y/",))},
    )
    fleet.add("a", owner="x", group="g")
    fleet.add("b", owner="y", group="g")
    await fleet.down("a", "b")
    assert sorted((to, [item.component for item in one.items]) for _, to, one in fleet.got) == [
        ("https://x/", ["a"]),
        ("https://y/", ["b"]),
    ]
    await fleet.up("a")
    await fleet.after(5)
    assert [(to, kind) for _, kind, to in fleet.told()][2:] == [("https://x/", "resolved")]


async def test_grouping_by_labels_as_a_route_asks(fleet_of) -> None:
    fleet = await fleet_of(route=(Route(group_by=("owner", "env")),), component={"z": Component()})
    fleet.add("a", "b", labels={"env": "prod"})
    fleet.add("c", labels={"env": "test"})
    await fleet.down("a")
    await fleet.after(100)
    await fleet.down("b", "c")
    assert sorted((one.count, one.cause) for one in await fleet.engine.incidents()) == [
        (1, "1 component with owner=ops, env=test"),
        (2, "2 components with owner=ops, env=prod"),
    ]


async def test_part_of_it_well_again_is_in_the_update(fleet) -> None:
    fleet.add("a", "b", group="g")
    await fleet.down("a", "b")
    await fleet.after(5)
    await fleet.up("a")
    await fleet.after(60)
    assert fleet.kinds() == ["firing", "update"]
    assert {item.component: item.ends is None for item in fleet.last.items} == {"a": False, "b": True}
    assert "Well again: 1" in fleet.last.text
    await fleet.up("b")
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "update", "resolved"]
    assert [item.component for item in fleet.last.items] == ["b"]


async def test_it_begins_again_in_an_incident_that_is_still_open(fleet_of) -> None:
    fleet = await fleet_of(
        owner={"x": Owner(contact=("https://x/",)), "y": Owner(contact=("https://y/",))},
    )
    fleet.add("h", kind="host", owner="x")
    fleet.add("a", owner="y", host="h")
    await fleet.down("a")
    await fleet.down("h")
    await fleet.up("a")
    await fleet.after(5)
    await fleet.become(Verdict.down, "a")
    await fleet.up("h")
    await fleet.after(5)
    assert [(to, kind) for _, kind, to in fleet.told()] == [
        ("https://y/", "firing"),
        ("https://x/", "firing"),
        ("https://y/", "resolved"),
        ("https://x/", "resolved"),
        ("https://y/", "firing"),
    ] or [(to, kind) for _, kind, to in fleet.told()] == [
        ("https://y/", "firing"),
        ("https://x/", "firing"),
        ("https://y/", "resolved"),
        ("https://y/", "firing"),
        ("https://x/", "resolved"),
    ]


async def test_what_ended_does_not_count_for_what_comes(fleet) -> None:
    fleet.add("a", "b", "c", group="web")
    fleet.add("d", group="db", host="x")
    fleet.add("e", group="db", host="x")
    fleet.add("f", "g", group="web")
    await fleet.down("a", "b", "c", "d")
    tally = fleet.engine._pipeline.book.tallies
    (web,) = [number for number, one in tally.items() if one.counts.get(("group", "web")) == 3]
    await fleet.up("a", "b")
    await fleet.after(4)
    assert tally[web].counts == {("upon", "c"): 1, ("group", "web"): 1}
    assert tally[web].shared() == {}
    await fleet.down("f")
    await fleet.after(1)
    await fleet.restart()
    kept = fleet.engine._pipeline.book.tallies
    assert {number: one.counts for number, one in kept.items()} == {
        number: one.counts for number, one in tally.items()
    }


async def test_what_was_declared_does_not_drown_among_strangers(fleet) -> None:
    fleet.add("shop", host="vm", declared=True)
    fleet.add(*(f"fl{n}" for n in range(300)), host="vm")
    await fleet.down(*(f"fl{n}" for n in range(300)))
    await fleet.after(2)
    await fleet.down("shop")
    await fleet.after(1)
    assert fleet.kinds() == ["firing", "firing"]
    assert [item.component for item in fleet.last.items] == ["shop"]
