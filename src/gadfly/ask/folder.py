"""A folder of facts: ``TABLE.csv``, ``TABLE.jsonl``, ``TABLE.parquet``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gadfly.ask.cell import EXPECTED
from gadfly.ask.facts import TABLES
from gadfly.ask.reading import CHUNK, MOST_ROWS, Columns, column_of, nearest, parsed, rows
from gadfly.ask.table import Column, Table
from gadfly.errors import FormatError, LimitError

LARGEST = 4 * 1024**3
"""Bytes of one file."""
FORMS = ("csv", "jsonl", "parquet")
PLAIN = frozenset({"VARCHAR", "VARCHAR[]", "BOOLEAN", "DOUBLE"})
"""Types of Parquet that are read as they are."""
NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DECIMAL\(.*\)")


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
            db.execute(f"SELECT {', '.join(cells)} FROM read_parquet(?)", [source])  # noqa: S608
            first = 1
            while chunk := db.fetchmany(CHUNK):
                places = list(range(first, first + len(chunk)))
                yield parsed(columns, list(zip(*chunk, strict=True)), places, source)
                first += len(chunk)
                if first > MOST_ROWS:
                    raise LimitError(f"{path}: more than {MOST_ROWS:,} rows")
        except duckdb.Error as error:
            raise FormatError(f"{path}: {str(error).splitlines()[0]}") from error


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
