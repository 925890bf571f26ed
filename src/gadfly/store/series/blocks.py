"""The blocks on disk, as Parquet files: written, read, merged and thinned by DuckDB.

Columns: `series` (the number in the names), `at_ms`, `value`, and `nan_bits`. DuckDB's way in from numpy
makes every NaN a NULL, and PromQL must tell a stale marker from other NaNs: so `value` is NULL there and
`nan_bits` has its bits, which costs nothing where there are none; and in SQL an aggregation leaves NULL out.
Rows of minutes and hours have the last sample in these columns and `min`, `max`, `sum`, `count` beside them.
Rows stand in the order (series, at_ms).
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gadfly.errors import LimitError, StoreError
from gadfly.store.series import block as plans
from gadfly.store.series import csr
from gadfly.store.series.block import STEP, Block, Step
from gadfly.store.series.csr import Ints, Piece
from gadfly.store.series.engine import Engine, explain
from gadfly.store.series.journal import sync_folder

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

FORMAT = (
    # No dictionaries: times and numbers of series pack better as differences (DELTA_BINARY_PACKED), values
    # byte by byte (BYTE_STREAM_SPLIT). Level 3: level 9 takes half as long again and saves 3 %.
    "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 3, DICTIONARY_SIZE_LIMIT 1)"
)
LISTED = 256
"""Numbers that stand in the text of a query; more are handed over as a column."""
REMEMBERED = 64
"""Blocks whose series are remembered, four bytes each."""

_RAW = """
    SELECT series, max(at_ms) AS at_ms, arg_max_null("value", at_ms) AS "value",
      arg_max(nan_bits, at_ms) AS nan_bits, min("value") AS "min", max("value") AS "max",
      sum("value") AS "sum", count("value") AS "count"
    FROM read_parquet(?) GROUP BY series, at_ms // {step} ORDER BY series, at_ms"""
_ROWS = """
    SELECT series, max(at_ms) AS at_ms, arg_max_null("value", at_ms) AS "value",
      arg_max(nan_bits, at_ms) AS nan_bits, min("min") AS "min", max("max") AS "max",
      sum("sum") AS "sum", CAST(sum("count") AS BIGINT) AS "count"
    FROM read_parquet(?) GROUP BY series, at_ms // {step} ORDER BY series, at_ms"""
_MERGED = "SELECT * FROM read_parquet(?) ORDER BY series, at_ms"


