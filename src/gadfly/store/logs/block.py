"""Parquet files of lines, in the order of their numbers; the name of each says what is in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from gadfly.store.logs.frame import Frame
from gadfly.store.logs.line import Kept
from gadfly.store.series.engine import Engine, explain
from gadfly.store.series.journal import sync_folder

if TYPE_CHECKING:
    import duckdb

NAME = re.compile(r"lines-(\d{16})-(\d{16})-(\d{1,12})-(\d{1,12})-(\d+)\.parquet", re.ASCII)
TOGETHER = 20_000
"""Lines that are Python objects at once while a block is written."""
FORMAT = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 50000"
"""Groups small enough that a page of the newest lines reads little of a block."""
COLUMNS = (
    "number BIGINT, written DOUBLE, source VARCHAR, host VARCHAR, unit VARCHAR, severity TINYINT, "
    "text VARCHAR, fields VARCHAR"
)


class Block(NamedTuple):
    """Lines numbered `first` to `last`, written between `oldest` and `newest` (whole seconds around them)."""

    path: Path
    first: int
    last: int
    oldest: int
    newest: int
    rows: int
    size: int

    @classmethod
    def at(cls, path: Path) -> Self | None:
        """None where the file is no block."""
        found = NAME.fullmatch(path.name)
        if found is None:
            return None
        first, last, oldest, newest, rows = map(int, found.groups())
        return cls(path, first, last, oldest, newest, rows, path.stat().st_size)


def write(engine: Engine, folder: Path, frames: Iterable[Frame], span: Block) -> Block:
    """Write the lines of the frames, which `span` describes (its path and size do not count). Blocks.

    StoreError: there is no block. Whole and on disk when it returns.
    """
    draft = folder / "block.new"
    try:
        with engine.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE lines ({COLUMNS})")
            lines: list[Kept] = []
            for frame in frames:
                lines += frame.lines()
                if len(lines) >= TOGETHER:
                    _insert(cursor, lines)
                    lines = []
            if lines:
                _insert(cursor, lines)
            target = str(draft).replace("'", "''")
            cursor.execute(f"COPY lines TO '{target}' ({FORMAT})")
            cursor.execute("DROP TABLE lines")
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        final = folder / (
            f"lines-{span.first:016d}-{span.last:016d}-{span.oldest}-{span.newest}-{span.rows}.parquet"
        )
        draft.rename(final)
        sync_folder(folder)
    except Exception as error:
        draft.unlink(missing_ok=True)
        raise explain(error, draft) from error
    return span._replace(path=final, size=final.stat().st_size)


def _insert(cursor: duckdb.DuckDBPyConnection, lines: Sequence[Kept]) -> None:
    number, at, source, host, unit, severity, text, fields = zip(*lines, strict=True)
    cursor.register(
        "piece",
        {
            "number": np.array(number, np.int64),
            "written": np.array(at, np.float64),
            "source": np.array(source, object),
            "host": np.array(host, object),
            "unit": np.array(unit, object),
            "severity": np.array(severity, np.int8),
            "text": np.array(text, object),
            "fields": np.array(fields, object),
        },
    )
    cursor.execute("INSERT INTO lines SELECT * FROM piece")
    cursor.unregister("piece")


def read(
    engine: Engine,
    block: Block,
    condition: tuple[str, Sequence[object]],
    bounds: tuple[int, int],
    *,
    newest_first: bool,
    limit: int,
) -> list[Kept]:
    """Lines of it with numbers strictly between the bounds. StoreError where it cannot be read."""
    where, values = condition
    order = "DESC" if newest_first else "ASC"
    try:
        with engine.cursor() as cursor:
            rows = cursor.execute(
                f"SELECT number, written, source, host, unit, severity, text, fields FROM read_parquet(?) "  # noqa: S608
                f"WHERE number > ? AND number < ? AND {where} ORDER BY number {order} LIMIT ?",
                [str(block.path), *bounds, *values, limit],
            ).fetchall()
    except Exception as error:
        raise explain(error, block.path) from error
    return [Kept(*row) for row in rows]
