"""What is full: told once, written down before that, and nobody's merit; it costs no budget."""

from __future__ import annotations

import math
from typing import Any

import pytest

HOUR = 3600.0
DISK = """
[owner.ops]
contact = ["exec:/bin/true"]
[prediction.disk]
of = "disk_free_bytes"
full = "0"
act = "12h"
owner = "ops"
every = "10m"
"""


async def test_what_is_full_already_is_written_down_and_counted(world: Any) -> None:
    await world.live(12, HOUR, lambda hour: 0.0, host="a")
    (row,) = await world.rows()
    assert (row.told, row.probability, row.outcome) == (True, 1.0, "void")
    assert "already" in row.why
    assert world.predicting.running["disk"].told == 0
    assert [one.body["told"] for one in await world.entries("prediction")] == [True]
    assert [one.body["outcome"] for one in await world.entries("resolution")] == ["void"]
    (alert,) = await world.engine.alerts()
    assert "is full" in alert.annotations["summary"]
    await world.restart()
    await world.live(2, HOUR, lambda hour: 0.0, host="a")
    assert await world.rows() == [row]
    assert world.predicting.running["disk"].told == 0


async def test_one_promise_a_time_also_when_it_came_true(world: Any) -> None:
    def square(hour: float) -> float:
        return 100.0 if hour % 2 < 1 else 0.0

    await world.listen(96, 600.0, square, host="a")
    for _ in range(3):
        await world.live(2, 600.0, square, host="a")
        await world.restart()
    rows = [row for row in await world.rows() if not row.told]
    assert len(rows) == 1, rows
    assert rows[0].outcome == "came true"


async def test_what_became_full_since_the_last_time_of_the_grid_is_full(world: Any) -> None:
    await world.listen(80, 600.0, lambda hour: 100.0 - hour, host="a")
    await world.predicting.turn()
    await world.listen(500 / HOUR, 100.0, lambda hour: 0.0, host="a")
    running = world.predicting.running["disk"]
    running.due = 0.0
    await world.predicting.turn()
    (one,) = running.look.foreseen
    assert one.full


@pytest.mark.parametrize("old", [0, 80], ids=["the first of all", "beside another"])
async def test_what_came_full_since_the_last_time_of_the_grid_is_full(world: Any, old: int) -> None:
    await world.listen(80, 600.0, lambda hour: 1000.0 - hour, host="a") if old else None
    await world.predicting.turn()
    await world.listen(30 / HOUR, 30.0, lambda hour: 0.0, host="b")
    running = world.predicting.running["disk"]
    running.due = 0.0
    await world.predicting.turn()
    assert {dict(one.key)["host"]: one.full for one in running.look.foreseen if one.full} == {"b": True}
    (alert,) = await world.engine.alerts()
    assert alert.labels["host"] == "b"


async def test_what_was_emptied_since_is_not_foreseen_to_be_full_at_once(world: Any) -> None:
    await world.listen(80, 600.0, lambda hour: 80.0 - hour, host="a")
    await world.listen(500 / HOUR, 100.0, lambda hour: 90.0, host="a")
    await world.predicting.turn()
    (one,) = world.predicting.running["disk"].look.foreseen
    assert not one.full
    assert math.isnan(one.probability)
    assert await world.rows() == []


@pytest.mark.parametrize("world", [DISK.replace('"0"', '"some_quota"')], indirect=True, ids=["quota"])
async def test_without_a_limit_it_says_so(world: Any) -> None:
    await world.live(1, 600.0, lambda hour: 80.0 - hour, host="a")
    (one,) = world.predicting.running["disk"].look.foreseen
    assert one.why == "no limit is known of it"
