"""Sends what the spool holds by remote write, one request after the other, so that order is kept."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gadfly.clock import Clock
from gadfly.config.remote import Remote
from gadfly.errors import GadflyError
from gadfly.outgrown.client import Answer, Client
from gadfly.outgrown.spool import Place, Spool
from gadfly.promql.source import Metadata
from gadfly.store.series.batch import Batch
from gadfly.telemetry import remote_write_sent, snappy
from gadfly.telemetry.written import Described

log = logging.getLogger("gadfly.remote")

PAUSE = 1.0
"""Seconds between looks at a spool that is empty, and before the first repetition."""
LONGEST = 60.0
"""Seconds between repetitions at most."""
TELL = 3
"""Failures in a row from which the operator is told."""
SAID = 600.0
"""Seconds after which types and helps of metrics are sent again: the other side may have forgotten them."""
NEVER = frozenset({400, 409, 413, 422})
"""What will never be taken is not sent again. Other refusals, such as of a wrong token, somebody can mend."""
LABELS = 500_000
"""Series whose labels are kept ready to be sent."""
HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


class Sender:
    """One for each node."""

    def __init__(
        self,
        settings: Remote,
        spool: Spool,
        clock: Clock,
        labels: Callable[[Sequence[int]], list[dict[str, str] | None]],
        metadata: Callable[[], Mapping[str, Sequence[Metadata]]],
    ) -> None:
        """`labels` tells those of series by their numbers, None where nobody knows them any more."""
        self._settings = settings
        self._spool = spool
        self._clock = clock
        self._labels = labels
        self._metadata = metadata
        self._client = Client(settings.write, settings)
        self._named: dict[int, bytes] = {}
        self._described = -SAID
        self._counts = Counter(sent_samples_total=0, refused_samples_total=0, requests_failed_total=0)
        self._waiting = 0
        self._failures = 0
        self._trouble = ""
        self._refusal = ""
        self._requests: list[list[Batch]] = []
        """What was read of the spool and is yet to be sent."""
        self._behind = Place(0, 0)

    def counts(self) -> dict[str, int]:
        """What was sent, what was not, and what waits."""
        lost = self._spool.lost + self._spool.damaged
        return {**self._counts, "waiting_bytes": self._waiting, "lost_bytes_total": lost}

    def warnings(self) -> list[str]:
        """What the operator should know, and do."""
        found = []
        if self._failures >= TELL:
            found.append(
                f"series wait to be sent ({self._waiting / 1e6:,.0f} of {self._settings.spool_mb:,} MB): "
                f"{self._trouble}"
            )
        if self._spool.lost:
            found.append(
                f"{self._spool.lost / 1e6:,.0f} MB of series were never sent, as {self._client.name} did not "
                "take them in time; raise remote.spool_mb, or look after it"
            )
        if self._spool.damaged:
            found.append(
                f"{self._spool.damaged:,} bytes of series are damaged on disk and were never sent; look at "
                "the disk: the log names the files"
            )
        if self._refusal:
            found.append(
                f"{self._client.name} refused {self._counts['refused_samples_total']:,} samples for good; "
                f"the last time: {self._refusal}"
            )
        return found

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    async def run(self) -> None:
        """Send until cancelled."""
        wait = PAUSE
        while True:
            try:
                await asyncio.to_thread(self._spool.collect)
                self._waiting = await asyncio.to_thread(self._spool.waiting)
                pause = await self._step()
            except (GadflyError, OSError) as error:
                pause = self._failed(str(error))
            if pause is None:
                wait, self._failures = PAUSE, 0
                continue
            if self._failures:
                pause = max(pause, wait)
                wait = min(2 * wait, LONGEST)
            await self._clock.sleep(pause)

    async def _step(self) -> float | None:
        """Send what comes next. None: it was dealt with; else the seconds to wait."""
        if not self._requests:
            found, self._behind = await asyncio.to_thread(self._spool.following, self._settings.samples)
            if not found:
                self._failures = 0
                return PAUSE
            self._requests = _grouped(found, self._settings.samples)
        while self._requests:
            pause = await self._send(self._requests[0])
            if pause is not None:
                return pause
            del self._requests[0]
        await asyncio.to_thread(self._spool.sent, self._behind)
        return None

    async def _send(self, batches: list[Batch]) -> float | None:
        """One request. None: it was dealt with, taken or not; else the seconds to wait."""
        samples, unnamed, body = await asyncio.to_thread(self._body, batches)
        answer = Answer(204, b"", 0.0)
        if samples:
            answer = await asyncio.to_thread(self._client.ask, "POST", "", body, HEADERS)
        if 200 <= answer.status < 300:
            self._counts["sent_samples_total"] += samples
            self._counts["refused_samples_total"] += unnamed
        elif answer.status not in NEVER:
            return max(self._failed(_said(self._client.name, answer)), answer.retry_after)
        elif len(batches) > 1:
            # One sample may have cost the others the way in: each batch for itself, once.
            while batches:
                pause = await self._send(batches[:1])
                if pause is not None:
                    return pause
                del batches[0]
        else:
            # It may have taken a part of them: which one, remote write 1 does not say.
            self._counts["refused_samples_total"] += samples + unnamed
            self._refusal = f"{answer.status} {answer.words}"
            log.warning("%s refused %d samples: %s", self._client.name, samples, self._refusal)
        return None

    def _failed(self, why: str) -> float:
        self._failures += 1
        self._counts["requests_failed_total"] += 1
        if self._failures == TELL:
            log.error("series wait to be sent: %s", why)
        self._trouble = why
        return PAUSE

    def _body(self, batches: Sequence[Batch]) -> tuple[int, int, bytes]:
        """How many samples it holds, how many are of series that nobody knows any more, and the request."""
        series = np.concatenate([one.series for one in batches])
        at = np.concatenate([one.at for one in batches]).tolist()
        value = np.concatenate([one.value for one in batches]).tolist()
        self._name(np.unique(series).tolist())
        by_series: dict[int, list[tuple[int, float]]] = {}
        for number, when, what in zip(series.tolist(), at, value, strict=True):
            by_series.setdefault(number, []).append((when, what))
        parts = [self._descriptions()]
        count = 0
        for number, samples in by_series.items():
            if named := self._named[number]:
                parts.append(remote_write_sent.series(named, samples))
                count += len(samples)
        return count, len(at) - count, snappy.compress(b"".join(parts))

    def _name(self, numbers: list[int]) -> None:
        """Have the labels of these ready."""
        if len(self._named) > LABELS:
            self._named.clear()
        missing = [number for number in numbers if number not in self._named]
        for number, found in zip(missing, self._labels(missing), strict=True):
            self._named[number] = remote_write_sent.labels(found) if found else b""

    def _descriptions(self) -> bytes:
        """What the metrics are, now and then."""
        now = self._clock.monotonic()
        if now - self._described < SAID:
            return b""
        self._described = now
        return b"".join(
            remote_write_sent.described(Described(metric, one.type, one.help, one.unit))
            for metric, some in self._metadata().items()
            for one in some[:1]
        )


def _said(name: str, answer: Answer) -> str:
    return f"{name} answers {answer.status} {answer.words}"


def _grouped(batches: Sequence[Batch], most: int) -> list[list[Batch]]:
    """Requests of at most so many samples."""
    found: list[list[Batch]] = []
    room = 0
    for batch in batches:
        for start in range(0, len(batch.at), most):
            rows = slice(start, start + most)
            part = Batch(batch.series[rows], batch.at[rows], batch.value[rows])
            if len(part.at) > room:
                found.append([])
                room = most
            found[-1].append(part)
            room -= len(part.at)
    return found
