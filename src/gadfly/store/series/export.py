"""For those who prefer SQL: samples with their labels as one Parquet file, or the whole store as a folder.

`labels` is a MAP, so that ``labels['job']`` works in DuckDB without an extension; NaN (and the stale marker)
is NULL.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gadfly.errors import StoreError
from gadfly.promql.source import Chunk
from gadfly.store.series.block import Block
from gadfly.store.series.blocks import FORMAT, Blocks
from gadfly.store.series.csr import Piece
from gadfly.store.series.index import Named
from gadfly.store.series.label_rules import Key

if TYPE_CHECKING:
    import duckdb

_LABELLED = """
    SELECT series, max("value") FILTER (name = '__name__') AS metric,
      map(list(name ORDER BY name) FILTER (name <> '__name__'),
          list("value" ORDER BY name) FILTER (name <> '__name__')) AS labels
    FROM given_labels GROUP BY series"""

_CHUNK = """
    COPY (WITH names AS ({labelled})
      SELECT metric, labels, make_timestamp(at_ms * 1000) AS "time", "value"
      FROM given_samples JOIN names USING (series) ORDER BY series, at_ms) TO {path} {format}"""

_SAMPLES = """\
CREATE VIEW series AS SELECT * FROM '{within}names.parquet';
CREATE VIEW samples AS
  SELECT metric, labels, make_timestamp(at_ms * 1000) AS "time", "value"
  FROM read_parquet('{within}raw-*.parquet') JOIN series USING (series);
"""
_ROWS = """\
CREATE VIEW {tier} AS
  SELECT metric, labels, make_timestamp(at_ms * 1000) AS "time", "min", "max", "sum", "count",
    "value" AS "last"
  FROM read_parquet('{within}{tier}-*.parquet') JOIN series USING (series);
"""
_NONE = """\
CREATE VIEW {tier} AS
  SELECT metric, labels, "time", "value" AS "min", "value" AS "max", "value" AS "sum", 0::BIGINT AS "count",
    "value" AS "last"
  FROM samples WHERE false;
"""


def views(folder: Path, within: str | None = None) -> str:
    """What makes a snapshot's files tables: `series`, `samples`, `minutes`, `hours`.

    `within`: where the files are, as the reader sees it; the folder itself, if it is not told.
    """
    within = f"{folder}/" if within is None else within
    within = within.replace("'", "''")
    text = _SAMPLES.format(within=within)
    for tier in ("minutes", "hours"):
        there = next(folder.glob(f"{tier}-*.parquet"), None) is not None
        text += (_ROWS if there else _NONE).format(tier=tier, within=within)
    return text


def chunk(blocks: Blocks, found: Chunk, path: Path) -> None:
    """What a selector read, as one file: metric, labels, time (UTC), value; series after series."""
    keys = [tuple(text for pair in labels.items() for text in pair) for labels in found.labels]
    columns = {
        "series": np.repeat(np.arange(len(keys), dtype=np.uint32), np.diff(found.offsets)),
        "at_ms": found.at,
        "value": found.value,
    }

    query = _CHUNK.format(labelled=_LABELLED, path=_text(path), format=FORMAT)

    def work(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.register("given_labels", _flat(enumerate(keys)))
        cursor.register("given_samples", columns)
        cursor.execute(query)

    blocks.work(path, work)


def begin(path: Path) -> None:
    """Make the folder of a snapshot. StoreError where it is there already or cannot be made."""
    try:
        path.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise StoreError(f"No snapshot was made: {error}. Give a folder that does not exist yet.") from error


def clear(path: Path) -> None:
    """Remove what a snapshot that failed left in the folder that `begin` made."""
    for file in path.iterdir():
        file.unlink()


def folder(blocks: Blocks, among: Sequence[Block], rest: Piece, named: Iterable[Named], path: Path) -> None:
    """Into an empty folder: these blocks as links, what is in no block, the names, views in series.sql.

    StoreError where the folder is on another file system than the store.
    """
    try:
        for one in among:
            os.link(blocks.folder / one.name, path / one.name)
    except OSError as error:
        raise StoreError(
            f"No snapshot was made: {error}. Give a folder on the file system of the store."
        ) from error
    keys = ((one.number, one.key) for one in named)

    def work(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.register("given_labels", _flat(keys))
        cursor.execute(
            f"COPY ({_LABELLED}) TO {_text(path / 'names.parquet')} (FORMAT parquet, COMPRESSION zstd)"
        )

    blocks.work(path, work)
    blocks.copy(rest, path / "raw-head.parquet")
    (path / "series.sql").write_text(f"-- duckdb -init series.sql\n{views(path, '')}")


def _flat(keys: Iterable[tuple[int, Key]]) -> dict[str, NDArray[Any]]:
    numbers: list[int] = []
    names: list[str] = []
    values: list[str] = []
    for number, key in keys:
        numbers += [number] * (len(key) // 2)
        names += key[::2]
        values += key[1::2]
    return {
        "series": np.array(numbers, dtype=np.uint32),
        "name": np.array(names, dtype=object),
        "value": np.array(values, dtype=object),
    }


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
