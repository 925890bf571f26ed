"""The scheduler, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.probe import Probes, TcpProbe
from gadfly.monitor.check import Check
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.schedule import STILL, TARGET, Prober, doubted
from gadfly.monitor.timing import JITTER

PASS = Result(outcome=Outcome.passing, reason="good")
FAIL = Result(outcome=Outcome.fail, reason="bad")


class Edge:
    """In place of the real context."""

    forgotten = 0
    closed = False

    def forget(self) -> None:
        self.forgotten += 1

    async def close(self) -> None:
        self.closed = True


class World:
    """A prober whose probes take ``takes`` seconds and answer as told, and what it told."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.edge = Edge()
        self.asked: list[tuple[float, str]] = []
        self.told: list[tuple[float, str, Outcome, str]] = []
        self.answers: dict[str, list[Result | Exception]] = {}
        self.takes: dict[str, float] = {}
        self.now = 0
        self.most = 0
        config = Config(component={"first": Component(probe=Probes(tcp=(TcpProbe(address="first:1"),)))})
        self.prober = Prober(
            config, self.clock, self.take, probers={"tcp": self.ask}, context=lambda: self.edge  # type: ignore[arg-type,return-value]
        )  # fmt: skip
        self.prober.replace([])

    async def ask(self, spec: Any, context: Any) -> Result:
        assert context is self.edge
        name = spec.address
        self.asked.append((self.clock.monotonic(), name))
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if name in self.takes:
                await self.clock.sleep(self.takes[name])
        finally:
            self.now -= 1
        answers = self.answers.get(name, [PASS])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def take(self, check: Check, result: Result) -> None:
        self.told.append((self.clock.monotonic(), check.component, result.outcome, result.reason))

    def times(self, name: str) -> list[float]:
        return [at for at, asked in self.asked if asked == name]


def check(name: str, every: float = 10.0, address: str = "", **more: Any) -> Check:
    return Check(name, "tcp", "", TcpProbe(address=address or name, every=every, **more))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    task = asyncio.create_task(world.prober.run())
    await asyncio.sleep(0)
    yield world
    await world.prober.stop()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert world.edge.closed


async def test_asked_at_the_interval(world: World) -> None:
    world.prober.replace([check("a", 10.0)])
    await world.clock.advance(600)
    times = world.times("a")
    assert 58 <= len(times) <= 62
    assert times[0] <= 2.0
    gaps = [after - before for before, after in pairwise(times)]
    assert all(5 <= gap <= 15.1 for gap in gaps[:1])
    assert all(10 * (1 - JITTER) - 0.05 <= gap <= 10 * (1 + JITTER) + 0.05 for gap in gaps[1:])


