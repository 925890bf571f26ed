"""Who already sends goes on: curl's pings, clients of statsd, and Debian's collectd, to `gadfly up`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datadog.dogstatsd
import pytest
import statsd

pytestmark = pytest.mark.slow

ID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
TOML = """
[node]
listen = "127.0.0.1:{tcp}"
state = "{folder}/state"
watch_host = false
[heartbeat]
groups = ["239.192.71.70:{udp}"]
[component.backup]
kind = "job"
schedule = "every 1h"
ping = "{id}"
[statsd]
listen = ["127.0.0.1:{statsd}"]
tcp = ["127.0.0.1:{statsd}"]
flush = "1s"
[collectd]
listen = ["{group}:{collectd}"]
interfaces = ["lo"]
security = "{security}"
auth_file = "{folder}/passwords"
"""
COLLECTD = """
Hostname "{host}"
FQDNLookup false
BaseDir "{folder}"
PIDFile "{folder}/{host}.pid"
Interval 1
LoadPlugin load
LoadPlugin uptime
LoadPlugin interface
LoadPlugin cpu
LoadPlugin memory
LoadPlugin network
<Plugin network>
{server}
</Plugin>
"""
SEALED = """<Server "127.0.0.1" "{port}">
  SecurityLevel "{level}"
  Username "alice"
  Password "secret"
