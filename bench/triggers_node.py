"""A real node with a deployed function, killed while deliveries come and calls run in their cells.

What `triggers_deaths` does a thousand times with a small process, a few times with all of it: `gadfly up`, its web
server, its sandbox. Now and then the process from which cells are cloned is killed first, and the node goes on.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import http.client
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

GADFLY = str(Path(sys.executable).with_name("gadfly"))
KEY = b"0123456789abcdef0123456789abcdef"
READY = 60.0
HANDLER = """
def handler(event, context):
    return {"body": event.get("body"), "time": event.get("time")}
"""


@dataclass
class Killed:
    """What was seen. `words`: of what should not be."""

    nodes: int = 0
    templates: int = 0
    acknowledged: int = 0
    calls: int = 0
    again: int = 0
    """Calls that took more than one try."""
    instants: int = 0
    lost: int = 0
    doubled: int = 0
    unexplained: int = 0
    words: list[str] = field(default_factory=list)


class _Node:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        (folder / "functions").mkdir()
        (folder / "functions" / "count.py").write_text(HANDLER)
        (folder / "secret").write_text("whsec_" + base64.b64encode(KEY).decode())
        (folder / "gadfly.toml").write_text(
            f"""
[node]
name = "bench"
preset = "local"
listen = "127.0.0.1:{self.port}"
state = "{folder}/state"
watch_host = false

[owner.ops]
contact = ["exec:/bin/true"]

[function.count]
file = "functions/count.py"
owner = "ops"
purpose = "Answers each delivery with what came, to be counted."
on = ["schedule: * * * * *", "webhook: standard file:{folder}/secret"]
catchup = "all"
overlap = "queue"
retries = 5
limits = {{ time = "20s" }}
review = {dt.datetime.now(dt.UTC).date() + dt.timedelta(days=365)}
"""
        )
        self.environment = os.environ | {
            "GADFLY_RUN": f"{folder}/run",
            "HOME": str(folder),
            "GADFLY_TO": "127.0.0.1:9",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [GADFLY, "up", "--config", f"{self.folder}/gadfly.toml", "--quiet"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + READY
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if self.ask("GET", "/readyz", b"", {}) == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the node is not ready; it said:\n{(self.folder / 'log').read_text()[-3000:]}")

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10.0)
        try:
            connection.request(method, path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def deploy(self) -> None:
        subprocess.run(
            [GADFLY, "fn", "deploy", "count"],
            env=self.environment,
            cwd=self.folder,
            check=True,
            capture_output=True,
            timeout=READY,
        )

    def template(self) -> int:
        """The process that cells are cloned from; 0 where there is none."""
        assert self.process is not None
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid and b"sandbox/template.py" in (path / "cmdline").read_bytes():
                    return int(path.name)
        return 0

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def _headers(name: str) -> dict[str, str]:
    at = str(int(time.time()))
    signed = hmac.new(KEY, f"{name}.{at}.{name}".encode(), hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
        "content-type": "text/plain",
    }


def kill_nodes(lives: int, seed: int = 3) -> Killed:
    """So many lives of one node, each ended by SIGKILL; then one that does what is left."""
    rng = random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="gadfly-node-kill-"))
    node, killed = _Node(folder), Killed()
    waiting: list[str] = []
    acknowledged: list[str] = []
    count = 0
    try:
        node.start()
        node.deploy()
        for life in range(lives):
            until = time.monotonic() + rng.uniform(0.1, 1.5)
            template = time.monotonic() + rng.uniform(0.0, 0.7) if life % 3 == 1 else 0.0
            while time.monotonic() < until:
                count += 1
                waiting.append(f"msg_{count}")
                for name in list(waiting):
                    with contextlib.suppress(OSError, http.client.HTTPException):
                        if node.ask("POST", "/fn/count", name.encode(), _headers(name)) in (200, 202):
                            waiting.remove(name)
                            acknowledged.append(name)
                if template and time.monotonic() > template and (pid := node.template()):
                    os.kill(pid, signal.SIGKILL)
                    killed.templates += 1
                    template = 0.0
                time.sleep(0.005)
            node.kill()
            killed.nodes += 1
            node.start()
        _wait(folder)
        node.kill()
        _examine(folder, acknowledged, killed)
        return killed
    finally:
        node.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _rows(folder: Path, text: str) -> list[tuple]:  # type: ignore[type-arg]
    with contextlib.closing(
        sqlite3.connect(f"file:{folder}/state/gadfly.db?mode=ro", uri=True)
    ) as connection:
        return connection.execute(text).fetchall()


def _wait(folder: Path) -> None:
    deadline = time.monotonic() + 120.0
    while time.monotonic() < deadline:
        if not _rows(folder, "SELECT 1 FROM invocation WHERE state IN ('waiting', 'running') LIMIT 1"):
            return
        time.sleep(0.2)


def _examine(folder: Path, acknowledged: list[str], killed: Killed) -> None:
    rows = _rows(folder, "SELECT id, called, key, state, reason, attempts FROM invocation")
    tries = _rows(folder, "SELECT invocation, number, outcome FROM attempt ORDER BY invocation, number")
    killed.acknowledged, killed.calls = len(acknowledged), len(rows)
    known = {key for _, called, key, *_ in rows if called.startswith("webhook")}
    lost = set(acknowledged) - known
    killed.lost = len(lost)
    killed.words += [f"{name} was acknowledged and is not there" for name in sorted(lost)[:5]]
    instants = sorted(key for _, called, key, *_ in rows if called.startswith("schedule"))
    killed.instants = len(instants)
    minutes = {
        int(time.mktime(time.strptime(key, "%Y-%m-%dT%H:%M:%SZ"))) for key in instants if ".." not in key
    }
    if minutes:
        killed.unexplained += len(set(range(min(minutes), max(minutes), 60)) - minutes)
    for number, _, key, state, reason, attempts in rows:
        outcomes = [outcome for invocation, _, outcome in tries if invocation == number]
        killed.again += len(outcomes) > 1
        killed.doubled += outcomes.count("ok") > 1
        right = (state == "done" and outcomes[-1] == "ok" and len(outcomes) == attempts) or (
            state == "skipped" and bool(reason)
        )
        if not right:
            killed.unexplained += 1
            killed.words.append(f"{key} is {state} with tries {outcomes}: {reason}")
