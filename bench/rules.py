"""What rules cost: 1,000 alerting rules over 100,000 series, beside Debian's Prometheus with the same.

Both have the newest eight minutes of every series in memory, as a node and a Prometheus that are written to have.
Ours is one group's turn from the selectors to the durable write of what the rules found, as the node does it;
Prometheus tells itself how long its group took. What is measured is the shortest of some turns of each. Both
must find the same alerts.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from gadfly.clock import SystemClock
from gadfly.config.series import Series as Settings
from gadfly.promql import Limits
from gadfly.rules import files
from gadfly.rules.standing import GroupStanding, Rows
from gadfly.store.series import Batch, Series
from prometheus_peer import Prometheus, missing
from promql_world import Line
from report import Report, arguments

EVERY = 15_000
PIECE = 2_000
"""Series in one request to Prometheus."""
CONDITIONS = (
    ("Down", 'up{{job="{0}"}} == 0'),
    (
        "Errors",
        'sum by (job) (rate(requests_total{{job="{0}",code=~"5.."}}[5m]))'
        ' / sum by (job) (rate(requests_total{{job="{0}"}}[5m])) > 0.5',
    ),
    ("Slow", 'histogram_quantile(0.99, sum by (le) (rate(latency_bucket{{job="{0}"}}[5m]))) > 9.5'),
    ("Heap", 'max by (instance) (memory_bytes{{job="{0}",kind="heap"}}) > 5.02e8'),
    ("Full", 'sum by (instance) (memory_bytes{{job="{0}"}}) / on (instance) limit_bytes{{job="{0}"}} > 3'),
    ("Absent", 'absent(up{{job="{0}"}})'),
    ("Flaps", 'avg_over_time(up{{job="{0}"}}[5m]) < 0.5'),
    ("Burst", 'increase(requests_total{{job="{0}",code="500"}}[5m]) > 200'),
    ("Few", 'count(up{{job="{0}"}} == 1) < 3'),
    # Thresholds that no chance comes near: the two are asked at other times, and must find the same.
    ("Grows", 'deriv(memory_bytes{{job="{0}",kind="cache"}}[5m]) * 3600 > 1e8'),
)


def world(jobs: int, instances: int, start: int, end: int) -> list[Line]:
    """Each job has so many instances of 20 series."""
    rng = np.random.default_rng(3)
    at = np.arange(start, end, EVERY, dtype=np.int64).tolist()
    count = len(at)
    lines: list[Line] = []
    for job in range(jobs):
        for number in range(instances):
            labels = {"instance": f"i{job}-{number}", "job": f"j{job}"}

            def add(name: str, value: Any, labels: dict[str, str] = labels, **more: str) -> None:
                lines.append(Line({"__name__": name, **labels, **more}, at, value.tolist()))

            for code in ("200", "201", "400", "404", "500", "503"):
                add("requests_total", np.cumsum(rng.poisson(3, count)).astype(np.float64), code=code)
            buckets = np.cumsum(np.cumsum(rng.poisson(2, (8, count)), axis=1), axis=0).astype(np.float64)
            bounds = ("0.01", "0.05", "0.1", "0.5", "1", "5", "10", "+Inf")
            for bound, counts in zip(bounds, buckets, strict=True):
                add("latency_bucket", counts, le=bound)
            for kind in ("heap", "stack", "cache", "mapped"):
                add("memory_bytes", 5e8 + np.cumsum(rng.normal(0, 1e5, count)), kind=kind)
            add("limit_bytes", np.full(count, 1e9))
            add("up", (np.full(count, rng.random()) > 0.01).astype(np.float64))
    return lines


def rule_file(jobs: int) -> str:
    """JSON is YAML."""
    rules = [
        {"alert": name, "expr": text.format(f"j{job}"), "for": "5m", "labels": {"severity": "page"}}
        for job in range(jobs)
        for name, text in CONDITIONS
    ]
    return json.dumps({"groups": [{"name": "all", "interval": "5s", "rules": rules}]})


async def ours(folder: Path, lines: list[Line], turns: int) -> tuple[float, float, set[str]]:
    """The shortest turn, wall and processor seconds; and the alerts."""
    store = Series(folder / "series", Settings(series_per_source=1_000_000), SystemClock())
    await store.open()
    ids, refused = store.intern([line.labels for line in lines], "bench")
    assert not refused, refused
    at = np.array(lines[0].at)
    value = np.array([line.value for line in lines])
    for column in range(len(at)):
        taken = await store.append(Batch(ids, np.full(len(ids), at[column]), value[:, column]), "bench")
        assert taken.samples == len(ids), taken
    (group,) = files.load([str(folder / "rules.yml")])
    standing = GroupStanding(group, 5.0)
    loop = asyncio.get_running_loop()
    known: dict[Any, int] = {}

    async def append(rows: Rows, when: int) -> None:
        fresh = [key for key, _ in rows if key not in known]
        if fresh:
            found, _ = store.intern([dict(key) for key in fresh], "rule")
            known.update(zip(fresh, found.tolist(), strict=True))
        numbers = np.array([known[key] for key, _ in rows], np.int64)
        await store.append(
            Batch(numbers, np.full(len(rows), when), np.array([value for _, value in rows])), "rule"
        )

    wall, cpu = [], []
    for _ in range(turns):
        when = round(time.time() * 1000)

        def write(rows: Rows, when: int = when) -> None:
            asyncio.run_coroutine_threadsafe(append(rows, when), loop).result()

        began, used = time.perf_counter(), time.process_time()
        await asyncio.to_thread(standing.turn, store, when, Limits(), write, "")
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
        await asyncio.sleep(0.2)
    errors = {rule.error for rule in standing.rules if rule.error}
    assert not errors, errors
    alerts = {_key(one.labels) for rule in standing.rules for one in rule.alerts.standing()}
    await store.close()
    return min(wall), min(cpu), alerts


def theirs(peer: Prometheus, turns: int) -> tuple[float, set[str]]:
    """The shortest turn that Prometheus tells of, and its alerts."""
    took: dict[str, float] = {}
    deadline = time.monotonic() + 60
    while len(took) < turns and time.monotonic() < deadline:
        (group,) = peer.fetch("rules")["groups"]
        if not group["lastEvaluation"].startswith("0001"):
            took[group["lastEvaluation"]] = group["evaluationTime"]
        time.sleep(0.5)
    return min(took.values()), {_key(one["labels"]) for one in peer.fetch("alerts")["alerts"]}


def _key(labels: dict[str, str]) -> str:
    return json.dumps(sorted(labels.items()))


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    report = Report("rules", quick=args.quick)
    jobs, instances, turns = (10, 10, 2) if args.quick else (100, 50, 5)
    end = round(time.time() * 1000) // EVERY * EVERY + EVERY
    lines = world(jobs, instances, end - 480_000, end)
    report.say(
        f"{jobs * len(CONDITIONS):,} rules over {len(lines):,} series, {len(lines[0].at)} samples each"
    )
    with tempfile.TemporaryDirectory(prefix="gadfly-rules-") as name:
        folder = Path(name)
        (folder / "rules.yml").write_text(rule_file(jobs))
        wall, cpu, alerts = asyncio.run(ours(folder, lines, turns))
        rows: list[tuple[object, ...]] = [("gadfly", wall, cpu, len(alerts))]
        report.figures |= {"rules": jobs * len(CONDITIONS), "series": len(lines), "alerts": len(alerts)}
        if missing():
            report.say(f"not installed: {', '.join(missing())}; no peer in this run")
        else:
            peer = Prometheus(folder)
            peer.start({"rule_files": [str(folder / "rules.yml")]})
            try:
                for place in range(0, len(lines), PIECE):
                    peer.write(lines[place : place + PIECE], since=end - 480_000)
                time.sleep(6)
                seconds, found = theirs(peer, turns)
            finally:
                peer.stop()
            rows.append(("Prometheus 2.42", seconds, None, len(found)))
            report.peers["prometheus"] = {"seconds": seconds, "alerts": len(found)}
            report.figures["to_prometheus"] = wall / seconds
            report.exactly("alerts that only one of the two has", 0, len(found ^ alerts), "")
        report.table(("system", "a turn, s", "CPU, s", "alerts"), rows)
        report.at_most(f"{jobs * len(CONDITIONS):,} rules, {len(lines):,} series: a turn", 2.0, wall, "s")
    report.finish()


if __name__ == "__main__":
    main()
