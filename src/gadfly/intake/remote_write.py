"""What others write by Prometheus' remote write, on its way into the store.

Reading a request is work for the processor and happens in a thread, one request at a time: more at once would
only share one core. What waits is bounded in bytes; who comes beyond that is asked to come again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.intake.known import Known
from gadfly.promql.source import Metadata
from gadfly.telemetry import remote_write, remote_write_2, snappy
from gadfly.telemetry.written import Written, Wrote

if TYPE_CHECKING:
    from gadfly.store.series import Refusal, Series  # it brings DuckDB; the node is up before that is loaded

LARGEST = 32_000_000
"""Bytes of a request when it is decompressed. Prometheus sends some 600 kB, vmagent at most 8 MB."""
WAITING = 64_000_000
"""Bytes of requests, as they come, that are in hand at once: being received, waiting, being read."""
TOLD = 5
"""Reasons that a refusal names."""
DECODERS = (remote_write.decode, remote_write_2.decode)
UNKEPT = "are not kept here yet: send classic histograms (in Prometheus: without native-histograms)"
REFUSED = "that were refused a moment ago; why is said within a minute"
STRAY = "without labels, with more than 1,000, or with one name twice; correct the sender"


class RemoteWrite:
    """One for each node; a part of :class:`gadfly.intake.intake.Intake`."""

    def __init__(self, clock: Clock, store: Callable[[], Series | None]) -> None:
        self._clock = clock
        self._store = store
        self._known = (Known(), Known())
        self._lock = asyncio.Lock()
        self._reader = ThreadPoolExecutor(1, "remote-write")
        self._waiting = 0
        self._counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Nothing is done between requests; gives its thread back when it is cancelled."""
        try:
            await asyncio.Event().wait()
        finally:
            self._reader.shutdown(wait=False, cancel_futures=True)

    def reconfigure(self, config: Config) -> None:
        """Nothing of it is configured."""

    def counts(self) -> Mapping[str, int]:
        """Requests, samples, and what was refused or not kept."""
        keys = [len(one) for one in self._known]
        return {**self._counts, "known_series": sum(keys), "waiting_bytes": self._waiting}

    def warnings(self) -> Sequence[str]:
        """What senders believe to be kept and is not."""
        found = []
        if count := self._counts["histograms_refused_total"]:
            found.append(f"{count:,} native histograms were sent by remote write; they {UNKEPT}")
        return found

    def admit(self, size: int) -> bool:
        """Make room for a request of so many bytes, before it is read; False where there is none now.

        To be given back with `done`.
        """
        if self._waiting + size > WAITING:
            self._counts["turned_away_total"] += 1
            return False
        self._waiting += size
        return True

    def done(self, size: int) -> None:
        """The request for which there was room is dealt with."""
        self._waiting -= size

    async def take(self, body: bytes, version: int, who: str) -> Wrote:
        """One request, its body as it came. What was taken is on disk when it returns.

        FormatError: nothing of it was taken, nor will be. LimitError: too large; neither. StoreError: try
        again later.
        """
        store = self._store()
        if store is None:
            raise StoreError("The store of series is not open yet; send it again in a moment.")
        self._counts["requests_total"] += 1
        try:
            return await self._take(store, body, version, f"remote_write:{who}" if who else "remote_write")
        except FormatError:
            self._counts["malformed_total"] += 1
            raise

    async def _take(self, store: Series, body: bytes, version: int, source: str) -> Wrote:
        from gadfly.store.series import Batch

        async with self._lock:
            written, refused = await self._read(store, body, version, source)
        taken = await store.append(Batch(written.series, written.at, written.value), source)
        if any(one.reason == "unknown_series" for one in taken.refused):
            # Nothing was left of a series and its name was let go. Once more, by its labels; what was taken
            # is a repetition by then.
            async with self._lock:
                self._known[version - 1].forget()
                written, refused = await self._read(store, body, version, source)
            again = await store.append(Batch(written.series, written.at, written.value), source)
            taken = again._replace(samples=again.samples + taken.samples)
        return self._told(written, refused, taken.samples, taken.refused)

    async def _read(
        self, store: Series, body: bytes, version: int, source: str
    ) -> tuple[Written, tuple[Refusal, ...]]:
        known = self._known[version - 1]
        decode = DECODERS[version - 1]

        def read() -> tuple[Written, tuple[Refusal, ...]]:
            now = self._clock.monotonic()
            known.renew(now)
            written = decode(snappy.decompress(body, LARGEST), known)
            refused: tuple[Refusal, ...] = ()
            if written.fresh:
                numbers, refused = store.intern([one.labels for one in written.fresh], source)
                stand_ins = written.series < -1
                written.series[stand_ins] = numbers[-2 - written.series[stand_ins]]
                found = zip((one.key for one in written.fresh), numbers.tolist(), strict=True)
                known.learn(found, now)
            return written, refused

        written, refused = await asyncio.get_running_loop().run_in_executor(self._reader, read)
        for one in written.described:
            try:
                store.describe(one.metric, Metadata(one.type, one.help, one.unit))
            except LimitError:
                self._counts["metadata_refused_total"] += 1
        return written, refused

    def _told(
        self, written: Written, refused: Sequence[Refusal], samples: int, late: Sequence[Refusal]
    ) -> Wrote:
        unnamed = int(np.count_nonzero(written.series < 0))
        lost = unnamed + written.strays + sum(one.number for one in late)
        self._counts["samples_total"] += samples
        self._counts["samples_refused_total"] += lost
        self._counts["histograms_refused_total"] += written.histograms
        self._counts["exemplars_ignored_total"] += written.exemplars
        reasons = [str(one) for one in (*refused, *late)][:TOLD]
        if unnamed and not refused:
            reasons.append(f"{unnamed} samples of series {REFUSED}")
        if written.strays:
            reasons.append(f"{written.strays} samples of series {STRAY}")
        if written.histograms:
            reasons.append(f"{written.histograms} native histograms, which {UNKEPT}")
        return Wrote(len(written.series) + written.strays - lost, reasons)
