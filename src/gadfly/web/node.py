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
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gadfly.alert.reported import Reported
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.promql.source import Source
from gadfly.rules.standing import GroupStanding
from gadfly.store.logs.query import Page as LogPage
from gadfly.store.logs.query import Query as LogQuery
from gadfly.telemetry.otlp_answer import Taken
from gadfly.telemetry.ping import Address, Said
from gadfly.telemetry.written import Wrote
from gadfly.web.acts import Acts
from gadfly.web.drilling import Drilling
from gadfly.web.fact_keeping import FactKeeping
from gadfly.web.foreseeing import Foreseeing
from gadfly.web.functions import Functions
from gadfly.web.ledgers import Ledger
from gadfly.web.questioning import Questioning
from gadfly.web.scraped import Scraping


class Picture(Protocol):
    """The verdict of every component, in one byte a slot, and what is looked at by name."""

    @property
    def size(self) -> int:
        """Slots in use, free ones among them included."""

    @property
    def verdicts(self) -> NDArray[np.uint8]:
        """At least ``size`` bytes: a :class:`gadfly.monitor.verdict.Verdict`, or 255 for a free slot."""

    @property
    def version(self) -> int:
        """Grows with every change of a verdict; also across restarts, as far as the clock allows."""

    def counts(self) -> Mapping[str, int]:
        """How many components have each verdict, by the verdict's name."""

    def since(self, version: int) -> tuple[int, NDArray[Any], NDArray[Any]] | None:
        """The version now, and the slots that changed after ``version`` with their verdicts now (255: freed).

        Each slot is given once. None: that version is too long ago (or not of this run); take the whole.
        """

    def slot(self, name: str) -> int | None: ...

    def name(self, slot: int) -> str | None:
        """None for a free slot."""

    def row(self, slot: int) -> object:
        """:class:`Row` of a slot in use."""

    def find(
        self,
        q: str = "",
        verdict: Sequence[str] = (),
        owner: str = "",
        group: str = "",
        host: str = "",
        kind: str = "",
        offset: int = 0,
        limit: int = 100,
        order: str = "verdict",
    ) -> tuple[int, Sequence[int]]:
        """How many match, and the slots of one page of them. ``order``: verdict (worst first), name, seen."""

    def arrange(self, by: str) -> Sequence[tuple[str, NDArray[Any]]]:
        """The slots in use by ``group``, ``host``, ``owner`` or ``kind``: (label, slots), labels sorted."""


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


class Pings(Protocol):
    """Jobs that tell by HTTP that they ran."""

    def whom(self, address: Address, query: str, peer: str) -> tuple[str, Said, bool]:
        """Whose ping it is, what it says, and whether the job is made by it. Refused, with the words of the
        answer; FormatError."""

    async def take(self, name: str, told: Said, output: bytes) -> None:
        """Committed when it returns; StoreError."""


class Pushes(Protocol):
    """What takes metrics that are pushed, as Prometheus' Pushgateway does."""

    async def push(self, path: str, body: bytes, *, replace: bool) -> None:
        """On disk when it returns. FormatError, LimitError: never will be; StoreError: later, perhaps."""

    async def delete(self, path: str) -> None:
        """Gone from the disk when it returns. FormatError, StoreError."""


class RemoteWrite(Protocol):
    """What takes Prometheus' remote write."""

    def admit(self, size: int) -> bool:
        """Make room for a request of so many bytes before it is received; False: not now."""

    def done(self, size: int) -> None:
        """Give that room back."""

    async def take(self, body: bytes, version: int, who: str) -> Wrote:
        """The body as it came, of version 1 or 2. What was taken is on disk when it returns.

        FormatError, LimitError: nothing of it is taken, ever. StoreError: not now.
        """


class Otlp(Protocol):
    """What takes OpenTelemetry's requests. FormatError: never; StoreError, LimitError: not now."""

    def room(self, size: int) -> AbstractContextManager[None]:
        """For a request of so many bytes while it is read. LimitError."""

    async def metrics(self, body: bytes, *, json: bool, sender: str, address: str) -> Taken:
        """The samples are on disk when it returns. `sender`: the token's name; `address`: the peer's."""

    async def logs(self, body: bytes, *, json: bool, address: str) -> Taken:
        """The lines are on disk within a second."""


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
