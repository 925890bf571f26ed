"""The groups in their time, on a real store and in virtual time: written, reported, reloaded, restarted."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gadfly import catalogue
from gadfly.alert.reported import Reported
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.series import Series as Settings
from gadfly.errors import ConfigError, StoreError
from gadfly.promql import STALE, Limits, Matcher, instant
from gadfly.promql.held import Held
from gadfly.promql.values import Vector
from gadfly.rules import ruler
from gadfly.rules.files import loads
from gadfly.rules.ruler import Ruler, latest
from gadfly.rules.standing import GroupStanding
from gadfly.store.series import Batch, Series

RULES = """
groups:
- name: g
  interval: 10s
  rules:
  - {record: twice, expr: load * 2}
  - {alert: High, expr: 'twice > 4', for: 15s, labels: {severity: page}}
  - {record: 'broken', expr: 'load + on() load'}
"""


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.told: list[Reported] = []
        self.full = False

    async def start(self, text: str = RULES) -> None:
        self.store = Series(self.folder, Settings(), self.clock)
        await self.store.open()
        self.ruler = Ruler(
            Config(), self.clock, url="http://here", series=lambda: self.store, report=self.report
        )
        self.load(text)

    async def restart(self) -> None:
        await self.store.close()
        await self.start()

    def load(self, text: str) -> None:
        self.ruler.take(loads(text, "f.yml"), Config())

    async def report(self, reports: Sequence[Reported]) -> int:
        if self.full:
            raise StoreError("the disk is full")
        self.told += reports
        return 0

    async def put(self, value: float, **labels: str) -> None:
        numbers, _ = self.store.intern([{"__name__": "load", **labels}], "test")
        at = np.array([round(self.clock.wall() * 1000)])
        await self.store.append(Batch(numbers, at, np.array([value])), "test")

    async def after(self, seconds: float, value: float | None = None) -> None:
        """Live for so long, second by second."""
        for _ in range(round(seconds)):
            await self.clock.advance(1)
            if value is not None:
                await self.put(value, job="a")
            await self.turn()

    async def turn(self) -> None:
        """What is due, and its end."""
        await self.ruler.turn()
        await self.ruler.settled()

    def ask(self, text: str) -> list[tuple[dict[str, str], float]]:
        found = instant(self.store, text, round(self.clock.wall() * 1000))
        assert isinstance(found, Vector)
        return [(one.labels, one.value) for one in found.samples]

    def states(self) -> list[str]:
        return [
            "over" if one.ends is not None and one.ends <= self.clock.wall() else "on" for one in self.told
        ]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    await made.start()
    yield made
    await made.store.close()


async def test_recorded_alerted_and_reported(world: World) -> None:
    await world.after(15, 3.0)
    assert world.ask("twice") == [({"__name__": "twice", "job": "a"}, 6.0)]
    labels = {"alertname": "High", "job": "a", "severity": "page"}
    assert world.ask("ALERTS") == [({"__name__": "ALERTS", **labels, "alertstate": "pending"}, 1.0)]
    assert world.told == []
    await world.after(20, 3.0)
    assert world.ask("ALERTS{alertstate='firing'}")
    assert len(world.ask("ALERTS")) == 1  # the pending one has ended
    (one,) = world.told
    assert (one.labels, one.source) == (labels, "rule:High")
    assert one.generator == "http://here/query#q=twice%20%3E%204"
    assert one.ends is not None
    assert 230 < one.ends - world.clock.wall() <= 240
    await world.after(60, 3.0)
    assert world.states() == ["on", "on"]  # said again after a minute
    await world.after(12, 1.0)
    assert world.states() == ["on", "on", "over"]
    assert world.ask("ALERTS or ALERTS_FOR_STATE") == []


async def test_what_fails_is_told_and_keeps_nothing_from_the_others(world: World) -> None:
    await world.put(1.0, job="b")
    await world.after(15, 3.0)
    standing = world.ruler.groups()[0].rules
    assert [bool(one.error) for one in standing] == [False, False, True]
    assert "1 rules cannot be evaluated (broken)" in world.ruler.warnings()[0]
    counts = world.ruler.counts()
    assert (counts["rules"], counts["failing"], counts["groups"]) == (3, 1, 1)
    assert counts["evaluation_failures_total"] == standing[2].failures > 0


async def test_a_reload_keeps_what_stays_and_ends_what_goes(world: World) -> None:
    await world.after(35, 3.0)
    world.load(RULES.replace("broken", "mended").replace("load + on() load", "1"))
    await world.after(11, 3.0)
    assert world.states() == ["on"]
    assert len(world.ask("mended")) == 1
    world.load("groups: []")
    await world.after(1)
    assert world.states() == ["on", "over"]
    assert world.ask("ALERTS or twice") == []
    assert world.ruler.warnings() == []


async def test_a_restart_goes_on_where_the_condition_was(world: World) -> None:
    await world.after(12, 3.0)
    began = world.ruler.groups()[0].rules[1].alerts.standing()[0].since
    seen = world.ruler.groups()[0].at
    assert seen is not None
    await world.clock.advance(600)
    await world.restart()
    await world.after(11, 3.0)
    (one,) = world.ruler.groups()[0].rules[1].alerts.standing()
    again = world.ruler.groups()[0].at
    assert again is not None
    assert one.since == pytest.approx(int(began) + (again - seen), abs=0.01)


async def test_a_disk_that_is_full(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.after(12, 3.0)
    world.full = True
    await world.after(20, 3.0)
    assert world.told == []
    world.full = False
    await world.after(10, 3.0)
    assert world.states() == ["on"]

    async def refuse(*given: Any) -> None:
        raise StoreError("no space")

    monkeypatch.setattr(world.store, "append", refuse)
    await world.after(10)
    assert any("no space" in one for one in world.ruler.warnings())
    world.load("groups: []")
    await world.after(2)
    assert world.states() == ["on"]
    monkeypatch.undo()
    await world.after(1)
    assert world.states() == ["on", "over"]


async def test_a_rule_that_fails_for_a_while_goes_on_as_it_was(world: World) -> None:
    text = RULES.replace("load + on() load", "load")
    world.load(text)
    await world.after(35, 3.0)
    high = world.ruler.groups()[0].rules[1]
    twice = world.ask("twice")
    await world.put(1.0, job="a", bad="1")
    high.rule = loads(text.replace("twice > 4", "load + on() load > 1"), "f.yml")[0].rules[1]
    await world.after(12)
    assert high.error
    assert high.alerts.standing()[0].state == "firing"
    assert world.ask("ALERTS")
    assert world.ask('twice{bad=""}') == twice
    assert world.states() == ["on"]


@pytest.mark.parametrize("source", ["remote_write", "rule"])
async def test_since_when_an_alert_holds_is_not_believed_to_a_sender(world: World, source: str) -> None:
    now = world.clock.wall()
    labels = {"alertname": "Slow", "job": "a", "severity": "page"}
    numbers, _ = world.store.intern([{"__name__": "ALERTS_FOR_STATE", **labels}], source)
    at = np.array([round(now * 1000) - 1000])
    await world.store.append(Batch(numbers, at, np.array([now - 7200])), source)
    world.load(RULES.replace("High, expr: 'twice > 4', for: 15s", "Slow, expr: load, for: 3h"))
    await world.after(11, 3.0)
    (one,) = world.ruler.groups()[0].rules[1].alerts.standing()
    assert one.since == pytest.approx(now if source == "remote_write" else now - 7200, abs=60)


async def test_turns_that_are_missed_are_counted(world: World) -> None:
    await world.after(21, 3.0)
    await world.clock.advance(40)
    await world.after(1, 3.0)
    (group,) = world.ruler.groups()
    assert group.missed == 3
    assert group.took >= 0
    group.took = 11
    assert any("longer than the 10 s between two turns" in one for one in world.ruler.warnings())


async def test_a_clock_that_is_set_back(world: World) -> None:
    await world.after(15, 3.0)
    turns = world.ruler.groups()[0].turns
    world.clock.set_wall(world.clock.wall() - 3600)
    await world.after(15)
    assert world.ruler.groups()[0].turns > turns


async def test_no_store_yet_and_an_end_in_the_middle(world: World) -> None:
    waiting = Ruler(Config(), world.clock, url="", series=lambda: None, report=world.report)
    assert await waiting.turn() == ruler.LOOK
    task = asyncio.create_task(world.ruler.run())
    for _ in range(12):
        await world.clock.advance(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Halt:
    """A thread that reads this metric waits until it may go on."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, metric: str) -> None:
        self.begun, self.may_go_on = threading.Event(), threading.Event()
        select = world.store.select

        def slowly(matchers: Sequence[Matcher], *given: Any) -> Any:
            if any(one.value == metric for one in matchers):
                self.begun.set()
                self.may_go_on.wait(10)
            return select(matchers, *given)

        monkeypatch.setattr(world.store, "select", slowly)


