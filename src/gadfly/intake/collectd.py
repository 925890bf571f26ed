"""collectd's packets by UDP, from a group or to this node: values become samples, notifications lines of the
log, and whoever sends is in the picture.

Nothing is asked of the sender, and nothing is lost of the rest where one packet is damaged. Values wait for a
second, so that a fleet's packets share a write.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gadfly import secret
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.config.listeners import Collectd as Settings
from gadfly.errors import ConfigError, LimitError, StoreError
from gadfly.intake.datagrams import Datagrams
from gadfly.intake.discovered import Discovered
from gadfly.promql.source import Metadata
from gadfly.store.logs.line import Line
from gadfly.telemetry.collectd import Name, Notification, Values, parse
from gadfly.telemetry.collectd_names import labels_of, types_db
from gadfly.telemetry.collectd_seal import Seal, auth_file

if TYPE_CHECKING:
    from gadfly.store.series import Series

log = logging.getLogger("gadfly.collectd")

SOURCE = "collectd"
FLUSH = 1.0
"""Seconds that values wait for others, to share a write."""
WAITING = 200_000
"""Values that wait, while the store is slow or not open yet; beyond, the newest are refused and counted."""
KNOWN = 500_000
"""Names whose series are remembered; beyond, all are asked for anew."""
RETRY = 5.0
"""Seconds until an address that could not be had is tried again."""
LOOK = 10.0
"""Seconds between looks at the file of passwords."""
LARGEST = 1_000_000
"""Bytes of the file of passwords."""
SEVERITIES = {1: 3, 2: 4, 4: 6}
"""failure, warning and okay as a log says it: error, warning, info."""
MILLISECONDS = 1000
UNREAD = "collectd.auth_file cannot be read, so that nobody in it can prove who they are"


class Collectd:
    """One for each node; a part of :class:`gadfly.intake.intake.Intake`."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        series: Callable[[], Series | None],
        discovered: Discovered,
        take_lines: Callable[[Sequence[Line]], int],
    ) -> None:
        self._settings = config.collectd
        self._clock = clock
        self._series = series
        self._discovered = discovered
        self._take_lines = take_lines
        self._changed = asyncio.Event()
        self._sockets: Datagrams | None = None
        self._seal = Seal({}, "none")
        self._types: dict[str, tuple[str, ...]] = {}
        self._numbers: dict[tuple[Name, bytes], list[int]] = {}
        self._waiting: list[tuple[Values, int]] = []
        self._size = 0
        self._counts: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._exemplars: dict[str, str] = {}
        self._trouble: list[str] = []
        self._authorised: tuple[int, int] | None = None
        self._kernel = self._received = 0

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on."""
        if config.collectd != self._settings:
            self._settings = config.collectd
            self._changed.set()

    def ports(self) -> list[tuple[str, int]]:
        """Where it listens."""
        return self._sockets.ports() if self._sockets is not None else []

    async def run(self) -> None:
        """Listen as configured, until cancelled."""
        while True:
            self._changed.clear()
            if not self._settings.listen:
                await self._changed.wait()
                continue
            try:
                await self._listen(self._settings)
            except (OSError, ValueError) as error:
                self._trouble = [f"collectd is not heard: {error}; correct [collectd] or free the address"]
                log.error("%s", self._trouble[0])
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), RETRY)

    async def _listen(self, settings: Settings) -> None:
        """Until the settings change."""
        self._authorised = None
        await self._authorise(settings)
        self._types = await asyncio.to_thread(_read_types, settings.types)
        self._numbers.clear()
        try:
            self._sockets = Datagrams(settings.listen, settings.interfaces, self._take)
            looked = self._clock.monotonic()
            while not self._changed.is_set():
                await self._clock.sleep(FLUSH)
                await self._flush()
                if self._clock.monotonic() - looked >= LOOK:
                    looked = self._clock.monotonic()
                    await self._authorise(settings)
        finally:
            if self._sockets is not None:
                self._sockets.close()
                self._kernel += self._sockets.drops()
                self._received += self._sockets.received
                self._sockets = None
            await self._flush()

    async def _authorise(self, settings: Settings) -> None:
        """Read the passwords where they may have changed."""
        found: dict[str, tuple[bytes, ...]] = {}
        trouble = []
        state: tuple[int, int] = (0, 0)
        if settings.auth_file:
            try:
                status = await asyncio.to_thread(os.stat, settings.auth_file)
                state = (status.st_mtime_ns, status.st_ino)
            except OSError as error:
                trouble.append(f"{UNREAD}: {error.strerror}")
        if state == self._authorised:
            return
        self._authorised = state
        for user, references in settings.users.items():
            try:
                found[user] = tuple(secret.resolve(reference) for reference in references)
            except ConfigError as error:
                trouble.append(f"collectd.users.{user}: {error}")
        if state != (0, 0):
            try:
                text = await asyncio.to_thread(_read, settings.auth_file)
                for user, words in auth_file(text).items():
                    found[user] = (*found.get(user, ()), *words)
            except OSError as error:
                trouble.append(f"{UNREAD}: {error.strerror}")
        self._trouble = trouble
        self._seal = Seal(found, settings.security)

    def _take(self, data: bytes, peer: str) -> None:
        packet = parse(data, self._seal.open)
        if packet.wrong:
            self._refuse(packet.wrong, 1, f"a packet from {peer}")
        hosts = set()
        now = int(self._clock.wall() * MILLISECONDS)
        for values in packet.values:
            hosts.add(values.name.host)
            count = len(values.values)
            if self._size + count > WAITING:
                self._refuse("waiting", count, "/".join(values.name))
                continue
            self._size += count
            self._waiting.append((values, now))
        self._counts["values_total"] += sum(len(values.values) for values in packet.values)
        if packet.notifications:
            hosts.update(one.name.host for one in packet.notifications)
            self._counts["notifications_total"] += len(packet.notifications)
            self._take_lines([_line(one, now / MILLISECONDS) for one in packet.notifications])
        for host in hosts:
            # How often packets come is learnt: the sender fills each before it sends it.
            self._discovered.seen(host, "host", address=peer)

    def _refuse(self, reason: str, number: int, exemplar: str) -> None:
        if reason not in self._refused:
            log.warning("collectd: %s is refused: %s", exemplar, reason)
        self._refused[reason] += number
        self._exemplars[reason] = exemplar

    async def _flush(self) -> None:
        store = self._series()
        if store is None or not self._waiting:
            return  # what waits is bounded
        from gadfly.store.series import Batch

        waiting, self._waiting, self._size = self._waiting, [], 0
        series: list[int] = []
        at: list[int] = []
        value: list[float] = []
        self._name(store, waiting)
        for values, came in waiting:
            numbers = self._numbers.get((values.name, values.kinds), ())
            moment = int(values.at * MILLISECONDS) or came
            for number, found in zip(numbers, values.values, strict=False):
                series.append(number)
                at.append(moment)
                value.append(found)
        try:
            # Times of a sender may be anything that 64 bits hold.
            times = np.array(at, np.float64).clip(0, 2**62).astype(np.int64)
            order = np.argsort(times, kind="stable")
            batch = Batch(np.array(series, np.int64)[order], times[order], np.array(value)[order])
            taken = await store.append(batch, SOURCE)
        except StoreError as error:
            self._refuse("disk", len(series), str(error))
            return
        for one in taken.refused:
            self._refuse(one.reason, one.number, one.exemplar)
            if one.reason == "unknown_series":
                self._numbers.clear()

    def _name(self, store: Series, waiting: Sequence[tuple[Values, int]]) -> None:
        if len(self._numbers) > KNOWN:
            self._numbers.clear()
        fresh: dict[tuple[Name, bytes], list[dict[str, str]]] = {}
        for values, _ in waiting:
            key = (values.name, values.kinds)
            if key not in self._numbers and key not in fresh:
                fresh[key] = labels_of(values.name, values.kinds, self._types)
        if not fresh:
            return
        numbers, refused = store.intern([one for labels in fresh.values() for one in labels], SOURCE)
        for one in refused:
            self._refuse(one.reason, one.number, one.exemplar)
        found = iter(numbers.tolist())
        for key, labels in fresh.items():
            self._numbers[key] = [next(found) for _ in labels]
            for label in labels:
                kind = "counter" if label["__name__"].endswith("_total") else "gauge"
                with contextlib.suppress(LimitError):
                    store.describe(label["__name__"], Metadata(kind, "By collectd.", ""))

    def counts(self) -> Mapping[str, int]:
        """Told at `/metrics`."""
        sockets = self._sockets
        return {
            "packets_total": self._received + (sockets.received if sockets else 0),
            "kernel_drops_total": self._kernel + (sockets.drops() if sockets else 0),
            "values_total": 0,
            **self._counts,
            **{f"refused_{reason}_total": number for reason, number in self._refused.items()},
        }

    def warnings(self) -> Sequence[str]:
        """What the operator should know."""
        found = list(self._trouble)
        return found + [
            f"{count:,} packets of collectd were refused ({reason}), the last was {self._exemplars[reason]}; "
            "compare its user and password with [collectd]"
            for reason in ("user", "signature", "encryption", "unsealed")
            if (count := self._refused[reason])
        ]


def _line(one: Notification, came: float) -> Line:
    name = one.name
    fields = {key: word for key, word in name._asdict().items() if word and key != "host"}
    unit = "-".join(filter(None, (name.plugin, name.plugin_instance))) or "collectd"
    severity = SEVERITIES.get(one.severity, 5)
    return Line(one.at or came, SOURCE, name.host, unit, severity, one.message, fields)


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(LARGEST).decode("utf-8", "replace")


def _read_types(paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in paths:
        with contextlib.suppress(OSError):
            found.update(types_db(_read(path)))
    return found
