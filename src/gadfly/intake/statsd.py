"""statsd by UDP and TCP: lines are added up as they come, and become samples at every flush."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gadfly.address import split
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.config.listeners import Statsd as Settings
from gadfly.errors import LimitError, StoreError
from gadfly.intake.datagrams import Datagrams
from gadfly.intake.discovered import Discovered
from gadfly.intake.seats import Seats
from gadfly.promql.source import STALE, Metadata
from gadfly.telemetry.statsd import LONGEST
from gadfly.telemetry.statsd_totals import TYPES, Labels, Metric, Totals

if TYPE_CHECKING:
    from gadfly.store.series import Series

log = logging.getLogger("gadfly.statsd")

SOURCE = "statsd"
CONNECTIONS = 256
"""TCP senders at once."""
IDLE = 900.0
"""Seconds after which one that says nothing is let go."""
RETRY = 5.0
"""Seconds until an address that could not be had is tried again."""
PIECE = 2000
"""Metrics that are named at a time; between two, others get their turn."""
SENDERS = 256
"""Senders (addresses) that are a source of their own; more are one together."""
TOLD = 3600.0
"""Seconds for which what was refused is told as a warning."""


class Statsd:
    """One for each node; a part of :class:`gadfly.intake.intake.Intake`."""

    def __init__(
        self, config: Config, clock: Clock, series: Callable[[], Series | None], discovered: Discovered
    ) -> None:
        self._settings = config.statsd
        self._clock = clock
        self._series = series
        self._discovered = discovered
        self._changed = asyncio.Event()
        self._trouble = ""
        self._sockets: Datagrams | None = None
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.StreamWriter] = set()
        self._seats = Seats()
        self._peers: set[str] = set()
        self._senders: set[str] = set()
        self._kernel = 0
        self._received = 0
        self._refused: Counter[str] = Counter()
        self._told_at = -TOLD
        self._told = 0
        self._before = 0
        self.totals = Totals(self._settings.metrics)

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on."""
        if config.statsd != self._settings:
            self._settings = config.statsd
            self.totals.room = config.statsd.metrics
            self._changed.set()

    def ports(self) -> list[tuple[str, int]]:
        """Where it listens, UDP and then TCP."""
        found = self._sockets.ports() if self._sockets is not None else []
        return [*found, *(one.getsockname()[:2] for server in self._servers for one in server.sockets)]

    async def run(self) -> None:
        """Listen as configured, until cancelled."""
        while True:
            self._changed.clear()
            if not self._settings.listen and not self._settings.tcp:
                await self._changed.wait()
                continue
            try:
                await self._listen(self._settings)
            except (OSError, ValueError) as error:
                self._trouble = f"statsd cannot listen: {error}; correct [statsd] or free the address"
                log.error("%s", self._trouble)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), RETRY)

    async def _listen(self, settings: Settings) -> None:
        """Until the settings change."""
        try:
            self._sockets = Datagrams(settings.listen, (), self._take)
            for address in settings.tcp:
                host, port = split(address)
                self._servers.append(await asyncio.start_server(self._connected, host, port, limit=LONGEST))
            self._trouble = ""
            async with asyncio.TaskGroup() as group:
                flushing = group.create_task(self._flushing(settings.flush))
                await self._changed.wait()
                flushing.cancel()
        finally:
            for server in self._servers:
                server.close()
            self._servers.clear()
            for writer in list(self._connections):
                writer.close()
            if self._sockets is not None:
                self._sockets.close()
                self._kernel += self._sockets.drops()
                self._received += self._sockets.received
                self._sockets = None
            await self._flush()

    async def _flushing(self, every: float) -> None:
        while True:
            await self._clock.sleep(every)
            await self._flush()

    def _take(self, data: bytes, peer: str) -> None:
        self.totals.take(data, peer, self._clock.monotonic())
        if len(self._peers) < CONNECTIONS:
            self._peers.add(peer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        if not self._seats.take(peer, CONNECTIONS):
            self._refused["connections"] += 1
            writer.close()
            return
        self._connections.add(writer)
        try:
            while True:
                async with asyncio.timeout(IDLE):
                    line = await reader.readline()
                if not line:
                    return
                self._take(line, peer)
        except (TimeoutError, ConnectionError):
            return
        except ValueError:  # no line has an end so far away
            self._refused["length"] += 1
        finally:
            self._connections.discard(writer)
            self._seats.leave(peer)
            writer.close()

    async def _flush(self) -> None:
        """Every metric's value now, to the store; what could not be written stands in the next flush."""
        self._discover()
        store = self._series()
        if store is None:
            return
        now, moment = int(self._clock.wall() * 1000), self._clock.monotonic()
        before = self._before or now - int(self._settings.flush * 1000)
        columns: list[tuple[int, int, float]] = [
            (number, now, STALE)
            for metric in self.totals.expire(moment - self._settings.idle)
            for number in metric.numbers
        ]
        metrics = self.totals.metrics()
        for start in range(0, len(metrics), PIECE):
            for metric in metrics[start : start + PIECE]:
                rows = list(metric.state.rows())
                fresh = not metric.numbers
                if fresh:
                    try:
                        self._name(store, metric, [(row.suffix, row.extra) for row in rows])
                    except StoreError:
                        return  # it was closed meanwhile, as the node is stopping
                for number, row in zip(metric.numbers, rows, strict=True):
                    if fresh and row.counts:
                        columns.append((number, before, 0.0))  # so that its first events are an increase
                    columns.append((number, now, row.value))
            await asyncio.sleep(0)
        if columns:
            await self._write(store, columns)
        self._before = now
        self._say()

    def _name(self, store: Series, metric: Metric, rows: Sequence[tuple[str, Labels]]) -> None:
        labels = [
            {"__name__": metric.name + suffix, **dict(metric.labels), **dict(extra)} for suffix, extra in rows
        ]
        if len(self._senders) < SENDERS:
            self._senders.add(metric.peer)
        source = f"{SOURCE}:{metric.peer}" if metric.peer in self._senders else SOURCE
        numbers, refused = store.intern(labels, source)
        for one in refused:
            self._refused[one.reason] += one.number
        metric.numbers = numbers.tolist()
        with contextlib.suppress(LimitError):
            store.describe(metric.name, Metadata(TYPES[metric.kind], "By statsd.", ""))

    async def _write(self, store: Series, columns: Sequence[tuple[int, int, float]]) -> None:
        from gadfly.store.series import Batch

        series, at, value = zip(*columns, strict=True)
        try:
            taken = await store.append(
                Batch(np.array(series, np.int64), np.array(at, np.int64), np.array(value, np.float64)), SOURCE
            )
        except StoreError as error:
            self._refused["disk"] += len(columns)
            log.error("%s", error)
            return
        for one in taken.refused:
            self._refused[one.reason] += one.number
            if one.reason == "unknown_series":
                for metric in self.totals.metrics():
                    metric.numbers = []

    def _discover(self) -> None:
        """Services that tag themselves, and hosts beyond this one that send, are in the picture."""
        moment = self._clock.monotonic()
        for metric in self.totals.metrics():
            if moment - metric.seen > self._settings.flush:
                continue
            labels = dict(metric.labels)
            if service := labels.get("service"):
                self._discovered.seen(service, "service", host=labels.get("host", ""), steady=False)
        for peer in self._peers:
            if not ipaddress.ip_address(peer.partition("%")[0]).is_loopback:
                self._discovered.seen(peer, "host", steady=False, address=peer)
        self._peers.clear()

    def _say(self) -> None:
        """What is refused is told once an hour at most."""
        count = sum(self.totals.refused.values())
        if count > self._told and self._clock.monotonic() - self._told_at >= TOLD:
            self._told, self._told_at = count, self._clock.monotonic()
            log.warning("%s", self._words())

    def _words(self) -> str:
        reason, count = self.totals.refused.most_common(1)[0]
        line, peer = self.totals.exemplars[reason]
        return (
            f"{sum(self.totals.refused.values()):,} statsd lines were refused, most for their {reason} "
            f"({count:,}), the last of these from {peer}: {line[:80]!r}; correct the sender"
        )

    def counts(self) -> Mapping[str, int]:
        """Told at `/metrics`."""
        sockets = self._sockets
        refused = self.totals.refused + self._refused
        return {
            "metrics": len(self.totals),
            "connections": len(self._connections),
            "lines_total": self.totals.lines,
            "datagrams_total": self._received + (sockets.received if sockets else 0),
            "kernel_drops_total": self._kernel + (sockets.drops() if sockets else 0),
            **{f"refused_{reason}_total": number for reason, number in refused.items()},
        }

    def warnings(self) -> Sequence[str]:
        """What the operator should know."""
        found = [one for one in (self._trouble, self._seats.words("statsd by TCP")) if one]
        if self._told and self._clock.monotonic() - self._told_at < TOLD:
            found.append(self._words())
        return found