async def test_an_end_while_rules_are_evaluated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    halt = Halt(world, monkeypatch, "load")
    task = asyncio.create_task(world.ruler.run())
    for _ in range(11):
        await world.clock.advance(1)
    await asyncio.to_thread(halt.begun.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    halt.may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "stopping" in world.ruler.groups()[0].rules[1].error


async def test_a_heavy_group_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = "interval: 1s, rules: [{record: %s, expr: %s}]"
    world.load(f"groups: [{{name: a, {rules % ('a', 'heavy')}}}, {{name: b, {rules % ('b', 'load')}}}]")
    halt = Halt(world, monkeypatch, "heavy")
    heavy, light = world.ruler.groups()
    async with asyncio.timeout(5):
        while light.turns < 3:
            await world.clock.advance(0.5)
            await world.put(1.0)
            await world.ruler.turn()
            await asyncio.sleep(0.001)
    assert heavy.turns == 0
    halt.may_go_on.set()
    await world.ruler.settled()
    assert heavy.turns == 1
    await world.after(1)
    assert heavy.missed > 0


async def test_a_reload_while_rules_are_evaluated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.after(21, 3.0)
    (known,) = world.ruler.groups()
    turns = known.turns
    await world.put(4.0, job="new")
    halt = Halt(world, monkeypatch, "load")
    await world.clock.advance(10)
    await world.ruler.turn()
    await asyncio.to_thread(halt.begun.wait, 10)
    world.load(RULES)
    world.load(RULES)
    await world.clock.advance(10)
    await world.ruler.turn()  # nothing begins on what another thread is at work on
    (fresh,) = world.ruler.groups()
    assert (known.turns, fresh.turns) == (turns, 0)
    world.load("groups: []")
    halt.may_go_on.set()
    await world.ruler.settled()
    assert [one["job"] for one, _ in world.ask("twice")] == ["a", "new"]
    await world.after(1)
    assert fresh.turns == known.turns == turns + 1
    assert world.ask("twice or ALERTS") == []  # what the last turn wrote has ended, too


async def test_what_a_group_fails_with_ends_the_node(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*given: Any) -> Any:
        raise KeyError("a defect")

    monkeypatch.setattr(GroupStanding, "turn", breaks)
    with pytest.raises(KeyError, match="a defect"):
        await world.after(12)


async def test_series_that_are_refused_are_told(tmp_path: Path) -> None:
    world = World(tmp_path / "other")
    await world.start(
        "groups: [{name: g, interval: 1s, rules: [{record: a, expr: load, labels: {b: %s}}]}]" % ("x" * 3000)
    )
    await world.after(4, 1.0)
    assert world.ruler.refused["label_length"] > 0
    assert any("label_length" in one for one in world.ruler.warnings())
    await world.store.close()


def test_a_limit_of_a_group() -> None:
    text = "groups: [{name: g, limit: 1, rules: [{record: a, expr: b}, {alert: c, expr: b}]}]"
    standing = GroupStanding(loads(text, "f")[0], 1.0)
    written: list[Any] = []
    standing.turn(Held.load('b{x="1"} 1\nb{x="2"} 2', 1), 0, Limits(), written.extend, "")
    assert [one.error for one in standing.rules] == [
        "exceeded limit of 1 with 2 series",
        "exceeded limit of 1 with 2 alerts",
    ]
    assert written == []


def test_a_defect_that_one_rule_meets_is_an_error_of_that_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "groups: [{name: g, rules: [{record: a, expr: b}, {record: c, expr: d}]}]"
    standing = GroupStanding(loads(text, "f")[0], 1.0)
    source = Held.load("b 1\nd 2", 1)
    select = source.select

    def breaks(matchers: Any, *given: Any) -> Any:
        if matchers[0].value == "b":
            raise KeyError
        return select(matchers, *given)

    monkeypatch.setattr(source, "select", breaks)
    written: list[Any] = []
    standing.turn(source, 0, Limits(), written.extend, "")
    assert [one.error for one in standing.rules] == ["KeyError()", ""]
    assert written == [((("__name__", "c"),), 2.0)]


def test_two_alerts_that_would_be_one() -> None:
    text = """
    groups:
    - name: g
      rules:
      - {record: a, expr: b, labels: {x: y}}
      - {alert: c, expr: b, labels: {x: y}}
      - {record: d, expr: 'b[1m]'}
      - {record: e, expr: '7'}
    """
    standing = GroupStanding(loads(text, "f")[0], 1.0)
    written: list[Any] = []
    standing.turn(Held.load('b{x="1"} 1\nb{x="2"} 2', 1), 0, Limits(), written.extend, "")
    assert [one.error[:43] for one in standing.rules] == [
        "vector contains metrics with the same label",
        "vector contains metrics with the same label",
        "rule result is not a vector or scalar",
        "",
    ]
    assert written == [((("__name__", "e"),), 7.0)]
    assert not math.isnan(written[0][1])
    assert math.isnan(STALE)


def test_groups_are_spread_over_their_interval() -> None:
    (group,) = loads("groups: [{name: g}]", "f")
    (other,) = loads("groups: [{name: h}]", "f")
    assert latest(group, 60, 1e9) % 60 != latest(other, 60, 1e9) % 60
    assert 1e9 - 60 < latest(group, 60, 1e9) <= 1e9
    assert latest(group, 60, 1e9 + 60) == latest(group, 60, 1e9) + 60


OWN = """
[owner.ops]
contact = ["exec:/bin/true"]
[rule.full]
when = "load > 1"
for = "5m"
owner = "ops"
because = "The disk is full then."
labels = { team = "{{ $labels.job }}" }
"""


async def test_rules_of_the_configuration(tmp_path: Path) -> None:
    world = World(tmp_path)
    config = catalogue.loads(OWN.replace('for = "5m"\n', ""))
    await world.start("groups: []")
    world.ruler.take(ruler.load(config), config)
    await world.after(31, 3.0)
    (one,) = world.told
    assert one.labels == {"alertname": "full", "job": "a", "severity": "critical", "team": "a"}
    assert one.annotations == {"summary": "load > 1: the value is 3", "because": "The disk is full then."}
    assert one.owner == "ops"
    await world.store.close()
    late = catalogue.loads(OWN + "review = 2020-01-01\n")
    world.ruler.take(ruler.load(late), late)
    assert world.ruler.warnings() == ["1 rules should have been reviewed by their owners: full"]
    assert catalogue.as_toml(catalogue.loads(OWN)).count('for = "5m"') == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('owner = "ops"', 'owner = "none"'), 'rule.full.owner: there is no [owner."none"]'),
        (('owner = "ops"\n', ""), "`owner` is missing"),
        (
            ('because = "The disk is full then."', 'because = "x"'),
            "rule.full.because: its owner must say why",
        ),
        (('"load > 1"', '"load >"'), "rule.full.when: 1:7: parse error"),
        (("{{ $labels.job }}", "{{ if }}"), "rule.full: template"),
        (("team =", "alertname ="), "the rule's name is the alert's"),
        (('for = "5m"', 'fro = "5m"'), 'did you mean "for"?'),
        (
            ("[rule.full]", "[rules]\nfiles = ['/none.yml']\nevery = \"0s\"\n[rule.full]"),
            "/none.yml: cannot be read",
        ),
        (("[rule.full]", '[rule.""]'), "a name is 1 to"),
    ],
)
def test_what_does_not_load(change: tuple[str, str], why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        catalogue.loads(OWN.replace(*change))
    assert why in str(caught.value)
