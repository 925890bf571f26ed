"""A month of a store: rolled in, merged, thinned, dropped, and names forgotten."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gadfly.config.section import Duration
from gadfly.config.series import Series as Settings
from gadfly.errors import StoreError
from gadfly.store.series import Batch, upkeep
from gadfly.store.series.block import DAY

NOW_MS = 1_800_000_000_000
MINUTE = 60_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("oldest", "latest", "samples", "cut"),
    [
        (0, 0, 1, None),
        (0, 2 * HOUR, 1, None),
        (0, 3 * HOUR - 1, 1, None),
        (0, 3 * HOUR, 1, HOUR),
        (HOUR, 3 * HOUR, 1, None),
        (HOUR - 1, 3 * HOUR, 1, HOUR),
        (0, 30 * HOUR + 5, 1, 28 * HOUR),
        (0, HOUR + 30 * MINUTE + 5, upkeep.CROWDED + 1, HOUR + 20 * MINUTE),
        (0, 5 * MINUTE, upkeep.CROWDED + 1, None),
    ],
)
def test_what_is_rolled_in(oldest: int, latest: int, samples: int, cut: int | None) -> None:
    assert upkeep.cut(oldest, latest, samples) == cut


SHORT = Settings(raw=Duration(2 * 86400), minutes=Duration(4 * 86400), hours=Duration(7 * 86400))


@pytest.mark.long
async def test_ten_days(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "DEAD", 0)
    store = await make(SHORT)
    await store.put({"__name__": "gone", "job": "x"}, [(NOW_MS, 1.0)])
    gone = store.series.intern([{"__name__": "gone", "job": "x"}], "s")[0]
    kept: list[tuple[int, float]] = []
    for hour in range(240):
        start = NOW_MS + hour * HOUR
        rows = [(start + n * 30_000, float(n)) for n in range(120)]
        store.clock._wall = (start + HOUR) / 1000
        await store.put({"__name__": "up"}, rows)
        kept += rows
        if hour % 6 == 5:
            await store.series.upkeep()
    blocks = store.series.standing().blocks
    assert {one.tier for one in blocks} == {"raw", "minutes", "hours"}
    assert len(blocks) < 40
    assert all(left.end <= right.start for left, right in pairwise(blocks))
    now = NOW_MS + 240 * HOUR

    def expected() -> list[tuple[int, float]]:
        found = []
        for block in blocks:
            step = {"raw": 1, "minutes": MINUTE, "hours": HOUR}[block.tier]
            inside = [row for row in kept if block.start <= row[0] < block.end]
            found += list({row[0] // step: row for row in inside}.values())
        return found + [row for row in kept if row[0] >= blocks[-1].end]

    assert store.got()["up"] == expected()
    assert blocks[0].start >= now - 9 * DAY
    # What had no samples for so long has no name any more, and its number is refused.
    assert store.series.label_values("__name__", [], None, None) == ["up"]
    taken = await store.series.append(Batch(gone, np.array([now]), np.array([1.0])))
    assert [one.reason for one in taken.refused] == ["unknown_series"]
    await store.again()
    assert store.got()["up"] == expected()
    await store.put({"__name__": "gone", "job": "x"}, [(now, 2.0)])
    assert store.got()["gone{'job': 'x'}"] == [(now, 2.0)]


async def test_series_that_ended_no_longer_count(make: Any) -> None:
    store = await make(Settings(series_per_source=1))
    await store.put({"__name__": "one"}, [(NOW_MS, 1.0)])
    assert store.series.intern([{"__name__": "two"}], "test")[0][0] == -1
    await store.series.upkeep()
    assert store.series.intern([{"__name__": "two"}], "test")[0][0] == -1
    store.clock._wall += 4 * 3600
    ids, _ = store.series.intern([{"__name__": "other"}], "other")
    await store.series.append(Batch(ids, np.array([NOW_MS + 4 * HOUR]), np.ones(1)), "other")
    await store.series.upkeep()
    assert store.series.intern([{"__name__": "two"}], "test")[0][0] >= 0
    # The one that ended comes back only where there is room.
    assert store.series.intern([{"__name__": "one"}], "test")[0][0] == -1


async def test_it_looks_once_a_minute_and_survives_trouble(
    store: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looked = 0
    arrived = asyncio.Event()

    async def upkeep_() -> None:
        nonlocal looked
        looked += 1
        arrived.set()
        if looked == 1:
            raise StoreError("the disk is full")

    monkeypatch.setattr(store.series, "upkeep", upkeep_)
    task = asyncio.create_task(store.series.run())
    for turn in (1, 2):
        await store.clock.advance(60.0)
        await arrived.wait()
        arrived.clear()
        assert looked == turn
    task.cancel()
    assert "the disk is full" in caplog.text
