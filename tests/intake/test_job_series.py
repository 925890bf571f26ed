"""The runs of jobs are series, written again while nothing changes, and end with the job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.series import Series as Settings
from gadfly.errors import StoreError
from gadfly.intake import job_series
from gadfly.intake.job_series import LOOK, WHOLE, JobSeries
from gadfly.monitor.columns import Columns
from gadfly.monitor.jobs import Run
from gadfly.promql.query import instant
from gadfly.promql.values import Vector
from gadfly.store.series import Series


class World:
    """Three jobs in a picture, and a real store."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.store: Series | None = Series(folder, Settings(), self.clock)
        self.columns = Columns()
        self.columns.reach(3)
        for slot in range(3):
            self.columns.call(slot, f"job-{slot}")
        self.ran: dict[int, Run] = {}
        picture = SimpleNamespace(columns=self.columns, runs=lambda: self.ran)
        heard = SimpleNamespace(id=np.arange(1, 4, dtype=np.uint64))
        self.part = JobSeries(self.clock, picture, heard, lambda: self.store)  # type: ignore[arg-type]

    async def look(self, *, everything: bool = False) -> None:
        assert self.store is not None
        await self.clock.advance(1.0)
        await self.part.look(self.store, everything)

    def ask(self, text: str) -> dict[str, float]:
        assert self.store is not None
        told = instant(self.store, text, int(self.clock.wall() * 1000))
        assert isinstance(told, Vector)
        return {dict(one.labels)["component"]: one.value for one in told.samples}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    found = World(tmp_path)
    store = found.store
    assert store is not None
    await store.open()
    yield found
    await store.close()


async def test_a_run_is_five_series(world: World) -> None:
    world.ran = {0: Run(100.0, 160.0, 3, 60.0, succeeded=50.0), 1: Run(170.0)}
    await world.look()
    assert world.ask("job_last_run_timestamp_seconds") == {"job-0": 160.0}
    assert world.ask("job_last_success_timestamp_seconds") == {"job-0": 50.0}
    assert world.ask("job_duration_seconds") == {"job-0": 60.0}
    assert world.ask("job_exit_code") == {"job-0": 3.0}
    assert world.ask("job_running") == {"job-0": 0.0, "job-1": 1.0}


async def test_while_it_runs_the_last_end_stays(world: World) -> None:
    world.ran = {0: Run(100.0, 160.0, 3, 60.0)}
    await world.look()
    world.ran = {0: Run(200.0)}
    await world.look()
    assert world.ask("job_exit_code") == {"job-0": 3.0}
    assert world.ask("job_running") == {"job-0": 1.0}
    world.ran = {0: Run(200.0, died="its beats stopped")}
    await world.look()
    assert world.ask("job_running") == {"job-0": 0.0}


async def test_only_what_is_new_is_written_and_all_once_a_minute(world: World) -> None:
    world.ran = {0: Run(1.0, 2.0, 0, 1.0)}
    await world.look()
    await world.look()
    assert world.ask("count_over_time(job_exit_code[1m])") == {"job-0": 1.0}
    await world.look(everything=True)
    assert world.ask("count_over_time(job_exit_code[1m])") == {"job-0": 2.0}


async def test_a_job_that_is_gone_or_called_otherwise_ends(world: World) -> None:
    world.ran = {0: Run(1.0, 2.0, 0, 1.0), 1: Run(1.0, 2.0, 0, 1.0)}
    await world.look()
    del world.ran[1]
    world.columns.owner[0] = world.columns.owners.code("ops")
    await world.look(everything=True)
    assert world.ask("job_exit_code") == {"job-0": 0.0}
    assert world.ask('job_exit_code{owner=""}') == {}
    assert world.part.counts()["jobs"] == 1


async def test_there_is_room_for_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_series, "ROOM", 2)
    world.ran = {slot: Run(1.0, 2.0, 0, 1.0) for slot in range(3)}
    assert list(world.part.warnings()) == []
    await world.look()
    assert set(world.ask("job_exit_code")) == {"job-0", "job-1"}
    (warning,) = world.part.warnings()
    assert warning.startswith("1 jobs")


async def test_it_looks_by_itself_and_outlasts_a_full_disk(world: World, monkeypatch: Any) -> None:
    import asyncio

    world.ran = {0: Run(1.0, 2.0, 0, 1.0)}
    store, world.store = world.store, None
    world.part.reconfigure(Config())
    task = asyncio.create_task(world.part.run())
    await world.clock.advance(LOOK)
    world.store = store

    async def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(store, "append", full)
        await world.clock.advance(LOOK)
    assert world.part.counts()["refused_disk_total"] == 1
    for _ in range(int(WHOLE / LOOK) + 1):
        await world.clock.advance(LOOK)
        await asyncio.sleep(0.01)
    assert world.ask("job_exit_code") == {"job-0": 0.0}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
