"""What it costs to take samples and to keep them: CPU, bytes, memory; and how quickly they are read again.

The data are those of an ordinary fleet, made from a fixed seed: every target has ten kinds of series in equal
parts (a constant; three counters of different pace; a percentage with two decimals; CPU seconds; bytes of
memory in pages; a gauge that seldom changes; a counter that seldom counts; a duration to the microsecond),
scraped every 15 s with ±2 ms of jitter that the series of a target share. Beside it, in the same run, on the
same samples: rows of SQLite, and Prometheus' own blocks as promtool writes them from OpenMetrics text.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import ingest_logs
import ingest_otlp
import ingest_pings
import ingest_remote
import ingest_scrape
from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.promql.limits import Limits
from gadfly.promql.source import Matcher
from gadfly.store.series import Batch, Series
from report import Report, arguments, quantile

STEP = 15_000
KINDS = 10
ROWS_STEPS = 480
"""Steps that SQLite gets: enough to see its pace, which is the slowest here."""
START = 1_800_000_000_000 // 86_400_000 * 86_400_000


class Fleet(NamedTuple):
    labels: list[dict[str, str]]
    at: NDArray[np.int64]
    """Targets × steps."""
    value: NDArray[np.float64]
    """Series × steps; the series of a target stand together."""
    each: int
    """Series of a target."""


def fleet(targets: int, each: int, steps: int) -> Fleet:
    random = np.random.default_rng(4)
    at = START + (np.arange(targets) * 731 % STEP)[:, None] + np.arange(steps) * STEP
    at = at + random.integers(-2, 3, at.shape)
    labels = []
    rows = []
    for target in range(targets):
        for number in range(each):
            labels.append({"__name__": f"metric_{number}", "instance": f"host-{target}:9100", "job": "node"})
            rows.append(_series(number % KINDS, steps, random))
    return Fleet(labels, at, np.array(rows, dtype=np.float64), each)


def _series(kind: int, steps: int, random: np.random.Generator) -> NDArray[np.float64]:
    if kind == 0:
        return np.ones(steps)
    if kind <= 3:
        return np.cumsum(random.poisson(random.uniform(0, 200), steps)) + float(random.integers(0, 10**7))
    if kind == 4:
        return np.round(50 + np.cumsum(random.normal(0, 0.5, steps)), 2)
    if kind == 5:
        return np.round(1000 + np.cumsum(random.exponential(0.01, steps)), 2)
    if kind == 6:
        return 2e9 + np.cumsum(random.integers(-3, 4, steps)) * 4096.0
    if kind == 7:
        return np.repeat(random.integers(0, 100, steps // 40 + 1), 40)[:steps].astype(np.float64)
    if kind == 8:
        return np.cumsum(random.poisson(0.05, steps)).astype(np.float64)
    return np.round(random.lognormal(-4, 0.5, steps), 6)


class Taken(NamedTuple):
    cpu: float
    seconds: float
    journal: int


async def take(store: Series, data: Fleet, *, together: bool) -> Taken:
    """Step by step as scrapes arrive: one batch a target, or one batch a step."""
    ids, refused = store.intern(data.labels, "bench")
    assert not refused, refused
    targets, steps = data.at.shape
    slices = [slice(n * data.each, (n + 1) * data.each) for n in range(targets)]
    cpu, seconds = time.process_time(), time.perf_counter()
    for step in range(steps):
        at = np.repeat(data.at[:, step], data.each)
        value = np.ascontiguousarray(data.value[:, step])
        if together:
            answers = [await store.append(Batch(ids, at, value), "bench")]
        else:
            answers = await asyncio.gather(
                *(store.append(Batch(ids[one], at[one], value[one]), "bench") for one in slices)
            )
        assert sum(one.samples for one in answers) == len(ids)
    return Taken(time.process_time() - cpu, time.perf_counter() - seconds, store.standing().journal)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def resident() -> float:
    """MB of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def imported(what: str) -> tuple[float, float]:
    """Seconds and MB that importing it costs a process that has numpy."""
    program = (
        "import time, numpy\n"
        "def rss(): return int(open('/proc/self/statm').read().split()[1]) * 4096 / 1e6\n"
        f"a, t = rss(), time.perf_counter()\nimport {what}\nprint(time.perf_counter() - t, rss() - a)"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    seconds, megabytes = map(float, out.split())
    return seconds, megabytes


def sqlite_rows(folder: Path, data: Fleet) -> tuple[float, float]:
    """Samples a CPU second, and bytes a sample, of the first steps as rows, a transaction a step."""
    steps = min(data.at.shape[1], ROWS_STEPS)
    path = folder / "rows.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE sample (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID"
    )
    ids = list(range(len(data.labels)))
    cpu = time.process_time()
    for step in range(steps):
        at = np.repeat(data.at[:, step], data.each).tolist()
        with connection:
            connection.executemany(
                "INSERT INTO sample VALUES (?, ?, ?)", zip(ids, at, data.value[:, step].tolist(), strict=True)
            )
    spent = time.process_time() - cpu
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    samples = steps * len(data.labels)
    return samples / spent, path.stat().st_size / samples


def prometheus_blocks(folder: Path, data: Fleet) -> tuple[int, int] | None:
    """Bytes of Prometheus' blocks of the same samples, and of the chunks alone. None: no promtool here."""
    promtool = shutil.which("promtool")
    if promtool is None:
        return None
    text = folder / "samples.txt"
    with text.open("w") as file:
        for number in range(data.each):
            for target in range(data.at.shape[0]):
                row = target * data.each + number
                labels = data.labels[row]
                name = f'{labels["__name__"]}{{instance="{labels["instance"]}",job="{labels["job"]}"}}'
                pairs = zip(data.value[row].tolist(), data.at[target].tolist(), strict=True)
                file.writelines(f"{name} {value!r} {at / 1000:.3f}\n" for value, at in pairs)
        file.write("# EOF\n")
    blocks = folder / "tsdb"
    made = subprocess.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(blocks)],
        capture_output=True,
        text=True,
        check=False,
    )
    text.unlink()
    if made.returncode:
        print(made.stderr, file=sys.stderr)
        return None
    chunks = sum(size(one) for one in blocks.glob("*/chunks"))
    return size(blocks), chunks