</Server>"""


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Up:
    """A node in a process of its own; `inside` are the words that put a command into a namespace."""

    def __init__(self, folder: Path, inside: tuple[str, ...] = (), **more: str) -> None:
        self.folder = folder
        self.inside = inside
        self.ports = {name: free(socket.SOCK_DGRAM) for name in ("udp", "statsd", "collectd")}
        self.ports["tcp"] = free(socket.SOCK_STREAM)
        self.url = f"http://127.0.0.1:{self.ports['tcp']}"
        words = {"group": "127.0.0.1", "security": "sign", "id": ID, "folder": str(folder), **more}
        (folder / "passwords").write_text("alice: secret\n")
        (folder / "gadfly.toml").write_text(TOML.format(**{**self.ports, **words}))
        self.processes: list[subprocess.Popen[bytes]] = []
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "GADFLY_RUN": str(self.folder / "run"), "HOME": str(self.folder)}
        command = [*self.inside, sys.executable, "-m", "gadfly", "up", "--quiet", "--config", "gadfly.toml"]
        self.node = subprocess.Popen(command, cwd=self.folder, env=environment)
        self.processes.append(self.node)
        self.until(lambda: self.query("vector(1)"))

    def curl(self, *arguments: str) -> str:
        command = [*self.inside, "curl", "-s", "--max-time", "10", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def get(self, path: str, **query: str) -> Any:
        answer = self.curl(f"{self.url}{path}?{urllib.parse.urlencode(query)}")
        return json.loads(answer) if answer.startswith("{") else None

    def query(self, text: str) -> dict[str, float]:
        """Values by their labels, as JSON."""
        answer = self.get("/prometheus/api/v1/query", query=text)
        if not answer or answer["status"] != "success":
            return {}
        return {
            json.dumps(one["metric"], sort_keys=True): float(one["value"][1])
            for one in answer["data"]["result"]
        }

    def value(self, text: str) -> float | None:
        return next(iter(self.query(text).values()), None)

    def verdict(self, name: str) -> str:
        found = self.get("/api/v1/story", name=name)
        return str(found["verdict"]) if found and "verdict" in found else ""

    def until(self, seen: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 40
        while not (found := seen()):
            assert time.monotonic() < deadline
            assert self.node.poll() is None
            time.sleep(0.1)
        return found

    def collectd(self, host: str, server: str) -> None:
        file = self.folder / f"{host}.conf"
        file.write_text(COLLECTD.format(host=host, folder=self.folder, server=server))
        command = [*self.inside, "collectd", "-f", "-C", str(file)]
        self.processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def stop(self) -> None:
        for one in reversed(self.processes):
            one.terminate()
        for one in self.processes:
            one.wait(30)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    made = Up(tmp_path_factory.mktemp("up"))
    yield made
    made.stop()


def test_statsd_clients(up: Up) -> None:
    port = up.ports["statsd"]
    client = statsd.StatsClient("127.0.0.1", port, prefix="shop")
    client.incr("orders", 3)
    client.timing("took", 320)
    client.gauge("queue", 7)
    client.gauge("queue", -2, delta=True)
    client.set("users", "joe")
    with client.pipeline() as pipe:
        pipe.incr("orders")
        pipe.incr("orders", 2)
    by_tcp = statsd.TCPStatsClient("127.0.0.1", port, prefix="tcp")
    by_tcp.incr("orders", 5)
    by_tcp.close()
    dog = datadog.dogstatsd.DogStatsd(host="127.0.0.1", port=port, constant_tags=["env:prod"])
    dog.increment("dog.pages", 4, tags=["service:front"])
    dog.histogram("dog.bytes", 512)
    dog.distribution("dog.sizes", 3)
    dog.flush()
    dog.close_socket()
    client.close()
    assert up.until(lambda: up.value("shop_orders") == 6)
    assert up.until(lambda: up.value('shop_took_bucket{le="0.5"}') == 1)
    assert up.until(lambda: up.value("shop_queue") == 5)
    assert up.until(lambda: up.value("tcp_orders") == 5)
    assert up.until(lambda: up.value('dog_pages{env="prod", service="front"}') == 4)
    assert up.until(lambda: up.value("dog_bytes_sum") == 512)
    assert up.until(lambda: up.verdict("front") == "undeclared")


def test_collectd_signed_and_encrypted(up: Up) -> None:
    for host, level in (("signs", "Sign"), ("encrypts", "Encrypt")):
        up.collectd(host, SEALED.format(port=up.ports["collectd"], level=level))
    for host in ("signs", "encrypts"):
        assert up.until(lambda host=host: up.query(f'collectd_load_shortterm{{instance="{host}"}}'))
        assert up.until(lambda host=host: up.query(f'collectd_cpu_total{{instance="{host}", cpu="0"}}'))
        assert up.until(lambda host=host: up.verdict(host) == "undeclared")
    told = [line for line in up.curl(f"{up.url}/metrics").splitlines() if 'part="collectd"' in line]
    assert told
    assert not [line for line in told if "refused" in line]


def test_pings_of_curl_outlast_a_kill(up: Up) -> None:
    assert (
        up.curl("-m", "10", "--retry", "5", "-o", "/dev/null", "-w", "%{http_code}", f"{up.url}/{ID}")
        == "200"
    )
    assert up.until(lambda: up.verdict("backup") == "healthy")
    assert up.curl(f"{up.url}/ping/{ID}/start") == "OK"
    assert up.curl("--data-raw", "no space left", f"{up.url}/ping/{ID}/2") == "OK"
    up.node.send_signal(signal.SIGKILL)
    up.node.wait(20)
    up.start()
    story = up.get("/api/v1/story", name="backup")
    assert (story["verdict"], story["job"]["exit"], story["job"]["output"]) == ("down", 2, "no space left")
    assert up.until(lambda: up.value('job_exit_code{component="backup"}') == 2)
    assert up.value("job_last_success_timestamp_seconds") or time.time() - 120 < 0


@pytest.fixture
def namespace() -> Iterator[str]:
    name = f"gf-legacy-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        for words in (
            ["link", "set", "lo", "up", "multicast", "on"],
            ["route", "add", "224.0.0.0/4", "dev", "lo"],
        ):
            subprocess.run(["ip", "-n", name, *words], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


@pytest.mark.netns
def test_collectd_sends_to_its_group(tmp_path: Path, namespace: str) -> None:
    assert shutil.which("collectd")
    up = Up(tmp_path, ("ip", "netns", "exec", namespace), group="239.192.74.66", security="none")
    try:
        server = f'<Server "239.192.74.66" "{up.ports["collectd"]}">\n  Interface "lo"\n</Server>'
        up.collectd("by-group", server)
        assert up.until(lambda: up.query('collectd_load_shortterm{instance="by-group"}'))
        assert up.until(lambda: up.verdict("by-group") == "undeclared")
    finally:
        up.stop()
