"""What a call may have, and how it ended."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Of one call, where nothing else is said. Sizes in bytes, times in seconds."""

    seconds: float = 60.0
    cpu: int = 60
    """Seconds of processor time of one call."""
    memory: int = 256 << 20
    """What one call may have beside the interpreter; the cell as a whole: this, `at_once` times and once."""
    scratch: int = 0
    processes: int = 32
    """Of the whole cell, threads among them."""
    answer: int = 6 << 20
    at_once: int = 4
    """Calls of one cell at a time; others wait. With scratch, one."""
    armed: int = 0
    """Forks that are kept ready; with scratch, at most one."""


class Answer(NamedTuple):
    """How a call ended: `value`, or `error` (as Lambda words it), or `ended`: why, where from outside."""

    value: Any
    error: dict[str, Any] | None
    ended: str
    log: bytes
    unsaid: int
    """Bytes of output beyond what is kept."""
    began: bool = True
    """Whether the event was given to anybody; where not, another cell may be tried."""
