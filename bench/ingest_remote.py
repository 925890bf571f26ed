"""Remote write: what a sample costs the one who takes it, beside Prometheus and VictoriaMetrics.

The same prepared requests (version 1, snappy, 2,000 samples each, as Prometheus' shards send them: nearly all
of series that were written before) go to a whole gadfly node, to Debian's Prometheus with its receiver on, and
to VictoriaMetrics, one after the other, over four connections on loopback. Counted is the CPU time of the
receiving processes alone, as the kernel counts it, after the first request of every series.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

import usage
from gadfly.telemetry import remote_write_sent, snappy
from report import Report

EACH = 2000
CONNECTIONS = 4
STEP = 15_000
COMMON = {
    "cluster": "production-eu-central-1",
    "namespace": "monitoring",
    "pod": "node-exporter-7xk2p",
    "device": "nvme0n1",
    "team": "platform",
}
HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
Lanes = list[list[bytes]]
"""For each connection the bodies in order; the first of each holds the first samples of its series."""


class Took(NamedTuple):
    first: float
    """CPU seconds until every series was known."""
    cpu: float
    seconds: float
    resident: float
    """MB at the end."""


def requests(count: int, steps: int, end: int) -> tuple[Lanes, int]:
    """Requests for each connection, and how many of each come before all series are known."""
    from ingest import fleet

    data = fleet(count // 50, 50, steps)
    at = data.at + (end - int(data.at.max()))
    named = [remote_write_sent.labels({**one, **COMMON}) for one in data.labels]
    lanes: Lanes = [[] for _ in range(CONNECTIONS)]
    opening = 0
    for number, lane in enumerate(lanes):
        mine = range(number * count // CONNECTIONS, (number + 1) * count // CONNECTIONS)
        waiting: list[bytes] = []
        for step in range(steps):
            times = at[:, step].tolist()
            values = data.value[:, step].tolist()
            for row in mine:
                waiting.append(remote_write_sent.series(named[row], [(times[row // 50], values[row])]))
                if len(waiting) == EACH:
                    lane.append(snappy.compress(b"".join(waiting)))
                    waiting = []
            if step == 0:
                if waiting:
                    lane.append(snappy.compress(b"".join(waiting)))
                    waiting = []
                opening = len(lane)
        if waiting:
            lane.append(snappy.compress(b"".join(waiting)))
    return lanes, opening


def send(lanes: Lanes, port: int, path: str) -> None:
    """Everything, each lane in order on its own connection. RuntimeError where something is refused."""
    failed: list[str] = []
    # Prometheus refuses what is an hour older than its newest: the connections keep in step.
    abreast = threading.Barrier(len(lanes))
    most = max(map(len, lanes))

    def one(lane: list[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, body in enumerate([*lane, *[b""] * (most - len(lane))]):
            if number % 8 == 0:
                try:
                    abreast.wait(60)
                except threading.BrokenBarrierError:
                    break
            if not body:
                continue
            connection.request("POST", path, body, HEADERS)
            response = connection.getresponse()
            said = response.read()
            if response.status >= 300:
                failed.append(f"{response.status} {said[:300]!r}")
                abreast.abort()
                break
        connection.close()

    threads = [threading.Thread(target=one, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])


class Server:
    """A program that takes remote write, from `start` to `stop`."""

    def __init__(self, name: str, folder: Path, command: Callable[[int], list[str]], ready: str) -> None:
        self.name = name
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._ready = ready
        environment = os.environ | {"GADFLY_RUN": str(folder / "run"), "HOME": str(folder)}
        with (folder / f"{name}.log").open("wb") as log:
            self.process = subprocess.Popen(
                command(self.port), stdout=log, stderr=log, cwd=folder, env=environment
            )

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get(self._ready)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError((self.folder / f"{self.name}.log").read_text()[-2000:])

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def took(self, lanes: Lanes, opening: int) -> Took:
        pids = usage.family(self.process.pid)
        path = "/api/v1/write"
        before = usage.cpu_seconds(pids)
        send([lane[:opening] for lane in lanes], self.port, path)
        known, started = usage.cpu_seconds(pids), time.perf_counter()
        send([lane[opening:] for lane in lanes], self.port, path)
        seconds = time.perf_counter() - started
        pids = usage.family(self.process.pid)
        return Took(known - before, usage.cpu_seconds(pids) - known, seconds, resident(pids))


def resident(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 1e6


def commands(folder: Path) -> dict[str, tuple[Callable[[int], list[str]], str]]:
    def gadfly(port: int) -> list[str]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            udp = probe.getsockname()[1]
        (folder / "gadfly.toml").write_text(
            f'[node]\nname = "bench"\nlisten = "127.0.0.1:{port}"\nstate = "{folder / "state"}"\n'
            f'watch_host = false\n[heartbeat]\ngroups = ["239.192.71.70:{udp}"]\n'
        )
        return [sys.executable, "-m", "gadfly", "up", "--quiet", "--config", str(folder / "gadfly.toml")]

    def prometheus(port: int) -> list[str]:
        (folder / "prometheus.yml").write_text("{}")
        return [
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver",
        ]

    def victoriametrics(port: int) -> list[str]:
        return [
            "victoria-metrics",
            f"-storageDataPath={folder / 'victoriametrics'}",
            f"-httpListenAddr=127.0.0.1:{port}",
        ]

    return {
        "gadfly": (gadfly, "/readyz"),
        "prometheus": (prometheus, "/-/ready"),
        "victoriametrics": (victoriametrics, "/health"),
    }


def kept(server: Server) -> dict[str, float]:
    """What the node says that its store holds."""
    text = server.get("/metrics")[1]
    found = re.findall(r'^gadfly_series_kept\{[^}]*"(\w+)"\} (\S+)$', text, re.MULTILINE)
    return {what: float(number) for what, number in found}


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def rolled_in(server: Server, samples: int, seconds: float) -> float | None:
    """Bytes a sample of the blocks, when the store has looked after itself, which it does once a minute."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        holds = kept(server)
        if holds.get("block_bytes", 0) and holds["samples_in_memory"] < samples:
            return holds["block_bytes"] / (samples - holds["samples_in_memory"])
        time.sleep(1)
    return None


