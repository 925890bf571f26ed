"""Predictions and what became of them, a row each; and which predictors are silent."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

MOST = 200_000
"""Resolved ones that are kept; about 100 MB. What they were stays in the ledger."""
SCORED = 100_000
"""Predictions of which a scorecard is made at most."""
AGE = 400 * 86_400.0
"""Seconds for which they are kept: a year can be compared with the one before."""

_COLUMNS = (
    "id, predictor, kind, series, labels, component, owner, made, deadline, probability, base, told,"
    " evidence, entry, outcome, resolved, happened, why"
)
_NAMES = tuple(_COLUMNS.split(", "))


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One prediction. Times are wall seconds; `outcome` empty: its time has not come."""

    id: int = 0
    predictor: str
    kind: str = "capacity"
    series: str
    labels: dict[str, str] = {}
    component: str = ""
    owner: str = ""
    made: float
    deadline: float
    probability: float
    base: float
    """What the naive guess was when it was made."""
    told: bool = False
    evidence: dict[str, Any] = {}
    entry: int | None = None
    outcome: str = ""
    resolved: float | None = None
    happened: float | None = None
    why: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of the row with this number."""

    id: int
    outcome: str
    resolved: float
    happened: float | None = None
    why: str = ""


class Tally(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of those that came true or did not: how many, and the sums of the squares (probability - outcome)²."""

    known: int = 0
    true: int = 0
    brier: float = 0.0
    naive: float = 0.0


def add(connection: sqlite3.Connection, rows: Iterable[Row]) -> list[Row]:
    """Write new ones; they come back with their numbers."""
    found = []
    for row in rows:
        values = _values(row)
        cursor = connection.execute(
            f"INSERT INTO prediction ({_COLUMNS}) VALUES (NULL{', ?' * (len(values))})",  # noqa: S608 - fixed names
            values,
        )
        found.append(msgspec.structs.replace(row, id=cursor.lastrowid or 0))
    return found


def enter(connection: sqlite3.Connection, entries: Iterable[tuple[int, int]]) -> None:
    """Note in which entry of the ledger (the second) a prediction (the first) stands."""
    connection.executemany(
        "UPDATE prediction SET entry = ? WHERE id = ?", [(entry, id) for id, entry in entries]
    )


def resolve(connection: sqlite3.Connection, verdicts: Iterable[Verdict]) -> None:
    """What became of some."""
    connection.executemany(
        "UPDATE prediction SET outcome = ?, resolved = ?, happened = ?, why = ? WHERE id = ?",
        [(one.outcome, one.resolved, one.happened, one.why, one.id) for one in verdicts],
    )


def unresolved(connection: sqlite3.Connection, predictor: str) -> list[Row]:
    """Those whose time has not come or that were not looked at since, the oldest first."""
    return _rows(
        connection.execute(
            f"SELECT {_COLUMNS} FROM prediction WHERE predictor = ? AND outcome = '' ORDER BY id",  # noqa: S608
            (predictor,),
        )
    )


def late(connection: sqlite3.Connection, predictor: str, made: float) -> list[Row]:
    """Alarms made after that which had not come true at their deadline, and have not since."""
    return _rows(
        connection.execute(
            f"SELECT {_COLUMNS} FROM prediction WHERE predictor = ? AND told = 1 AND made > ?"  # noqa: S608
            " AND outcome = 'did not' AND happened IS NULL ORDER BY id",
            (predictor, made),
        )
    )


def ahead(
    connection: sqlite3.Connection, predictor: str, now: float, made: float
) -> list[tuple[dict[str, str], float]]:
    """Labels and deadlines of those made after `made` that came true before their deadline, which is still to
    come; the latest deadline of a series last."""
    found = connection.execute(
        "SELECT labels, deadline FROM prediction WHERE predictor = ? AND made > ?"
        " AND outcome = 'came true' AND deadline > ? ORDER BY deadline",
        (predictor, made, now),
    )
    return [(msgspec.json.decode(labels), deadline) for labels, deadline in found]


def predictors(connection: sqlite3.Connection) -> list[str]:
    """Of which there are open predictions, declared or not."""
    return [
        name for (name,) in connection.execute("SELECT DISTINCT predictor FROM prediction WHERE outcome = ''")
    ]


def since(connection: sqlite3.Connection, made: float) -> list[Row]:
    """The newest :data:`SCORED` made at or after it, the newest first, without labels and evidence."""
    names = tuple(name for name in _NAMES if name not in ("labels", "evidence"))
    query = f"SELECT {', '.join(names)} FROM prediction WHERE made >= ? ORDER BY made DESC LIMIT ?"  # noqa: S608
    return [
        Row(**{**dict(zip(names, values, strict=True)), "told": bool(values[names.index("told")])})
        for values in connection.execute(query, (made, SCORED))
    ]


def tally(connection: sqlite3.Connection, predictor: str, made: float) -> Tally:
    """Of those of a predictor that were made at or after it."""
    known, true, brier, naive = connection.execute(
        "SELECT COUNT(*), TOTAL(o), TOTAL((probability - o) * (probability - o)),"
        " TOTAL((base - o) * (base - o)) FROM (SELECT probability, base, outcome = 'came true' AS o"
        " FROM prediction WHERE predictor = ? AND made >= ? AND outcome IN ('came true', 'did not'))",
        (predictor, made),
    ).fetchone()
    return Tally(known=int(known), true=int(true), brier=brier, naive=naive)


