"""Tables of facts as SQL over their raw rows: as they were known at a time, and rows that complete others."""

from __future__ import annotations

from collections.abc import Iterator

from gadfly.ask.table import Table

DAY = 86_400


def view(table: Table, ever: bool = False) -> str:
    """SELECT that shows a table as known at the variable `now`.

    ever: with rows that hold no longer by then.
    """
    seen = "getvariable('now')"
    cells = []
    for one in table.columns:
        name = f'"{one.name}"'
        if one.sort == "time":
            cells.append(f"CASE WHEN {name} <= {seen} THEN {name} END AS {name}")
        elif one.known:  # where nobody says when it became known, it is as old as its row
            cells.append(
                f'CASE WHEN "{one.known}" <= {seen} OR "{one.known}" IS NULL THEN {name} END AS {name}'
            )
        else:
            cells.append(name)
    where = []
    if table.born:
        born = table.column(table.born)
        whole = born is not None and born.sort == "day"
        begin = f'("{table.born}" + 1)::DOUBLE * {DAY}' if whole else f'"{table.born}"'
        where.append(f'("{table.born}" IS NULL OR {begin} <= {seen})')
    if table.gone and not ever:
        where.append(f'("{table.gone}" IS NULL OR "{table.gone}" > {seen})')
    return f'SELECT {", ".join(cells)} FROM raw."{table.name}"' + (  # noqa: S608
        f" WHERE {' AND '.join(where)}" if where else ""
    )


def completion(table: Table, key: str) -> Iterator[str]:
    """Statements after which rows that say neither since nor until when they hold are no rows of their own,
    where one of that `key` does and still holds: their cells take the place of its own, the latest of them.
    Where there are components, a row that names one completes that one's only."""
    raw = f'raw."{table.name}"'
    names = [one.name for one in table.columns if one.name not in (key, "since", "until")]
    latest = ", ".join(f'arg_max("{name}", rowid) AS "{name}"' for name in names)
    cells = ", ".join(f'"{name}" = coalesce(told."{name}", own."{name}")' for name in names)
    told = "since IS NULL AND until IS NULL"
    holds = f'own."{key}" = told."{key}" AND own.since IS NOT NULL AND own.until IS NULL'
    groups = [("true", f'"{key}"')]
    if table.column("component") is not None:
        holds += " AND (told.component IS NULL OR told.component = own.component)"
        by = f'"{key}", component AS place'
        groups = [("component IS NOT NULL", by), ("component IS NULL", by)]
    for group, by in groups:
        which = f"{told} AND {group}"
        rows = f"SELECT {by}, {latest} FROM {raw} WHERE {which} GROUP BY ALL"  # noqa: S608
        yield f"UPDATE {raw} AS own SET {cells} FROM ({rows}) AS told WHERE {holds}"  # noqa: S608
        yield f"DELETE FROM {raw} AS told WHERE {which} AND EXISTS (FROM {raw} AS own WHERE {holds})"  # noqa: S608
