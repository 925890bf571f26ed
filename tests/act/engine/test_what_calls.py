"""Alerts and schedules call as states do; a call stands as long as what calls."""

from __future__ import annotations

import msgspec

from gadfly.act.action.effect import Effect, State
from gadfly.act.calling.calls import FEW
from gadfly.monitor.liveness import Liveness


async def test_an_alert_that_fires_long_enough(world) -> None:
    world.declare(on='alert for 2m, group = "workers"')
    await world.start("act")
    world.alerting = {"w3": world.clock.wall(), "unknown": world.clock.wall()}
    await world.advance(110)
    assert world.done == []
    await world.advance(15)
    assert [name for *_, name in world.done] == ["w3"]
    world.alerting = {}
    await world.advance(900, 5.0)
    assert len(world.done) == 1


async def test_a_schedule_calls_at_its_time_and_once(world) -> None:
    world.view.add("cache", group="caches")
    world.declare(on="schedule: */10 * * * * UTC", targets='group = "caches"')
    await world.start("act")
    start = world.clock.wall()
    await world.advance(1500, 5.0)
    assert [name for *_, name in world.done] == ["cache", "cache"]
    assert all((start + at) % 600 < 10 for at, *_ in world.done)
    assert (await world.entries("intent"))[0].body["trigger"] == "schedule: */10 * * * * UTC"


async def test_what_is_refused_is_asked_again_and_written_once(world) -> None:
    await world.start("suggest")
    world.view.become("w3", Liveness.stalled)
    await world.advance(400, 2.0)
    assert world.done == []
    [decision] = await world.entries()
    assert decision.kind == "decision"
    assert [guard for guard, _ in decision.body["refusals"]] == ["level", "autonomy"]
    [(times,)] = await world.rows("SELECT times FROM refused")
    assert times >= 4  # counted, not written


async def test_new_rules_hold_from_the_reload_on(world) -> None:
    await world.start("act")
    world.declare(on='component.silent for 10s, group = "workers"')
    world.acts.prepare(world.config)()
    world.view.become("w3", Liveness.stalled)
    world.view.become("w4", Liveness.silent)
    await world.advance(100)
    assert [name for *_, name in world.done] == ["w4"]
    world.acts.prepare(msgspec.structs.replace(world.config, automation={}))()
    world.view.become("w5", Liveness.silent)
    await world.advance(100)
    assert len(world.done) == 1


async def test_a_word_of_the_picture_calls_too(world) -> None:
    world.says = Effect(state=State.unstarted, words="not now")
    world.declare(on='component.down for 30s, group = "workers"')
    await world.start("act")
    world.view.become("w3", Liveness.silent)
    await world.advance(40)
    assert [name for *_, name in world.done] == ["w3"]


async def test_what_it_does_not_select_hides_nothing(world) -> None:
    for number in range(FEW + 10):
        world.view.add(f"other{number}", group="others")
        world.view.become(f"other{number}", Liveness.stalled)
    world.view.add("late", group="lates")
    world.declare(on='component.stalled for 10s, group = "lates"')
    await world.start("act")
    world.view.become("late", Liveness.stalled)
    await world.advance(20, 5.0)
    assert [name for *_, name in world.done] == ["late"]


def twice(world) -> None:
    both = dict.fromkeys(("first", "second"), world.config.automation["restart"])
    world.config = msgspec.structs.replace(world.config, automation=both)


async def test_a_reload_while_another_is_judged_ends_nothing(world, monkeypatch, caplog) -> None:
    twice(world)
    await world.start("act")
    propose = world.acts._conduct.propose

    async def reload(plan):
        world.acts.prepare(msgspec.structs.replace(world.config, automation={}))()
        return await propose(plan)

    monkeypatch.setattr(world.acts._conduct, "propose", reload)
    world.view.become("w3", Liveness.stalled)
    await world.advance(90)
    assert not world._task.done()
    assert world.acts._lapsed > 60
    assert "a defect" not in caplog.text


async def test_a_defect_in_one_call_does_not_end_the_others(world, monkeypatch, caplog) -> None:
    twice(world)
    await world.start("act")
    proposed = []

    async def fail(plan):
        proposed.append(plan.automation)
        raise KeyError("a defect")

    monkeypatch.setattr(world.acts._conduct, "propose", fail)
    world.view.become("w3", Liveness.stalled)
    await world.advance(70)
    assert not world._task.done()
    assert proposed == ["first", "second"]
    assert "nothing is done for first: a defect" in caplog.text
