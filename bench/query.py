"""What a dashboard costs: 20 usual queries over a day of 1,000 series at 15 s, beside Debian's Prometheus.

Both from end to end: a node that keeps the samples in its store on disk (blocks of the hours that are over, and
the newest hours in its journal and memory), and Prometheus with the same samples in blocks of its own, each
asked through its HTTP API on loopback, a query after the other, in turn. The answers are compared, too. What is
measured is the shortest of some rounds, so both have their files in the machine's memory.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.store.series import Batch, Series
from prometheus_peer import Prometheus, missing
from promql_compare import TOLERANCE, distance, table
from promql_world import Line
from report import Report, arguments, quantile
from start import gadfly

QUERIES = (
    "sum(rate(requests_total[5m]))",
    "sum by (job) (rate(requests_total[5m]))",
    'sum by (code) (rate(requests_total{job="j1"}[5m]))',
    'sum(rate(requests_total{code="500"}[5m])) / sum(rate(requests_total[5m]))',
    'sum by (job) (rate(requests_total{code="500"}[5m])) / sum by (job) (rate(requests_total[5m]))',
    "topk(5, sum by (instance) (rate(requests_total[5m])))",
    "sum(increase(requests_total[1h]))",
    "max by (instance) (irate(requests_total[2m]))",
    "histogram_quantile(0.99, sum by (le) (rate(latency_bucket[5m])))",
    "histogram_quantile(0.5, sum by (le, job) (rate(latency_bucket[5m])))",
    "avg by (job) (memory_bytes)",
    "max(memory_bytes) by (job)",
    "memory_bytes > 9e8",
    "100 * memory_bytes / on (instance) group_left limit_bytes",
    "avg_over_time(memory_bytes[10m])",
    "max_over_time(memory_bytes[30m])",
    "quantile by (job) (0.9, memory_bytes)",
    "deriv(memory_bytes[10m]) * 3600",
    "count(up == 0) or vector(0)",
    "avg_over_time(up[1h])",
)
EVERY = 15_000
HOUR = 3_600_000
BATCH = 600_000
"""Milliseconds of samples that are written at a time: as long as a sender's outage."""