async def test_the_catalogue_is_asked_from_the_start() -> None:
    world = World()
    told: list[str] = []
    config = Config(component={"x": Component(probe=Probes(tcp=(TcpProbe(address="x:1"),)))})
    prober = Prober(
        config, world.clock, lambda check, _: told.append(check.component),
        probers={"tcp": world.ask}, context=lambda: world.edge,  # type: ignore[arg-type,return-value]
    )  # fmt: skip
    task = asyncio.create_task(prober.run())
    await world.clock.advance(3)
    assert told == ["x"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert world.edge.closed


async def test_no_flood_at_the_start(world: World) -> None:
    world.prober.replace([check(f"c{number}", 10.0) for number in range(5000)])
    await world.clock.advance(10)
    for second in range(5):
        inside = [at for at, _ in world.asked if second <= at < second + 1]
        assert len(inside) < 1300


async def test_a_failure_is_asked_again_soon_before_it_is_told(world: World) -> None:
    world.answers["a"] = [PASS, FAIL, FAIL]
    world.prober.replace([check("a", 60.0)])
    await world.clock.advance(130)
    assert [outcome for _, _, outcome, _ in world.told][:2] == [Outcome.passing, Outcome.fail]
    times = world.times("a")
    assert times[2] - times[1] == pytest.approx(1.0, abs=0.3)
    assert world.told[1][0] == pytest.approx(times[2], abs=0.1)


async def test_one_lost_answer_is_not_told(world: World) -> None:
    world.answers["a"] = [PASS, FAIL, PASS]
    world.prober.replace([check("a", 60.0)])
    await world.clock.advance(130)
    assert {outcome for _, _, outcome, _ in world.told} == {Outcome.passing}
    assert world.prober.counters()["unbelieved"] == 1


async def test_in_flight_only_once(world: World) -> None:
    world.takes["a"] = 25.0
    world.prober.replace([check("a", 10.0, timeout=30.0)])
    await world.clock.advance(100)
    assert world.most == 1
    assert 2 <= len(world.asked) <= 5


async def test_a_slow_target_holds_up_only_itself(world: World) -> None:
    world.takes["slow"] = 1000.0
    slow = [check(f"s{number}", 10.0, "slow") for number in range(TARGET * 3)]
    world.prober.replace([*slow, check("quick", 10.0)])
    await world.clock.advance(100)
    assert len(world.times("slow")) == TARGET
    assert len(world.times("quick")) >= 9
    counters = world.prober.counters()
    assert (counters["asking"], counters["waiting"]) == (TARGET, TARGET * 2)


async def test_those_who_wait_for_a_target_go_on_in_order(world: World) -> None:
    world.takes["slow"] = 5.0
    world.prober.replace([check(f"s{number}", 1000.0, "slow") for number in range(TARGET * 3)])
    await world.clock.advance(100)
    assert len(world.asked) == TARGET * 3
    assert world.most == TARGET
    assert world.prober.counters()["waiting"] == 0


async def test_the_room_is_bounded_overall(world: World) -> None:
    world.prober._room = 10
    for number in range(40):
        world.takes[f"c{number}"] = 5.0
    world.prober.replace([check(f"c{number}", 1000.0) for number in range(40)])
    await world.clock.advance(100)
    assert world.most == 10
    assert len(world.asked) == 40


async def test_waiting_checks_that_are_taken_out_are_not_asked(world: World) -> None:
    world.takes["slow"] = 5.0
    all_of_them = [check(f"s{number}", 1000.0, "slow") for number in range(TARGET * 2)]
    world.prober.replace(all_of_them)
    await world.clock.advance(4)
    world.prober.replace([])
    await world.clock.advance(100)
    assert len(world.asked) == TARGET
    assert world.told == []
    assert world.prober.counters()["waiting"] == 0


async def test_a_reload_keeps_turns_and_beliefs(world: World) -> None:
    world.answers["a"] = [FAIL]
    world.prober.replace([check("a", 60.0)])
    await world.clock.advance(90)
    turn = world.prober._entries["a", "tcp", ""].due
    world.prober.replace([check("b", 60.0), check("a", 60.0)])
    assert world.edge.forgotten == 2
    assert world.prober._entries["a", "tcp", ""].due == turn
    world.told.clear()
    await world.clock.advance(120)
    told = [outcome for _, name, outcome, _ in world.told if name == "a"]
    assert told == [Outcome.fail] * len(world.times("a")[3:]) or told.count(Outcome.fail) == 2


async def test_a_changed_check_is_asked_soon_and_believed_anew(world: World) -> None:
    world.answers["a"] = [FAIL]
    world.prober.replace([check("a", 1000.0, retries=0)])
    await world.clock.advance(5)
    assert world.told[-1][2] is Outcome.fail
    world.prober.replace([check("a", 1000.0, "other", retries=5)])
    world.answers["other"] = [FAIL]
    world.told.clear()
    await world.clock.advance(4)
    assert world.times("other")
    assert world.told == []


async def test_what_is_taken_out_in_flight_is_not_told(world: World) -> None:
    world.takes["a"] = 5.0
    world.prober.replace([check("a")])
    await world.clock.advance(3)
    world.prober.replace([])
    await world.clock.advance(30)
    assert len(world.asked) == 1
    assert world.told == []


async def test_ask_now_joins_what_is_in_flight(world: World) -> None:
    world.takes["a"] = 3.0
    world.prober.replace([check("a", 1000.0), check("b", 1000.0)])
    first, second = world.prober.ask_now("a"), world.prober.ask_now("a")
    await world.clock.advance(3.5)
    assert [result for _, result in await first] == [PASS]
    assert [result for _, result in await second] == [PASS]
    assert len(world.times("a")) == 1
    assert await world.prober.ask_now("nobody") == []


async def test_ask_now_gives_raw_answers(world: World) -> None:
    world.answers["a"] = [FAIL]
    world.prober.replace([check("a", 1000.0)])
    asked = world.prober.ask_now("a")
    await world.clock.advance(0.1)
    assert [result for _, result in await asked] == [FAIL]
    assert world.told == []


async def test_ask_now_without_running_is_empty() -> None:
    world = World()
    world.prober.replace([check("a")])
    assert await world.prober.ask_now("a") == []


async def test_asking_ends_when_the_check_is_taken_out(world: World) -> None:
    world.takes["slow"] = 500.0
    world.prober.replace([check(f"s{number}", 1000.0, "slow") for number in range(TARGET + 1)])
    await world.clock.advance(4)
    waiting = next(entry for entry in world.prober._entries.values() if entry.state == "waiting")
    asked = world.prober.ask_now(waiting.check.component)
    world.prober.replace([])
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_broken_probe_is_unknown_and_said(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.answers["a"] = [RuntimeError("oops")]
    world.prober.replace([check("a", 10.0, retries=0)])
    await world.clock.advance(5)
    assert world.told[0][2:] == (Outcome.unknown, "the tcp probe is broken; see the node's log")
    assert world.prober.counters()["broken"] == 1
    assert "please report" in caplog.text


async def test_a_taker_that_raises_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(world.prober, "_on_result", refuse)
    world.prober.replace([check("a")])
    await world.clock.advance(60)
    assert len(world.asked) >= 5
    assert "could not be taken" in caplog.text


@pytest.mark.parametrize(
    ("result", "still", "outcome"),
    [
        (FAIL, 0.0, Outcome.fail),
        (FAIL, STILL, Outcome.fail),
        (FAIL, STILL + 0.1, Outcome.unknown),
        (PASS, 60.0, Outcome.passing),
        (Result(outcome=Outcome.warn, reason="slow"), 60.0, Outcome.unknown),
        (Result(outcome=Outcome.fail, reason="refused", refused=True), 60.0, Outcome.fail),
    ],
)
def test_doubted(result: Result, still: float, outcome: Outcome) -> None:
    assert doubted(result, still).outcome is outcome


class Stopping(VirtualClock):
    """A clock whose process may be stopped: nobody is woken meanwhile, then everybody late."""

    def stand_still(self, seconds: float) -> None:
        self._move_to(self._now + seconds)

    def _move_to(self, now: float) -> None:
        super()._move_to(max(now, self._now))


async def test_what_was_found_while_the_node_stood_still_is_unknown_and_asked_again() -> None:
    world = World()
    clock = world.clock = Stopping()
    world.prober._clock = clock
    world.takes["a"] = 4.0
    world.answers["a"] = [FAIL, PASS]
    task = asyncio.create_task(world.prober.run())
    await clock.advance(0)
    world.prober.replace([check("a", 60.0, retries=0)])
    asked = world.prober.ask_now("a")
    await clock.advance(1.0)
    clock.stand_still(30.0)
    await clock.advance(0)
    [(_, result)] = await asked
    assert result.outcome is Outcome.unknown
    assert "the node itself stood still for 29.8 s" in result.reason
    assert world.prober.counters()["doubted"] == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_standing_still_long_ago_does_not_matter() -> None:
    world = World()
    clock = world.clock = Stopping()
    world.prober._clock = clock
    world.answers["a"] = [FAIL]
    task = asyncio.create_task(world.prober.run())
    await clock.advance(0)
    clock.stand_still(30.0)
    await clock.advance(1.0)
    world.prober.replace([check("a", 60.0, retries=0)])
    await clock.advance(5.0)
    assert world.told[0][2] is Outcome.fail
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_every_kind_has_a_prober() -> None:
    from gadfly.monitor.probe import PROBERS

    assert set(PROBERS) == set(Probes.__struct_fields__)


async def test_stopping_ends_what_was_taken_out_too(world: World) -> None:
    world.takes["a"] = 50.0
    world.prober.replace([check("a")])
    await world.clock.advance(3)
    world.prober.replace([])
    assert world.now == 1
    await world.prober.stop()
    assert world.now == 0
