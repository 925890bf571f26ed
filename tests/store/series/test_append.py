"""What is taken, what is refused, and what is said about it."""

from __future__ import annotations

import asyncio
import errno
import os
from typing import Any

import numpy as np
import pytest

from gadfly.config.series import Series as Settings
from gadfly.errors import LimitError, StoreError
from gadfly.promql.source import STALE, Metadata
from gadfly.store.series import Batch, Refusal, Series, Taken
from gadfly.store.series import series as series_module

NOW_MS = 1_800_000_000_000
UP = {"__name__": "up"}


async def test_taken_and_read_at_once(store: Any) -> None:
    assert await store.put(UP, [(NOW_MS, 1.0), (NOW_MS + 1, 0.0)]) == Taken(2, ())
    assert store.got() == {"up": [(NOW_MS, 1.0), (NOW_MS + 1, 0.0)]}
    assert store.got(start=NOW_MS, end=NOW_MS + 1) == {"up": [(NOW_MS + 1, 0.0)]}


async def test_the_stale_marker_keeps_its_bits(store: Any) -> None:
    await store.put(UP, [(NOW_MS, STALE)])
    ((_, value),) = store.got()["up"]
    assert np.array([value]).view(np.uint64).tolist() == [0x7FF0000000000002]


@pytest.mark.parametrize(
    ("samples", "taken", "reason"),
    [
        ([(NOW_MS, 1.0)], 0, None),
        ([(NOW_MS, 2.0)], 0, "duplicate"),
        ([(NOW_MS - 1, 1.0), (NOW_MS + 1, 1.0)], 1, "out_of_order"),
        ([(NOW_MS + 600_001, 1.0)], 0, "too_far_ahead"),
        ([(-1, 1.0)], 0, "too_old"),
    ],
)
async def test_refused(store: Any, samples: list[tuple[int, float]], taken: int, reason: str | None) -> None:
    labels = {"__name__": "up", "job": 'a"b'}
    await store.put(labels, [(NOW_MS, 1.0)])
    refused = () if reason is None else (Refusal(reason, 1, 'up{job="a\\"b"}'),)
    assert await store.put(labels, samples) == Taken(taken, refused)
    standing = store.series.standing()
    assert standing.refused == ({} if reason is None else {("test", reason): 1})
    assert standing.taken == {"test": 1 + taken}
    for one in refused:
        assert "1 refused: " in str(one)
        assert str(one).endswith('one of them: up{job="a\\"b"}')


async def test_numbers_that_are_none(store: Any) -> None:
    batch = Batch(np.array([-1, 5]), np.array([NOW_MS, NOW_MS]), np.zeros(2))
    assert await store.series.append(batch) == Taken(0, (Refusal("unknown_series", 1, "number 5"),))


async def test_a_batch_that_is_too_large_or_empty_or_odd(make: Any) -> None:
    store = await make(Settings(batch=2))
    assert (await store.put(UP, [(NOW_MS, 1.0)] * 3)).refused == (Refusal("batch", 3, "up"),)
    nothing = np.empty(0)
    assert await store.series.append(Batch(nothing, nothing, nothing)) == Taken(0, ())
    with pytest.raises(ValueError, match="lengths"):
        await store.series.append(Batch(np.array([0]), nothing, nothing))


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({}, "label_name"),
        ({"job": "a"}, "label_name"),
        ({"__name__": "a-b"}, "label_name"),
        ({"__name__": "up", "1a": "x"}, "label_name"),
        ({"__name__": "up", "a": "\ud800"}, "label_name"),
        ({"__name__": "up", "a": "x" * 50}, "label_length"),
        ({"__name__": "up", "a": "1", "b": "1", "c": "1", "d": "1"}, "labels"),
        ({"__name__": "up", "a": "1", "b": "1", "c": "1", "d": ""}, None),
        ({"__name__": "job:up:sum"}, None),
    ],
)
async def test_labels(make: Any, labels: dict[str, str], reason: str | None) -> None:
    store = await make(Settings(labels=4, label_bytes=40))
    ids, refused = store.series.intern([labels, UP], "s")
    assert (ids[0] < 0) == (reason is not None)
    assert ids[1] >= 0
    assert [(one.reason, one.number) for one in refused] == ([(reason, 1)] if reason else [])
    assert all(len(one.exemplar) <= 300 for one in refused)


