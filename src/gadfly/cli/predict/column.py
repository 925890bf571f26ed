"""One column of a CSV or Parquet file, and the times beside it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gadfly.errors import FormatError, LimitError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TIMES = ("timestamp", "time", "date", "datetime", "ds", "at")
"""Names by which the column of times is known; otherwise it is the first, if its first cell is a time."""
VALUES = ("value", "y")
"""Names that are preferred where several columns have numbers and none was asked for."""
ROWS = 5_000_000
LINE = 1_000_000
"""Characters of one line."""
LAST = 253_402_300_799.0
"""The end of the year 9999 in seconds: what is later is hardly meant so."""
MISSING = frozenset({"", "nan", "null", "na", "none"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers, NaN where there is none, with its times in seconds since the epoch (UTC)."""

    name: str
    told: Sequence[str]
    """The times as they stand in the file; the numbers of the rows where it has none."""
    at: NDArray[np.float64]
    """Rows of a file without times are a second apart."""
    values: NDArray[np.float64]


def read(path: Path, name: str = "") -> Column:
    """The column `name` of a file, or the one with numbers. OSError, FormatError, LimitError (ROWS rows).

    A file that ends in .parquet is read as Parquet, any other as CSV with a header.
    """
    header, rows = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    if not rows:
        raise FormatError(f"{path}: no row below the header")
    lowered = [title.strip().lower() for title in header]
    time = next((lowered.index(title) for title in TIMES if title in lowered), None)
    if time is None and len(header) > 1 and _is_time(rows[0][0]):
        time = 0
    place = _chosen(path, header, lowered, rows[0], time, name)
    return _column(path, header[place], rows, time, place)


def _csv(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(_lines(path, file))
            header = next(lines, None)
            if header is None:
                raise FormatError(f"{path}: empty; a CSV file begins with a header")
            rows: list[list[str]] = []
            for row in lines:
                if not row:
                    continue
                if len(row) != len(header):
                    raise FormatError(
                        f"{path}: line {lines.line_num} has {len(row)} cells, the header {len(header)}"
                    )
                if len(rows) == ROWS:
                    raise LimitError(f"{path}: more than {ROWS:,} rows; cut the file")
                rows.append(row)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: not UTF-8: {error}") from error
    except csv.Error as error:
        if "field limit" in str(error):
            raise LimitError(
                f"{path}: a cell of more than {csv.field_size_limit():,} characters; "
                "is a quotation mark not closed?"
            ) from error
        raise FormatError(f"{path}: not CSV: {error}") from error
    return header, rows


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    while line := file.readline(LINE + 1):
        if len(line) > LINE:
            raise LimitError(f"{path}: a line of more than {LINE:,} characters; it is no CSV file")
        yield line


def doubts(path: Path, column: Column) -> list[str]:
    """Words of warning: the times are hardly seconds; the rows are hardly those of one series."""
    import numpy as np

    found = []
    if (column.at > LAST).any():
        found.append(
            f"{path}: there are times beyond the year 9999: are these milliseconds? They are read as "
            "seconds; write seconds, or ISO 8601"
        )
    order = np.lexsort((column.values, column.at))
    same = np.diff(column.at[order]) == 0
    if twice := int((same & (np.abs(np.diff(column.values[order])) > 0)).sum()):
        found.append(
            f"{path}: of {twice:,} rows another has the time and another value: are these several series? "
            "They are read as one; write each into a file, or a column, of its own"
        )
    return found


def _parquet(path: Path) -> tuple[list[str], list[list[str]]]:
    import duckdb

    with path.open("rb"):  # so that a file that is not there is told in the system's own words
        pass
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": "1",
    }
    try:
        with duckdb.connect(":memory:", config=config) as connection:
            columns = connection.execute("DESCRIBE FROM read_parquet(?)", [str(path)]).fetchall()
            # As plain times of UTC: those with a zone would be turned with a package that need not be there.
            zoned = [one[0].replace('"', '""') for one in columns if one[1] == "TIMESTAMP WITH TIME ZONE"]
            plain = ", ".join(f'make_timestamp(epoch_us("{one}")) AS "{one}"' for one in zoned)
            query = f"SELECT *{f' REPLACE ({plain})' if zoned else ''} FROM read_parquet(?)"  # noqa: S608 - quoted
            found = connection.execute(query, [str(path)])
            header = [str(one[0]) for one in found.description or ()]
            rows = found.fetchmany(ROWS + 1)
    except duckdb.Error as error:
        raise FormatError(f"{path}: not Parquet: {str(error).splitlines()[0]}") from error
    if len(rows) > ROWS:
        raise LimitError(f"{path}: more than {ROWS:,} rows; cut the file")
    return header, [["" if cell is None else str(cell) for cell in row] for row in rows]


def _chosen(
    path: Path, header: list[str], lowered: list[str], row: list[str], time: int | None, name: str
) -> int:
    if name:
        if name not in header:
            raise FormatError(f"{path}: no column {name}; there are {', '.join(header)}")
        return header.index(name)
    numbers = [i for i in range(len(header)) if i != time and _is_number(row[i])]
    wanted = [i for i in numbers if lowered[i] in VALUES]
    if len(wanted or numbers) != 1:
        which = ", ".join(header[i] for i in numbers) or "none"
        raise FormatError(f"{path}: columns with numbers: {which}; choose one by --column")
    return (wanted or numbers)[0]


def _column(path: Path, name: str, rows: list[list[str]], time: int | None, place: int) -> Column:
    import numpy as np

    at = np.arange(len(rows), dtype=float)
    values = np.full(len(rows), np.nan)
    told = [str(i) for i in range(len(rows))] if time is None else [row[time] for row in rows]
    for i, row in enumerate(rows):
        try:
            if time is not None:
                at[i] = _seconds(row[time])
            cell = row[place].strip()
            if cell.lower() not in MISSING:
                values[i] = float(cell)
        except (ValueError, OverflowError) as error:
            raise FormatError(f"{path}: row {i + 1} below the header: {error}") from error
    return Column(name, told, at, values)


def _seconds(text: str) -> float:
    """Seconds since the epoch of an ISO 8601 time (UTC where it does not say) or of a number of seconds."""
    try:
        seconds = float(text)
    except ValueError:
        time = datetime.fromisoformat(text.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(seconds):
        raise ValueError(f"{text} is no time")
    return seconds


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    cell = text.strip()
    if cell.lower() in MISSING:
        return True
    try:
        return not math.isnan(float(cell))
    except ValueError:
        return False
