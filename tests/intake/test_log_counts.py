"""Lines and matches are counters that begin at nothing, apart as long as there is room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from gadfly.intake.log_counts import LogCounts
from gadfly.store.series import Batch, Refusal, Taken

START = 1_800_000_000.0


class Store:
    """Takes series as the node's store does; `room` of them."""

    def __init__(self, room: int = 100) -> None:
        self.room = room
        self.unknown = False
        self.labels: list[dict[str, str]] = []
        self.rows: list[tuple[int, int, float]] = []

    def intern(
        self, labels: Sequence[Mapping[str, str]], source: str
    ) -> tuple[np.ndarray, tuple[Refusal, ...]]:
        assert source == "log"
        numbers = []
        for one in labels:
            numbers.append(len(self.labels) if len(self.labels) < self.room else -1)
            if numbers[-1] >= 0:
                self.labels.append(dict(one))
        return np.array(numbers, np.int64), ()

    def describe(self, *_: object) -> None:
        """It has words of its own."""

    async def append(self, batch: Batch, source: str) -> Taken:
        if self.unknown:
            return Taken(0, (Refusal("unknown_series", len(batch.at), ""),))
        self.rows += zip(batch.series.tolist(), batch.at.tolist(), batch.value.tolist(), strict=True)
        return Taken(len(batch.at), ())


async def test_a_counter_begins_at_nothing_and_goes_on() -> None:
    counts, store = LogCounts(10, START), Store()
    counts.add({("syslog", "h", "web", 3): 2}, {("oom", "h"): 1})
    await counts.write(store, START + 15)  # type: ignore[arg-type]
    assert store.labels == [
        {"__name__": "log_lines_total", "source": "syslog", "host": "h", "unit": "web", "severity": "error"},
        {"__name__": "log_matches_total", "rule": "oom", "host": "h"},
    ]
    at, then = int(START * 1000), int((START + 15) * 1000)
    assert store.rows == [(0, at, 0.0), (1, at, 0.0), (0, then, 2.0), (1, then, 1.0)]
    store.rows.clear()
    counts.add({("syslog", "h", "web", 3): 1, ("syslog", "", "", 6): 1}, {})
    await counts.write(store, START + 30)  # type: ignore[arg-type]
    assert store.labels[2] == {"__name__": "log_lines_total", "source": "syslog", "severity": "info"}
    later = then + 15_000
    assert store.rows == [(2, then, 0.0), (0, later, 3.0), (2, later, 1.0), (1, later, 1.0)]


async def test_where_there_is_no_room_lines_are_counted_together() -> None:
    counts, store = LogCounts(2, START), Store()
    counts.add({("syslog", f"h{n}", "web", 6): 1 for n in range(5)}, {})
    await counts.write(store, START + 15)  # type: ignore[arg-type]
    assert [one.get("host") for one in store.labels] == ["h0", "h1", "other"]
    assert store.rows[-1][2] == 3
    assert counts.lumped == 3


async def test_what_the_store_refuses_is_asked_again() -> None:
    counts, store = LogCounts(10, START), Store(room=0)
    counts.add({("syslog", "h", "web", 6): 1}, {})
    await counts.write(store, START + 15)  # type: ignore[arg-type]
    assert store.rows == []
    store.room = 1
    await counts.write(store, START + 30)  # type: ignore[arg-type]
    assert [value for _, _, value in store.rows] == [0.0, 1.0]


async def test_a_series_that_the_store_forgot_is_asked_again_and_does_not_begin_again() -> None:
    counts, store = LogCounts(10, START), Store()
    counts.add({("syslog", "h", "web", 6): 5}, {})
    await counts.write(store, START + 15)  # type: ignore[arg-type]
    store.unknown = True
    await counts.write(store, START + 30)  # type: ignore[arg-type]
    store.unknown = False
    store.rows.clear()
    await counts.write(store, START + 45)  # type: ignore[arg-type]
    assert store.rows == [(1, int((START + 45) * 1000), 5.0)]


@pytest.mark.parametrize("now", [START, START - 10])
async def test_a_clock_that_stands_still_or_goes_back_writes_nothing(now: float) -> None:
    counts, store = LogCounts(10, START), Store()
    counts.add({("syslog", "h", "web", 6): 1}, {})
    await counts.write(store, now)  # type: ignore[arg-type]
    assert store.rows == []
