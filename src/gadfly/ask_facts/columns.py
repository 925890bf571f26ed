"""A table of facts while it is gathered: its columns, each a list."""

from __future__ import annotations

from typing import Any

from gadfly.ask.facts import TABLES

Tables = dict[str, dict[str, list[Any]]]
"""By the name of a table its columns, all of one length. None: not known."""


class Columns:
    """Rows of one table, kept by columns: a hundred thousand of them are a few lists."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.columns: dict[str, list[Any]] = {one.name: [] for one in TABLES[table].columns}
        self.count = 0

    def add(self, **cells: Any) -> None:
        """One more row; what is left out is not known. KeyError: there is no such column."""
        for name, column in self.columns.items():
            column.append(cells.pop(name, None))
        if cells:
            raise KeyError(f"{self.table} has no column {next(iter(cells))}")
        self.count += 1

    def rows(self) -> list[dict[str, Any]]:
        """The same as rows; for those that are few."""
        names = list(self.columns)
        return [dict(zip(names, cells, strict=True)) for cells in zip(*self.columns.values(), strict=True)]


def together(*tables: Columns) -> Tables:
    """Those that have rows, without the columns of which nothing is known."""
    return {
        one.table: {
            name: column for name, column in one.columns.items() if any(cell is not None for cell in column)
        }
        for one in tables
        if one.count
    }
