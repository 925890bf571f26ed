"""A restart forgets nothing and repeats nothing; a reload takes the new rules."""

import msgspec

from gadfly.config import Config
from gadfly.config.alerting import Receiver, Route
from gadfly.config.owner import Owner
from gadfly.monitor.verdict import Verdict


async def test_nothing_is_sent_again_and_a_recovery_meanwhile_is_told(fleet) -> None:
    fleet.add("a", "b", group="g")
    await fleet.down("a", "b")
    await fleet.engine.acknowledge("a", "ann", "on it")
    await fleet.restart()
    await fleet.after(20)
    assert fleet.kinds() == ["firing"]
    assert [(one.count, one.acknowledged) for one in await fleet.engine.incidents()] == [(2, "ann")]
    fleet.verdicts = {"a": Verdict.unknown, "b": Verdict.unknown}  # the new picture knows nothing yet
    await fleet.up("a", "b")
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "resolved"]
    assert fleet.last.total == 2


async def test_a_recovery_that_was_settling_settles(fleet) -> None:
    await fleet.down("a")
    await fleet.up("a")
    await fleet.restart()
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_partial_recoveries_wait_for_their_update_across_a_restart(fleet) -> None:
    fleet.add("a", "b", group="g")
    await fleet.down("a", "b")
    await fleet.up("a")
    await fleet.after(5)
    await fleet.restart()
    await fleet.after(60)
    assert fleet.kinds() == ["firing", "update"]
    assert len(fleet.last.items) == 2


async def test_silences_and_flapping_survive(fleet) -> None:
    await fleet.engine.add_silence({"component": "s"}, fleet.clock.wall() + 600, "why not", "ann")
    for _ in range(5):
        await fleet.down("a")
        await fleet.after(5)
        await fleet.up("a")
        await fleet.after(5)
    await fleet.restart()
    await fleet.down("s")
    await fleet.down("a")
    shown = {one.component: one for one in await fleet.engine.alerts()}
    assert shown["a"].flapping
    assert shown["s"].suppressed == "silenced by ann: why not"


async def test_a_letter_that_was_not_sent_is_sent_by_the_next_process(fleet) -> None:
    await fleet.engine.take([])
    fleet.add("a")
    deliver, fleet.deliver = fleet.deliver, fleet.courier.settle
    await fleet.down("a")
    assert fleet.got == []
    fleet.deliver = deliver
    await fleet.restart()
    await fleet.after(1)
    assert fleet.kinds() == ["firing"]


async def test_a_reload_aims_at_the_new_targets_and_ends_what_nobody_knows(fleet) -> None:
    await fleet.down("a")
    await fleet.after(10)
    await fleet.down("b")
    config = msgspec.structs.replace(
        fleet.config,
        receiver={"wall": Receiver(webhook="https://wall/")},
        route=(Route(match={"component": "a"}, receiver="wall"),),
    )
    del fleet.subjects["b"]
    await fleet.reload(config)
    await fleet.after(1)
    assert [(kind, to) for _, kind, to in fleet.told()] == [
        ("firing", "https://ops.example/hook"),
        ("firing", "https://ops.example/hook"),
        ("resolved", "https://ops.example/hook"),
        ("firing", "https://wall/"),
    ] or [(kind, to) for _, kind, to in fleet.told()][2:] == [
        ("firing", "https://wall/"),
        ("resolved", "https://ops.example/hook"),
    ]
    await fleet.up("a")
    await fleet.after(5)
    # Both who were told that it fires are told that it ended.
    assert sorted(to for _, kind, to in fleet.told()[4:]) == ["https://ops.example/hook", "https://wall/"]


async def test_a_contact_that_is_gone_makes_a_dead_letter(fleet) -> None:
    def refuse(notification, destination) -> None:
        from gadfly.errors import NotifyError

        raise NotifyError("It answered 503.")

    fleet.refuse = refuse
    await fleet.down("a")
    fleet.courier.reconfigure(Config(owner={"ops": Owner(contact=("https://elsewhere/",))}))
    await fleet.after(10)
    (letter,) = await fleet.engine.dead_letters()
    assert "no longer in the configuration" in letter.error
    assert letter.to == "https://ops.example/…"


async def test_a_wall_clock_that_jumps_makes_nothing_due(fleet) -> None:
    await fleet.down("a")
    fleet.clock.set_wall(fleet.clock.wall() + 90_000)
    await fleet.after(10)
    assert fleet.kinds() == ["firing"]
    fleet.clock.set_wall(fleet.clock.wall() - 500_000)
    await fleet.up("a")
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_at_the_start_what_nobody_knows_ends(fleet) -> None:
    await fleet.down("a", "b")
    del fleet.subjects["b"]
    await fleet.restart()
    await fleet.after(60)
    assert fleet.kinds() == ["firing", "firing"]
    await fleet.engine.aim_again()
    await fleet.after(1)
    assert [one.component for one in await fleet.engine.alerts()] == ["a"]
    assert fleet.kinds() == ["firing", "firing", "resolved"]
    assert fleet.last.items[0].reason == "It is no longer watched."