def world(series: int, start: int, end: int) -> list[Line]:
    """Counters, histograms, gauges and `up`, together about so many series, between two times in ms."""
    rng = np.random.default_rng(7)
    at = np.arange(start, end - EVERY, EVERY, dtype=np.int64)
    lines: list[Line] = []

    def add(name: str, value: np.ndarray, **labels: str) -> None:
        shift = int(rng.integers(0, 120)) * 125  # every target has its own moment, as when scraped
        lines.append(Line({"__name__": name, **labels}, (at + shift).tolist(), value.tolist()))

    instances = max(1, series // 20)
    for number in range(instances):
        labels = {"instance": f"i{number:03}", "job": f"j{number % 5}"}
        for code in ("200", "201", "400", "404", "500", "503"):
            steps = rng.poisson(3, len(at)) * (1 + number / 1000)  # so that no two rates are equal
            total = np.cumsum(steps)
            if number % 10 == 0:  # some restart in the middle of the day
                total[len(at) // 2 :] -= total[len(at) // 2]
            add("requests_total", total, code=code, **labels)
        buckets = np.cumsum(np.cumsum(rng.poisson(2, (8, len(at))), axis=1), axis=0).astype(np.float64)
        for bound, counts in zip(
            ("0.01", "0.05", "0.1", "0.5", "1", "5", "10", "+Inf"), buckets, strict=True
        ):
            add("latency_bucket", counts, le=bound, **labels)
        for kind in ("heap", "stack", "cache", "mapped"):
            add("memory_bytes", 5e8 + np.cumsum(rng.normal(0, 1e6, len(at))), kind=kind, **labels)
        add("limit_bytes", np.full(len(at), 1e9), **labels)
        add("up", (rng.random(len(at)) > 0.001).astype(np.float64), **labels)
    return lines


async def fill(folder: Path, lines: list[Line], start: int, end: int) -> tuple[int, int]:
    """Write all of it as it would have come, hour after hour; the blocks and the samples in memory."""
    clock = VirtualClock(start / 1000)
    store = Series(folder, Settings(), clock)
    await store.open()
    ids, refused = store.intern([line.labels for line in lines], "bench")
    assert not refused, refused
    at = np.concatenate([np.array(line.at) for line in lines])
    value = np.concatenate([np.array(line.value) for line in lines])
    owner = np.repeat(ids, [len(line.at) for line in lines])
    part = (at - start) // BATCH
    order = np.argsort(part, kind="stable")
    edges = np.searchsorted(part[order], np.arange(part.max() + 2))
    for number in range(len(edges) - 1):
        rows = order[edges[number] : edges[number + 1]]
        clock.set_wall((start + (number + 1) * BATCH) / 1000)
        taken = await store.append(Batch(owner[rows], at[rows], value[rows]), "bench")
        assert taken.samples == len(rows), taken
        if (number + 1) * BATCH % HOUR == 0:
            await store.upkeep()
    standing = store.standing()
    await store.close()
    return len(standing.blocks), standing.head


class Node:
    """The API of a node, once its store is open."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        deadline = time.monotonic() + 30
        while b'"success"' not in self.get_bytes("labels"):
            if time.monotonic() > deadline:
                raise RuntimeError("the store did not open")
            time.sleep(0.05)

    def get_bytes(self, path: str, **parameters: str | float) -> bytes:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", f"/prometheus/api/v1/{path}", urlencode(parameters), headers)
        return self._connection.getresponse().read()


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    report = Report("query", quick=args.quick)
    series, hours, rounds = (200, 6, 2) if args.quick else (1000, 24, 3)
    end = int(time.time() * 1000) // 60_000 * 60_000 - 60_000
    start = end - hours * HOUR
    lines = world(series, start, end)
    samples = sum(len(line.at) for line in lines)
    with tempfile.TemporaryDirectory(prefix="gadfly-query-") as name:
        folder = Path(name)
        blocks, head = asyncio.run(fill(folder / "state" / "series", lines, start, end))
        report.say(
            f"{len(lines):,} series, {hours} h, {samples:,} samples: {blocks} blocks, {head:,} in memory"
        )
        peer: Prometheus | None = None
        try:
            if missing():
                report.say(f"not installed: {', '.join(missing())}; no peer in this run")
            else:
                peer = Prometheus(folder)
                peer.load_blocks(lines, until=end + EVERY)
                peer.start()
            with gadfly(folder) as (program, address):
                program.ready()
                measure(report, Node(address), peer, start + HOUR, end, rounds)
        finally:
            if peer is not None:
                peer.stop()
    report.finish()


def measure(report: Report, ours: Node, peer: Prometheus | None, start: int, end: int, rounds: int) -> None:
    """Each query as a range over the day, each minute, and as of its end, in both."""
    rows: list[tuple[object, ...]] = []
    ours_all, theirs_all, instants, furthest = [], [], [], 0.0
    for text in QUERIES:
        asked = {"query": text, "start": start / 1000, "end": end / 1000, "step": 60.0}
        now, _answer = best(
            rounds, lambda text=text: ours.get_bytes("query", query=text, time=end / 1000 - 60)
        )
        mine, answer = best(rounds, lambda asked=asked: ours.get_bytes("query_range", **asked))
        theirs = None
        if peer is not None:
            theirs, reply = best(rounds, lambda asked=asked: peer.get_bytes("query_range", **asked))
            off = _distance(json.loads(reply)["data"], json.loads(answer)["data"])
            if off > TOLERANCE:
                report.say(f"answers differ by {off:.2g}: {text}")
            furthest = max(furthest, off)
            theirs_all.append(theirs)
        ours_all.append(mine)
        instants.append(now)
        rows.append((text[:70], mine * 1000, None if theirs is None else theirs * 1000, now * 1000))
    report.table(("query", "ours ms", "Prometheus ms", "ours, instant ms"), rows)
    report.figures["p50_ms"], report.figures["p95_ms"] = (
        quantile(ours_all, 0.5) * 1000,
        quantile(ours_all, 0.95) * 1000,
    )
    report.figures["instant_p50_ms"] = quantile(instants, 0.5) * 1000
    report.figures["dashboard_s"] = sum(ours_all)
    if not theirs_all:
        return
    report.peers["prometheus"] = {
        "p50_ms": quantile(theirs_all, 0.5) * 1000,
        "p95_ms": quantile(theirs_all, 0.95) * 1000,
        "dashboard_s": sum(theirs_all),
    }
    report.at_most("dashboard, ours to Prometheus", 2.0, sum(ours_all) / sum(theirs_all), "×")
    report.at_most("p50, ours to Prometheus", 2.0, quantile(ours_all, 0.5) / quantile(theirs_all, 0.5), "×")
    report.at_most("p95, ours to Prometheus", 2.0, quantile(ours_all, 0.95) / quantile(theirs_all, 0.95), "×")
    report.at_most("largest relative difference of any value", TOLERANCE, furthest, "")


def best(rounds: int, ask: Any) -> tuple[float, bytes]:
    """The shortest wall time of some rounds, s, and the last answer."""
    took, answer = [], b""
    for _ in range(rounds):
        began = time.perf_counter()
        answer = ask()
        took.append(time.perf_counter() - began)
    return min(took), answer


def _distance(theirs: dict[str, Any], ours: dict[str, Any]) -> float:
    one, other = table(theirs), table(ours)
    if one.keys() != other.keys():
        return float("inf")
    return max((distance(value, other[place]) for place, value in one.items()), default=0.0)


if __name__ == "__main__":
    main()
