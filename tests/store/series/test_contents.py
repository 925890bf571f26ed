"""What a block's small file tells, and that damage is seen before a wrong number is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.promql.limits import Limits
from gadfly.promql.source import Matcher
from gadfly.store.series import contents

NOW_MS = 1_800_000_000_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("ids", "gap", "ranges", "count"),
    [
        ([7], 0, [(0, 10)], 10),
        ([2], 0, [(10, 30)], 20),
        ([2, 7], 0, [(0, 30)], 30),
        ([7, 9], 0, [(0, 10), (30, 60)], 40),
        ([7, 9], 20, [(0, 60)], 40),
        ([1, 3, 8, 10], 0, [], 0),
        ([], 0, [], 0),
    ],
)
def test_where_the_rows_of_a_series_stand(
    ids: list[int], gap: int, ranges: list[tuple[int, int]], count: int
) -> None:
    told = contents.made(np.array([7, 2, 9]), np.array([10, 20, 30]), 1)
    assert told.ids.tolist() == [2, 7, 9]
    assert told.ranges(np.array(ids, np.int64), gap) == ranges
    assert told.count(np.array(ids, np.int64)) == count


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 10**6)), unique_by=lambda one: one[0]))
def test_packed_and_unpacked(rows: list[tuple[int, int]]) -> None:
    series, counts = np.array(rows, np.int64).reshape(-1, 2).T
    told = contents.made(series, counts, 2**32 - 1)
    again = contents.unpacked(contents.packed(told))
    assert again is not None
    assert again.checksum == told.checksum
    for one, other in zip(again[:3], told[:3], strict=True):
        assert np.array_equal(one, other)


@given(
    st.binary(max_size=200)
    | st.integers(0, 60).map(
        lambda cut: contents.packed(contents.made(np.arange(3), np.ones(3, int), 5))[:cut]
    )
)
def test_what_is_not_whole_is_none(data: bytes) -> None:
    whole = contents.packed(contents.made(np.arange(3), np.ones(3, int), 5))
    assert data == whole or contents.unpacked(data) is None


async def test_a_damaged_block_is_set_aside_and_the_rest_answers(store: Any, tmp_path: Path) -> None:
    for hour in (9, 6, 0):
        await store.put({"__name__": "m"}, [(NOW_MS - hour * HOUR, float(hour))])
        await store.series.upkeep()
    assert len(store.series._held.blocks.all) == 2
    wanted = [Matcher("__name__", "=", "m")]

    def values() -> list[float]:
        found = store.series.select(wanted, NOW_MS - 10 * HOUR, NOW_MS, Limits())
        return [float(one) for one in found.value]

    broken = store.series._held.blocks.all[0]
    path = store.series._held.blocks.folder / broken.name
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    assert values() == [6.0, 0.0]
    assert store.series.lacking(NOW_MS - 10 * HOUR, NOW_MS) == [
        "no samples from 2027-01-14T23:00:00Z to 2027-01-15T00:00:00Z: the block that held them "
        f"is damaged and was set aside ({broken.name}.damaged)"
    ]
    assert store.series.lacking(NOW_MS - HOUR, NOW_MS) == []
    assert path.with_name(f"{path.name}.damaged").exists()
    assert not path.exists()


async def test_a_snapshot_is_made_of_sound_blocks(store: Any, tmp_path: Path) -> None:
    for hour in (9, 6, 0):
        await store.put({"__name__": "m"}, [(NOW_MS - hour * HOUR, float(hour))])
        await store.series.upkeep()
    broken, sound = store.series._held.blocks.all
    path = store.series._held.blocks.folder / broken.name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    store.series.snapshot(tmp_path / "now")
    assert {one.name for one in (tmp_path / "now").glob("raw-2*")} == {sound.name}
    assert store.series.standing().damaged == (broken,)