async def test_one_source_that_names_too_many(make: Any) -> None:
    store = await make(Settings(series_per_source=3, series=5))
    many = [{"__name__": "up", "id": str(number)} for number in range(6)]
    ids, refused = store.series.intern(many, "wild")
    assert (ids >= 0).tolist() == [True] * 3 + [False] * 3
    assert refused == (Refusal("series_per_source", 3, 'up{id="3"}'),)
    other, refused = store.series.intern([{"__name__": f"m{number}"} for number in range(3)], "calm")
    assert (other >= 0).tolist() == [True, True, False]
    assert [one.reason for one in refused] == ["series"]
    # The known ones still go on, for either of them.
    again, refused = store.series.intern(many[:3], "wild")
    assert (again.tolist(), refused) == (ids[:3].tolist(), ())
    assert store.series.standing().live == {"wild": 3, "calm": 2}


async def test_many_at_once_are_one_write(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.put(UP, [(NOW_MS, 0.0)])
    synced: list[int] = []
    real = os.fdatasync

    def slow(file: int) -> None:
        synced.append(file)
        real(file)

    monkeypatch.setattr(os, "fdatasync", slow)
    ids, _ = store.series.intern([{"__name__": "m", "n": str(n)} for n in range(100)], "s")

    async def one(number: int) -> Taken:
        return await store.series.append(
            Batch(ids[[number] * 2], np.array([NOW_MS, NOW_MS]), np.array([1.0, 2.0])), "s"
        )

    answers = await asyncio.gather(*map(one, range(100)))
    assert answers == [Taken(1, (Refusal("duplicate", 1, f'm{{n="{number}"}}'),)) for number in range(100)]
    assert len(synced) < 50
    assert len(store.got()) == 101


async def test_a_full_disk_takes_nothing_and_then_goes_on(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.put(UP, [(NOW_MS, 0.0)])

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(StoreError, match="Make room"):
        await store.put({"__name__": "new"}, [(NOW_MS, 1.0)])
    with pytest.raises(StoreError, match="Make room"):
        await store.put(UP, [(NOW_MS + 1, 1.0)])
    assert store.got() == {"up": [(NOW_MS, 0.0)]}
    monkeypatch.undo()
    await store.put({"__name__": "new"}, [(NOW_MS, 1.0)])
    await store.put(UP, [(NOW_MS + 1, 1.0)])
    expected = {"up": [(NOW_MS, 0.0), (NOW_MS + 1, 1.0)], "new": [(NOW_MS, 1.0)]}
    assert store.got() == expected
    await store.again()
    assert store.got() == expected


async def test_a_failed_journal_is_left_for_a_new_file(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed fsync nobody knows what of a file is on disk."""
    await store.put(UP, [(NOW_MS, 0.0)])

    def broken(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(StoreError, match=r"journal-00000001.log cannot be read or written"):
        await store.put(UP, [(NOW_MS + 1, 1.0)])
    monkeypatch.undo()
    await store.put(UP, [(NOW_MS + 1, 2.0)])
    assert len(list(store.folder.glob("journal-*.log"))) == 2
    await store.again()
    assert store.got() == {"up": [(NOW_MS, 0.0), (NOW_MS + 1, 2.0)]}


async def test_metadata(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    meta = Metadata("counter", "Requests.", "")
    store.series.describe("requests_total", Metadata("gauge", "", ""))
    store.series.describe("requests_total", meta)
    await store.put(UP, [(NOW_MS, 1.0)])
    await store.again()
    assert store.series.metadata() == {"requests_total": [meta]}
    assert store.series.metadata("requests_total") == {"requests_total": [meta]}
    assert store.series.metadata("other") == {}
    monkeypatch.setattr(series_module, "METRICS", 1)
    store.series.describe("requests_total", meta)
    with pytest.raises(LimitError, match="fewer"):
        store.series.describe("other", meta)


async def test_before_and_after(store: Any, tmp_path: Any) -> None:
    closed = Series(tmp_path / "other", store.settings, store.clock)
    with pytest.raises(StoreError, match="not open"):
        closed.intern([UP])
    with pytest.raises(StoreError, match="not open"):
        await closed.append(Batch(np.zeros(1), np.zeros(1), np.zeros(1)))
    await closed.upkeep()
    await closed.close()
    again = Series(store.folder, store.settings, store.clock)
    with pytest.raises(StoreError, match="in use by another process"):
        await again.open()
