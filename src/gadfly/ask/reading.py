"""Rows of facts from text: CSV with a head line, or one JSON object a line."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterable, Iterator
from types import NoneType
from typing import Any, Literal

import msgspec

from gadfly.ask.cell import EXPECTED, LAST, LAST_DAY, LONGEST, parse
from gadfly.ask.table import Column, Sort, Table
from gadfly.errors import FormatError, LimitError

Form = Literal["csv", "jsonl"]
Columns = dict[str, Any]
"""Lists or arrays of one length, by the names of columns."""
CHUNK = 20_000
"""Rows that are handed on at once."""
MOST_ROWS = 20_000_000
LONGEST_LINE = 65_536


def rows(table: Table, lines: Iterable[str], form: Form, source: str) -> Iterator[Columns]:
    """Columns of values, a chunk at a time; what a file does not name is left out.

    source: what errors call the text, as a file's name. Raises FormatError: line, column, and what is
    expected there. LimitError: too long a line, too many of them.
    """
    made = _csv(table, lines, source) if form == "csv" else _jsonl(table, lines, source)
    count = 0
    for columns in made:
        count += len(next(iter(columns.values()), ()))
        if count > MOST_ROWS:
            raise LimitError(f"{source}: more than {MOST_ROWS:,} rows")
        yield columns


def column_of(table: Table, name: str, source: str) -> Column:
    """A column by its name. Raises FormatError: there is none, and which is nearest."""
    column = table.column(name)
    if column is None:
        near = nearest(name, [one.name for one in table.columns])
        raise FormatError(f"{source}: {table.name!r} has no column {name!r}{near}; see docs/facts.md")
    return column


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?``, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _short(lines: Iterable[str], source: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise LimitError(f"{source}:{number}: a line has at most {LONGEST_LINE:,} characters")
        yield line.removeprefix("\ufeff") if number == 1 else line


def _csv(table: Table, lines: Iterable[str], source: str) -> Iterator[Columns]:
    reader = csv.reader(_short(lines, source), strict=True)
    try:
        head = next(reader, None)
        if not head:
            raise FormatError(f"{source}:1: a line with the names of the columns is expected")
        columns = [column_of(table, name.strip(), f"{source}:1") for name in head]
        if len({one.name for one in columns}) < len(columns):
            raise FormatError(f"{source}:1: a column is named twice")
        held: list[list[str]] = []
        places: list[int] = []
        for row in reader:
            if not row:
                continue
            if len(row) != len(columns):
                raise FormatError(
                    f"{source}:{reader.line_num}: {len(row)} values; line 1 names {len(columns)} columns"
                )
            held.append(row)
            places.append(reader.line_num)
            if len(held) == CHUNK:
                yield parsed(columns, list(zip(*held, strict=True)), places, source)
                held, places = [], []
        if held:
            yield parsed(columns, list(zip(*held, strict=True)), places, source)
    except csv.Error as error:
        raise FormatError(f"{source}:{reader.line_num}: {error}") from error


def _jsonl(table: Table, lines: Iterable[str], source: str) -> Iterator[Columns]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    held: list[dict[str, Any]] = []
    places: list[int] = []
    known: dict[str, Column] = {}
    for number, line in enumerate(_short(lines, source), 1):
        if not line.strip():
            continue
        try:
            row = decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise FormatError(f"{source}:{number}: a JSON object is expected: {error}") from error
        for name in row.keys() - known.keys():
            known[name] = column_of(table, name, f"{source}:{number}")
        held.append(row)
        places.append(number)
        if len(held) == CHUNK:
            yield _parsed_objects(known, held, places, source)
            held, places = [], []
    if held:
        yield _parsed_objects(known, held, places, source)


def _parsed_objects(
    known: dict[str, Column], held: list[dict[str, Any]], places: list[int], source: str
) -> Columns:
    if not known:
        raise FormatError(f"{source}:{places[0]}: an object without any column")
    values = [tuple(row.get(name) for row in held) for name in known]
    return parsed(list(known.values()), values, places, source)


def parsed(columns: list[Column], values: list[tuple[Any, ...]], places: list[int], source: str) -> Columns:
    """Cells by column as what they mean. places: the line of each row, for errors."""
    return {
        column.name: _column(column, cells, places, source)
        for column, cells in zip(columns, values, strict=True)
    }


def _column(column: Column, cells: tuple[Any, ...], places: list[int], source: str) -> list[Any]:
    quick = QUICK.get(column.sort)
    values = None if quick is None else quick(cells)
    if values is not None:
        return values
    values = []
    for place, cell in zip(places, cells, strict=True):
        try:
            values.append(parse(cell, column.sort))
        except (ValueError, OverflowError, RecursionError) as error:
            shown = str(cell) if len(str(cell)) <= 60 else str(cell)[:60] + "…"
            expected = EXPECTED[column.sort]
            raise FormatError(
                f"{source}:{place}: {column.name}: {shown!r}; expected is {expected}"
            ) from error
    return values


def _plain_numbers(cells: tuple[Any, ...]) -> list[float | None] | None:
    """Most columns are plain numbers, which are read at once. None: look at each cell."""
    try:
        quick = [None if cell is None or cell == "" else float(cell) for cell in cells]
    except (TypeError, ValueError, OverflowError):
        return None
    plain = all(one is None or abs(one) < LAST for one in quick)  # false also for NaN
    return quick if plain and _digits(cells, {str, int, float, NoneType}) else None


def _plain_integers(cells: tuple[Any, ...]) -> list[int | None] | None:
    """As `_plain_numbers`: whole numbers, written as such."""
    try:
        quick = [None if cell is None or cell == "" else int(cell) for cell in cells]
    except (TypeError, ValueError, OverflowError):
        return None
    plain = all(one is None or abs(one) <= LAST_DAY for one in quick)
    return quick if plain and _digits(cells, {str, int, NoneType}) else None


def _digits(cells: tuple[Any, ...], sorts: set[type]) -> bool:
    """Whether they are of these sorts alone, and no text writes 1_000, which Python takes for a number."""
    found = set(map(type, cells))
    return found <= sorts and (
        str not in found or "_" not in "".join(one for one in cells if type(one) is str)
    )


def _plain_texts(cells: tuple[Any, ...]) -> list[str | None] | None:
    """As `_plain_numbers`: texts of which none is too long."""
    if not set(map(type, cells)) <= {str, NoneType}:
        return None
    quick = [cell or None for cell in cells]
    known = [cell for cell in quick if cell]
    plain = max(map(len, known), default=0) <= LONGEST and "\x00" not in "".join(known)
    return quick if plain else None


def _plain_flags(cells: tuple[Any, ...]) -> list[bool | None] | None:
    """As `_plain_numbers`: each way to write it is looked at once."""
    if not set(map(type, cells)) <= {str, bool, NoneType}:
        return None
    try:
        known = {cell: parse(cell, "flag") for cell in set(cells)}
    except ValueError:
        return None
    return [known[cell] for cell in cells]


QUICK: dict[Sort, Callable[[tuple[Any, ...]], list[Any] | None]] = {
    "number": _plain_numbers,
    "time": _plain_numbers,
    "plan": _plain_numbers,
    "integer": _plain_integers,
    "day": _plain_integers,
    "text": _plain_texts,
    "flag": _plain_flags,
}
"""By the sort of a column what reads most of them at once; it gives the same as cell by cell, or None."""
