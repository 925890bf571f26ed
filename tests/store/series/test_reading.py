"""Selectors and labels over head and blocks alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from gadfly.errors import LimitError, StoreError
from gadfly.promql.limits import Limits
from gadfly.promql.source import Matcher
from gadfly.store.series import contents

NOW_MS = 1_800_000_000_000
HOUR = 3_600_000
OLD, NEW = NOW_MS - 5 * HOUR, NOW_MS


@pytest.fixture
async def filled(store: Any) -> Any:
    """Three series: one only in a block, one only in the head, one in both."""
    await store.put({"__name__": "old", "job": "a"}, [(OLD, 1.0)])
    await store.put({"__name__": "both", "job": "b"}, [(OLD, 2.0)])
    await store.put({"__name__": "both", "job": "b"}, [(NEW, 3.0)])
    await store.put({"__name__": "new", "env": "x"}, [(NEW, 4.0)])
    await store.series.upkeep()
    assert len(store.series.standing().blocks) == 1
    return store


JOB = Matcher("job", "!=", "")


async def test_select(filled: Any) -> None:
    assert filled.got(JOB) == {"old{'job': 'a'}": [(OLD, 1.0)], "both{'job': 'b'}": [(OLD, 2.0), (NEW, 3.0)]}
    assert filled.got(JOB, start=OLD) == {"both{'job': 'b'}": [(NEW, 3.0)]}
    assert filled.got(JOB, end=NEW - 1, start=OLD - 1) == {
        "old{'job': 'a'}": [(OLD, 1.0)],
        "both{'job': 'b'}": [(OLD, 2.0)],
    }
    assert filled.got(Matcher("job", "=", "z")) == {}


@pytest.mark.parametrize(
    ("matchers", "start", "end", "names", "jobs"),
    [
        ([], None, None, ["__name__", "env", "job"], ["a", "b"]),
        ([[Matcher("__name__", "=", "new")]], None, None, ["__name__", "env"], []),
        ([[JOB], [Matcher("env", "=", "x")]], None, None, ["__name__", "env", "job"], ["a", "b"]),
        ([], NEW, None, ["__name__", "env", "job"], ["b"]),
        ([], None, OLD + HOUR, ["__name__", "job"], ["a", "b"]),
        ([[JOB]], NEW - HOUR, NEW, ["__name__", "job"], ["b"]),
        ([], NEW + HOUR, NEW + 2 * HOUR, [], []),
    ],
)
async def test_labels(
    filled: Any, matchers: Any, start: int | None, end: int | None, names: list[str], jobs: list[str]
) -> None:
    assert filled.series.label_names(matchers, start, end) == names
    assert filled.series.label_values("job", matchers, start, end) == jobs
    assert filled.series.label_values("none", matchers, start, end) == []


async def test_series(filled: Any) -> None:
    found = filled.series.series([[JOB]], None, None, Limits())
    assert found == [{"__name__": "old", "job": "a"}, {"__name__": "both", "job": "b"}]
    assert len(filled.series.series([], None, None, Limits())) == 3
    with pytest.raises(LimitError, match="narrow"):
        filled.series.series([], None, None, Limits(series=2))


async def test_limits(filled: Any) -> None:
    everything = [Matcher("__name__", "!=", "")]
    assert len(filled.series.select(everything, 0, NEW, Limits(samples=4, series=3)).at) == 4
    with pytest.raises(LimitError, match="fewer series"):
        filled.series.select(everything, 0, NEW, Limits(samples=3))
    with pytest.raises(LimitError, match="fewer series"):
        filled.series.select(everything, 0, NEW, Limits(samples=1))
    with pytest.raises(LimitError, match="narrow"):
        filled.series.select(everything, 0, NEW, Limits(series=2))


async def test_a_block_that_is_replaced_while_it_is_read(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = filled.series._held.blocks
    real, name = blocks.read, blocks.all[0].name
    coarser = blocks.all[0]._replace(tier="minutes")

    def read(block: Any, *rest: Any) -> Any:
        if blocks.all[0].tier == "raw":
            (blocks.folder / name).rename(blocks.folder / coarser.name)
            blocks.publish(coarser, (block,))
        return real(block, *rest)

    monkeypatch.setattr(blocks, "read", read)
    assert filled.got(JOB)["old{'job': 'a'}"] == [(OLD, 1.0)]
    (blocks.folder / coarser.name).unlink()
    blocks._decoded.forget(coarser.name)
    blocks._contents.clear()
    blocks._sound.clear()
    contents.beside(blocks.folder / coarser.name).unlink()
    with pytest.raises(StoreError, match=coarser.name):
        filled.got(JOB)
    blocks._contents.clear()
    with pytest.raises(StoreError, match=coarser.name):
        filled.series.label_names([], OLD, NEW)


async def test_export(filled: Any, tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    assert filled.series.export(path, [JOB], 0, NEW, Limits()) == 3
    with duckdb.connect() as sql:
        rows = (
            sql.read_parquet(str(path))
            .query("t", "SELECT metric, labels, epoch_ms(time), value FROM t")
            .fetchall()
        )
    assert rows == [
        ("old", {"job": "a"}, OLD, 1.0),
        ("both", {"job": "b"}, OLD, 2.0),
        ("both", {"job": "b"}, NEW, 3.0),
    ]


async def test_snapshot(filled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = filled.series._held.blocks
    held.publish(
        held.write(
            held.all[0]._replace(start=0, end=60_000, tier="minutes"),
            held.read(held.all[0], held.ids(held.all[0]), -1, NEW, 9),
        )
    )
    folder = tmp_path / "snapshot"
    filled.series.snapshot(folder)
    await filled.put({"__name__": "later"}, [(NEW + 1, 1.0)])
    monkeypatch.chdir(folder)
    with duckdb.connect() as sql:
        sql.execute((folder / "series.sql").read_text().replace('"min", "max", "sum", "count",', ""))
        rows = sql.sql(
            "SELECT metric, labels['env'], epoch_ms(time), value FROM samples ORDER BY 1, 3"
        ).fetchall()
        assert rows == [
            ("both", None, OLD, 2.0),
            ("both", None, NEW, 3.0),
            ("new", "x", NEW, 4.0),
            ("old", None, OLD, 1.0),
        ]
        assert sql.sql("SELECT count(*) FROM minutes").fetchall() == [(2,)]
    with pytest.raises(StoreError, match="does not exist yet"):
        filled.series.snapshot(folder)
    assert len(list(folder.iterdir())) == 5
