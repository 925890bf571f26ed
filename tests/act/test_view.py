"""What the acting part sees of a picture: the real one, over real columns, written by hand."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gadfly.act.situation import Part
from gadfly.act.view import PictureView
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.functions import Function
from gadfly.config.heartbeat import Heartbeat
from gadfly.monitor.events import EVENT
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import Members
from gadfly.monitor.picture import Picture
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.verdict import Verdict
from gadfly.telemetry.frame import component_id


class Processes:
    """Writes down what it is asked to signal."""

    def __init__(self) -> None:
        self.signals: list[tuple[int, int, int]] = []

    def signal(self, slot: int, incarnation: int, number: int) -> str:
        self.signals.append((slot, incarnation, number))
        return ""


class World:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.members = Members.create(64)
        self.picture = Picture(self.members, self.clock)
        self.asked: list[str] = []
        self.processes = Processes()
        self.view = PictureView(
            self.picture,
            self.members,
            self.clock,
            self.asked.append,
            self.processes,  # type: ignore[arg-type]
        )

    def become(self, name: str, liveness: Liveness, **card: Any) -> None:
        members = self.members
        number = np.array([component_id(name)], np.uint64)
        slot = int(members.find(number)[0])
        if slot < 0:
            slot = int(members.insert(number)[0])
        members.cards.write(np.array([slot]), [json.dumps({"name": name, **card}).encode()])
        members.liveness[slot] = liveness
        members.incarnation[slot] = 7
        members.seen[slot] = int(self.clock.monotonic() * 1e9)
        members.since[slot] = int(self.clock.wall() * 1e9)
        event = np.zeros(1, EVENT)
        event["slot"], event["kind"], event["after"] = slot, 1, int(liveness)
        self.picture.hear(event)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    made.become("w1", Liveness.alive, group="workers", owner="ops", labels={"region": "eu"})
    made.become("w2", Liveness.alive, group="workers")
    made.become("w3", Liveness.silent, group="workers")
    made.become("w4", Liveness.left, group="workers")
    made.become("db", Liveness.stalled, group="databases")
    made.become("lone", Liveness.alive)
    yield made
    made.members.close()


async def test_one_component(world: World) -> None:
    await world.clock.advance(2.0)
    world.become("w1", Liveness.alive, group="workers")
    world.picture.asked("w1", "http", Result(outcome=Outcome.passing, reason="fine"))
    seen = world.view.see("w1")
    assert seen is not None
    assert (seen.liveness, seen.verdict, seen.incarnation) == (Liveness.alive, Verdict.undeclared, 7)
    assert seen.heard == 2.0
    assert [(one.name, one.moment) for one in seen.probes] == [("http", 2.0)]
    assert world.view.see("nobody") is None


def test_who_it_is(world: World) -> None:
    subject = world.view.subject("w1")
    assert subject is not None
    assert (subject.owner, subject.group, subject.labels) == ("ops", "workers", {"region": "eu"})
    assert world.view.subject("nobody") is None
    assert sorted(one.name for one in world.view.subjects()) == ["db", "lone", "w1", "w2", "w3", "w4"]


def test_what_was_never_heard_was_never_heard(world: World) -> None:
    world.become("new", Liveness.never)
    seen = world.view.see("new")
    assert seen is not None
    assert seen.heard == float("-inf")


def test_the_fleet_is_counted_without_those_who_left(world: World) -> None:
    fleet = world.view.fleet()
    assert fleet.whole == Part(5, 3)
    assert fleet.groups == {"workers": Part(3, 2), "databases": Part(1, 0)}


def test_a_group(world: World) -> None:
    assert len(world.view.members("workers")) == 4
    assert world.view.count("workers") == 3
    assert world.view.members("nobody") == ()
    assert world.view.members("") == ()


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("stalled", ["db"]),
        ("silent", ["w3"]),
        ("down", ["db", "w3"]),
        ("left", ["w4"]),
        ("undeclared", ["lone", "w1", "w2"]),
        ("gray", []),
    ],
)
def test_who_is_in_a_state(world: World, word: str, names: list[str]) -> None:
    found = world.view.standing(word)
    assert sorted(name for name, _ in found) == names
    assert all(since == pytest.approx(world.clock.wall()) for _, since in found)


async def test_how_many_were_lost_of_late(world: World) -> None:
    before = world.view.lost(60.0)
    for name in ("l1", "l2"):
        world.become(name, Liveness.alive)
        world.become(name, Liveness.silent)
    assert world.view.lost(60.0) == before + 2
    world.become("l2", Liveness.alive)
    assert world.view.lost(60.0) == before + 1
    await world.clock.advance(61.0)
    assert world.view.lost(60.0) == 0


def test_who_was_gone_before_the_node_started_was_not_lost_now(world: World) -> None:
    before = world.view.lost(60.0)
    world.become("gone-for-days", Liveness.silent)
    assert ("gone-for-days", world.clock.wall()) in world.view.standing("down")
    assert world.view.lost(60.0) == before


def test_what_was_forgotten_is_not_seen(world: World) -> None:
    slot = world.picture.slot("w2")
    assert slot is not None
    world.picture.forget(slot)
    assert world.view.fleet().whole == Part(4, 2)
    assert "w2" not in [one.name for one in world.view.subjects()]
    assert "w2" not in [name for name, _ in world.view.standing("undeclared")]


def test_asking_and_signalling_are_handed_on(world: World) -> None:
    world.view.ask("w1")
    assert world.asked == ["w1"]
    assert world.view.signal("w1", 15) == ""
    assert world.processes.signals == [(world.picture.slot("w1"), 7, 15)]
    assert world.view.signal("nobody", 15) == "nobody knows it"


@pytest.mark.parametrize(("keys", "workers"), [((), Part(1, 1)), (("env:KEY",), Part(3, 2))])
def test_nobody_makes_a_declared_group_larger_by_announcing(
    world: World, keys: tuple[str, ...], workers: Part
) -> None:
    slot = world.picture.slot("w1")
    assert slot is not None
    component = {"w1": Component(group="workers", owner="ops")}
    world.picture.declare(Config(component=component, heartbeat=Heartbeat(keys=keys)), {"w1": slot}, ())
    assert world.view.fleet().groups == {"workers": workers, "databases": Part(1, 0)}
    assert world.view.count("workers") == workers.total


def test_functions_do_not_make_a_share_of_the_whole_larger(world: World) -> None:
    tidy = Function(file="a.py", owner="ops", purpose="Tidies what is left.", review=dt.date(2027, 1, 1))
    slot = int(world.members.insert(np.array([component_id("function:tidy")], np.uint64))[0])
    world.picture.declare(Config(function={"tidy": tidy}), {"function:tidy": slot}, ())
    world.picture.told({"function:tidy": (Verdict.healthy, "its last call worked")})
    fleet = world.view.fleet()
    assert fleet.whole == Part(5, 3)
    assert fleet.groups["functions"] == Part(1, 1)
