"""The node's own series reach a real store, survive its trouble, and end when what they are of does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.node import Node as NodeConfig
from gadfly.config.probe import HttpProbe
from gadfly.config.series import Series as Settings
from gadfly.errors import StoreError
from gadfly.instrument.exposition import Family
from gadfly.monitor.check import Check
from gadfly.monitor.columns import Columns
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.own_series import OwnSeries
from gadfly.promql.query import instant
from gadfly.promql.values import Vector

CHECK = Check("c0", "http", "", HttpProbe(url="http://127.0.0.1/"))
PASS = Result(outcome=Outcome.passing, reason="", seconds=0.25, phases={"connect": 0.1})


class Place:
    """Two components that beat, and a clock that moves when told to."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.heard = SimpleNamespace(
            size=2,
            id=np.array([1, 2], np.uint64),
            liveness=np.full(2, Liveness.alive, np.uint8),
            interval=np.full(2, 1000, np.uint32),
            jitter=np.zeros(2, np.float32),
            beats=np.array([10, 20], np.uint32),
            lost=np.zeros(2, np.uint32),
            restarts=np.ones(2, np.uint16),
        )
        columns = self.columns = Columns()
        columns.reach(2)
        columns.verdict[:2] = 8
        for slot in range(2):
            columns.call(slot, f"c{slot}")
        slots = {"c0": 0, "c1": 1}
        self.picture = SimpleNamespace(columns=columns, slot=slots.get)
        self.families = [Family("gadfly_things", "gauge", "Things.", [("", (("of", "a"),), 3.0)])]
        config = Config(node=NodeConfig(state=str(folder)), series=Settings(**settings))
        self.series = OwnSeries(
            config,
            self.clock,
            name="n1",
            heard=self.heard,
            picture=self.picture,  # type: ignore[arg-type]
        )
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.series.run(lambda: self.families))

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.task = None

    async def pass_until(self, seen: Callable[[], Any]) -> None:
        """Let time pass, five seconds a turn, until something is so."""
        deadline = time.monotonic() + 10
        while not seen():
            assert time.monotonic() < deadline
            await self.clock.advance(5.0)
            await asyncio.sleep(0.01)

    def ask(self, text: str) -> list[float]:
        source = self.series.source
        if source is None:
            return []
        told = instant(source, text, int(self.clock.wall() * 1000))
        assert isinstance(told, Vector)
        return [one.value for one in told.samples]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(tmp_path)
    yield made
    await made.stop()


async def test_heartbeats_probes_and_the_node_itself(place: Place) -> None:
    place.start()
    place.series.asked(CHECK, PASS)
    await place.pass_until(lambda: place.ask("probe_success"))
    await place.pass_until(lambda: place.ask("heartbeat_received_total"))
    assert place.ask("heartbeat_received_total") == [10.0, 20.0]
    assert place.ask('probe_duration_seconds{phase=""}') == [0.25]
    assert place.ask('gadfly_things{job="gadfly",instance="n1",of="a"}') == [3.0]
    assert place.series.source is not None
    assert place.series.source.metadata("probe_success")["probe_success"][0].type == "gauge"
    assert place.series.source.metadata("gadfly_things")["gadfly_things"][0].help == "Things."
    assert place.series.counts() == {"heartbeats": 12, "probes": 3, "node": 1}
    assert place.series.warnings() == []
    kept = place.series.kept()
    assert kept["series"] == 16
    assert kept["samples_in_memory"] >= 16
    assert kept["journal_bytes"] > 0


async def test_what_ends_is_stale_at_once(place: Place) -> None:
    place.start()
    place.series.asked(CHECK, PASS)
    await place.pass_until(lambda: len(place.ask("heartbeat_up")) == 2 and place.ask("probe_success"))
    place.heard.liveness[1] = Liveness.left
    place.families = []
    place.series.replace([])
    await place.pass_until(lambda: len(place.ask("heartbeat_up")) == 1)
    await place.pass_until(lambda: not place.ask("probe_success") and not place.ask("gadfly_things"))


async def test_what_was_written_is_there_after_a_restart(place: Place, tmp_path: Path) -> None:
    place.start()
    await place.pass_until(lambda: place.ask("heartbeat_up"))
    await place.stop()
    assert place.series.source is None
    assert place.series.kept() == {}
    assert place.series.trouble == "the node is stopping"
    again = Place(tmp_path)
    again.clock.set_wall(place.clock.wall())
    again.heard.liveness[:] = Liveness.left
    again.start()
    await again.pass_until(lambda: again.series.source is not None)
    assert again.ask("heartbeat_received_total") == [10.0, 20.0]
    await again.stop()


async def test_who_finds_no_room_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path, own=10)
    place.start()
    for name in ("", "second"):
        place.series.asked(Check("c0", "http", name, CHECK.spec), PASS)
    await place.pass_until(lambda: len(place.series.warnings()) == 2 and place.ask("heartbeat_up"))
    assert place.ask("heartbeat_up") == [1.0]
    heartbeats, probes = place.series.warnings()
    assert heartbeats.startswith(
        "1 components beat without series of their own, as series.own has room for 1"
    )
    assert probes.startswith("2 probes have no series")
    await place.stop()


async def test_a_store_that_cannot_be_opened_costs_the_series_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "series").write_text("a file where the folder should be")
    place = Place(tmp_path)
    place.start()
    assert place.task is not None
    await asyncio.wait_for(place.task, 10)
    assert place.series.source is None
    assert place.series.warnings() == [f"no series are kept: {place.series.trouble}"]
    place.series.asked(CHECK, PASS)


async def test_a_full_disk_is_told_once_and_counted_until_it_is_over(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place.start()
    await place.pass_until(lambda: place.ask("heartbeat_up"))
    store = place.series.source
    assert store is not None
    took = store.append

    async def full(*given: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "append", full)
    await place.pass_until(lambda: place.series.refused["disk"] > 13)
    assert place.series.warnings() == ["series are not kept at the moment: the disk is full"]
    assert len([one for one in caplog.records if "the disk is full" in one.message]) == 1
    monkeypatch.setattr(store, "append", took)
    await place.pass_until(lambda: not place.series.warnings())


async def test_answers_that_wait_too_long_are_lost_and_counted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.own_series.WAITING", 3)
    for _ in range(3):
        place.series.asked(CHECK, PASS)
    place.series.asked(CHECK, PASS)
    assert place.series.refused["waited_too_long"] == 1


async def test_what_the_store_refuses_is_counted_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place(tmp_path, series_per_source=5)
    place.start()
    await place.pass_until(lambda: place.ask("heartbeat_up"))
    assert place.series.refused["series_per_source"] == 8
    place.series.asked(CHECK, PASS)
    await place.pass_until(lambda: place.series.refused["series_per_source"] > 8)
    assert len([one for one in caplog.records if "series.series_per_source" in one.message]) == 1
    await place.stop()


async def test_a_node_that_is_stopped_while_it_opens_leaves_nothing_open(tmp_path: Path) -> None:
    for turns in (1, 2, 3, 5, 20, 100):
        place = Place(tmp_path)
        place.start()
        for _ in range(turns):
            await asyncio.sleep(0)
        await place.stop()
    again = Place(tmp_path)
    again.start()
    await again.pass_until(lambda: again.ask("heartbeat_up"))
    await again.stop()
