"""A real gadfly node in a namespace: its configuration, its start and end, its page and its counters."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import usage
from namespaces import Host
from wrong_clock import WrongClock

GADFLY = str(Path(sys.executable).with_name("gadfly"))
LISTEN = ("127.0.0.1", 7171)


class Node:
    """One node. `config` is the text of a gadfly.toml without its `[node]` table."""

    def __init__(self, host: Host, config: str, *, preset: str = "lan", movable_clock: bool = False) -> None:
        self._host = host
        self._folder = Path(tempfile.mkdtemp(prefix=f"gadfly-bench-{os.getpid()}-"))
        # The ear gives up its privileges and must still be able to read the wrong clock.
        self._folder.chmod(0o755)
        self.log = self._folder / "log"
        state = self._folder / "state"
        (self._folder / "gadfly.toml").write_text(
            f'[node]\nname = "bench"\npreset = "{preset}"\nlisten = "{LISTEN[0]}:{LISTEN[1]}"\nstate = "{state}"\n'
            f"watch_host = false\n{config}"
        )
        self._environment = os.environ | {"GADFLY_RUN": str(self._folder / "run"), "HOME": str(self._folder)}
        self._environment.pop("NOTIFY_SOCKET", None)
        self.clock = WrongClock(self._folder / "clock") if movable_clock else None
        if self.clock:
            self._environment["PYTHONPATH"] = str(self.clock.path)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find this node's run file."""
        return {"GADFLY_RUN": self._environment["GADFLY_RUN"], "HOME": self._environment["HOME"]}

    def start(self, timeout: float = 30.0) -> None:
        """Start it and wait until it is ready."""
        with self.log.open("wb") as log:
            self.process = self._host.start(
                [GADFLY, "up", "--config", str(self._folder / "gadfly.toml"), "--quiet"],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(
            f"the node is not ready after {timeout:g} s; it said:\n{self.log.read_text()[-3000:]}"
        )

    def get(self, path: str, timeout: float = 10.0) -> tuple[int, bytes]:
        """GET a page of the node."""
        connection = http.client.HTTPConnection(*LISTEN, timeout=timeout)
        self._host.inside(connection.connect)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        """GET and decode."""
        return json.loads(self.get(path)[1])

    def metrics(self) -> dict[str, float]:
        """The node's own figures: `name{labels}` to value."""
        text = self.get("/metrics")[1].decode()
        found = re.findall(r"^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (\S+)", text, re.MULTILINE)
        return {name: float(value) for name, value in found}

    @property
    def pids(self) -> list[int]:
        """The node and its ear."""
        return usage.family(self.process.pid) if self.process else []

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process of the node."""
        for pid in self.pids:
            os.kill(pid, number)

    def close(self) -> None:
        """Ask it to end, wait, and remove its folder."""
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
