"""Which phase an enquiry is in, and how long the phases before took."""

from __future__ import annotations

from collections.abc import Callable


class Stopwatch:
    """Phases of one enquiry, in seconds. ``clock`` is monotonic."""

    __slots__ = ("_clock", "_since", "began", "phase", "phases")

    def __init__(self, clock: Callable[[], float], phase: str) -> None:
        self._clock = clock
        self.began = self._since = clock()
        self.phase = phase
        self.phases: dict[str, float] = {}

    def start(self, phase: str) -> None:
        """End the phase that runs, begin another. A phase that comes again (redirects) adds up."""
        now = self._clock()
        self.phases[self.phase] = self.phases.get(self.phase, 0.0) + now - self._since
        self._since = now
        self.phase = phase

    def stop(self) -> float:
        """End the last phase; the seconds of the whole."""
        self.start(self.phase)
        return self._since - self.began
