"""Facts in memory, seen as they were known at one time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np

from gadfly.ask import macros
from gadfly.ask.facts import TABLES
from gadfly.ask.table import SQL, Column
from gadfly.ask.view import completion, view
from gadfly.ask.watch import Watch
from gadfly.errors import FormatError, LimitError, QueryError

MOST_FOUND = 200_000
"""Rows that one query may return."""
MOST_STATEMENTS = 2_000
"""Parsed queries that are kept."""
MOST_SPILLED = "4GB"
LAID = '"laid over"'
"""Marks the rows of `lay`; no query sees it."""


class World:
    """The tables of facts in DuckDB. Not for several threads at once; close it, or use it with `with`.

    Queries can read the tables and nothing else: no files, no network, no settings.

    memory: what DuckDB may take, as ``512MB``. spill: where a folder may be made for what needs more, which
    goes with the world; None: what needs more fails.
    """

    def __init__(self, memory: str = "512MB", threads: int = 2, spill: Path | None = None) -> None:
        self.now = 0.0
        self._ended = False
        self._statements: dict[str, duckdb.Statement] = {}
        self._memory = memory
        self._spill = None if spill is None else TemporaryDirectory(prefix="ask-", dir=spill)
        self._db = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "threads": threads,
                "temp_directory": "" if self._spill is None else self._spill.name,
                "max_temp_directory_size": MOST_SPILLED,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            },
        )
        self._watch = Watch(self._db.interrupt)
        self._db.execute("SET TimeZone = 'UTC'")
        self._db.execute("CREATE SCHEMA raw")
        for text in macros.SQL:
            self._db.execute(text)
        for name, (function, arguments, result) in macros.FUNCTIONS.items():
            self._db.create_function(  # type: ignore[call-overload]  # it takes the text, too
                name, function, arguments, result, null_handling="special"
            )
        self.at(0.0)
        for table in TABLES.values():
            columns = ", ".join(f'"{one.name}" {SQL[one.sort]}' for one in table.columns)
            self._db.execute(f'CREATE TABLE raw."{table.name}" ({columns}, {LAID} BOOLEAN)')
            self._db.execute(f'CREATE VIEW "{table.name}" AS {view(table)}')
            if table.gone:
                self._db.execute(f'CREATE VIEW "{table.name}_ever" AS {view(table, ever=True)}')
        self._db.execute("SET enable_external_access = false")
        self._db.execute("SET lock_configuration = true")

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def end(self) -> None:
        """From any thread: what is being asked ends, and nothing is asked after it."""
        self._ended = True
        with suppress(duckdb.Error):  # it is closed already
            self._db.interrupt()

    def close(self) -> None:
        """Let go of the memory."""
        self._watch.close()
        self._statements.clear()
        self._db.close()
        if self._spill is not None:
            self._spill.cleanup()

    def add(self, table: str, columns: Mapping[str, Sequence[Any]], *, laid: bool = False) -> None:
        """More rows, given by columns of one length. None, an empty text and NaN: not known; so are columns
        that are left out.

        laid: they go when others are laid over this table.

        Raises FormatError: a table or column that is not among the facts, or values of another sort.
        LimitError: the memory is full.
        """
        known = TABLES.get(table)
        if known is None:
            raise FormatError(f"there is no table of facts called {table!r}")
        arrays: dict[str, Any] = {}
        cells: list[str] = []
        for name, values in columns.items():
            column = known.column(name)
            if column is None:
                raise FormatError(f"{table}: there is no column {name!r}")
            arrays[name] = _array(values, table, column)
            cells.append(_cell(column))
        lengths = {len(one) for one in arrays.values()}
        if len(lengths) > 1:
            raise FormatError(f"{table}: columns of different lengths {sorted(lengths)}")
        if not lengths or not lengths.pop():
            return
        names = ", ".join(f'"{name}"' for name in arrays)
        self._db.register("added", arrays)
        try:
            self._db.execute(
                f'INSERT INTO raw."{table}" ({names}, {LAID}) SELECT {", ".join(cells)}, {laid} FROM added'  # noqa: S608
            )
        except duckdb.OutOfMemoryException as error:
            raise LimitError(f"{table}: the facts do not fit into {self._memory}; allow more") from error
        except duckdb.Error as error:
            raise FormatError(f"{table}: {_words(error)}") from error
        finally:
            with suppress(duckdb.TransactionException):  # of an aborted one nothing can be taken back
                self._db.unregister("added")

    def rows(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """More rows, each a mapping of the columns that are known. Raises as `add`."""
        names = list(dict.fromkeys(name for row in rows for name in row))
        self.add(table, {name: [row.get(name) for row in rows] for name in names})

    def folder(self, path: Path) -> dict[str, int]:
        """More rows from the files ``TABLE.csv``, ``TABLE.jsonl`` and ``TABLE.parquet``: rows by table.

        Raises FormatError: file, line, column, and what is expected. LimitError: too much. Nothing of the
        folder is taken then.
        """
        from gadfly.ask.folder import read

        counts: dict[str, int] = {}
        self._db.execute("BEGIN TRANSACTION")
        try:
            for table, columns in read(path):
                self.add(table, columns)
                counts[table] = counts.get(table, 0) + len(next(iter(columns.values()), ()))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return counts

    def lay(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """As `add`, in place of the rows that were laid over this table before."""
        self._db.execute(f'DELETE FROM raw."{TABLES[table].name}" WHERE {LAID}')  # noqa: S608
        self.add(table, columns, laid=True)

    def complete(self, table: str, key: str) -> None:
        """Rows that do not say since when they hold complete the one of that `key` that does (see there)."""
        for statement in completion(TABLES[table], key):
            self._db.execute(statement)

    def clear(self, *tables: str) -> None:
        """Forget every row of these tables; of all, where none is named."""
        for table in tables or TABLES:
            self._db.execute(f'DELETE FROM raw."{TABLES[table].name}"')  # noqa: S608

    def at(self, now: float) -> None:
        """From here on the tables show what was known at `now`, seconds since the epoch."""
        self.now = float(now)
        self._db.execute(f"SET VARIABLE now = {self.now!r}::DOUBLE")

    def ask(
        self, sql: str, params: Mapping[str, Any] | None = None, seconds: float = 30.0
    ) -> list[dict[str, Any]]:
        """The rows of a SELECT. Of `params` (and `now`) only those that it names are passed.

        Raises QueryError: it is wrong, or not one SELECT; or nobody waits any more. LimitError: too long, too
        many rows, too much memory.
        """
        if self._ended:
            raise QueryError("nobody waits for the answer any more")
        try:
            statement = self._statement(sql)
            given = {"now": self.now, **(params or {})}
            unknown = sorted(set(statement.named_parameters) - set(given))
            if unknown:
                raise QueryError(f"${unknown[0]} is not among the parameters", "bad_data")
            used = {name: given[name] for name in statement.named_parameters}
            self._db.execute("BEGIN TRANSACTION READ ONLY")  # also a SELECT can hold a DELETE
            try:
                with self._watch.limit(seconds):
                    cursor = self._db.execute(statement, used)
                    columns = [(one[0], str(one[1])) for one in cursor.description or ()]
                    rows = cursor.fetchmany(MOST_FOUND + 1)
            finally:
                self._db.execute("ROLLBACK")
        except duckdb.InterruptException as error:
            raise LimitError(f"it took longer than {seconds:g} s") from error
        except duckdb.OutOfMemoryException as error:
            raise LimitError(f"it needs more memory than {self._memory}") from error
        except duckdb.Error as error:
            raise QueryError(_words(error)) from error
        if len(rows) > MOST_FOUND:
            raise LimitError(f"it returns more than {MOST_FOUND:,} rows")
        return _plain(columns, rows)

    def _statement(self, sql: str) -> duckdb.Statement:
        """Parsed once: that takes DuckDB as long as to run it over little data."""
        known = self._statements.get(sql)
        if known is None:
            statements = self._db.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryError("one SELECT is expected", "bad_data")
            if len(self._statements) >= MOST_STATEMENTS:
                self._statements.clear()
            known = self._statements[sql] = statements[0]
        return known


def _words(error: Exception) -> str:
    """What DuckDB says, without the query that it repeats."""
    lines = [line.strip() for line in str(error).split("LINE 1:", 1)[0].splitlines()]
    return " ".join(line for line in lines if line)[:500]


def _array(values: Any, table: str, column: Column) -> Any:
    """A sequence or array as DuckDB takes it. For numbers NaN stands for what is not known."""
    if column.sort in ("text", "list"):
        if isinstance(values, np.ma.MaskedArray):
            unknown, values = np.ma.getmaskarray(values), values.data.astype(object)
            values[unknown] = None  # filled(None) would write "?"
        if isinstance(values, np.ndarray) and values.dtype == object:
            return values
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    try:
        if isinstance(values, np.ma.MaskedArray):
            return np.ma.filled(values.astype(np.float64), np.nan)
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FormatError(f"{table}.{column.name}: {error}; {column.sort} is expected") from error


def _cell(column: Column) -> str:
    """What becomes of an array's value: blanks around a text are none of it."""
    name = f'"{column.name}"'
    if column.sort == "text":
        text = f"nullif(trim({name}::VARCHAR), '')"
        return f"lower({text})" if column.word else text
    if column.sort == "list":
        return f"list_transform({name}::VARCHAR[], lambda one: trim(one))"
    known = f"CASE WHEN isfinite({name}) THEN {name} END"
    return f"({known}) <> 0" if column.sort == "flag" else f"({known})::{SQL[column.sort]}"


def _plain(columns: list[tuple[str, str]], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Rows by name; decimals as floats, and None for what is not finite."""
    names = [name for name, _ in columns]
    floats = [name for name, sort in columns if sort.startswith(("DOUBLE", "FLOAT", "DECIMAL"))]
    answer = [dict(zip(names, row, strict=True)) for row in rows]
    for name in floats:
        for row in answer:
            row[name] = _finite(row[name])
    return answer


def _finite(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return [_finite(one) for one in value] if isinstance(value, list) else value
