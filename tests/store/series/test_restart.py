"""What was acknowledged is there after a restart, whatever the restart interrupted; damage is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gadfly.errors import StoreError
from gadfly.store.series import segments
from gadfly.store.series.block import Block

NOW_MS = 1_800_000_000_000
HOUR = 3_600_000
STEP = 60_000


async def fill(store: Any, hours: int, name: str = "up") -> list[tuple[int, float]]:
    rows = [(NOW_MS - hours * HOUR + n * STEP, float(n)) for n in range(hours * 60)]
    for start in range(0, len(rows), 50):
        await store.put({"__name__": name}, rows[start : start + 50])
    return rows


async def test_the_head_is_rebuilt(store: Any) -> None:
    rows = await fill(store, 1)
    await store.again()
    assert store.got() == {"up": rows}
    refused = (await store.put({"__name__": "up"}, [rows[0]])).refused
    assert [one.reason for one in refused] == ["out_of_order"]
    assert (await store.put({"__name__": "up"}, [rows[-1]])).refused == ()


async def test_head_and_blocks(store: Any) -> None:
    rows = await fill(store, 6)
    await store.series.upkeep()
    assert [one.tier for one in store.series.standing().blocks] == ["raw"] * 3
    assert store.got() == {"up": rows}
    refused = (await store.put({"__name__": "late"}, [rows[0]])).refused
    assert [one.reason for one in refused] == ["too_old"]
    await store.again()
    assert store.got() == {"up": rows}
    refused = (await store.put({"__name__": "late"}, [rows[0]])).refused
    assert [one.reason for one in refused] == ["too_old"]


async def test_files_of_the_journal_go_when_all_is_in_blocks(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FULL", 100)
    rows = await fill(store, 6)
    before = len(list(store.folder.glob("journal-*.log")))
    await store.series.upkeep()
    assert 0 < len(list(store.folder.glob("journal-*.log"))) < before
    assert store.series.standing().journal > 0
    rows += [(NOW_MS, -1.0)]
    await store.put({"__name__": "up"}, rows[-1:])
    await store.again()
    assert store.got() == {"up": rows}


async def test_a_crash_between_block_and_journal(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block is there and the journal still has its samples: they are read once."""
    rows = await fill(store, 6)

    def crash(before: int) -> None:
        raise StoreError("here the power fails")

    monkeypatch.setattr(store.series._writer.segments, "release", crash)
    with pytest.raises(StoreError, match="power"):
        await store.series.upkeep()
    await store.again()
    assert store.got() == {"up": rows}


async def test_a_crash_before_the_block(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = await fill(store, 6)

    def crash(*_: object) -> Block:
        raise StoreError("here the disk is full")

    monkeypatch.setattr(store.series._held.blocks, "write", crash)
    with pytest.raises(StoreError, match="disk is full"):
        await store.series.upkeep()
    assert store.got() == {"up": rows}
    monkeypatch.undo()
    await store.series.upkeep()
    assert len(store.series.standing().blocks) == 3
    assert store.got() == {"up": rows}


@pytest.mark.parametrize("file", ["names.log", "journal-00000001.log"])
async def test_a_damaged_file_is_told(store: Any, file: str) -> None:
    await fill(store, 1)
    await store.put({"__name__": "other"}, [(NOW_MS, 1.0)])
    await store.series.close()
    path = store.folder / file
    data = bytearray(path.read_bytes())
    data[15] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreError, match=rf"{file} is damaged at byte 0.*move it away"):
        await store.series.open()
    # Where the operator does as told, the rest goes on.
    path.unlink()
    await store.again()
    await store.put({"__name__": "third"}, [(NOW_MS + 1, 1.0)])
    assert store.got()["third"] == [(NOW_MS + 1, 1.0)]


async def test_lost_names_are_never_given_to_others(store: Any) -> None:
    """Without its name a series is not seen; it is not seen under the name of another either."""
    await fill(store, 6)
    await fill(store, 1, "second")
    await store.series.upkeep()
    await store.series.close()
    (store.folder / "names.log").unlink()
    await store.again()
    await store.put({"__name__": "third"}, [(NOW_MS + 1, 1.0)])
    assert store.got() == {"third": [(NOW_MS + 1, 1.0)]}
    assert store.series.label_values("__name__", [], 0, NOW_MS + 1) == ["third"]
    assert store.series.label_names([], 0, NOW_MS + 1) == ["__name__"]


async def test_series_keep_their_numbers(store: Any) -> None:
    labels = [{"__name__": "m", "n": str(n)} for n in range(20)]
    before, _ = store.series.intern(labels, "s")
    await store.put(labels[0], [(NOW_MS, 1.0)])
    await store.again()
    after, _ = store.series.intern(labels[::-1], "s")
    assert np.array_equal(before, after[::-1])


async def test_a_clock_that_ran_ahead(store: Any, caplog: pytest.LogCaptureFixture) -> None:
    """When it is right again, a restart is enough: the present is open for writing."""
    rows = [(NOW_MS - HOUR, 1.0)]
    await store.put({"__name__": "up"}, rows)
    store.clock.set_wall(NOW_MS / 1000 + 100 * 3600)
    ahead = NOW_MS + 100 * HOUR
    await store.put({"__name__": "up"}, [(ahead - 5 * HOUR, 2.0), (ahead, 3.0)])
    await store.series.upkeep()
    assert len(store.series.standing().blocks) == 2
    store.clock.set_wall(NOW_MS / 1000)
    refused = (await store.put({"__name__": "up"}, [(NOW_MS, 4.0)])).refused
    assert "restart it" in str(refused[0])
    await store.again()
    # Both samples stand in one file of the journal, which is kept as long as the newer one is needed.
    assert "clock ran ahead: 2 samples" in caplog.text
    assert len(list((store.folder / "blocks").glob("*.ahead"))) == 1
    assert store.got() == {"up": rows}
    rows.append((NOW_MS, 4.0))
    await store.put({"__name__": "up"}, rows[-1:])
    assert store.got() == {"up": rows}


async def test_what_was_written_ahead_does_not_close_the_present(store: Any) -> None:
    """The clock was corrected before anything went into a block."""
    store.clock.set_wall(NOW_MS / 1000 + 1000 * 3600)
    await store.put({"__name__": "ahead"}, [(NOW_MS + 1000 * HOUR, 3.0)])
    store.clock.set_wall(NOW_MS / 1000)
    await store.put({"__name__": "up"}, [(NOW_MS - 5 * HOUR, 1.0)])
    await store.series.upkeep()
    assert (await store.put({"__name__": "up"}, [(NOW_MS, 1.0)])).refused == ()
