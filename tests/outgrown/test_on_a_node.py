"""A whole node: Debian's Prometheus writes to it, kill -9 loses nothing, and it passes all on."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gadfly.telemetry import snappy
from gadfly.telemetry.remote_write_sent import labels, series

_spec = importlib.util.spec_from_file_location("outgrown_servers", Path(__file__).with_name("servers.py"))
assert _spec is not None
assert _spec.loader is not None
servers = importlib.util.module_from_spec(_spec)
sys.modules["outgrown_servers"] = servers
_spec.loader.exec_module(servers)

pytestmark = pytest.mark.slow
HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}


class Up:
    """`gadfly up` in a process of its own."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.port = servers.free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            udp = probe.getsockname()[1]
        (folder / "gadfly.toml").write_text(
            f"""
            [node]
            name = "north"
            listen = "127.0.0.1:{self.port}"
            state = "{folder / "state"}"
            watch_host = false
            [heartbeat]
            groups = ["239.192.71.70:{udp}"]
            {more}
            """
        )
        self.environment = {**os.environ, "GADFLY_RUN": str(folder / "run"), "HOME": str(folder)}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "gadfly", "up", "--quiet", "--config", "gadfly.toml"]
        self.process = subprocess.Popen(command, cwd=self.folder, env=self.environment)

    def write(self, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", "/api/v1/write", body, {**HEADERS, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def written(self, body: bytes) -> None:
        """Until it is taken; a node that starts says 503, as a sender may expect."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                status, sent, said = self.write(body)
            except OSError:
                status, sent, said = 0, {}, b""
            if status == 204:
                return
            assert status in (0, 503), said
            assert not status or sent["retry-after"] == "2"
            time.sleep(0.1)
        raise AssertionError("it was not taken")

    def ask(self, text: str) -> list[Any]:
        where = f"http://127.0.0.1:{self.port}/api/v1/query?{urllib.parse.urlencode({'query': text})}"
        try:
            with urllib.request.urlopen(where, timeout=10) as answer:
                return list(json.load(answer)["data"]["result"])
        except OSError:
            return []

    def until(self, text: str) -> list[Any]:
        """The result of a query, once it has one."""
        deadline = time.monotonic() + 20
        while not (found := self.ask(text)):
            assert time.monotonic() < deadline, text
            time.sleep(0.1)
        return found

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    made = Up(tmp_path)
    yield made
    made.close()


def many(at: int) -> bytes:
    return snappy.compress(
        b"".join(series(labels({"__name__": "many", "n": str(n)}), [(at, float(n))]) for n in range(2000))
    )


def test_what_was_acknowledged_outlives_kill_9(up: Up) -> None:
    now = int(time.time()) * 1000
    up.written(many(now - 1000))
    assert up.write(many(now))[0] == 204
    up.process.send_signal(signal.SIGKILL)
    up.process.wait(20)
    up.start()
    (count,) = up.until("sum(count_over_time(many[5m]))")
    assert count["value"][1] == "4000"
    (total,) = up.ask("sum(many)")
    assert total["value"][1] == str(sum(range(2000)))


def test_hostile_requests_cost_nothing_but_themselves(up: Up) -> None:
    now = int(time.time()) * 1000
    up.written(many(now - 1000))
    before = memory(up.process.pid)
    absurd = series(b"".join(labels({f"l{n}": "x"}) for n in range(5000)), [(now, 1.0)])
    for body, headers, statuses in (
        (b"", {}, {400}),
        (os.urandom(10_000), {}, {400}),
        (many(now)[:-7], {}, {400}),
        (snappy.compress(bytes(40_000_000)), {}, {413}),
        (b"\xff\xff\xff\xff\x0f" + bytes(100), {}, {400}),
        (snappy.compress(absurd + series(labels({"__name__": "good"}), [(now, 1.0)])), {}, {400}),
        (snappy.compress(b"\x0a\x00" * 15_000_000), {}, {413}),
        (b"x" * 17_000_000, {}, {413}),
        (many(now), {"Content-Encoding": "gzip"}, {415}),
        (many(now), {"Content-Type": "text/plain"}, {415}),
    ):
        try:
            status, _, said = up.write(body, headers)
        except (BrokenPipeError, ConnectionResetError):
            assert len(body) > 16_000_000  # it did not wait for the rest
            continue
        assert status in statuses, said
        assert b"Traceback" not in said
    assert up.ask("good")[0]["value"][1] == "1"
    assert up.write(many(now))[0] == 204
    assert memory(up.process.pid) - before < 200


def memory(pid: int) -> float:
    """MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


def test_prometheus_writes_to_a_node_that_passes_it_on(tmp_path: Path) -> None:
    elsewhere = servers.Server(tmp_path, "victoriametrics")
    elsewhere.start()
    up = Up(
        tmp_path,
        f"""
        [remote]
        write = "{elsewhere.url}/api/v1/write"
        read = "{elsewhere.url}"
        kind = "victoriametrics"
        """,
    )
    prometheus = servers.Server(
        tmp_path,
        "prometheus",
        f"""
remote_write:
  - url: http://127.0.0.1:{up.port}/prometheus/api/v1/write
    queue_config: {{batch_send_deadline: 500ms}}
    metadata_config: {{send_interval: 1s}}
scrape_configs:
  - job_name: itself
    static_configs: [{{targets: ["127.0.0.1:9"]}}]
""",
    )
    prometheus.start()
    try:
        (one,) = up.until('up{job="itself"}')  # read from elsewhere
        assert one["value"][1] == "0"
        assert one["metric"] == {"__name__": "up", "job": "itself", "instance": "127.0.0.1:9"}
        up.until('scrape_samples_scraped{job="itself"}')
        said = urllib.request.urlopen(f"http://127.0.0.1:{up.port}/metrics", timeout=10).read().decode()
        assert 'gadfly_intake_total{part="remote",what="sent_samples"}' in said
    finally:
        prometheus.stop()
        up.close()
        elsewhere.stop()
