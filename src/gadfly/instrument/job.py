"""What is told of a run of a job, and the end of its output."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from gadfly.instrument.card import OUTPUT_LIMIT


class Tail:
    """The last bytes of an output, at most `limit`; may be added to from several threads."""

    def __init__(self, limit: int = OUTPUT_LIMIT) -> None:
        self._limit = limit
        self._kept = b""
        self._cut = False
        self._lock = threading.Lock()

    def add(self, data: bytes) -> None:
        """Take more output."""
        with self._lock:
            joined = self._kept + data[-self._limit :]
            self._cut = self._cut or len(joined) > self._limit or len(data) > self._limit
            self._kept = joined[-self._limit :]

    def text(self) -> str:
        """As text, whole lines where the beginning was cut; what is not UTF-8 is replaced."""
        kept = self._kept
        if self._cut and b"\n" in kept[:-1]:
            kept = kept[kept.index(b"\n") + 1 :]
        return kept.decode("utf-8", "replace").rstrip()


def running(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The announce's `job` while it runs: what was agreed; `every`, `grace` and `runs` are seconds."""
    return {**{key: value for key, value in plan.items() if value}, "state": "running"}


def finished(plan: Mapping[str, Any], code: int, seconds: float, output: str) -> dict[str, Any]:
    """The announce's `job` after the run; `code` is the exit code as a shell has it (128 + n: signal n)."""
    told: dict[str, Any] = {**running(plan), "state": "finished", "exit": code, "seconds": round(seconds, 3)}
    return {**told, "output": output} if output else told


def exit_code(returncode: int) -> int:
    """A process' return code as a shell tells it: killed by signal n is 128 + n."""
    return returncode if returncode >= 0 else 128 - returncode
