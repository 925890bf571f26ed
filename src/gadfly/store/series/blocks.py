"""The blocks on disk, as Parquet files: written, read, merged and thinned by DuckDB.

Columns: `series` (the number in the names), `at_ms`, `value`, and `nan_bits`. DuckDB's way in from numpy
makes every NaN a NULL, and PromQL must tell a stale marker from other NaNs: so `value` is NULL there and
`nan_bits` has its bits, which costs nothing where there are none; and in SQL an aggregation leaves NULL out.
Rows of minutes and hours have the last sample in these columns and `min`, `max`, `sum`, `count` beside them.
Rows of a series stand together, in the order of time. In the block of an hour the series of a metric are
neighbours, so that a query about one metric reads few rows; in blocks made of others those of a target, whose
times are alike and pack better, in small groups of rows of which a query reads those that it needs.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gadfly.errors import LimitError, StoreError
from gadfly.store.series import block as plans
from gadfly.store.series import contents, csr, rows
from gadfly.store.series.block import STEP, Block, Step
from gadfly.store.series.contents import Contents
from gadfly.store.series.csr import Ints, Piece
from gadfly.store.series.decoded import Decoded
from gadfly.store.series.engine import Engine, damage, explain, quoted
from gadfly.store.series.journal import sync_folder

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

log = logging.getLogger("gadfly.series")

FORMAT = (
    # No dictionaries: times and numbers of series pack better as differences (DELTA_BINARY_PACKED), values
    # byte by byte (BYTE_STREAM_SPLIT). Level 3: level 9 takes half as long again and saves 3 %.
    "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 3, DICTIONARY_SIZE_LIMIT 1)"
)
MERGED = FORMAT.replace(")", ", ROW_GROUP_SIZE 32768)")
"""Groups of rows of a block made of others: 0.1 byte a sample more than four times as many rows in a group,
and a third of the time to read one metric."""
GAP = 32_768
"""Rows between two wanted ones that are read along: that takes a millisecond, as another query does."""
STRETCHES = 8
"""Stretches of rows that are read by their place; more are found by the numbers of their series."""
REMEMBERED = 1_000_000
"""Series of blocks whose places are remembered, 16 bytes each."""
SAMPLE = 16
"""Bytes of a sample in memory."""
DAMAGED = ".damaged"
"""Behind the name of a block that was set aside."""

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

    def __init__(self, folder: Path, engine: Engine, kept: int = 0) -> None:
        """`kept`: bytes of samples that may stay in memory after they were read."""
        self.folder = folder
        self._engine = engine
        self._decoded = Decoded(kept)
        self._lock = threading.Lock()
        self._contents: OrderedDict[Block, Contents] = OrderedDict()
        self._sound: set[str] = set()
        self.all: tuple[Block, ...] = ()
        """In the order of time, no two of the same time. Replaced as a whole."""
        self.damaged: tuple[Block, ...] = ()
        """Those that were set aside, now or earlier: their samples are missing from every answer."""

    def open(self, latest: int) -> list[str]:
        """See what is there; what a crash left over is removed.

        Blocks that end after `latest` were written while this machine's clock ran ahead, and would close the
        present for writing: they are set aside under a name that is no block's. Returns these names.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        found, left = plans.listing(self.folder)
        for name in left:
            (self.folder / name).unlink()
        for path in self.folder.glob("*.contents"):
            if not path.with_suffix(".parquet").exists():
                path.unlink()
        self.all = tuple(one for one in found if one.end <= latest)
        aside = [one.name for one in found if one.end > latest]
        for name in aside:
            (self.folder / name).rename(self.folder / f"{name}.ahead")
        names = (path.name.removesuffix(DAMAGED) for path in self.folder.glob(f"*{DAMAGED}"))
        self.damaged = tuple(sorted(one for one in map(plans.parse, names) if one is not None))
        return aside

    def write(self, block: Block, piece: Piece, order: Ints | None = None) -> Block:
        """The samples as a file, on disk when it returns; not yet among `all`.

        `order`: positions in `piece.ids`, as the series shall stand in the file.
        """
        if order is not None:
            piece = csr.reordered(piece, order)
        return self._made(block, self._copy(piece, self._new(block)), (piece.ids, np.diff(piece.offsets)))

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
            cursor.execute(f"COPY columns_of_block TO '{quoted(path)}' {FORMAT}")

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
            with self._lock:
                self._sound -= {
                    source.name for source in step.sources
                }  # what is kept for years is proved anew
            for source in step.sources:
                self.prove(source)

            def work(cursor: duckdb.DuckDBPyConnection) -> None:
                cursor.execute(f"COPY ({query}) TO '{quoted(self._new(result))}' {MERGED}", [files])

            made = self._made(result, work)
        self.publish(made, step.sources)
        for source in step.sources:
            (self.folder / source.name).unlink(missing_ok=True)
            contents.beside(self.folder / source.name).unlink(missing_ok=True)
        sync_folder(self.folder)

    def publish(self, made: Block | None, instead: tuple[Block, ...] = ()) -> None:
        """From now on `made` is read instead of these."""
        kept = [one for one in self.all if one not in instead]
        self.all = tuple(sorted(kept if made is None else [*kept, made]))
        for one in instead:
            self._decoded.forget(one.name)
            self._contents.pop(one, None)

    def _new(self, block: Block) -> Path:
        return self.folder / f"{block.name}.new"

    def _made(
        self,
        block: Block,
        work: Callable[[duckdb.DuckDBPyConnection], None],
        counted: tuple[Ints, Ints] | None = None,
    ) -> Block:
        new, path = self._new(block), self.folder / block.name
        try:
            self.work(path, work)
            with new.open("rb") as file:
                os.fsync(file.fileno())
            size = new.stat().st_size
            self._tell(new, contents.beside(path), counted)
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

    def _tell(self, path: Path, to: Path, counted: tuple[Ints, Ints] | None) -> Contents:
        """Write the contents of that file. Without `counted` (series, rows of each) they are read from it."""
        if counted is None:
            query = (
                "SELECT series, count(*) AS rows FROM read_parquet(?, file_row_number=true) "
                "GROUP BY series ORDER BY min(file_row_number)"
            )

            def work(cursor: duckdb.DuckDBPyConnection) -> dict[str, Any]:
                return cursor.execute(query, [str(path)]).fetchnumpy()

            found = self.work(path, work)
            counted = found["series"], found["rows"]
        told = contents.made(*counted, contents.checksum(path))
        with to.open("wb") as file:
            file.write(contents.packed(told))
            file.flush()
            os.fsync(file.fileno())
        return told

    def contents(self, block: Block) -> Contents:
        """Of that block; read from it where no whole file tells them. StoreError: cannot be read."""
        with self._lock:
            known = self._contents.get(block)
            if known is not None:
                self._contents.move_to_end(block)
                return known
        path = self.folder / block.name
        try:
            data = contents.beside(path).read_bytes()
        except FileNotFoundError:
            data = b""
        known = contents.unpacked(data)
        if known is None:
            try:
                known = self._tell(path, contents.beside(path), None)
            except OSError as error:
                raise explain(error, path) from error
        with self._lock:
            self._contents[block] = known
            held = sum(len(one.series) for one in self._contents.values())
            while held > REMEMBERED and len(self._contents) > 1:
                held -= len(self._contents.popitem(last=False)[1].series)
        return known

    def prove(self, block: Block) -> Contents:
        """Its contents, after its file was compared with its checksum, once while the node runs.

        StoreError where it is damaged: it is set aside then, and no longer in `all`.
        """
        path = self.folder / block.name
        try:
            known = self.contents(block)
            if block.name in self._sound:
                return known
            found = contents.checksum(path)
        except OSError as error:
            raise explain(error, path) from error
        except StoreError as error:
            if not damage(error.__cause__):
                raise
            raise self._set_aside(block, str(error.__cause__).partition("\n")[0]) from error
        if found != known.checksum:
            raise self._set_aside(block, "its checksum does not fit")
        with self._lock:
            self._sound.add(block.name)
        return known

    def _set_aside(self, block: Block, why: str) -> StoreError:
        path = self.folder / block.name
        name = f"{path.name}{DAMAGED}"
        told = StoreError(
            f"{path} is damaged ({why}) and was set aside as {name}: the disk changed what was written. The "
            "rest is answered without it. Look at the disk; restore the file from a copy, or remove it."
        )
        with self._lock:
            if block in self.all:
                log.error("%s", told)
                path.rename(path.with_name(name))
                contents.beside(path).unlink(missing_ok=True)
                self._contents.pop(block, None)
                self.damaged = tuple(sorted((*self.damaged, block)))
                self.all = tuple(one for one in self.all if one != block)
        return told

    def read(self, block: Block, ids: Ints, start: int, end: int, limit: int) -> Piece:
        """Its samples of these series (ascending) with ``start < at <= end``.

        LimitError where there are more than `limit`. StoreError where it is damaged, or was replaced.
        """
        kept = self._decoded.get(block.name, ids)
        if kept is None:
            told = self.prove(block)
            ranges, count = told.ranges(ids, GAP), told.count(ids)
            if not ranges:
                return csr.EMPTY
            if count > limit or count * SAMPLE > self._decoded.most // 4:
                return self._read(block, ids, ranges, (start, end), limit)
            kept = self._read(block, ids, ranges, (block.start - 1, block.end - 1), limit)
            self._decoded.put(block.name, ids, kept)
        return csr.cut(kept, None, start, end, within=start < block.start and block.end <= end + 1)

    def _read(
        self, block: Block, ids: Ints, ranges: list[tuple[int, int]], span: tuple[int, int], limit: int
    ) -> Piece:
        path = self.folder / block.name
        where = []
        chosen = None
        if (
            sum(last - first for first, last in ranges) > self.contents(block).count(ids)
            or len(ranges) > STRETCHES
        ):
            where.append("series IN (SELECT number FROM chosen_series)")
            chosen = ids.astype(np.uint32)
        start, end = span
        if block.start <= start:
            where.append(f"at_ms > {int(start)}")
        if block.end > end + 1:
            where.append(f"at_ms <= {int(end)}")
        if len(ranges) > STRETCHES:
            ranges = [(ranges[0][0], ranges[-1][1])]
        parts = []
        for first, last in ranges:
            these = f"file_row_number BETWEEN {first} AND {last - 1}"
            source = f"FROM read_parquet('{quoted(path)}', file_row_number=true) WHERE "
            source += " AND ".join([these, *where])
            read = functools.partial(rows.columns, source, chosen, limit)
            parts.append(self.work(path, read))
            limit -= len(parts[-1][0])
            if limit < 0:
                raise LimitError(
                    "The query reads more samples than it may: ask for fewer series or a shorter time."
                )
        series, at, value = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        return csr.group(*rows.ordered(series, at, value))

    def ids(self, block: Block) -> Ints:
        """The series in it, ascending."""
        return self.contents(block).ids

    def rest(self) -> None:
        """Give back the memory of what nobody asked for lately."""
        self._decoded.rest()
        self._engine.rest()

    def size(self) -> int:
        """Bytes on disk."""
        return sum(one.size for one in self.all)
