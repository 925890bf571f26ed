"""What it costs to scrape: reading and keeping the samples of answers, and ten thousand targets at ten seconds.

The answers are those of an ordinary exporter: a thousand samples with a few labels, of which half change. The
targets are paths of one small server in a process of its own on loopback; gadfly and Debian's Prometheus scrape
them one after the other, each with the same file of targets, and are measured by the kernel's accounting with
all their processes; a smoke run has no time for Prometheus, which needs five seconds to see a file. Part of `bench/ingest.py`; runs alone as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import usage
from gadfly.clock import SystemClock, VirtualClock
from gadfly.config import Config
from gadfly.config.scrape import Scrape
from gadfly.config.series import Series as Settings
from gadfly.intake.push import Pushes
from gadfly.intake.target_series import TargetSeries, join, rules_of
from gadfly.store.series import Batch, Series
from gadfly.store.sqlite import Database
from gadfly.telemetry.exposition import Heads
from report import Report, arguments

SAMPLES = 20
"""Samples of each of the many targets."""
GOAL = 200_000


def exposition(number: int, samples: int = 1000) -> bytes:
    """What an exporter answers at its `number`th scrape."""
    lines = []
    for metric in range(samples // 20):
        lines.append(f"# HELP bench_metric_{metric}_total What is counted, in so many words.")
        lines.append(f"# TYPE bench_metric_{metric}_total counter")
        for cpu in range(20):
            value = metric * 1000 + cpu + (number * 1.37 if cpu % 2 else 0)
            lines.append(
                f'bench_metric_{metric}_total{{cpu="{cpu}",mode="idle",device="sd{cpu % 4}"}} {value!r}'
            )
    return "\n".join(lines).encode() + b"\n"


async def pace(folder: Path, targets: int, rounds: int) -> tuple[float, float]:
    """Samples a CPU second: read only, and read and kept (durably, all targets of a round in one batch)."""
    bodies = [exposition(number) for number in range(rounds)]
    heads = Heads("text")
    heads.scan(bodies[0])
    cpu = time.process_time()
    for _ in range(targets):
        for body in bodies:
            heads.scan(body)
    read = len(bodies) * targets * 1000 / (time.process_time() - cpu)

    clock = VirtualClock(1_800_000_000)
    store = Series(folder, Settings(), clock)
    await store.open()
    rules = rules_of(Scrape())
    heads = Heads("text")
    every = [TargetSeries({"job": "bench", "instance": f"host-{n}:9100"}, rules) for n in range(targets)]
    taken = 0
    cpu = 0.0
    for number, body in enumerate(bodies):
        if number == 1:  # the first scrape of a target is once
            cpu, taken = time.process_time(), 0
        at = round(clock.wall() * 1000) + number * 15_000
        parts = [
            one.take(heads.scan(body), heads, at, lambda labels: store.intern(labels, "bench")[0]).columns
            for one in every
        ]
        whole = join(parts)
        taken += (await store.append(Batch(whole.series, whole.at, whole.value), "bench")).samples
        clock.set_wall(clock.wall() + 15)
    kept = taken / (time.process_time() - cpu)
    await store.close()
    return read, kept


async def serve(port: int) -> None:
    """The targets: every path is one. Runs until standard input ends."""
    bodies = []
    for number in range(16):
        lines = [f'bench_value{{n="{n}",mode="idle"}} {n + number * 0.5!r}' for n in range(SAMPLES)]
        text = "# TYPE bench_value gauge\n" + "\n".join(lines) + "\n"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {len(text)}\r\n\r\n"
        bodies.append((head + text).encode())

    class Target(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport, self.count, self.waiting = transport, 0, b""

        def data_received(self, data: bytes) -> None:
            self.waiting += data
            if self.waiting.endswith(b"\r\n\r\n"):
                self.waiting = b""
                self.count += 1
                self.transport.write(bodies[self.count % 16])

    loop = asyncio.get_running_loop()
    server = await loop.create_server(Target, "127.0.0.1", port, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.buffer.read)


async def pushed(folder: Path, groups: int, pushes: int) -> float:
    """Pushes a second, 64 at a time, each on disk when it returns, where so many groups are kept."""
    os.mkdir(folder)
    db = Database(folder / "gadfly.db")
    pushes_of = Pushes(Config(), SystemClock(), db, lambda: None)
    task = asyncio.create_task(pushes_of.run())
    body = b"# TYPE job_rows gauge\njob_rows 5\n# TYPE job_seconds gauge\njob_seconds 1.5\n"
    room = asyncio.Semaphore(64)

    async def one(number: int) -> None:
        async with room:
            await pushes_of.push(f"job-{number % groups}/instance/i", body, replace=True)

    await asyncio.sleep(0.2)
    await asyncio.gather(*(one(number) for number in range(groups)))
    began = time.perf_counter()
    await asyncio.gather(*(one(number * 7919) for number in range(pushes)))
    pace = pushes / (time.perf_counter() - began)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    db.close()
    return pace


class Cost(NamedTuple):
    cores: float
    megabytes: float
    up: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        process.wait()


def asked(base: str, query: str) -> int:
    """The value of a query in Prometheus' API; 0 where nobody answers."""
    url = f"{base}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            found = json.load(answer)["data"]["result"]
    except OSError:
        return 0
    return int(float(found[0]["value"][1])) if found else 0


