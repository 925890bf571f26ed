"""Since when something is declared as it is: each evaluation compares what is declared with what was.

A catalogue says what is, not since when. So of checks, components, automations, grants, functions and owners
the node keeps each definition with the time for which it held, to the day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from gadfly.ask_facts.columns import Tables
from gadfly.store.facts import Held

SEEN: Mapping[str, tuple[str, frozenset[str]]] = {
    "owner": ("name", frozenset({"away", "members"})),
    "component": ("name", frozenset({"hosts", "since"})),
    "check": ("name", frozenset({"since", "edited"})),
    "automation": ("name", frozenset({"can_touch", "level_since"})),
    "function": ("name", frozenset({"since", "permissions_used", "refuses_empty"})),
    "grant": ("id", frozenset({"targets", "since", "renewed"})),
}
"""By table the column of the name, and those that change without a change of the definition."""

_encode = msgspec.json.Encoder(order="sorted").encode

Declared = dict[str, dict[str, dict[str, Any]]]
"""By table and name the cells of a definition."""


def declared(tables: Tables, missing: Collection[str] = ()) -> Declared:
    """What is declared now. Of several of one name the first counts. missing: tables that could not be read;
    of them nothing is said, not even that there is nothing."""
    found: Declared = {}
    for table, (key, moves) in SEEN.items():
        if table in missing:
            continue
        columns = tables.get(table, {})
        rows = found.setdefault(table, {})
        names = [name for name in columns if name not in moves]
        for place, name in enumerate(columns.get(key, ())):
            cells = {one: columns[one][place] for one in names if columns[one][place] is not None}
            rows.setdefault(name, cells)
    return found


def first(tables: Tables) -> dict[str, dict[str, float]]:
    """By table and name since when something is known to be there, where a store tells: first heard, first
    deployed, first fired."""
    found: dict[str, dict[str, float]] = {}
    for table, (key, _) in SEEN.items():
        columns = tables.get(table, {})
        since = columns.get("since", ())
        found[table] = {
            name: at for name, at in zip(columns.get(key, ()), since, strict=False) if at is not None
        }
    alerts = tables.get("alert", {})
    for name, at in zip(alerts.get("check", ()), alerts.get("started", ()), strict=False):
        checks = found["check"]
        checks[name] = min(at, checks.get(name, at))
    return found


def dated(tables: Tables, held: Mapping[str, list[Held]], now: float) -> None:
    """Put into the tables since when each row holds, and the rows that no longer do. `held`: what is kept, of
    the tables that could be read."""
    known = declared(tables)
    early = first(tables)
    for table, (key, _) in SEEN.items():
        past = held.get(table, [])
        current = {one.name: one for one in past if one.until is None}
        begun: dict[str, float] = {}
        for one in past:
            begun.setdefault(one.name, one.since)
        columns = tables.get(table)
        if columns is None:
            if not past:
                continue
            columns = tables[table] = {key: []}
        size = len(columns[key])
        since: list[float | None] = columns.get("since", [None] * size)
        edited: list[float | None] = [None] * size
        for place, name in enumerate(columns[key]):
            was = current.get(name)
            if was is not None and _encode(was.cells) == _encode(known[table][name]):
                at = was.since
            elif past:
                at = now
            else:
                at = early[table].get(name, now)
            before = since[place]
            moved = table in ("component", "function") and before is not None
            since[place] = min(at, before) if moved and before is not None else at
            edited[place] = at if begun.get(name, at) < at else None  # it was declared otherwise before
        columns["since"] = since
        if table == "check":
            columns["edited"] = edited
        _append(columns, [one for one in past if _over(one, known[table])], now, size)


def _over(one: Held, known: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether this definition holds no more: another took its place, or nothing."""
    return one.until is not None or one.name not in known or _encode(one.cells) != _encode(known[one.name])


def _append(columns: dict[str, list[Any]], past: list[Held], now: float, size: int) -> None:
    for name in {cell for one in past for cell in one.cells} | {"until"}:
        columns.setdefault(name, [None] * size)
    for one in past:
        until = now if one.until is None else one.until
        for name, column in columns.items():
            column.append({"since": one.since, "until": until}.get(name, one.cells.get(name)))
