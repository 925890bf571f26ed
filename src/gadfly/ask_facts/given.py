"""Facts from outside: told over the API, kept by their keys, read together with the node's own."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from gadfly.ask.facts import TABLES
from gadfly.ask.reading import nearest
from gadfly.ask.reading import rows as read
from gadfly.ask.table import Table
from gadfly.ask_facts import lacking
from gadfly.config import Config
from gadfly.errors import FormatError, Refused
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.store import facts as store
from gadfly.store.facts import Given
from gadfly.store.sqlite import Database
from gadfly.web.answers.facts import (
    AskedKind,
    FactRow,
    FactRows,
    Facts,
    FactTable,
    GoneFacts,
    Look,
    TakenFacts,
)

if TYPE_CHECKING:
    from gadfly.ask.kind import Kind
    from gadfly.clock import Clock

KEYS: Mapping[str, tuple[str, ...]] = {
    "owner": ("name", "since"),
    "rota": ("owner", "person", "level", "starts"),
    "component": ("name", "since"),
    "check": ("name", "component", "since"),
    "sample_daily": ("check", "day"),
    "silenced": ("silence", "alert"),
    "job_run": ("job", "due"),
    "spell": ("component", "kind", "began"),
    "change": ("subject", "at", "kind", "what"),
    "edge": ("src", "dst", "kind", "since"),
    "automation": ("name", "since"),
    "function": ("name", "since"),
    "guard": ("name", "since"),
    "request": ("guard", "at", "synthetic"),
    "drill": ("subject", "kind", "at"),
    "use": ("principal", "at", "grant", "function", "target"),
    "grant": ("id", "since"),
    "principal": ("name", "since"),
    "resource": ("name", "since"),
    "resource_daily": ("resource", "day"),
    "heartbeat_daily": ("component", "listener", "day"),
    "monitor": ("name", "since"),
}
"""What tells the rows of a table apart, where it is not their `id`. The first of them every row has."""


class Looks(Protocol):
    """What looked at the data: :class:`gadfly.asking.Asking`."""

    @property
    def looked(self) -> Seen | None: ...

    async def look(self) -> Seen: ...

    def every_kind(self) -> Mapping[str, Kind]: ...

    def muted(self, kind: str, now: float) -> bool: ...


class Seen(Protocol):
    """What one look came to."""

    @property
    def at(self) -> float: ...
    @property
    def findings(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def trouble(self) -> dict[str, str]: ...
    @property
    def known(self) -> dict[str, dict[str, int]]: ...


def keyed(table: Table, lines: bytes) -> Iterator[Given]:
    """The rows of lines of JSON, with their keys. FormatError: line and column; LimitError."""
    keys = KEYS.get(table.name, ("id",))
    try:
        text = lines.decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"body: it is not UTF-8: {error}") from None
    number = 0
    for columns in read(table, io.StringIO(text), "jsonl", "body"):
        names = list(columns)
        for values in zip(*columns.values(), strict=True):
            number += 1
            cells = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            if keys[0] not in cells:
                raise FormatError(f"body: row {number}: {keys[0]} is needed, as it tells rows apart")
            yield Given(json.dumps([cells.get(name) for name in keys]), cells)


class GivenFacts:
    """What :class:`gadfly.web.fact_keeping.FactKeeping` asks for."""

    def __init__(
        self, db: Database, journal: Journal, clock: Clock, config: Callable[[], Config], looks: Looks
    ) -> None:
        self._db = db
        self._journal = journal
        self._clock = clock
        self._config = config
        self._looks = looks

    async def facts(self) -> Facts:
        """Tables and kinds, as of the last look at the data. ConfigError: a kind cannot be read."""
        given = await self._db.read(store.counts)
        kinds = await asyncio.to_thread(self._looks.every_kind)
        seen, now = self._looks.looked, self._clock.wall()
        known = {} if seen is None else seen.known
        declared = self._config().ask.kind
        return Facts(
            looked=None if seen is None else seen.at,
            seconds=None if seen is None else seen.seconds,
            trouble={} if seen is None else seen.trouble,
            tables=[
                FactTable(
                    name=name,
                    about=table.about,
                    rows=None if seen is None else known.get(name, {}).get(lacking.ROWS, 0),
                    given=given.get(name, 0),
                )
                for name, table in TABLES.items()
            ],
            kinds=[
                AskedKind(
                    name=name,
                    assumed=kind.assumed,
                    muted=declared[name].because if self._looks.muted(name, now) else "",
                    lacks=[] if seen is None else list(lacking.lacking(kind, known)),
                )
                for name, kind in kinds.items()
            ],
        )

    async def rows(self, table: str, *, after: str, limit: int) -> FactRows:
        """Those that came over the API."""
        _table(table)
        found = await self._db.read(lambda connection: list(store.given(connection, table, after, limit)))
        return FactRows(
            table=table,
            rows=[FactRow(key=one.key, cells=one.cells, at=one.at, who=one.who) for one in found],
            next=found[-1].key if len(found) == limit else "",
        )

    async def put(self, table: str, lines: bytes, who: str) -> TakenFacts:
        """Add or replace rows."""
        known, most, now = _table(table), self._config().ask.rows, self._clock.wall()
        # Eight megabytes take a second: meanwhile the node beats and watches.
        found = await asyncio.to_thread(lambda: list(keyed(known, lines)))

        def work(connection: sqlite3.Connection) -> int:
            total = store.put(connection, table, found, at=now, who=who, most=most)
            self._journal.observe(connection, [self._entry(who, table, "told", len(found), now)])
            return total

        total = await self._db.write(work)
        return TakenFacts(table=table, taken=len(found), total=total)

    async def delete(self, table: str, key: str, who: str) -> GoneFacts:
        """Forget a row, or all of the table."""
        _table(table)
        now = self._clock.wall()

        def work(connection: sqlite3.Connection) -> int:
            gone = store.delete(connection, table, key)
            if gone:
                self._journal.observe(connection, [self._entry(who, table, "forgotten", gone, now)])
            return gone

        return GoneFacts(table=table, gone=await self._db.write(work))

    async def look(self, who: str) -> Look:
        """Look at the data now. Refused (409): nothing is asked here."""
        if not self._config().ask.on:
            raise Refused("Nothing is asked here: ask.on is false.", 409)
        seen = await self._looks.look()
        return Look(at=seen.at, findings=seen.findings, seconds=seen.seconds, trouble=seen.trouble)

    def _entry(self, who: str, table: str, did: str, count: int, now: float) -> Entry:
        body: dict[str, Any] = {"event": "used", "did": f"facts {did}", "table": table, "rows": count}
        return Entry(kind="token", who=self._journal.token(who), about=(f"facts:{table}",), body=body, at=now)


def _table(name: str) -> Table:
    """Refused where there is none of that name."""
    table = TABLES.get(name)
    if table is None:
        raise Refused(f"There is no table {name[:80]!r}{nearest(name[:80], TABLES)}; see docs/facts.md.", 404)
    return table