def reads(store: Series, name: str, hours: float, end: int, times: int) -> tuple[float, int]:
    """Median seconds of one metric of all targets, and its samples."""
    took = []
    count = 0
    for _ in range(times):
        started = time.perf_counter()
        chunk = store.select([Matcher("__name__", "=", name)], int(end - hours * 3_600_000), end, Limits())
        took.append(time.perf_counter() - started)
        count = len(chunk.at)
    return quantile(took, 0.5), count


async def main() -> None:
    quick = arguments(__doc__ or "").parse_args().quick
    report = Report("ingest", quick=quick)
    targets, each, hours = (20, 20, 4) if quick else (60, 50, 12)
    data = fleet(targets, each, hours * 3_600_000 // STEP)
    samples = data.value.size
    end = int(data.at.max())
    clock = VirtualClock(end / 1000)
    folder = Path(tempfile.mkdtemp(prefix="gadfly-ingest-"))
    try:
        gc.collect()
        before = resident()
        store = Series(folder / "a", Settings(), clock)
        await store.open()
        apart = await take(store, data, together=False)
        filled = resident()
        started, cpu = time.perf_counter(), time.process_time()
        await store.upkeep()
        rolled, rolled_cpu = time.perf_counter() - started, time.process_time() - cpu
        after = resident()
        standing = store.standing()
        in_blocks = samples - standing.head
        bytes_a_sample = sum(one.size for one in standing.blocks) / in_blocks
        recent = reads(store, "metric_4", 1 / 12, end, 20)
        whole = reads(store, "metric_4", hours, end, 5)
        await store.close()
        again = Series(folder / "a", Settings(), clock)
        started = time.perf_counter()
        await again.open()
        opened = time.perf_counter() - started
        await again.close()

        store = Series(folder / "b", Settings(), clock)
        await store.open()
        once = await take(store, data, together=True)
        # A day that is over is one block: this is how most samples are kept.
        ids, _ = store.intern([{"__name__": "later"}], "bench")
        clock.set_wall(end / 1000 + 86_400)
        await store.append(Batch(ids, np.array([end + 86_400_000]), np.ones(1)), "bench")
        await store.upkeep()
        day = sum(one.size for one in store.standing().blocks) / samples
        await store.close()

        rows_pace, rows_bytes = sqlite_rows(folder, data)
        tsdb = prometheus_blocks(folder, data)
        duckdb_seconds, duckdb_mb = imported("duckdb")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    print(f"{samples:,} samples: {targets} targets with {each} series, {hours} h at 15 s\n")
    table: list[tuple[object, ...]] = [
        ("gadfly, a batch a target", samples / apart.cpu, apart.journal / samples, bytes_a_sample),
        ("gadfly, a batch a step; merged to days", samples / once.cpu, once.journal / samples, day),
        ("SQLite rows, a commit a step", rows_pace, None, rows_bytes),
    ]
    if tsdb is not None:
        table.append(
            (
                "Prometheus' blocks (chunks alone)",
                None,
                None,
                f"{tsdb[0] / samples:.2f} ({tsdb[1] / samples:.2f})",
            )
        )
    report.table(("kept by", "samples/CPU s", "journal B", "B a sample"), table)
    report.table(
        ("also", "value", "unit"),
        [
            ("roll-in of " + f"{in_blocks:,}", in_blocks / rolled_cpu, "samples/CPU s"),
            ("roll-in, wall", rolled, "s"),
            ("memory, empty → head full → rolled in", f"{before:.0f} → {filled:.0f} → {after:.0f}", "MB"),
            ("open again (head from the journal)", opened, "s"),
            (f"read {recent[1]:,} samples of the last 5 min", recent[0] * 1000, "ms"),
            (f"read {whole[1]:,} samples of {hours} h", whole[0] * 1000, "ms"),
            ("import duckdb (at the first block)", duckdb_seconds, "s"),
            ("import duckdb", duckdb_mb, "MB"),
        ],
    )
    report.at_least("columnar append, a batch a step", 500_000, samples / once.cpu, "samples/CPU s")
    report.at_least("columnar append, a batch a target", 500_000, samples / apart.cpu, "samples/CPU s")
    report.at_most("after roll-in", 2.5, bytes_a_sample, "B/sample")
    report.at_most("a day that is over", 2.5, day, "B/sample")
    report.peers["sqlite"] = {
        "samples_per_cpu_s": rows_pace,
        "bytes_per_sample": rows_bytes,
    }
    if tsdb is not None:
        report.peers["prometheus"] = {
            "bytes_per_sample": tsdb[0] / samples,
            "bytes_per_sample_chunks": tsdb[1] / samples,
            "gadfly_to_prometheus": day / (tsdb[0] / samples),
        }
    await ingest_otlp.bench(report)
    await ingest_scrape.scrape(report)
    await ingest_pings.pings(report)
    ingest_logs.bench(report, quick=quick)
    # Last, as it waits for a roll-in; other programs are started and asked, so the loop has nothing to do.
    await asyncio.to_thread(ingest_remote.measure, report, quick=quick)
    report.finish()


if __name__ == "__main__":
    asyncio.run(main())