def measure(report: Report, *, quick: bool) -> None:
    count, steps = (4000, 60) if quick else (5000, 960)
    samples = count * (steps - 1)
    lanes, opening = requests(count, steps, int(time.time()) * 1000)
    report.say(
        f"\nremote write: {samples:,} samples of {count:,} series that are known, after one of each; "
        f"{np.mean([len(body) for lane in lanes for body in lane]) / EACH:.1f} B a sample compressed"
    )
    rows: list[tuple[object, ...]] = []
    pace: dict[str, float] = {}
    for name in ("gadfly", "prometheus", "victoriametrics"):
        folder = Path(tempfile.mkdtemp(prefix=f"gadfly-bench-{name}-"))
        command, ready = commands(folder)[name]
        program = {"gadfly": sys.executable, "victoriametrics": "victoria-metrics"}.get(name, name)
        if shutil.which(program) is None:
            report.say(f"{program} is not installed: it is left out")
            continue
        server = Server(name, folder, command, ready)
        try:
            server.wait()
            time.sleep(1)  # what a start costs is not what a sample costs
            took = server.took(lanes, opening)
            pace[name] = samples / took.cpu
            bytes_ = None
            if name == "gadfly" and not quick:
                bytes_ = rolled_in(server, samples + count, 150)
            server.stop()
            if name == "victoriametrics":
                bytes_ = size(folder / "victoriametrics") / (samples + count)
            rows.append(
                (name, pace[name], samples / took.seconds, took.first / count * 1e6, took.resident, bytes_)
            )
            figures = {
                "samples_per_cpu_s": pace[name],
                "samples_per_s": samples / took.seconds,
                "first_us_per_series": took.first / count * 1e6,
                "resident_mb": took.resident,
                "bytes_per_sample": bytes_,
            }
            if name == "gadfly":
                report.figures["remote_write"] = figures
            else:
                report.peers[f"remote_write_{name}"] = figures
            if name == "gadfly":
                report.at_least("remote write, a whole node", 500_000, pace[name], "samples/CPU s")
                if not quick:
                    report.at_most("remote write, after roll-in", 2.5, bytes_, "B/sample")
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)
    report.table(
        ("remote write taken by", "samples/CPU s", "samples/s", "new series µs", "MB", "B a sample"), rows
    )
    for name in ("prometheus", "victoriametrics"):
        if name in pace:
            report.peers[f"remote_write_{name}"]["gadfly_to_it"] = pace["gadfly"] / pace[name]
