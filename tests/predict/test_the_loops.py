"""The loops of predictions and of early warning: they wait where nothing is declared, and end when told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gadfly.errors import StoreError

HOUR = 3600.0
NOTHING = '[owner.ops]\ncontact = ["exec:/bin/true"]\n'
BOTH = (
    NOTHING
    + """
[predict]
budget = "3 alarms a week"
owner = "ops"
[prediction.disk]
of = "disk_free_bytes"
full = "0"
act = "12h"
every = "1m"
owner = "ops"
"""
)


async def until(world: Any, seen: Any) -> None:
    """Let time go on until it is seen; what works in threads gets its turn."""
    for _ in range(3000):
        if seen():
            return
        await world.clock.advance(1)
        await asyncio.sleep(0.01)
    raise AssertionError("it was not seen in time")


@pytest.mark.parametrize("world", [NOTHING], indirect=True, ids=["nothing"])
async def test_they_wait_for_a_catalogue_and_end_when_told(world: Any) -> None:
    tasks = [asyncio.create_task(work) for _, work in world.predicting.tasks()]
    await world.clock.advance(100)
    assert not world.clock._sleepers  # nobody looks in vain
    await world.listen(1, 600, lambda hour: 100.0, host="a")
    world.take(BOTH)
    running = world.predicting.running["disk"]
    await until(world, lambda: running.look is not None and world.predicting.early.at is not None)
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 2


async def test_a_store_that_refuses_is_tried_again(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.listen(1, 600, lambda hour: 100.0, host="a")
    running = world.predicting.running["disk"]
    recall = world.predicting._promising.recall
    refused = []

    async def once(*given: Any) -> None:
        if not refused:
            refused.append(True)
            raise StoreError("the disk is full")
        await recall(*given)

    monkeypatch.setattr(world.predicting._promising, "recall", once)
    task = asyncio.create_task(world.predicting.run())
    await until(world, lambda: running.look is not None)
    assert refused
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_while_the_series_are_opened_it_waits(world: Any) -> None:
    world.node.series.source = None
    assert await world.predicting.turn() == 1.0
    assert world.predicting.running["disk"].look is None
    world.node.series.source = world.store


async def test_a_defect_ends_neither_loop(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.take(BOTH)
    await world.listen(1, 600, lambda hour: 100.0, host="a")
    failed: set[str] = set()

    def defect(where: str) -> Any:
        async def fails(*_: object) -> None:
            failed.add(where)
            raise ValueError("cannot convert float NaN to integer")

        return fails

    monkeypatch.setattr(world.predicting._promising, "keep", defect("keep"))
    monkeypatch.setattr(world.predicting, "_report", defect("report"))
    monkeypatch.setattr(world.predicting, "_sweep", defect("sweep"))
    monkeypatch.setattr(world.predicting.early, "_keep", defect("warning"))
    tasks = [asyncio.create_task(work) for _, work in world.predicting.tasks()]
    await until(world, lambda: failed >= {"sweep", "warning"})
    world.predicting._swept, world.predicting._report_due = True, 0.0
    await until(world, lambda: failed >= {"keep", "report"})
    assert not any(task.done() for task in tasks)
    assert sum("a defect" in one for one in world.predicting.warnings()) == 2
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
