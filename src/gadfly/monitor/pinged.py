"""The runs of a job that tells of itself by pings: what is kept of them, and what the next one makes of it.

Runs that overlap are told apart by their ids, while there are not too many. An end that names no run, and
every failure, ends all that are open: nobody can know which was meant.
"""

from __future__ import annotations

import msgspec

from gadfly.monitor.jobs import Run, failure
from gadfly.telemetry.ping import Said

OPEN = 16
"""Runs under way that are told apart; of more the oldest is forgotten."""
TAIL = 2048
"""Bytes of the last output that are held in memory, for the reason of a verdict; the whole is on disk."""


class Pinged(msgspec.Struct):
    """What the pings of one job told so far. Times are wall seconds."""

    open: dict[str, float] = {}
    """When each run that has not ended began."""
    started: float = 0.0
    """Of the last run that ended."""
    ended: float = 0.0
    exit: int = 0
    succeeded: float = 0.0
    """When it last ended with success; 0: never."""
    output: bytes = b""
    """The end of what it printed last."""
    pings: int = 0

    def take(self, said: Said, body: bytes, now: float) -> None:
        """One more ping."""
        self.pings += 1
        if said.action == "log":
            if body and not self.exit:  # why the last one failed stays its reason
                self.output = (self.output + b"\n" + body)[-TAIL:] if self.output else body[-TAIL:]
            return
        if said.action == "start":
            self.open.pop(said.run, None)
            if len(self.open) >= OPEN:
                del self.open[next(iter(self.open))]
            self.open[said.run] = now
            return
        self.started = min(self.open.pop(said.run, now), now)
        if said.action == "fail" or not said.run:
            self.open.clear()
        self.ended, self.exit = now, said.exit
        self.output = body[-TAIL:]
        if not said.exit:
            self.succeeded = now

    def run(self) -> Run | None:
        """The run that counts: the oldest one under way, else the last that ended; None: there was none."""
        output = self.output.decode("utf-8", "replace")
        took = max(0.0, self.ended - self.started)
        last = Run(self.started, self.ended, self.exit, took, output, succeeded=self.succeeded, watched=False)
        if self.open:
            begun, failed = min(self.open.values()), failure(last) if self.exit else ""
            return Run(begun, output=output, succeeded=self.succeeded, watched=False, failed=failed)
        return last if self.ended else None
