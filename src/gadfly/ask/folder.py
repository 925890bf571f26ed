"""A folder of facts: ``TABLE.csv``, ``TABLE.jsonl``, ``TABLE.parquet``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gadfly.ask.cell import EXPECTED, LARGEST_INTEGER, LAST, LAST_DAY, LONGEST
from gadfly.ask.facts import TABLES
from gadfly.ask.reading import CHUNK, MOST_ROWS, Columns, column_of, nearest, parsed, rows
from gadfly.ask.table import Column, Sort, Table
from gadfly.errors import FormatError, LimitError

if TYPE_CHECKING:
    import duckdb

LARGEST = 4 * 1024**3
"""Bytes of one file."""
FORMS = ("csv", "jsonl", "parquet")
PLAIN = frozenset({"VARCHAR", "VARCHAR[]", "BOOLEAN", "DOUBLE"})
"""Types of Parquet that are read as they are."""
PART = 100_000
"""Rows of Parquet that are handed on at once, as arrays."""
NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DECIMAL\(.*\)")

NATIVE: dict[Sort, frozenset[str]] = {
    "text": frozenset({"VARCHAR"}),
    "number": frozenset({"DOUBLE"}),
    "integer": frozenset({"DOUBLE"}),
    "flag": frozenset({"BOOLEAN"}),
    "time": frozenset({"DOUBLE"}),
    "plan": frozenset({"DOUBLE"}),
    "day": frozenset({"DOUBLE"}),
    "list": frozenset({"VARCHAR[]"}),
}
"""What each sort is in a column that need not be read cell by cell."""
_LONG = f"length({{0}}) > {LONGEST} OR contains({{0}}, chr(0))"
_TIME = f"NOT isfinite({{0}}) OR abs({{0}}) > {LAST:.0f}"
WRONG: dict[Sort, str] = {
    "text": _LONG,
    "number": "NOT isfinite({0})",
    "integer": f"NOT isfinite({{0}}) OR {{0}} <> trunc({{0}}) OR abs({{0}}) > {LARGEST_INTEGER}",
    "flag": "false",
    "time": _TIME,
    "plan": _TIME,
    "day": f"NOT isfinite({{0}}) OR {{0}} <> trunc({{0}}) OR abs({{0}}) > {LAST_DAY}",
    "list": "len({0}) <> list_count({0}) OR " + _LONG.format("array_to_string({0}, '')"),
}
"""Which cells :func:`gadfly.ask.cell.parse` would refuse, as DuckDB says it; a test holds both together."""


def read(folder: Path) -> Iterator[tuple[str, Columns]]:
    """Tables and columns for `World.add`, a chunk at a time. Hidden files are passed over.

    Raises FormatError: a file that is no table; or file, line, column and what is expected (of Parquet the
    row stands for the line). LimitError: a file that is too large.
    """
    if not folder.is_dir():
        raise FormatError(f"{folder}: there is no such folder of facts")
    for path in sorted(folder.iterdir()):
        if not path.name.startswith("."):
            table = _table(path)
            for columns in _columns(path, table):
                yield table.name, columns


def _table(path: Path) -> Table:
    name, _, form = path.name.rpartition(".")
    if form not in FORMS or not path.is_file():
        raise FormatError(f"{path}: a file called TABLE.csv, TABLE.jsonl or TABLE.parquet is expected")
    table = TABLES.get(name)
    if table is None:
        raise FormatError(f"{path}: there is no table {name!r}{nearest(name, TABLES)}; see docs/facts.md")
    if path.stat().st_size > LARGEST:
        raise LimitError(f"{path}: {path.stat().st_size:,} bytes; a file has at most {LARGEST:,}")
    return table


def _columns(path: Path, table: Table) -> Iterator[Columns]:
    if path.suffix == ".parquet":
        yield from _parquet(path, table)
        return
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            yield from rows(table, lines, "csv" if path.suffix == ".csv" else "jsonl", str(path))
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: it is not UTF-8: {error}") from error
    except OSError as error:
        raise FormatError(f"{path}: it cannot be read: {error.strerror}") from error


def _parquet(path: Path, table: Table) -> Iterator[Columns]:
    import duckdb

    source = str(path)
    # A connection of its own: that of the facts may not read files.
    with duckdb.connect(
        ":memory:", config={"threads": 1, "memory_limit": "512MB", "temp_directory": ""}
    ) as db:
        try:
            db.execute("SET TimeZone = 'UTC'")
            described = db.execute("DESCRIBE SELECT * FROM read_parquet(?)", [source]).fetchall()
            columns = [column_of(table, name, source) for name, *_ in described]
            cells = [_cell(column, one[1], source) for column, one in zip(columns, described, strict=True)]
            (count,) = db.execute("SELECT count(*) FROM read_parquet(?)", [source]).fetchone() or (0,)
            if count > MOST_ROWS:
                raise LimitError(f"{path}: more than {MOST_ROWS:,} rows")
            if _sound(db, columns, cells, source):
                yield from _arrays(db, columns, cells, source, count)
                return
            db.execute(f"SELECT {', '.join(cells)} FROM read_parquet(?)", [source])  # noqa: S608
            first = 1
            while chunk := db.fetchmany(CHUNK):
                places = list(range(first, first + len(chunk)))
                yield parsed(columns, list(zip(*chunk, strict=True)), places, source)
                first += len(chunk)
        except duckdb.Error as error:
            raise FormatError(f"{path}: {str(error).splitlines()[0]}") from error


def _sound(db: duckdb.DuckDBPyConnection, columns: list[Column], cells: list[str], source: str) -> bool:
    """Whether each cell is of its column's sort as it stands; else the cells are read one by one, which names
    the wrong one, if there is any."""
    kinds = db.execute(
        f"DESCRIBE SELECT {', '.join(cells)} FROM read_parquet(?)",  # noqa: S608
        [source],
    ).fetchall()
    if any(kind[1] not in NATIVE[column.sort] for column, kind in zip(columns, kinds, strict=True)):
        return False
    wrong = " OR ".join(
        f"coalesce({WRONG[column.sort].format(f'({cell})')}, false)"
        for column, cell in zip(columns, cells, strict=True)
    )
    found = db.execute(f"SELECT EXISTS (FROM read_parquet(?) WHERE {wrong})", [source]).fetchone()
    return found == (False,)


def _arrays(
    db: duckdb.DuckDBPyConnection, columns: list[Column], cells: list[str], source: str, count: int
) -> Iterator[Columns]:
    named = ", ".join(f'{cell} AS "{column.name}"' for column, cell in zip(columns, cells, strict=True))
    for first in range(0, count, PART):
        found = db.execute(
            f"SELECT {named} FROM read_parquet(?, file_row_number = true)"  # noqa: S608
            f" WHERE file_row_number >= {first} AND file_row_number < {first + PART}",
            [source],
        ).fetchnumpy()
        for column in columns:
            values = found[column.name]
            if isinstance(values, np.ma.MaskedArray) and column.sort in ("text", "list"):
                found[column.name] = values.tolist()  # None where it is masked
            if column.sort == "list":  # each cell is an array, too
                lists = (None if one is None else list(one) for one in found[column.name])
                found[column.name] = list(lists)
        yield found


def _cell(column: Column, kind: str, source: str) -> str:
    """What is read of a column of Parquet."""
    name = f'"{column.name}"'
    if kind == "TIMESTAMP WITH TIME ZONE" and column.sort in ("time", "plan"):
        return f"epoch({name})"
    if kind == "DATE" and column.sort == "day":
        return f"({name} - DATE '1970-01-01')::DOUBLE"
    if NUMBERS.fullmatch(kind):
        return f"{name}::DOUBLE"
    if kind.startswith("ENUM"):
        return f"{name}::VARCHAR"
    if kind in PLAIN:
        return name
    raise FormatError(f"{source}: {column.name} is of type {kind}; expected is {EXPECTED[column.sort]}")
