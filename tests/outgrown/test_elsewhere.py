"""Real VictoriaMetrics and Prometheus: what was written arrives, also after an outage, and reads the same."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gadfly import promql
from gadfly.clock import SystemClock
from gadfly.config.remote import Remote
from gadfly.config.series import Series as Settings
from gadfly.outgrown import sender
from gadfly.outgrown.series import OutgrownSeries
from gadfly.promql import Limits
from gadfly.promql.source import STALE, Matcher, Metadata
from gadfly.store.series import Batch, Series

_spec = importlib.util.spec_from_file_location("outgrown_servers", Path(__file__).with_name("servers.py"))
assert _spec is not None
assert _spec.loader is not None
servers = importlib.util.module_from_spec(_spec)
sys.modules["outgrown_servers"] = servers
_spec.loader.exec_module(servers)

pytestmark = pytest.mark.slow

NOW = int(time.time()) * 1000
START = NOW - 3_600_000
NAMES = [
    {"__name__": "up", "job": "node", "instance": f"host-{n}:9100", "odd": 'q"\\\nü'} for n in range(5)
] + [{"__name__": "requests_total", "job": "api", "code": str(200 + n)} for n in range(5)]
EXPRESSIONS = [
    "up",
    'up{odd="q\\"\\\\\\nü",instance!~"host-[4]:.*"}',
    'up{instance=~"host-.*"}',
    "sum by (job) (up)",
    "rate(requests_total[5m])",
    'increase(requests_total{code!="200"}[10m])',
    "avg_over_time(up[7m])",
    "sum by (job) (up)",
    "absent(nothing)",
    "count(up) - count(up offset 20m)",
    "max_over_time(sum(requests_total)[10m:1m])",
]


def steps(first: int, last: int) -> list[tuple[int, list[float]]]:
    """Every 15 s a value for each series; host-4 ends after half an hour, `requests_total` is reset once."""
    found = []
    for n in range(first, last):
        half = n >= 120
        ends = STALE if n == 120 else float("nan")
        ups = [float(n % 7 != host) for host in range(4)] + [ends if half else 0.0]
        totals = [(n - 60 * (n > 60)) * (1.25 + code) for code in range(5)]
        found.append((START + 15_000 * n, ups + totals))
    return found


async def write(store: Series, first: int, last: int) -> None:
    ids, refused = store.intern(NAMES, "test")
    assert not refused
    for at, values in steps(first, last):
        keep = np.ones(len(ids), bool)
        keep[4] = at <= START + 15_000 * 120
        taken = await store.append(Batch(ids[keep], np.full(keep.sum(), at), np.array(values)[keep]), "test")
        assert not taken.refused


async def until(what: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not await what():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "PAUSE", 0.1)
    monkeypatch.setattr(sender, "LONGEST", 0.5)


def opened(folder: Path, server: Any, kind: str) -> OutgrownSeries:
    remote = Remote(write=f"{server.url}/api/v1/write", read=server.url, kind=kind)  # type: ignore[arg-type]
    return OutgrownSeries(folder / "series", Settings(), SystemClock(), remote)


class Running:
    """A store that sends, until it is left or killed."""

    def __init__(self, store: OutgrownSeries) -> None:
        self.store = store

    async def __aenter__(self) -> OutgrownSeries:
        await self.store.open()
        self._task = asyncio.create_task(self.store.run())
        return self.store

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.store.close()


@pytest.fixture(params=["prometheus", "victoriametrics"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    made = servers.Server(tmp_path, request.param)
    yield made
    made.stop()


def all_sent(store: OutgrownSeries, samples: int) -> Callable[[], Awaitable[bool]]:
    async def done() -> bool:
        counts = store.counts()
        assert counts["refused_samples_total"] == 0, store.warnings()
        return counts["sent_samples_total"] >= samples

    return done


async def test_an_outage_is_bridged_and_the_answers_are_the_same(server: Any, tmp_path: Path) -> None:
    kinds = ["prometheus", "thanos"] if server.kind == "prometheus" else ["victoriametrics"]
    server.start()
    async with Running(opened(tmp_path, server, kinds[0])) as store:
        store.describe("up", Metadata("gauge", "Whether it is up.", ""))
        await write(store, 0, 100)
        await until(all_sent(store, 1000))
        await asyncio.to_thread(server.stop)
        await write(store, 100, 180)

        async def noticed() -> bool:
            return bool(store.warnings())

        await until(noticed)
        assert "wait to be sent" in store.warnings()[0]
    # The node is started again while the other side is still away.
    async with Running(opened(tmp_path, server, kinds[0])) as store:
        await write(store, 180, 241)
        await asyncio.to_thread(server.start)
        await until(all_sent(store, 80 * 9 + 21 + 61 * 9))
        assert store.counts()["waiting_bytes"] == 0 or store.sender is not None

        async def visible() -> bool:
            found = await asyncio.to_thread(
                store.select, [Matcher("__name__", "=~", "up|requests_total")], 0, NOW + 1, Limits()
            )
            return len(found.at) == 241 * 9 + 121

        await until(visible)
        for kind in kinds:
            reading = opened(tmp_path, server, kind)
            await asyncio.to_thread(compare, store, reading, kind)
            await reading.close()


def compare(store: OutgrownSeries, reading: OutgrownSeries, kind: str) -> None:
    """Every expression has the same answer in the node's own store and elsewhere."""

    class Here:
        """The same store, read where it was written."""

        def select(self, *given: Any) -> Any:
            return Series.select(store, *given)

    for text in EXPRESSIONS:
        if kind == "thanos" and "[" not in text:
            continue  # it does not say where a series ended, which docs/remote.md tells
        here = promql.range_query(Here(), text, START + 300_000, NOW, 60_000)  # type: ignore[arg-type]
        there = promql.range_query(reading, text, START + 300_000, NOW, 60_000)
        assert [one.labels for one in here.series] == [one.labels for one in there.series], text
        assert here.series, text
        for ours, theirs in zip(here.series, there.series, strict=True):
            assert ours.at.tolist() == theirs.at.tolist(), text
            np.testing.assert_allclose(ours.value, theirs.value, rtol=1e-12, err_msg=text)
    up = [[Matcher("__name__", "=", "up")]]
    for given in ((up, START, NOW), ([], START, NOW)):
        assert set(reading.label_names(*given)) >= set(Series.label_names(store, up, None, None))
        assert set(reading.label_values("job", *given)) >= {"node"}
    assert {one["instance"] for one in reading.series(up, START, NOW, Limits())} == {
        f"host-{n}:9100" for n in range(5)
    }
