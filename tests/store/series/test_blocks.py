"""Samples go into Parquet and come back bit for bit; what thinned rows keep is what it shall be."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.config.series import Series as Settings
from gadfly.errors import LimitError, StoreError
from gadfly.promql.source import STALE
from gadfly.store.series import blocks as module
from gadfly.store.series import csr, rows
from gadfly.store.series.block import HOUR, Block, Step
from gadfly.store.series.blocks import Blocks
from gadfly.store.series.csr import Piece
from gadfly.store.series.engine import Engine

ODD = [STALE, float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 1.7e308, 0.1]


def opened(folder: Path) -> Blocks:
    folder.mkdir(exist_ok=True)
    made = Blocks(folder / "blocks", Engine(folder / "spill", Settings()))
    assert made.open(2**60) == []
    return made


def piece(series: int, count: int, step: int = 1000) -> Piece:
    at = np.tile(np.arange(count, dtype=np.int64) * step, series)
    value = np.resize(np.array(ODD + list(range(20)), dtype=np.float64), series * count)
    return csr.group(np.repeat(np.arange(series) * 3, count), at, value)


def same(left: Piece, right: Piece) -> bool:
    return (
        left.ids.tolist() == right.ids.tolist()
        and left.offsets.tolist() == right.offsets.tolist()
        and left.at.tolist() == right.at.tolist()
        and left.value.view(np.int64).tolist() == right.value.view(np.int64).tolist()
    )


def test_bit_for_bit(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    whole = piece(40, 500)
    block = blocks.write(Block(0, HOUR, "raw", 5000), whole)
    assert block.size == (blocks.folder / block.name).stat().st_size > 0
    assert same(blocks.read(block, whole.ids, -1, HOUR, 10**6), whole)
    for wanted in ([], [0], [1], [3, 9, 30], [0, 117, 5000]):
        ids = np.array(wanted, np.int64)
        if wanted:
            found = blocks.read(block, ids, 99_000, 300_000, 10**6)
            assert same(found, csr.cut(whole, ids, 99_000, 300_000))
    assert blocks.ids(block).tolist() == blocks.ids(block).tolist() == [3 * n for n in range(40)]


def test_many_series_over_many_row_groups(tmp_path: Path) -> None:
    """More stretches than are read one by one, out of more rows than one row group has."""
    blocks = opened(tmp_path)
    whole = piece(1500, 400)
    block = blocks.write(Block(0, HOUR, "raw", 5000), whole)
    ids = whole.ids[::3]
    assert len(blocks.contents(block).ranges(ids, 0)) > module.STRETCHES
    assert same(blocks.read(block, ids, 10_000, 399_000, 10**6), csr.cut(whole, ids, 10_000, 399_000))


def test_more_than_may_be_read(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    block = blocks.write(Block(0, HOUR, "raw", 5000), piece(2, 50))
    assert len(blocks.read(block, blocks.ids(block), -1, HOUR, 100).at) == 100
    with pytest.raises(LimitError, match="fewer series"):
        blocks.read(block, blocks.ids(block), -1, HOUR, 99)


def test_merged(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    first, second = piece(5, 30), piece(7, 20)
    second = second._replace(at=second.at + HOUR)
    parts = (
        blocks.write(Block(0, HOUR, "raw", 5000), first),
        blocks.write(Block(HOUR, 2 * HOUR, "raw", 5000), second),
    )
    for part in parts:
        blocks.publish(part)
    blocks.make(Step(parts, Block(0, 2 * HOUR, "raw", 5000)))
    assert [(one.start, one.end) for one in blocks.all] == [(0, 2 * HOUR)]
    assert (
        sorted(path.stem for path in blocks.folder.iterdir())
        == [blocks.all[0].name.removesuffix(".parquet")] * 2
    )
    assert same(
        blocks.read(blocks.all[0], blocks.ids(blocks.all[0]), -1, 2 * HOUR, 10**6), csr.join((first, second))
    )


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(0, 200) | st.integers(0, 4 * 3600 - 1),
            st.integers(-5, 5) | st.sampled_from(ODD[:2]),
        ),
        unique_by=lambda row: row[:2],
        min_size=1,
        max_size=60,
    )
)
def test_thinned(tmp_path_factory: pytest.TempPathFactory, given_rows: list[tuple[int, int, float]]) -> None:
    blocks = opened(tmp_path_factory.mktemp("blocks"))
    given_rows.sort()
    series, seconds, value = (np.array(column) for column in zip(*given_rows, strict=True))
    whole = csr.group(series.astype(np.int64), seconds.astype(np.int64) * 1000, value.astype(np.float64))
    block = blocks.write(Block(0, 4 * HOUR, "raw", 5000), whole)
    blocks.publish(block)
    for tier, step in (("minutes", 60_000), ("hours", HOUR)):
        blocks.make(Step((blocks.all[0],), blocks.all[0]._replace(tier=tier, size=0)))  # type: ignore[arg-type]
        assert [one.tier for one in blocks.all] == [tier]
        last: dict[tuple[int, int], tuple[int, int, float]] = {}
        numbers: dict[tuple[int, int], list[float]] = {}
        for number, second, one in given_rows:
            key = (number, second * 1000 // step)
            last[key] = (number, second * 1000, one)
            if one == one:
                numbers.setdefault(key, []).append(one)
        found = blocks.read(blocks.all[0], blocks.ids(blocks.all[0]), -1, 4 * HOUR, 10**6)
        expected = [last[key] for key in sorted(last)]
        ids = np.repeat(found.ids, np.diff(found.offsets))
        assert list(zip(ids.tolist(), found.at.tolist(), strict=True)) == [row[:2] for row in expected]
        bits = np.array([row[2] for row in expected], np.float64).view(np.int64)
        assert found.value.view(np.int64).tolist() == bits.tolist()
        columns = duckdb.sql(
            f'SELECT series, at_ms // {step}, "min", "max", "sum", "count" '
            f"FROM '{blocks.folder / blocks.all[0].name}' ORDER BY series, at_ms"
        ).fetchall()
        for number, bucket, least, greatest, total, count in columns:
            have = numbers.get((number, bucket), [])
            assert count == len(have)
            if have:
                assert (least, greatest, total) == (min(have), max(have), sum(have))
            else:
                assert least is greatest is total is None


def test_dropped(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    block = blocks.write(Block(0, HOUR, "hours", 5000), piece(1, 1))
    blocks.publish(block)
    blocks.make(Step((block,), None))
    assert blocks.all == ()
    assert list(blocks.folder.iterdir()) == []


def test_leftovers_of_a_crash_are_removed(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    old = blocks.write(Block(0, HOUR, "raw", 5000), piece(1, 5))
    blocks.write(Block(0, HOUR, "minutes", 5000), piece(1, 1))
    (blocks.folder / f"{old.name}.new").write_bytes(b"half")
    again = opened(tmp_path)
    assert [one.tier for one in again.all] == ["minutes"]
    assert len(list(again.folder.iterdir())) == 2  # the block and its contents


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"x" * 5000])
def test_a_damaged_block_is_told(tmp_path: Path, damage: bytes) -> None:
    blocks = opened(tmp_path)
    block = blocks.write(Block(0, HOUR, "raw", 5000), piece(1, 5))
    (blocks.folder / block.name).write_bytes(damage)
    blocks.publish(block)
    with pytest.raises(StoreError, match=rf"{block.name}.*restore the file from a copy"):
        blocks.read(block, np.array([0]), -1, HOUR, 100)
    assert blocks.all == ()
    assert blocks.damaged == (block,)
    assert [path.name for path in blocks.folder.iterdir()] == [f"{block.name}.damaged"]
    again = opened(tmp_path)
    assert again.all == ()
    assert [one.name for one in again.damaged] == [block.name]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    blocks.folder.rmdir()
    with pytest.raises(StoreError, match="check owner, mode and mount"):
        blocks.write(Block(0, HOUR, "raw", 5000), piece(1, 5))


def test_rows_in_any_order_are_put_in_order() -> None:
    series, at = np.array([2, 2, 0, 0, 1, 1]), np.array([1, 2, 1, 2, 1, 2])
    found = rows.ordered(series, at, np.arange(6.0))
    assert [column.tolist() for column in found] == [
        [0, 0, 1, 1, 2, 2],
        [1, 2, 1, 2, 1, 2],
        [2, 3, 4, 5, 0, 1],
    ]
    mixed = np.array([3, 0, 3, 0])
    found = rows.ordered(mixed, np.array([2, 2, 1, 1]), np.arange(4.0))
    assert [column.tolist() for column in found] == [[0, 0, 3, 3], [1, 2, 1, 2], [3, 1, 2, 0]]


def test_a_file_whose_rows_are_exchanged(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    whole = piece(3, 20)
    block = blocks.write(Block(0, HOUR, "raw", 5000), whole)
    path = blocks.folder / block.name
    duckdb.sql(
        f"COPY (SELECT * FROM '{path}' ORDER BY series < 3, series, at_ms) TO '{path}.new' (FORMAT parquet)"
    )
    path.with_name(f"{path.name}.new").rename(path)
    path.with_suffix(".contents").unlink()  # a file restored from a copy comes without
    assert same(blocks.read(block, whole.ids, -1, HOUR, 10**6), whole)


def test_the_last_of_a_row_is_the_last_even_where_it_is_nan(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    at = np.arange(4, dtype=np.int64) * 40_000
    whole = csr.group(np.zeros(4, np.int64), at, np.array([1.0, STALE, float("nan"), 2.0]))
    blocks.publish(blocks.write(Block(0, HOUR, "raw", 1), whole))
    for tier, last in (("minutes", [STALE, 2.0]), ("hours", [2.0])):
        blocks.make(Step(blocks.all, blocks.all[0]._replace(tier=tier, size=0)))  # type: ignore[arg-type]
        found = blocks.read(blocks.all[0], blocks.ids(blocks.all[0]), -1, HOUR, 10)
        assert found.value.view(np.int64)[0] == np.array(last).view(np.int64)[0]


def test_nothing_is_downloaded() -> None:
    names = ("autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions")
    with Engine(Path("/nonexistent"), Settings()).cursor() as cursor:
        for name in names:
            assert cursor.execute(f"SELECT current_setting('{name}')").fetchall() == [(False,)]
        assert cursor.execute("SELECT current_setting('threads')").fetchall() == [(1,)]


def test_it_rests_only_while_nobody_reads(tmp_path: Path) -> None:
    blocks = opened(tmp_path)
    block = blocks.write(Block(0, HOUR, "raw", 5000), piece(3, 200))
    ids = blocks.ids(block)
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not stop.is_set():
            try:
                found = len(blocks.read(block, ids, -1, HOUR, 10**6).at)
                if found != 600:
                    wrong.append(found)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        blocks._engine.rest()
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
