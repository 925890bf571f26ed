"""Facts in memory, seen as they were known at one time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np

from gadfly.ask import macros
from gadfly.ask.facts import TABLES
from gadfly.ask.table import SQL, Column, Table
from gadfly.errors import FormatError


class World:
    """The tables of facts in DuckDB. Not for several threads at once; close it, or use it with `with`.

    memory: what DuckDB may take, as ``512MB``.
    """

    def __init__(self, memory: str = "512MB", threads: int = 2) -> None:
        self._db = duckdb.connect(":memory:", config={"memory_limit": memory, "threads": threads})
        self.now = 0.0
        self._db.execute("CREATE SCHEMA raw")
        self._db.execute("SET VARIABLE now = 0::DOUBLE")
        for text in macros.SQL:
            self._db.execute(text)
        for name, (function, arguments, result) in macros.FUNCTIONS.items():
            self._db.create_function(name, function, arguments, result)
        for table in TABLES.values():
            columns = ", ".join(f'"{one.name}" {SQL[one.sort]}' for one in table.columns)
            self._db.execute(f'CREATE TABLE raw."{table.name}" ({columns})')
            self._db.execute(f'CREATE VIEW "{table.name}" AS {_view(table)}')

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory."""
        self._db.close()

    def add(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """More rows, given by columns of one length; None: not known. Columns left out are not known."""
        known = TABLES[table]
        arrays: dict[str, Any] = {}
        for name, values in columns.items():
            column = known.column(name)
            if column is None:
                raise FormatError(f"{table}: there is no column {name!r}")
            arrays[name] = _array(values, column)
        if not arrays or not len(next(iter(arrays.values()))):
            return
        names = ", ".join(f'"{name}"' for name in arrays)
        casts = ", ".join(f'"{name}"::{SQL[known.column(name).sort]}' for name in arrays)  # type: ignore[union-attr]
        self._db.register("added", arrays)
        try:
            self._db.execute(f'INSERT INTO raw."{table}" ({names}) SELECT {casts} FROM added')  # noqa: S608
        finally:
            self._db.unregister("added")

    def rows(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """More rows, each a mapping of the columns that are known."""
        names = list(dict.fromkeys(name for row in rows for name in row))
        self.add(table, {name: [row.get(name) for row in rows] for name in names})

    def clear(self, table: str) -> None:
        """Forget every row of a table."""
        self._db.execute(f'DELETE FROM raw."{TABLES[table].name}"')  # noqa: S608

    def at(self, now: float) -> None:
        """From here on the tables show what was known at `now`, seconds since the epoch."""
        self.now = float(now)
        self._db.execute(f"SET VARIABLE now = {self.now!r}::DOUBLE")

    def ask(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a SELECT. Of `params` (and `now`) only those that it names are passed."""
        statement = self._db.extract_statements(sql)[0]
        given = {"now": self.now, **(params or {})}
        used = {name: given[name] for name in statement.named_parameters}
        cursor = self._db.execute(statement, used)
        names = [one[0] for one in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _array(values: Sequence[Any], column: Column) -> Any:
    if column.sort in ("text", "list"):
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    missing = np.array([value is None for value in values], dtype=bool)
    filled = [0 if value is None else value for value in values]
    dtype = {"flag": bool, "integer": np.int64, "day": np.int64}.get(column.sort, np.float64)
    return np.ma.masked_array(np.array(filled, dtype=dtype), mask=missing)


def _view(table: Table) -> str:
    """SELECT that shows a table as known at the variable `now`."""
    seen = "getvariable('now')"
    cells = []
    for one in table.columns:
        key = one.name if one.sort == "time" else one.known
        name = f'"{one.name}"'
        cells.append(f'CASE WHEN "{key}" <= {seen} THEN {name} END AS {name}' if key else name)
    where = []
    if table.born:
        born = table.column(table.born)
        whole = born is not None and born.sort == "day"
        begin = f'("{table.born}" + 1) * 86400.0' if whole else f'"{table.born}"'
        where.append(f'("{table.born}" IS NULL OR {begin} <= {seen})')
    if table.gone:
        where.append(f'("{table.gone}" IS NULL OR "{table.gone}" > {seen})')
    return f'SELECT {", ".join(cells)} FROM raw."{table.name}"' + (  # noqa: S608
        f" WHERE {' AND '.join(where)}" if where else ""
    )
