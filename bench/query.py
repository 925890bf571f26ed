"""What a dashboard costs: 20 usual queries over a day of 1,000 series at 15 s, beside Debian's Prometheus.

Both answer from the same samples, ours from arrays in memory (the evaluator alone), Prometheus from blocks of
its own on disk, through its HTTP API on loopback; ours writes the same JSON. The answers are compared, too.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from gadfly.promql import Limits, instant, range_query
from gadfly.promql.format import data_json
from gadfly.promql.held import Held
from prometheus_peer import Prometheus, missing
from promql_compare import TOLERANCE, distance, table
from promql_world import BASE, Line
from report import Report, arguments, quantile

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


def world(series: int, hours: int) -> list[Line]:
    """Counters, histograms, gauges and `up`, together about so many series."""
    rng = np.random.default_rng(7)
    at = np.arange(BASE * 1000, BASE * 1000 + hours * 3_600_000, EVERY, dtype=np.int64)
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


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    report = Report("query", quick=args.quick)
    series, hours, rounds = (200, 6, 1) if args.quick else (1000, 24, 3)
    lines = world(series, hours)
    samples = sum(len(line.at) for line in lines)
    report.say(f"{len(lines):,} series, {hours} h, {samples:,} samples")
    start, step = BASE * 1000 + 3_600_000, 60_000
    end = BASE * 1000 + hours * 3_600_000
    held = Held((line.labels, np.array(line.at), np.array(line.value)) for line in lines)
    peer: Prometheus | None = None
    with tempfile.TemporaryDirectory() as folder:
        try:
            if missing():
                report.say(f"not installed: {', '.join(missing())}; no peer in this run")
            else:
                peer = Prometheus(Path(folder))
                peer.load_blocks(lines, until=end + EVERY)
                peer.start()
            measure(report, held, peer, start, end, step, rounds)
        finally:
            if peer is not None:
                peer.stop()
    report.finish()


def measure(
    report: Report, held: Held, peer: Prometheus | None, start: int, end: int, step: int, rounds: int
) -> None:
    """Each query as a range over the day and as of its end, in both, the best of some rounds."""
    rows: list[tuple[object, ...]] = []
    ours_all, theirs_all, furthest = [], [], 0.0
    for text in QUERIES:
        ours, answer = best(rounds, lambda text=text: _ours(held, text, start, end, step))
        now, _answer = best(rounds, lambda text=text: data_json(instant(held, text, end - 60_000)))
        theirs = None
        if peer is not None:
            asked = {"query": text, "start": start / 1000, "end": end / 1000, "step": step / 1000}
            theirs, reply = best(rounds, lambda asked=asked: peer.get_bytes("query_range", **asked))
            off = _distance(json.loads(reply)["data"], json.loads(answer))
            if off > TOLERANCE:
                report.say(f"answers differ by {off:.2g}: {text}")
            furthest = max(furthest, off)
            theirs_all.append(theirs)
        ours_all.append(ours)
        rows.append((text[:70], ours * 1000, None if theirs is None else theirs * 1000, now * 1000))
    report.table(("query", "ours ms", "Prometheus ms", "ours, instant ms"), rows)
    report.figures["p50_ms"], report.figures["p95_ms"] = (
        quantile(ours_all, 0.5) * 1000,
        quantile(ours_all, 0.95) * 1000,
    )
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


def _ours(held: Held, text: str, start: int, end: int, step: int) -> bytes:
    return data_json(range_query(held, text, start, end, step, Limits()))


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
