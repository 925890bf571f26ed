"""Rows gathered for the tables of facts, and written one Parquet or CSV file a table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from gadfly.ask.facts import TABLES
from gadfly.ask.table import SQL


class Tables:
    """Facts by table: small ones row by row, the daily ones as whole columns."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self.columns: dict[str, Mapping[str, np.ndarray]] = {}

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        """One row; what is not named stays empty. The names are those of the documentation of facts."""
        self.rows[table].append(row)
        return row

    def whole(self, table: str) -> dict[str, np.ndarray]:
        """All its columns; NaN and None are empty cells."""
        if table in self.columns:
            return dict(self.columns[table])
        rows = self.rows[table]
        names = {name for row in rows for name in row}
        unknown = names - {column.name for column in TABLES[table].columns}
        if unknown:
            raise KeyError(f"table {table} has no column {sorted(unknown)}: write what the facts know")
        found: dict[str, np.ndarray] = {}
        for column in TABLES[table].columns:
            if column.name not in names:
                continue
            cells = [row.get(column.name) for row in rows]
            if column.sort in ("number", "time", "plan"):
                found[column.name] = np.array(
                    [np.nan if cell is None else cell for cell in cells], dtype=float
                )
            else:
                found[column.name] = np.empty(len(cells), dtype=object)
                found[column.name][:] = cells
        return found

    def write(self, folder: Path, form: str = "parquet") -> None:
        """`TABLE.parquet` or `TABLE.csv` for each table that has rows."""
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as con:
            for name, table in TABLES.items():
                cells = self.whole(name)
                if not cells:
                    continue
                typed = ", ".join(
                    f'cast("{column.name}" as {SQL[column.sort]}) as "{column.name}"'
                    for column in table.columns
                    if column.name in cells
                )
                con.register("cells", cells)
                options = "format parquet" if form == "parquet" else "format csv, header"
                con.execute(f"copy (select {typed} from cells) to '{folder / name}.{form}' ({options})")
                con.unregister("cells")

    def digest(self) -> str:
        """SHA-256 over every cell: equal for equal facts."""
        sha = hashlib.sha256()
        for name in TABLES:
            for column, cells in sorted(self.whole(name).items()):
                sha.update(f"{name}.{column}".encode())
                sha.update(cells.tobytes() if cells.dtype != object else repr(cells.tolist()).encode())
        return sha.hexdigest()