def tallies(
    connection: sqlite3.Connection, predictor: str, made: float, by: Literal["series", "owner"]
) -> dict[str, Tally]:
    """The same of each series, or of each owner."""
    found = connection.execute(
        f"SELECT {by}, COUNT(*), TOTAL(o), TOTAL((probability - o) * (probability - o)),"  # noqa: S608 - fixed
        f" TOTAL((base - o) * (base - o)) FROM (SELECT {by}, probability, base, outcome = 'came true' AS o"
        " FROM prediction WHERE predictor = ? AND made >= ? AND outcome IN ('came true', 'did not'))"
        f" GROUP BY {by}",
        (predictor, made),
    )
    return {
        name: Tally(known=int(known), true=int(true), brier=brier, naive=naive)
        for name, known, true, brier, naive in found
    }


def void(connection: sqlite3.Connection, predictor: str, made: float, why: str) -> dict[str, float]:
    """Series of which one made at or after it is void for this reason; the first such deadline of each."""
    return dict(
        connection.execute(
            "SELECT series, MIN(deadline) FROM prediction WHERE predictor = ? AND made >= ?"
            " AND outcome = 'void' AND why = ? GROUP BY series",
            (predictor, made, why),
        )
    )


def told(connection: sqlite3.Connection, predictor: str, since: float) -> dict[str, int]:
    """How many alarms it raised since then, by owner, but those of what was so already: they are resolved at
    once."""
    return dict(
        connection.execute(
            "SELECT owner, COUNT(*) FROM prediction WHERE predictor = ? AND told = 1 AND made > ?"
            " AND resolved IS NOT made GROUP BY owner",
            (predictor, since),
        )
    )


def newest(
    connection: sqlite3.Connection,
    *,
    predictor: str = "",
    series: str = "",
    owner: str = "",
    told: bool = False,
    open: bool = False,
    limit: int = 100,
) -> list[Row]:
    """Those that fit, the newest first."""
    words = {"predictor": predictor, "series": series, "owner": owner}
    where = [f"{name} = ?" for name, word in words.items() if word]
    where += (["told = 1"] if told else []) + (["outcome = ''"] if open else [])
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    return _rows(
        connection.execute(
            f"SELECT {_COLUMNS} FROM prediction {condition} ORDER BY id DESC LIMIT ?",  # noqa: S608 - fixed names
            (*(word for word in words.values() if word), limit),
        )
    )


def silent(connection: sqlite3.Connection) -> dict[str, tuple[float, str]]:
    """Since when predictors are silent, and why, by their names."""
    return {
        name: (at, why)
        for name, at, why in connection.execute(
            "SELECT name, silent, why FROM predictor WHERE silent IS NOT NULL"
        )
    }


def demote(connection: sqlite3.Connection, name: str, at: float | None, why: str) -> None:
    """Silent since `at`, or (None) speaking."""
    connection.execute(
        "INSERT INTO predictor (name, silent, why) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET silent = excluded.silent, why = excluded.why",
        (name, at, why),
    )


def state(connection: sqlite3.Connection, name: str) -> bytes | None:
    """What a predictor has learnt; None where nothing was kept."""
    found = connection.execute("SELECT state FROM predictor WHERE name = ?", (name,)).fetchone()
    return None if found is None or found[0] is None else bytes(found[0])


def keep_state(connection: sqlite3.Connection, name: str, data: bytes) -> None:
    """Keep what it has learnt."""
    connection.execute(
        "INSERT INTO predictor (name, state) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET state = excluded.state",
        (name, data),
    )


def prune(connection: sqlite3.Connection, now: float, batch: int = 5_000) -> int:
    """Delete resolved ones that are too old or too many, at most `batch`; how many went."""
    edge = connection.execute(
        "SELECT id FROM prediction INDEXED BY prediction_resolved WHERE outcome != ''"
        " ORDER BY id DESC LIMIT 1 OFFSET ?",
        (MOST,),
    ).fetchone()
    return connection.execute(
        "DELETE FROM prediction WHERE id IN (SELECT id FROM prediction INDEXED BY prediction_resolved"
        " WHERE outcome != '' AND (id <= ? OR made < ?) ORDER BY id LIMIT ?)",
        (edge[0] if edge else -1, now - AGE, batch),
    ).rowcount


def _values(row: Row) -> Sequence[object]:
    return (
        row.predictor,
        row.kind,
        row.series,
        msgspec.json.encode(row.labels).decode(),
        row.component,
        row.owner,
        row.made,
        row.deadline,
        row.probability,
        row.base,
        row.told,
        msgspec.json.encode(row.evidence).decode(),
        row.entry,
        row.outcome,
        row.resolved,
        row.happened,
        row.why,
    )


def _rows(cursor: sqlite3.Cursor) -> list[Row]:
    return [_row(dict(zip(_NAMES, values, strict=True))) for values in cursor]


def _row(found: dict[str, Any]) -> Row:
    found["labels"] = msgspec.json.decode(found["labels"])
    found["evidence"] = msgspec.json.decode(found["evidence"])
    found["told"] = bool(found["told"])
    return Row(**found)
