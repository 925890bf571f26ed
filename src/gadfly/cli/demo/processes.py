"""The demo's processes: each in a session of its own, so that Ctrl-C is ours to handle, and all ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

GRACE = 3.0
"""Seconds a process may take to end when asked, before it is killed."""


class Processes:
    """Real processes by name. `end()` leaves none of them behind, stopped ones included."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._others: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *arguments: str) -> int:
        """Start `python -m ARGUMENTS` under this name, writing to NAME.log. Returns the process id."""
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        if name in self._running:
            self._others.append(self._running[name])
        self._running[name] = process
        return process.pid

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the process itself; one that has ended is left alone."""
        self._running[name].send_signal(number)

    def code(self, name: str) -> int | None:
        """Its exit code; None while it runs."""
        return self._running[name].poll()

    def log(self, name: str) -> Sequence[str]:
        """The last lines it wrote."""
        text = (self._folder / f"{name}.log").read_text("utf-8", "replace")
        return text.strip().splitlines()[-10:]

    def end(self) -> None:
        """End all, the node last: it should see the others go."""
        order = [*self._others, *(p for n, p in self._running.items() if n != "node")]
        node = self._running.get("node")
        for group in (order, [node] if node else []):
            for process in group:
                _tell(process, signal.SIGTERM)
                _tell(process, signal.SIGCONT)
            for process in group:
                try:
                    process.wait(GRACE)
                except subprocess.TimeoutExpired:
                    _tell(process, signal.SIGKILL)
                    process.wait()


def _tell(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the whole session: a job's own children are ours too."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
