"""A recovery is told soon, once, and only when it held."""

from gadfly.config.alerting import Alerting
from gadfly.monitor.verdict import Verdict


async def test_down_is_told_at_once_and_up_after_settling(fleet) -> None:
    await fleet.down("a")
    assert fleet.told() == [(0.0, "firing", "https://ops.example/hook")]
    await fleet.after(60)
    await fleet.up("a")
    await fleet.after(60)
    assert fleet.told()[1:] == [(63.0, "resolved", "https://ops.example/hook")]
    assert fleet.last.status == "resolved"
    assert fleet.last.items[0].ends is not None
    assert await fleet.engine.incidents() == []


async def test_a_relapse_while_settling_is_the_same_alert_and_says_nothing(fleet) -> None:
    await fleet.down("a")
    await fleet.after(10)
    await fleet.up("a")
    await fleet.after(2)
    await fleet.down("a")
    await fleet.after(20)
    assert fleet.kinds() == ["firing"]
    assert [one.state for one in await fleet.engine.alerts("all")] == ["firing"]


async def test_unknown_is_no_recovery(fleet) -> None:
    await fleet.down("a")
    await fleet.become(Verdict.unknown, "a")
    await fleet.after(60)
    assert fleet.kinds() == ["firing"]
    await fleet.up("a")
    await fleet.after(1)
    await fleet.become(Verdict.unknown, "a")
    await fleet.after(60)
    assert fleet.kinds() == ["firing"]
    await fleet.up("a")
    await fleet.after(4)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_a_goodbye_ends_an_alert(fleet) -> None:
    await fleet.down("a")
    await fleet.become(Verdict.left, "a")
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_flapping_is_told_once_and_again_when_it_has_been_quiet(fleet_of) -> None:
    fleet = await fleet_of(alerting=Alerting(flapping=5))
    for _ in range(20):
        await fleet.down("a")
        await fleet.after(10)
        await fleet.up("a")
        await fleet.after(10)
    flapping = fleet.kinds()
    assert flapping == ["firing", "resolved"] * 2 + ["firing"]
    assert "flapping" in fleet.last.subject
    assert (await fleet.engine.alerts())[0].flapping
    await fleet.after(700)
    assert fleet.kinds() == [*flapping, "resolved"]


async def test_verdicts_that_are_not_told_open_nothing(fleet_of) -> None:
    fleet = await fleet_of(alerting=Alerting(told=("down",)))
    await fleet.become(Verdict.degraded, "a")
    assert fleet.kinds() == []
    assert await fleet.engine.alerts() == []
    assert [one.after for one in (await fleet.engine.story("a")).flips] == ["degraded"]


async def test_a_worse_verdict_is_told_at_once(fleet) -> None:
    await fleet.become(Verdict.degraded, "a", reason="slow")
    await fleet.after(1)
    await fleet.down("a")
    await fleet.after(1)
    assert [(at, kind) for at, kind, _ in fleet.told()] == [(0.0, "firing"), (1.0, "update")]
    assert "a is down" in fleet.last.subject
    await fleet.become(Verdict.degraded, "a")
    await fleet.down("a")
    await fleet.after(20)
    assert len(fleet.got) == 2


async def test_healthy_at_the_start_is_no_history(fleet) -> None:
    fleet.verdicts["a"] = Verdict.unknown
    await fleet.up("a")
    assert (await fleet.engine.story("a")).flips == ()
