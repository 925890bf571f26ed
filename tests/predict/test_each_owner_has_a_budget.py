"""What is told to one owner does not spend the attention of another; nobody gets more by inventing owners."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gadfly.store.series import Batch

HOUR = 3600.0
OWNERS = """
[owner.ops]
contact = ["exec:/bin/true"]
[owner.dba]
contact = ["exec:/bin/true"]
[prediction.disk]
of = "disk_free_bytes"
full = "0"
act = "8h"
owner = "ops"
budget = "1 alarm a week"
every = "1h"
"""


SERIES = {"a": "", "b": "", "c": "nobody", "d": "dba"}
"""Whom the labels of each host's disk name as owner."""


async def falls(world: Any, hours: int) -> None:
    """All of them, to 0 after 100 hours."""
    labels = [
        {"__name__": "disk_free_bytes", "host": host, **({"owner": owner} if owner else {})}
        for host, owner in SERIES.items()
    ]
    numbers, _ = world.store.intern(labels, "test")
    hour = world.clock.monotonic() / HOUR + np.arange(1, hours + 1)
    at = np.round((world.clock.wall() + np.arange(1, hours + 1) * HOUR) * 1000).astype(np.int64)
    await world.clock.advance(hours * HOUR)
    values = np.tile(np.maximum(0.0, 100e9 - 1e9 * hour), len(SERIES))
    await world.store.append(Batch(np.repeat(numbers, hours), np.tile(at, len(SERIES)), values), "test")
    await world.predicting.turn()


@pytest.mark.parametrize("world", [OWNERS], indirect=True, ids=["two owners"])
async def test_an_owners_alarm_does_not_wait_for_anothers_budget(world: Any) -> None:
    await falls(world, 84)
    while not world.predicting.running["disk"].alarms:
        await falls(world, 1)
    for restarted in (False, True):
        if restarted:
            await world.restart()
            await falls(world, 1)
        running = world.predicting.running["disk"]
        states = {dict(series)["host"]: alarm.state for series, alarm in running.alarms.items()}
        assert sorted(states[host] for host in "abc") == ["told", "withheld", "withheld"]
        assert states["d"] == "told"
        assert running.told_to == {"ops": 1, "dba": 1}