def measured(pid: int, base: str, warm: float, seconds: float) -> Cost:
    time.sleep(warm)
    pids = usage.family(pid)
    cpu, began = usage.cpu_seconds(pids), time.monotonic()
    time.sleep(seconds)
    cores = (usage.cpu_seconds(usage.family(pid)) - cpu) / (time.monotonic() - began)
    memory = usage.proportional_bytes(usage.family(pid)) / 1e6
    return Cost(cores, memory, asked(base, "sum(up)"))


def many(
    folder: Path, targets: int, every: float, warm: float, seconds: float, peer: bool
) -> dict[str, Cost]:
    """What each costs while it scrapes them all."""
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        address = f"127.0.0.1:{int(server.stdout.readline())}"
        groups = [
            {"targets": [address], "labels": {"__metrics_path__": f"/{n}", "instance": f"host-{n}:9100"}}
            for n in range(targets)
        ]
        (folder / "targets.json").write_text(json.dumps(groups))
        port = free_port()
        (folder / "gadfly.toml").write_text(
            f'[node]\nlisten = "127.0.0.1:{port}"\nstate = "{folder}/state"\nwatch_host = false\n'
            f'[heartbeat]\ngroups = ["239.192.71.70:{free_port()}"]\n'
            "[series]\nseries_per_source = 1_000_000\n"
            f'[scrape.bench]\nfiles = ["{folder}/targets.json"]\nevery = "{every:g}s"\n'
        )
        program = str(Path(sys.executable).with_name("gadfly"))
        commands = {
            "gadfly": (
                [program, "up", "--quiet", "--config", f"{folder}/gadfly.toml"],
                f"http://127.0.0.1:{port}/prometheus",
            )
        }
        if peer and shutil.which("prometheus"):
            port = free_port()
            config = {
                "global": {"scrape_interval": f"{every:g}s", "scrape_timeout": f"{every:g}s"},
                "scrape_configs": [
                    {"job_name": "bench", "file_sd_configs": [{"files": [f"{folder}/targets.json"]}]}
                ],
            }
            (folder / "prometheus.yml").write_text(json.dumps(config))
            commands["prometheus"] = (
                [
                    "prometheus",
                    f"--config.file={folder}/prometheus.yml",
                    f"--storage.tsdb.path={folder}/data",
                    f"--web.listen-address=127.0.0.1:{port}",
                ],
                f"http://127.0.0.1:{port}",
            )
        environment = {"GADFLY_RUN": f"{folder}/run", "GADFLY_TO": "127.0.0.1:9"}

        def cost(name: str) -> Cost:
            command, base = commands[name]
            with running(command, **environment) as process:
                return measured(process.pid, base, warm, seconds)

        costs = {name: cost(name) for name in commands}
    finally:
        server.kill()
        server.wait()
        assert server.stdin is not None
        server.stdin.close()
    return costs


async def scrape(report: Report) -> None:
    """The part of scraping, into a report."""
    folder = Path(tempfile.mkdtemp(prefix="gadfly-scrape-"))
    try:
        read, kept = await pace(folder / "series", *((5, 6) if report.quick else (50, 20)))
        targets, every, warm, seconds = (200, 1.0, 3.5, 1.0) if report.quick else (10_000, 10.0, 30.0, 40.0)
        few, many_groups, pushes = (50, 500, 500) if report.quick else (60, 6000, 6000)
        paces = {count: await pushed(folder / f"push{count}", count, pushes) for count in (few, many_groups)}
        costs = await asyncio.to_thread(many, folder, targets, every, warm, seconds, not report.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.table(
        ("scraping", "samples/CPU s"),
        [("read", read), ("read and kept", kept)],
        title="Answers of an exporter, 1,000 samples each",
    )
    report.table(
        ("scraped by", "cores", "MB", "targets up"),
        [(name, cost.cores, cost.megabytes, cost.up) for name, cost in costs.items()],
        title=f"{targets:,} targets with {SAMPLES} samples, every {every:g} s",
    )
    report.table(
        ("pushes", "a second"),
        [(f"{count:,} groups kept", pace) for count, pace in paces.items()],
        title="Pushed, 64 at a time, each on disk before it is answered; without HTTP",
    )
    report.at_least("scraped answers, read and kept", GOAL, kept, "samples/CPU s")
    report.at_least(
        f"pushes a second with {many_groups:,} groups, to {few}",
        0.6,
        paces[many_groups] / paces[few],
        "ratio",
    )
    if not report.quick:
        report.at_most("10,000 targets at 10 s", 1.0, costs["gadfly"].cores, "cores")
        report.at_least("10,000 targets at 10 s, up", targets, costs["gadfly"].up, "targets")
    report.figures["scrape"] = {name: cost._asdict() for name, cost in costs.items()}
    if peer := costs.get("prometheus"):
        report.peers["prometheus_scraping"] = {**peer._asdict(), "targets": targets, "every_s": every}


async def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--serve", action="store_true", help="be the targets")
    given = parser.parse_args()
    if given.serve:
        await serve(0)
        return
    report = Report("ingest_scrape", quick=given.quick)
    await scrape(report)
    report.finish()


if __name__ == "__main__":
    asyncio.run(main())
