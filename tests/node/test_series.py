"""The series of `gadfly up` are asked by Prometheus' own promtool, and outlive kill -9."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.first]

PROMTOOL = shutil.which("promtool")


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Up:
    """A node in a process of its own that asks itself every half second."""

    def __init__(self, folder: Path, reading: str = "open") -> None:
        self.folder = folder
        tcp, udp = free(socket.SOCK_STREAM), free(socket.SOCK_DGRAM)
        self.url = f"http://127.0.0.1:{tcp}"
        (folder / "gadfly.toml").write_text(
            f"""
            [node]
            name = "north"
            listen = "127.0.0.1:{tcp}"
            state = "{folder / "state"}"
            reading = "{reading}"
            [heartbeat]
            groups = ["239.192.71.70:{udp}"]
            [owner.web]
            contact = ["exec:/bin/true"]
            [component.shop]
            owner = "web"
            probe.http = {{ url = "{self.url}/livez", every = "500ms" }}
            """
        )
        self.environment = {**os.environ, "GADFLY_RUN": str(folder / "run"), "HOME": str(folder)}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "gadfly", "up", "--quiet", "--config", "gadfly.toml"]
        self.process = subprocess.Popen(command, cwd=self.folder, env=self.environment)

    def get(self, path: str, **query: str) -> Any:
        where = f"{self.url}/prometheus/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(where, timeout=10) as answer:
                return json.load(answer)["data"]
        except (urllib.error.URLError, ConnectionError):
            return None

    def until(self, text: str) -> list[Any]:
        """The result of a query, once it has one."""
        deadline = time.monotonic() + 40
        while True:
            data = self.get("query", query=text)
            if data and data["result"]:
                return list(data["result"])
            assert time.monotonic() < deadline, text
            time.sleep(0.2)

    def promtool(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(PROMTOOL), "query", *arguments], capture_output=True, text=True, check=True, timeout=20
        )
        return done.stdout

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    if PROMTOOL is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs Debian's prometheus package")
        pytest.skip("needs promtool, of Debian's prometheus package")
    made = Up(tmp_path)
    yield made
    made.close()


def test_promtool_asks_what_probes_and_heartbeats_do(up: Up) -> None:
    up.until("probe_success")
    up.until("heartbeat_up")
    server = f"{up.url}/prometheus"
    (line,) = up.promtool("instant", server, 'probe_success{component="shop"}').splitlines()
    assert line.startswith(
        'probe_success{component="shop", kind="service", owner="web", probe="http"} => 1 @['
    )
    host = socket.gethostname()
    told = up.promtool("instant", server, f'heartbeat_interval_seconds{{component="{host}"}}')
    assert "=> 1 @[" in told
    told = up.promtool("range", "--step=1s", server, "sum(probe_success)")
    assert told.startswith("{} =>\n1 @[")
    told = up.promtool("series", "--match=probe_success", server)
    assert told.startswith('{__name__="probe_success", component="shop"')
    assert "probe_duration_seconds\n" in up.promtool("labels", server, "__name__")
    assert up.promtool("instant", server, "1 + 1").startswith("scalar: 2 @[")
    refused = subprocess.run(
        [str(PROMTOOL), "query", "instant", server, "sum("], capture_output=True, text=True, check=False
    )
    assert refused.returncode != 0
    assert 'bad_data: invalid parameter "query"' in refused.stderr


def test_the_nodes_own_metrics_are_series(up: Up) -> None:
    (one,) = up.until('process_resident_memory_bytes{job="gadfly", part="node"}')
    assert one["metric"]["instance"] == "north"
    assert float(one["value"][1]) > 1e7


def test_what_was_written_outlives_kill_9(up: Up) -> None:
    (before,) = up.until("count_over_time(probe_success[1h])")
    up.process.send_signal(signal.SIGKILL)
    up.process.wait(20)
    up.start()
    (after,) = up.until("count_over_time(probe_success[1h])")
    assert float(after["value"][1]) >= float(before["value"][1])


def test_where_reading_needs_a_token_series_do_too(tmp_path: Path) -> None:
    up = Up(tmp_path, reading="token")
    try:
        deadline = time.monotonic() + 20
        status, told = 0, {}
        while not status and time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{up.url}/prometheus/api/v1/query?query=1", timeout=5)
            except urllib.error.HTTPError as error:
                with error:
                    status, told = error.code, json.load(error)
            except OSError:
                time.sleep(0.1)
        assert (status, told["status"]) == (401, "error")
        asked = subprocess.run(
            [sys.executable, "-m", "gadfly", "query", "1+1"],
            env=up.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        while asked.returncode == 3 and time.monotonic() < deadline:  # while the store is being opened
            time.sleep(0.2)
            asked = subprocess.run(
                asked.args, env=up.environment, capture_output=True, text=True, check=False
            )
        assert asked.stdout == "2\n"
    finally:
        up.close()