class Blocks:
    """Those in `folder`. Reading in any thread; changing in one at a time."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self._engine = engine
        self._lock = threading.Lock()
        self._ids: OrderedDict[Block, Ints] = OrderedDict()
        self.all: tuple[Block, ...] = ()
        """In the order of time, no two of the same time. Replaced as a whole."""

    def open(self, latest: int) -> list[str]:
        """See what is there; what a crash left over is removed.

        Blocks that end after `latest` were written while this machine's clock ran ahead, and would close the
        present for writing: they are set aside under a name that is no block's. Returns these names.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        found, left = plans.listing(self.folder)
        for name in left:
            (self.folder / name).unlink()
        self.all = tuple(one for one in found if one.end <= latest)
        aside = [one.name for one in found if one.end > latest]
        for name in aside:
            (self.folder / name).rename(self.folder / f"{name}.ahead")
        return aside

    def write(self, block: Block, piece: Piece) -> Block:
        """The samples as a file, on disk when it returns; not yet among `all`."""
        return self._made(block, self._copy(piece, self._new(block)))

    def copy(self, piece: Piece, path: Path) -> None:
        """The samples as a file of that form elsewhere, not synced."""
        self.work(path, self._copy(piece, path))

    def _copy(self, piece: Piece, path: Path) -> Callable[[duckdb.DuckDBPyConnection], None]:
        columns = {
            "series": np.repeat(piece.ids.astype(np.uint32), np.diff(piece.offsets)),
            "at_ms": piece.at,
            "value": piece.value,
            "nan_bits": np.where(np.isnan(piece.value), piece.value.view(np.int64), 0),
        }

        def work(cursor: duckdb.DuckDBPyConnection) -> None:
            cursor.register("columns_of_block", columns)
            cursor.execute(f"COPY columns_of_block TO '{_quoted(path)}' {FORMAT}")

        return work

    def make(self, step: Step) -> None:
        """Do what `block.plan` found, and publish it."""
        made = None
        if step.result is not None:
            result = step.result
            if result.tier == step.sources[0].tier:
                query = _MERGED
            else:
                query = (_RAW if step.sources[0].tier == "raw" else _ROWS).format(step=STEP[result.tier])
            files = [str(self.folder / source.name) for source in step.sources]

            def work(cursor: duckdb.DuckDBPyConnection) -> None:
                cursor.execute(f"COPY ({query}) TO '{_quoted(self._new(result))}' {FORMAT}", [files])

            made = self._made(result, work)
        self.publish(made, step.sources)
        for source in step.sources:
            (self.folder / source.name).unlink(missing_ok=True)
        sync_folder(self.folder)

    def publish(self, made: Block | None, instead: tuple[Block, ...] = ()) -> None:
        """From now on `made` is read instead of these."""
        kept = [one for one in self.all if one not in instead]
        self.all = tuple(sorted(kept if made is None else [*kept, made]))

    def _new(self, block: Block) -> Path:
        return self.folder / f"{block.name}.new"

    def _made(self, block: Block, work: Callable[[duckdb.DuckDBPyConnection], None]) -> Block:
        new, path = self._new(block), self.folder / block.name
        try:
            self.work(path, work)
            with new.open("rb") as file:
                os.fsync(file.fileno())
            size = new.stat().st_size
            new.rename(path)
            sync_folder(self.folder)
        except OSError as error:
            raise StoreError(
                f"{path} was not written: {error}. Make room, or correct owner and mode."
            ) from error
        finally:
            new.unlink(missing_ok=True)
        return block._replace(size=size)

    def work(self, path: Path, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Do it with a cursor of DuckDB's; StoreError about `path` where it fails."""
        import duckdb

        try:
            with self._engine.cursor() as cursor:
                return work(cursor)
        except duckdb.Error as error:
            raise explain(error, path) from error

    def read(self, block: Block, ids: Ints | None, start: int, end: int, limit: int) -> Piece:
        """Its samples of these series (ascending; None: of all) with ``start < at <= end``.

        LimitError where there are more than `limit`.
        """
        path = self.folder / block.name
        where = ["TRUE"]
        if block.start <= start:
            where.append(f"at_ms > {int(start)}")
        if block.end > end:
            where.append(f"at_ms <= {int(end)}")
        chosen = None
        if ids is not None:
            if len(ids) <= LISTED:
                where.append(f"series IN ({','.join(map(str, ids.tolist()))})")
            else:
                chosen = ids.astype(np.uint32)
                where.append("series IN (SELECT number FROM chosen_series)")
        source = f"FROM '{_quoted(path)}' WHERE {' AND '.join(where)}"

        def work(cursor: duckdb.DuckDBPyConnection) -> tuple[Any, Any, Any]:
            if chosen is not None:
                cursor.register("chosen_series", {"number": chosen})
            found = cursor.execute(f'SELECT series, at_ms, "value" {source} LIMIT {limit + 1}').fetchnumpy()
            value = found["value"]
            if np.ma.isMaskedArray(value):
                absent = np.ma.getmaskarray(value)
                value = np.array(np.ma.getdata(value))
                if absent.any():
                    nan = cursor.execute(
                        f'SELECT series, at_ms, nan_bits {source} AND "value" IS NULL LIMIT {limit + 1}'
                    ).fetchnumpy()
                    there = np.flatnonzero(absent)
                    # Both answers in one order, whatever the order of each.
                    mine = there[np.lexsort((found["at_ms"][there], found["series"][there]))]
                    theirs = np.lexsort((nan["at_ms"], nan["series"]))
                    value.view(np.int64)[mine] = nan["nan_bits"][theirs]
            return found["series"].astype(np.int64), found["at_ms"], value

        series, at, value = self.work(path, work)
        if len(at) > limit:
            raise LimitError(
                "The query reads more samples than it may: ask for fewer series or a shorter time."
            )
        return csr.group(*_ordered(series, at, value))

    def ids(self, block: Block) -> Ints:
        """The series in it, ascending."""
        with self._lock:
            known = self._ids.get(block)
            if known is not None:
                self._ids.move_to_end(block)
                return known
        path = self.folder / block.name

        def work(cursor: duckdb.DuckDBPyConnection) -> Any:
            query = "SELECT DISTINCT series FROM read_parquet(?)"
            return cursor.execute(query, [str(path)]).fetchnumpy()["series"]

        found = self.work(path, work)
        known = np.sort(found).astype(np.uint32)
        with self._lock:
            self._ids[block] = known
            if len(self._ids) > REMEMBERED:
                self._ids.popitem(last=False)
        return known

    def size(self) -> int:
        """Bytes on disk."""
        return sum(one.size for one in self.all)


def _ordered(series: Ints, at: Ints, value: Any) -> tuple[Ints, Ints, Any]:
    """By series and time. DuckDB may answer with whole stretches of the file exchanged: these are put in
    order first, and single rows only where that was not it."""
    if len(series) < 2:
        return series, at, value
    falls = (series[1:] < series[:-1]) | ((series[1:] == series[:-1]) & (at[1:] <= at[:-1]))
    if not falls.any():
        return series, at, value
    starts = np.concatenate(([0], np.flatnonzero(falls) + 1))
    ends = np.append(starts[1:], len(series))
    order = np.lexsort((at[starts], series[starts]))
    index = np.concatenate([np.arange(starts[one], ends[one]) for one in order])
    series, at, value = series[index], at[index], value[index]
    if ((series[1:] < series[:-1]) | ((series[1:] == series[:-1]) & (at[1:] <= at[:-1]))).any():
        rows = np.lexsort((at, series))
        series, at, value = series[rows], at[rows], value[rows]
    return series, at, value


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
