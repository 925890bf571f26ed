"""OpenTelemetry's requests, from their bytes to what is kept: series, lines, senders in the picture."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LimitError, StoreError
from gadfly.intake.delta import Sums
from gadfly.intake.discovered import Discovered
from gadfly.intake.otlp_columns import Columns
from gadfly.intake.otlp_streams import Streams
from gadfly.store.logs import Line
from gadfly.telemetry import otlp_logs, otlp_metrics, otlp_metrics_json
from gadfly.telemetry.otlp_answer import Taken
from gadfly.telemetry.otlp_resource import Who, who
from gadfly.telemetry.otlp_value import attributes, json_attributes

if TYPE_CHECKING:
    from gadfly.store.series import Series

T = TypeVar("T")

SMALL = 16_384
"""Bytes; a larger request is read in a thread, so that nobody waits for it."""
ROOM = 64 << 20
"""Bytes of requests that are in memory at once; read, they are some ten times as large."""
PIECE = 100_000
"""Samples handed to the store at a time."""
TURN = 50
"""Senders of one request that are discovered before others have their turn."""
INFOS = 100_000
"""Resources whose last `target_info` is remembered."""


class Store(Protocol):
    """Where the series are."""

    @property
    def source(self) -> Series | None: ...
    @property
    def trouble(self) -> str: ...


class Otlp:
    """A part of the intake."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        discovered: Discovered,
        keep_lines: Callable[[Sequence[Line]], Awaitable[int]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._discovered = discovered
        self._keep_lines = keep_lines
        self._streams = Streams()
        self._sums = Sums()
        self._infos: dict[int, int] = {}
        self._busy = asyncio.Lock()
        self._reading = 0
        self._counts: Counter[str] = Counter()

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """For a request of so many bytes, while it is read. LimitError: there is none at the moment."""
        if self._reading + size > ROOM:
            raise LimitError("More is being sent than can be read at once; send it again.")
        self._reading += size
        try:
            yield
        finally:
            self._reading -= size

    async def metrics(self, body: bytes, *, json: bool, sender: str, address: str) -> Taken:
        """Keep an ExportMetricsServiceRequest; on disk when it returns. `sender`: the token's name.

        FormatError: it is none, and nothing was taken. StoreError: the store is not open, or the disk
        refuses.
        """
        try:
            return await self._keep(body, json, sender, address)
        except StoreError:
            # Who sends is alive, whatever becomes of what is sent.
            decode = otlp_metrics_json.decode if json else otlp_metrics.decode
            for resource in await _threaded(partial(decode, body)):
                one = who(json_attributes(resource.key) if json else attributes(resource.key, 1))
                if one is not None:
                    self._discover(one, address, steady=True)
            raise

    async def _keep(self, body: bytes, json: bool, sender: str, address: str) -> Taken:
        store = self._store.source
        if store is None:
            raise StoreError(self._store.trouble)
        for again in (False, True):
            # One at a time: what is remembered of the streams is shared, and a sum is added to by one only.
            async with self._busy:
                if len(body) > SMALL:
                    columns, senders = await _threaded(partial(self._read, body, json, store))
                else:
                    columns, senders = self._read(body, json, store)
                series, at, value = columns.whole
                if columns.change.sums:
                    refused = await self._append(store, series, at, value, sender)
                    self._sums.commit(columns.change)
            if not columns.change.sums:
                refused = await self._append(store, series, at, value, sender)
            if "unknown_series" not in {reason for reason, _ in refused} or again:
                break
            self._streams.forget()  # some had no samples for so long that the store forgot them
        for count, one in enumerate(senders):
            self._discover(one, address, steady=True)
            if count % TURN == TURN - 1:
                await asyncio.sleep(0)
        await self._tell_infos(store, columns.infos, sender)
        for (_, why), number in refused.items():
            columns.refused[why] += number
        # Refused samples of one histogram are one point; there are never more points refused than came.
        rejected = min(columns.points, columns.refused.total())
        self._counts.update(requests_total=1, points_total=columns.points, rejected_total=rejected)
        return Taken(rejected, _message(columns.refused))

    def _read(self, body: bytes, json: bool, store: Series) -> tuple[Columns, list[Who]]:
        streams = self._streams
        streams.tidy()
        decode = otlp_metrics_json.decode if json else otlp_metrics.decode
        now, wall = self._clock.monotonic(), self._clock.wall()
        columns = Columns(streams, self._sums, store, json=json, now=now, wall=wall)
        senders = []
        for resource in decode(body, streams.seen):
            sender = streams.sender(resource.key, json, store)
            columns.take(resource, sender)
            if sender.who is not None:
                senders.append(sender.who)
        return columns, senders

    async def logs(self, body: bytes, *, json: bool, address: str) -> Taken:
        """Hand on an ExportLogsServiceRequest; what was taken is on disk when it returns.

        FormatError: it is none. LimitError: none of it could be taken now. StoreError: the disk refuses.
        """
        decode = otlp_logs.decode_json if json else otlp_logs.decode
        sources = await asyncio.to_thread(decode, body) if len(body) > SMALL else decode(body)
        wall = self._clock.wall()
        lines: list[Line] = []
        for source in sources:
            sender = who(source.resource)
            host, unit = source.resource.get("host.name", ""), source.resource.get("service.name", "")
            instance = source.resource.get("service.instance.id", "")
            extra = {"instance": instance} if instance else {}
            lines += [
                Line(
                    record.time / 1e9 or wall,
                    "otlp",
                    host,
                    unit,
                    record.severity,
                    record.text,
                    {**extra, **record.fields},
                )
                for record in source.records
            ]
            if sender is not None:
                self._discover(sender, address, steady=False)
        taken = await self._keep_lines(lines)
        rejected = len(lines) - taken
        self._counts.update(requests_total=1, lines_total=len(lines), rejected_total=rejected)
        if lines and not taken:
            raise LimitError("No more lines of logs are taken at the moment; send them again later.")
        return Taken(rejected, f"{rejected} refused: too many lines at once; send fewer" if rejected else "")

    async def _append(
        self,
        store: Series,
        series: NDArray[np.int64],
        at: NDArray[np.int64],
        value: NDArray[np.float64],
        sender: str,
    ) -> Counter[tuple[str, str]]:
        """How many samples were refused, by reason and in words."""
        from gadfly.store.series import Batch

        refused: Counter[tuple[str, str]] = Counter()
        for start in range(0, len(series), PIECE):
            part = slice(start, start + PIECE)
            taken = await store.append(Batch(series[part], at[part], value[part]), _source(sender))
            for one in taken.refused:
                refused[one.reason, str(one).partition(": ")[2]] += one.number
        return refused

    def _discover(self, one: Who, address: str, *, steady: bool) -> None:
        self._discovered.seen(
            one.name,
            one.kind,
            host=one.host,
            group=one.group,
            labels=one.labels,
            instance=one.instance,
            steady=steady,
            address=address,
        )

    async def _tell_infos(self, store: Series, infos: Mapping[int, int], sender: str) -> None:
        """A sample of each resource's `target_info`, where it is newer than the last."""
        if len(self._infos) > INFOS:
            self._infos.clear()
        new = {series: at for series, at in infos.items() if at > self._infos.get(series, 0)}
        if new:
            series, at = np.array(list(new), np.int64), np.array(list(new.values()), np.int64)
            order = np.argsort(at, kind="stable")
            await self._append(store, series[order], at[order], np.ones(len(new)), sender)
            self._infos.update(new)

    async def run(self) -> None:
        """Nothing is to be done between requests."""

    def reconfigure(self, config: Config) -> None:
        """Nothing of this is configured here."""

    def counts(self) -> Mapping[str, int]:
        """Told at `/metrics`."""
        return {
            "streams": len(self._streams),
            "sums": len(self._sums),
            **{name: self._counts[name] for name in ("requests_total", "points_total", "lines_total")},
            "rejected_total": self._counts["rejected_total"],
        }

    def warnings(self) -> Sequence[str]:
        """Who sends is told by the answer what was not taken."""
        return ()


async def _threaded(work: Callable[[], T]) -> T:
    """In a thread; who is cancelled meanwhile waits for it, as it uses what the next one will use."""
    job = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.wait([job])
        raise


def _source(sender: str) -> str:
    return f"otlp:{sender}" if sender else "otlp"


def _message(refused: Counter[str]) -> str:
    return "; ".join(f"{number} refused: {why}" for why, number in refused.items())
