"""The runs of jobs as series: when each ran last, and with success, how long, how it ended, if it runs now.

Of all jobs, however they tell: wrapped by `gadfly exec`, or by pings. Values are written again and again, as
a pushgateway's are, so that a job of once a week has samples today.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LimitError, StoreError
from gadfly.monitor.heard import Heard
from gadfly.monitor.jobs import Run
from gadfly.monitor.picture import Picture
from gadfly.own_heartbeats import labels_of
from gadfly.promql.source import STALE, Metadata

if TYPE_CHECKING:
    from gadfly.store.series import Series

log = logging.getLogger("gadfly")

SOURCE = "job"
LOOK = 5.0
"""Seconds between looks at runs that are new."""
WHOLE = 60.0
"""Seconds between samples of those that are not; a series ends for PromQL after five minutes."""
ROOM = 10_000
"""Jobs that have series, five each: below what one source may have. Who has some keeps them."""
PIECE = 1000
"""Jobs looked at before others get their turn."""
HELP = {
    "job_last_run_timestamp_seconds": "When the last run ended, Unix time.",
    "job_last_success_timestamp_seconds": "When a run last ended with success, Unix time.",
    "job_duration_seconds": "How long the last run took.",
    "job_exit_code": "How the last run ended; 0: with success.",
    "job_running": "1 while a run is under way.",
}
NEVER = float("nan")


class _Job(NamedTuple):
    labels: dict[str, str]
    numbers: list[int]
    run: Run
    values: tuple[float, ...]
    """In the order of `HELP`; not a number where it is not known."""


class JobSeries:
    """One for each node; a part of :class:`gadfly.intake.intake.Intake`."""

    def __init__(
        self, clock: Clock, picture: Picture, heard: Heard, series: Callable[[], Series | None]
    ) -> None:
        self._clock = clock
        self._picture = picture
        self._heard = heard
        self._series = series
        self._jobs: dict[int, _Job] = {}
        self._refused: Counter[str] = Counter()
        self._without = 0

    def reconfigure(self, config: Config) -> None:
        """Nothing is set here: who has series is what the catalogue and the jobs themselves say."""

    async def run(self) -> None:
        """Look and write, until cancelled."""
        whole = -WHOLE
        while True:
            await self._clock.sleep(LOOK)
            store, now = self._series(), self._clock.monotonic()
            if store is None:
                continue
            everything = now - whole >= WHOLE
            if everything:
                whole = now
            try:
                await self.look(store, everything)
            except StoreError as error:
                self._refused["disk"] += 1
                log.error("the runs of jobs are not kept as series: %s", error)

    async def look(self, store: Series, everything: bool) -> None:
        """Samples of the runs that are new; of all, where `everything` is asked for."""
        from gadfly.store.series import Batch

        now = int(self._clock.wall() * 1000)
        runs = dict(self._picture.runs())
        self._without = max(0, len(runs) - ROOM)
        rows = [
            (number, STALE)
            for slot in [slot for slot in self._jobs if slot not in runs]
            for number in self._jobs.pop(slot).numbers
        ]
        for place, (slot, run) in enumerate(runs.items()):
            if place % PIECE == PIECE - 1:
                await asyncio.sleep(0)
            known = self._jobs.get(slot)
            if known is None:
                if len(self._jobs) >= ROOM:
                    continue
            elif known.run is run and not everything:
                continue
            labels = labels_of(slot, self._heard, self._picture.columns)
            if known is None or known.labels != labels:
                if known is not None:
                    rows += [(number, STALE) for number in known.numbers]
                numbers = self._open(store, labels)
            else:
                numbers = known.numbers
            values = _values(run, known.values if known is not None else None)
            self._jobs[slot] = _Job(labels, numbers, run, values)
            rows += [(number, value) for number, value in zip(numbers, values, strict=True) if value == value]
        if rows:
            series, value = zip(*rows, strict=True)
            batch = Batch(np.array(series, np.int64), np.full(len(rows), now, np.int64), np.array(value))
            taken = await store.append(batch, SOURCE)
            for one in taken.refused:
                self._refused[one.reason] += one.number
                if one.reason == "unknown_series":
                    self._jobs.clear()

    def _open(self, store: Series, labels: Mapping[str, str]) -> list[int]:
        numbers, refused = store.intern([{"__name__": metric, **labels} for metric in HELP], SOURCE)
        for one in refused:
            self._refused[one.reason] += one.number
        with contextlib.suppress(LimitError):
            for metric, words in HELP.items():
                store.describe(metric, Metadata("gauge", words, ""))
        return list(numbers.tolist())

    def counts(self) -> Mapping[str, int]:
        """Told at `/metrics`."""
        return {
            "jobs": len(self._jobs),
            **{f"refused_{reason}_total": number for reason, number in self._refused.items()},
        }

    def warnings(self) -> Sequence[str]:
        """What the operator should know."""
        if not self._without:
            return []
        return [f"{self._without:,} jobs have no series of their own, as there is room for {ROOM:,}"]


def _values(run: Run, before: tuple[float, ...] | None) -> tuple[float, ...]:
    running = float(run.ended is None and not run.died)
    succeeded = run.succeeded or NEVER
    if run.ended is None:
        ended, _, seconds, code, _ = before or (NEVER,) * len(HELP)
        return (ended, succeeded, seconds, code, running)
    code = float(run.exit) if run.exit is not None else NEVER
    return (run.ended, succeeded, run.seconds, code, running)
