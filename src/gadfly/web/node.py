"""Exactly what the web needs of a node.

The web never imports the node: it is given one that fits these protocols. Where a method returns
``object``, the thing has (as attributes or as keys) the fields of the struct of that name below
:mod:`gadfly.web.answers`; fields with a default may be absent. All words (verdict, liveness, outcome) are
strings, all times wall seconds since the epoch, all durations seconds.

Methods that change something raise :class:`gadfly.errors.Refused` with the HTTP status (404: no such
thing; 409: not in this state), :class:`gadfly.errors.LimitError` beyond a limit and
:class:`gadfly.errors.ConfigError` for a configuration that was not taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gadfly.alert.reported import Reported
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.promql.source import Source
from gadfly.rules.standing import GroupStanding
from gadfly.store.logs.query import Page as LogPage
from gadfly.store.logs.query import Query as LogQuery
from gadfly.web.acts import Acts
from gadfly.web.drilling import Drilling
from gadfly.web.fact_keeping import FactKeeping
from gadfly.web.foreseeing import Foreseeing
from gadfly.web.functions import Functions
from gadfly.web.ledgers import Ledger
from gadfly.web.picture import Picture
from gadfly.web.questioning import Questioning
from gadfly.web.scraped import Scraping
from gadfly.web.taking import Otlp, Pings, Pushes, RemoteWrite


class Tokens(Protocol):
    """Who may do what. Only SHA-256 digests are kept; the token of the run file is among them."""

    def all(self) -> Sequence[object]:
        """Every live token as :class:`StoredToken`; held in memory, as each request asks."""

    async def add(
        self,
        name: str,
        scopes: Sequence[str],
        expires: float | None,
        digest: bytes,
        who: str,
        person: str = "",
    ) -> object:
        """Of this person, or (empty) of a program. Committed when it returns; :class:`Token`."""

    async def remove(self, id: int, who: str) -> None: ...


class Series(Protocol):
    """The node's series, for queries."""

    @property
    def source(self) -> Source | None:
        """None while there are none to be asked."""

    @property
    def trouble(self) -> str:
        """Why there is no source, in words; empty where there is one."""


class Logs(Protocol):
    """Lines of logs that the node keeps."""

    @property
    def last(self) -> int:
        """The number of the newest line; 0 where there is none."""

    async def read(self, query: LogQuery) -> LogPage:
        """One page. QueryError for a pattern that is none; StoreError while there is no store.

        LimitError where too many search already.
        """


class Rules(Protocol):
    """Rules in PromQL."""

    def groups(self) -> Sequence[GroupStanding]:
        """As they stand; not to be changed."""


class Node(Protocol):
    """The running node."""

    @property
    def config(self) -> Config: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def started(self) -> float:
        """Wall time of the start."""

    @property
    def picture(self) -> Picture: ...

    @property
    def tokens(self) -> Tokens: ...

    @property
    def acts(self) -> Acts: ...

    @property
    def functions(self) -> Functions: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def foreseeing(self) -> Foreseeing: ...

    @property
    def questioning(self) -> Questioning: ...

    @property
    def drilling(self) -> Drilling: ...

    @property
    def fact_keeping(self) -> FactKeeping: ...

    @property
    def series(self) -> Series: ...

    @property
    def logs(self) -> Logs: ...

    @property
    def pings(self) -> Pings: ...

    @property
    def remote_write(self) -> RemoteWrite: ...

    @property
    def scraping(self) -> Scraping: ...

    @property
    def pushes(self) -> Pushes: ...

    @property
    def otlp(self) -> Otlp: ...

    @property
    def alerts_version(self) -> int:
        """Changes whenever an alert, incident, silence, acknowledgement, dead letter or act does."""

    @property
    def rules(self) -> Rules: ...

    async def report(self, reports: Sequence[Reported]) -> int:
        """Alerts that are no component's verdict; how many there is no room for. On disk when it returns."""

    def name(self) -> str:
        """What the node calls itself."""

    def unready(self) -> Sequence[str]:
        """Why the node cannot do its work yet, in words; empty when it is ready."""

    def warnings(self) -> Sequence[str]:
        """What the operator should know of the catalogue: ``3 of 12 components have no owner``."""

    def alert_counts(self) -> Mapping[str, int]:
        """:class:`AlertCounts`: ``firing``, ``dead_letters``, ``approvals``, ``stops`` …; no I/O."""

    async def story(self, name: str) -> object | None:
        """:class:`Story`, or None where no such component is known."""

    async def alerts(self, state: str) -> Sequence[object]:
        """:class:`gadfly.alert.shown.Alert`, newest first. ``state``: firing, resolved (of late), or all."""

    async def incidents(self) -> Sequence[object]:
        """Open ones as :class:`gadfly.alert.shown.Incident`, newest first."""

    async def acknowledge(self, target: str, who: str, note: str) -> object:
        """An alert or an incident by its id; :class:`Acknowledged`."""

    async def silences(self) -> Sequence[object]:
        """Live and coming ones as :class:`Silence`; the next to end first."""

    async def add_silence(self, match: Mapping[str, str], ends: float, reason: str, who: str) -> object:
        """:class:`Silence`, committed when it returns."""

    async def end_silence(self, id: str, who: str) -> None: ...

    async def dead_letters(self) -> Sequence[object]:
        """:class:`DeadLetter`, newest first."""

    async def retry(self, id: str, who: str) -> None:
        """Put a dead letter back into the outbox."""

    async def ask_now(self, name: str, who: str) -> int:
        """Ask every probe of a component at once; how many that are."""

    async def forget(self, name: str, who: str) -> None:
        """Drop a component that is gone for good: neither declared nor beating."""

    def inject(self, datagram: bytes, address: tuple[str, int]) -> None:
        """A heartbeat that came over HTTP instead of UDP. Whether it is accepted is the ear's business."""

    async def reload(self, who: str) -> Sequence[str]:
        """Read the configuration again; what changed, a line each. ConfigError: nothing was taken."""

    def metrics_text(self) -> str:
        """The node's own metrics in Prometheus' text format."""
